// Pure: a POSIX shell line as simple commands with literal words, or why it is more than that.

export interface Word {
  text: string;
  /** Where in the text the first part in quotes or behind a backslash begins. */
  quotedAt?: number;
  /** The shell may put other words in its place: globs, braces, a leading tilde. */
  isPattern: boolean;
}

/** One program call of a chain, pipe or list. */
export type SimpleCommand = readonly Word[];

export type ShellLine = { isPlain: true; commands: readonly SimpleCommand[] } | { isPlain: false; why: string };

const MAX_CHARS = 20_000;
// Fits what a person must not overlook: control and format characters, and spaces that the shell takes for letters.
const UNSEEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;
// Redirects that neither read nor write a file.
const HARMLESS_REDIRECT = /(?:>&[12]|>>?[ \t]*\/dev\/null|<[ \t]*\/dev\/null)(?=[\s;|&]|$)/y;
const PATTERN_CHARS = new Set(['*', '?', '[', ']', '{', '}']);
/** Inside double quotes a backslash takes the meaning of these only. */
const ESCAPABLE = new Set(['$', '`', '"', '\\']);

class NotPlain extends Error {}

class LineReader {
  readonly commands: SimpleCommand[] = [];
  readonly #line: string;
  #at = 0;
  #words: Word[] = [];
  #word: Word | undefined;
  /** A chain or pipe that needs one more command. */
  #isOpen = false;

  constructor(line: string) {
    this.#line = line;
  }

  read(): void {
    while (this.#at < this.#line.length) this.#step(this.#line.charAt(this.#at));
    this.#endCommand();
    if (this.#isOpen) throw new NotPlain('it ends in the middle of a chain');
  }

  #step(char: string): void {
    if (char === ' ' || char === '\t') this.#skip(() => this.#endWord());
    else if (char === "'") this.#singleQuoted();
    else if (char === '"') this.#doubleQuoted();
    else if (char === '\\') this.#escaped();
    else if (char === '\n' || char === ';' || char === '|' || char === '&') this.#operator(char);
    else if (char === '<' || char === '>') this.#redirect();
    else this.#letter(char);
  }

  #skip(act: () => void): void {
    act();
    this.#at += 1;
  }

  #letter(char: string): void {
    if (char === '$' || char === '`') throw new NotPlain('it puts the result of something else in place');
    if (char === '(' || char === ')') throw new NotPlain('it opens another shell or a function');
    if (char === '#' && !this.#word) throw new NotPlain('it has a comment');
    const isPattern = PATTERN_CHARS.has(char) || (char === '~' && !this.#word);
    this.#add(char, { isPattern });
    this.#at += 1;
  }

  #add(text: string, { isPattern = false, isQuoted = false }): void {
    this.#word ??= { text: '', isPattern: false };
    if (isQuoted) this.#word.quotedAt ??= this.#word.text.length;
    this.#word.text += text;
    this.#word.isPattern ||= isPattern;
  }

  #singleQuoted(): void {
    const end = this.#line.indexOf("'", this.#at + 1);
    if (end < 0) throw new NotPlain('a quote is not closed');
    this.#add(this.#line.slice(this.#at + 1, end), { isQuoted: true });
    this.#at = end + 1;
  }

  #doubleQuoted(): void {
    this.#add('', { isQuoted: true });
    for (let at = this.#at + 1; at < this.#line.length; at += 1) {
      const char = this.#line.charAt(at);
      if (char === '"') {
        this.#at = at + 1;
        return;
      }
      if (char === '$' || char === '`') throw new NotPlain('it puts the result of something else in place');
      const next = this.#line.charAt(at + 1);
      if (char !== '\\' || (!ESCAPABLE.has(next) && next !== '\n')) this.#add(char, {});
      else {
        at += 1;
        if (next !== '\n') this.#add(next, {});
      }
    }
    throw new NotPlain('a quote is not closed');
  }

  #escaped(): void {
    const next = this.#line.charAt(this.#at + 1);
    if (next === '') throw new NotPlain('it ends with a backslash');
    // Before a line break a backslash joins the lines.
    if (next !== '\n') this.#add(next, { isQuoted: true });
    this.#at += 2;
  }

  #operator(char: string): void {
    const next = this.#line.charAt(this.#at + 1);
    if (char === '&' && next !== '&') throw new NotPlain('it leaves something running behind it');
    if (char === ';' && next === ';') throw new NotPlain('it has shell syntax that is not read');
    if (char === '|' && next === '&') throw new NotPlain('it has shell syntax that is not read');
    const isDouble = char !== '\n' && char !== ';' && next === char;
    const hadWords = this.#endCommand();
    if (!hadWords && char !== '\n') throw new NotPlain('a command of the chain is missing');
    if (hadWords) this.#isOpen = char === '|' || char === '&';
    this.#at += isDouble ? 2 : 1;
  }

  #redirect(): void {
    HARMLESS_REDIRECT.lastIndex = this.#at;
    const [redirect] = HARMLESS_REDIRECT.exec(this.#line) ?? [];
    if (redirect === undefined) throw new NotPlain('it reads or writes a file through a redirect');
    const word = this.#word;
    // A number right before it says which stream; anything else is a word of its own.
    if (word && word.quotedAt === undefined && /^[0-9]$/.test(word.text)) this.#word = undefined;
    this.#endWord();
    this.#at += redirect.length;
  }

  #endWord(): void {
    if (this.#word) this.#words.push(this.#word);
    this.#word = undefined;
  }

  #endCommand(): boolean {
    this.#endWord();
    if (this.#words.length === 0) return false;
    this.commands.push(this.#words);
    this.#words = [];
    this.#isOpen = false;
    return true;
  }
}

/** Reads a line as `/bin/sh` would, and gives up at everything whose effect cannot be told from the text alone. */
export function readShellLine(line: string): ShellLine {
  if (line.length > MAX_CHARS) return { isPlain: false, why: 'it is too long to be checked' };
  if (UNSEEN.test(line)) return { isPlain: false, why: 'it has characters that cannot be seen' };
  const reader = new LineReader(line);
  try {
    reader.read();
  } catch (error) {
    if (error instanceof NotPlain) return { isPlain: false, why: error.message };
    throw error;
  }
  if (reader.commands.length === 0) return { isPlain: false, why: 'it is empty' };
  return { isPlain: true, commands: reader.commands };
}
