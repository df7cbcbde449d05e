// Pure: which programs a command line runs, through chains, pipes and wrappers.
import { isInlineCode, mentionsInlineCode } from './inline-code.js';
import { readShellLine, type SimpleCommand, type Word } from './shell-line.js';
import { isPlainVariable, programName, unwrap } from './wrapper-programs.js';

/** One program that would run. */
export interface ProgramUse {
  /** As written: a bare name or a path. */
  name: string;
  args: readonly string[];
  /** Some argument is a glob, a brace list or starts with a tilde. */
  hasPattern: boolean;
  /** It only starts the program that is listed after it. */
  isWrapper: boolean;
  /** The folder it starts in is not known: a `cd` comes before it. */
  isAfterCd: boolean;
}

export type CommandStudy =
  | { isPlain: true; programs: readonly ProgramUse[]; hasInlineCode: boolean }
  | { isPlain: false; why: string; hasInlineCode: boolean };

const MAX_DEPTH = 4;
// Words of the shell's own language, and built-in commands that change what later words mean.
const SHELL_WORDS = new Set([
  ...['if', 'then', 'else', 'elif', 'fi', 'do', 'done', 'case', 'esac', 'while', 'until', 'for', 'in', '{', '}', '!'],
  ...['[[', ']]', 'function', 'select', 'time', 'coproc', 'eval', 'exec', '.', 'source', 'command', 'builtin', 'set'],
  ...['export', 'unset', 'alias', 'unalias', 'trap', 'hash', 'umask', 'ulimit', 'read', 'readonly', 'local', 'shift'],
  ...['declare', 'typeset', 'let', 'shopt', 'enable', 'return', 'exit', 'break', 'continue', 'pushd', 'popd', 'dirs'],
  ...['getopts', 'mapfile', 'readarray', 'bind', 'fc', 'history', 'jobs', 'fg', 'bg', 'disown', 'wait', 'suspend'],
]);
/** They do nothing that anybody must allow. */
const IDLE = new Set(['true', 'false', ':']);

class Opaque extends Error {}

class Student {
  readonly programs: ProgramUse[] = [];
  #isAfterCd = false;

  line(text: string, depth: number): void {
    if (depth > MAX_DEPTH) throw new Opaque('it starts shells in shells');
    const line = readShellLine(text);
    if (!line.isPlain) throw new Opaque(line.why);
    for (const command of line.commands) this.command(withoutVariables(command), depth);
  }

  command(words: SimpleCommand, depth: number): void {
    const [first, ...args] = words;
    if (!first) throw new Opaque('it sets variables for what comes after');
    if (first.isPattern || first.text === '') throw new Opaque('the name of a program is not plain');
    if (SHELL_WORDS.has(first.text)) throw new Opaque(`it uses "${first.text}" of the shell`);
    if (first.text === 'cd') this.#changeFolder(args);
    else if (!IDLE.has(first.text)) this.#program(first.text, args, depth);
  }

  #changeFolder(args: readonly Word[]): void {
    const [folder] = args;
    const isPlain = args.length === 1 && folder && !folder.isPattern && !folder.text.startsWith('-');
    if (!isPlain) throw new Opaque('it changes to a folder that is not plain to see');
    this.#isAfterCd = true;
  }

  #program(name: string, args: readonly Word[], depth: number): void {
    const inner = unwrap(programName(name), args);
    if (inner.kind === 'opaque') throw new Opaque(`"${programName(name)}" may start any program`);
    this.programs.push({
      name,
      args: args.map(({ text }) => text),
      hasPattern: args.some(({ isPattern }) => isPattern),
      isWrapper: inner.kind !== 'program',
      isAfterCd: this.#isAfterCd,
    });
    if (inner.kind === 'line') this.line(inner.line, depth + 1);
    // The inner command of a wrapper is not read by a shell again: words of the shell mean programs there.
    else if (inner.kind === 'words') this.#inner(inner.words, depth);
  }

  #inner(words: readonly Word[], depth: number): void {
    const [first, ...args] = words;
    if (depth > MAX_DEPTH || !first || first.isPattern) throw new Opaque('the name of a program is not plain');
    this.#program(first.text, args, depth + 1);
  }
}

function withoutVariables(words: SimpleCommand): SimpleCommand {
  const first = words.findIndex(({ text }) => !/^[A-Za-z_]\w*\+?=/.test(text));
  const variables = words.slice(0, first < 0 ? words.length : first);
  for (const { text, quotedAt } of variables) {
    const name = text.slice(0, text.search(/\+?=/));
    // With a quote in its name it is no variable to the shell but a program.
    const isVariable = quotedAt === undefined || quotedAt > text.indexOf('=');
    if (!isVariable || !isPlainVariable(name)) throw new Opaque(`it sets the variable ${name}`);
  }
  return words.slice(variables.length);
}

/** Reads a line of `/bin/sh`. A line that is not plain is never guessed at: it counts as unknown. */
export function studyCommand(line: string): CommandStudy {
  const student = new Student();
  try {
    student.line(line, 0);
  } catch (error) {
    if (!(error instanceof Opaque)) throw error;
    return { isPlain: false, why: error.message, hasInlineCode: mentionsInlineCode(line) };
  }
  const hasInlineCode = student.programs.some(({ name, args }) => isInlineCode(name, args));
  return { isPlain: true, programs: student.programs, hasInlineCode };
}
