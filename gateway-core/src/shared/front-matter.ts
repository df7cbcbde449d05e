// Pure: the head of a Markdown file between two lines of `---`, in the small part of YAML that skills and hooks use.

export type FrontMatterValue =
  string | number | boolean | null | FrontMatterValue[] | { [key: string]: FrontMatterValue };
export type FrontMatterMap = { [key: string]: FrontMatterValue };

export interface FrontMatter {
  fields: FrontMatterMap;
  body: string;
}

/** What is wrong with a head, in one sentence without its text. */
export class FrontMatterFault extends Error {}

const LIMITS = { headChars: 32_768, lines: 600, depth: 12, entries: 2_000 } as const;
const KEY = /^([A-Za-z_][\w.-]{0,99})\s*:(?:\s+(.*))?$/;
/** Anchors, aliases, tags, directives and merged keys: parts of YAML that do more than say something. */
const REFUSED_START = /^[&*!%@`]/;

interface Line {
  indent: number;
  text: string;
  /** Counted from 1, for faults. */
  at: number;
}

function fail(at: number, why: string): never {
  throw new FrontMatterFault(`line ${at}: ${why}`);
}

// fromEntries makes plain own properties of every name, `__proto__` too.
const toMap = (entries: Iterable<readonly [string, FrontMatterValue]>): FrontMatterMap => Object.fromEntries(entries);

function plainScalar(text: string): FrontMatterValue {
  if (text === '' || text === '~' || text === 'null') return null;
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(0|[1-9]\d{0,14})(\.\d{1,15})?$/.test(text) ? Number(text) : text;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\', '/': '/' };

/** Values that are written on the spot: quoted text, lists in brackets, maps in braces. */
class FlowReader {
  #at = 0;
  #count = 0;

  constructor(
    private readonly text: string,
    private readonly line: number,
  ) {}

  /** The whole text as one value. */
  whole(): FrontMatterValue {
    const value = this.#value(0);
    this.#skip();
    if (this.#at < this.text.length && this.text[this.#at] !== '#')
      fail(this.line, 'something follows after the value');
    return value;
  }

  #skip(): void {
    while (/\s/.test(this.text[this.#at] ?? '')) this.#at += 1;
  }

  #take(token: string): boolean {
    this.#skip();
    if (this.text[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  #value(depth: number): FrontMatterValue {
    if (depth > LIMITS.depth || (this.#count += 1) > LIMITS.entries) fail(this.line, 'too much in one value');
    this.#skip();
    const start = this.text[this.#at];
    if (start === '"' || start === "'") return this.#quoted();
    if (this.#take('[')) return this.#list(depth);
    if (this.#take('{')) return toMap(this.#pairs(depth));
    return plainScalar(this.#plain(/[^,\]}#\n]*/y));
  }

  #list(depth: number): FrontMatterValue[] {
    const items: FrontMatterValue[] = [];
    while (!this.#take(']')) {
      items.push(this.#value(depth + 1));
      if (!this.#take(',') && this.text[this.#at] !== ']') fail(this.line, 'a list is not closed');
    }
    return items;
  }

  #pairs(depth: number): Map<string, FrontMatterValue> {
    const pairs = new Map<string, FrontMatterValue>();
    while (!this.#take('}')) {
      this.#skip();
      const isQuoted = /["']/.test(this.text[this.#at] ?? '');
      const key = isQuoted ? this.#quoted() : this.#plain(/[\w.-]*/y);
      if (key === '' || pairs.has(key)) fail(this.line, 'a name is empty or there twice');
      if (!this.#take(':')) fail(this.line, 'a name has no value');
      pairs.set(key, this.#value(depth + 1));
      if (!this.#take(',') && this.text[this.#at] !== '}') fail(this.line, 'a map is not closed');
    }
    return pairs;
  }

  #plain(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const text = (pattern.exec(this.text)?.[0] ?? '').trim();
    this.#at = pattern.lastIndex;
    if (REFUSED_START.test(text)) fail(this.line, 'a part of YAML that is not read here');
    return text;
  }

  #quoted(): string {
    const quote = this.text[this.#at];
    let text = '';
    for (this.#at += 1; this.#at < this.text.length; this.#at += 1) {
      const char = this.text[this.#at] ?? '';
      if (char === quote) {
        this.#at += 1;
        if (quote === "'" && this.text[this.#at] === "'") text += "'";
        else return text;
      } else if (char === '\\' && quote === '"') text += this.#escape();
      else text += char;
    }
    return fail(this.line, 'a quote is not closed');
  }

  #escape(): string {
    this.#at += 1;
    const letter = this.text[this.#at] ?? '';
    const code = letter === 'u' ? /^[\da-fA-F]{4}/.exec(this.text.slice(this.#at + 1))?.[0] : undefined;
    if (code) {
      this.#at += 4;
      return String.fromCharCode(Number.parseInt(code, 16));
    }
    return ESCAPES[letter] ?? fail(this.line, 'an escape that is not read here');
  }
}

/** Brackets that are still open at the end, quoted ones left out; negative when closed too often. */
function openBrackets(text: string): number {
  const unquoted = text.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '');
  return (unquoted.match(/[[{]/g)?.length ?? 0) - (unquoted.match(/[\]}]/g)?.length ?? 0);
}

/** Maps and lists by indentation. */
class BlockReader {
  #next = 0;

  constructor(private readonly lines: readonly Line[]) {}

  map(indent: number, depth: number): FrontMatterMap {
    const pairs = new Map<string, FrontMatterValue>();
    for (let line = this.#peek(); line && line.indent === indent; line = this.#peek()) {
      const [, key = '', rest = ''] = KEY.exec(line.text) ?? fail(line.at, 'not a name with a value');
      if (pairs.has(key)) fail(line.at, 'a name is there twice');
      this.#next += 1;
      pairs.set(key, this.#valueAfter(line, rest.trim(), depth));
    }
    const line = this.#peek();
    if (line && line.indent > indent) fail(line.at, 'indented further than it can be');
    return toMap(pairs);
  }

  end(): void {
    const line = this.#peek();
    if (line) fail(line.at, 'indented less than the first line');
  }

  #peek(): Line | undefined {
    while (this.lines[this.#next]?.text === '') this.#next += 1;
    return this.lines[this.#next];
  }

  #valueAfter(line: Line, rest: string, depth: number): FrontMatterValue {
    if (/^[|>][+-]?$/.test(rest)) return this.#folded(line.indent, rest.startsWith('|') ? '\n' : ' ');
    if (rest !== '' && !rest.startsWith('#')) return this.#inline(line.at, rest);
    const below = this.#peek();
    if (!below || below.indent < line.indent) return null;
    const isList = below.text === '-' || below.text.startsWith('- ');
    if (below.indent === line.indent && !isList) return null;
    if (depth >= LIMITS.depth) fail(below.at, 'too deep');
    if (isList) return this.#list(below.indent);
    if (/^[[{]/.test(below.text)) {
      this.#next += 1;
      return this.#inline(below.at, below.text);
    }
    return this.map(below.indent, depth + 1);
  }

  #inline(at: number, start: string): FrontMatterValue {
    if (REFUSED_START.test(start)) fail(at, 'a part of YAML that is not read here');
    if (!/^["'[{]/.test(start)) return plainScalar(start.replace(/\s#.*$/, '').trimEnd());
    let text = start;
    if (/^[[{]/.test(start)) {
      for (let line = this.lines[this.#next]; line && openBrackets(text) > 0; line = this.lines[this.#next]) {
        text += `\n${line.text}`;
        this.#next += 1;
      }
    }
    return new FlowReader(text, at).whole();
  }

  #list(indent: number): FrontMatterValue[] {
    const items: FrontMatterValue[] = [];
    for (let line = this.#peek(); line?.indent === indent && line.text.startsWith('-'); line = this.#peek()) {
      const rest = line.text.slice(1).trim();
      if (rest === '' || (KEY.test(rest) && !/^["'[{]/.test(rest))) fail(line.at, 'write lists of maps in braces');
      this.#next += 1;
      items.push(this.#inline(line.at, rest));
    }
    return items;
  }

  #folded(indent: number, joint: string): string {
    const taken: string[] = [];
    for (let line = this.lines[this.#next]; line; line = this.lines[this.#next]) {
      if (line.text !== '' && line.indent <= indent) break;
      taken.push(line.text);
      this.#next += 1;
    }
    return taken.join(joint).trim();
  }
}

function toLine(raw: string, index: number): Line {
  const text = raw.trim();
  const indent = raw.length - raw.trimStart().length;
  if (/^ *\t/.test(raw) && text !== '') fail(index + 2, 'indented with a tab');
  return { indent, text: text.startsWith('#') ? '' : text, at: index + 2 };
}

/**
 * Reads the head and the rest of a Markdown file. Maps and lists by indentation or in brackets, quoted and plain text,
 * `|` and `>`; anchors, aliases, tags and anything else are faults. Throws FrontMatterFault.
 */
export function readFrontMatter(text: string): FrontMatter {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines[0]?.trimEnd() !== '---') throw new FrontMatterFault('it does not begin with a line of three dashes');
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---');
  if (end < 0) throw new FrontMatterFault('the head has no end: a second line of three dashes');
  const head = lines.slice(1, end);
  if (head.length > LIMITS.lines || head.join('\n').length > LIMITS.headChars) {
    throw new FrontMatterFault(`the head is longer than ${LIMITS.headChars} characters or ${LIMITS.lines} lines`);
  }
  const reader = new BlockReader(head.map(toLine));
  const fields = reader.map(0, 0);
  reader.end();
  return { fields, body: lines.slice(end + 1).join('\n') };
}

/** The value as a map, or an empty one. */
export function asMap(value: FrontMatterValue | undefined): FrontMatterMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

/** Texts of a list, or of one text alone. */
export function asTexts(value: FrontMatterValue | undefined): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((item) => typeof item === 'string').filter((item) => item.trim() !== '');
}

/** Characters that draw nothing, or turn the direction of what follows. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]+/gu;

/** Foreign text as one short line: no line breaks, no unseen characters, cut with `…`. */
export function shortLine(value: unknown, maxChars: number): string {
  if (typeof value !== 'string') return '';
  const line = value
    .slice(0, maxChars * 8)
    .replace(UNSEEN, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > maxChars ? `${line.slice(0, maxChars - 1).trimEnd()}…` : line;
}
