// Pure: code that is handed to an interpreter on its command line (tools.exec.strictInlineEval).
import { programName } from './wrapper-programs.js';

interface Interpreter {
  name: RegExp;
  /** Letters of short flags that take code. */
  letters: string;
  /** Long flags and subcommands that take code. */
  words: readonly string[];
}

const INTERPRETERS: readonly Interpreter[] = [
  { name: /^(python|pypy)[\d.]*w?$/, letters: 'c', words: [] },
  { name: /^(node|nodejs|bun|tsx|ts-node)$/, letters: 'ep', words: ['--eval', '--print'] },
  { name: /^deno$/, letters: '', words: ['eval'] },
  { name: /^(ruby|jruby)[\d.]*$/, letters: 'e', words: [] },
  { name: /^perl[\d.]*$/, letters: 'eE', words: [] },
  { name: /^php[\d.]*$/, letters: 'rBRE', words: ['--run'] },
  { name: /^(lua|luajit)[\d.]*$/, letters: 'e', words: [] },
  { name: /^osascript$/, letters: 'e', words: [] },
  { name: /^(rscript|r)$/, letters: 'e', words: [] },
];

function takesCode({ letters, words }: Interpreter, arg: string): boolean {
  if (words.some((word) => arg === word || (word.startsWith('--') && arg.startsWith(`${word}=`)))) return true;
  return /^-[^-]/.test(arg) && [...letters].some((letter) => arg.includes(letter));
}

/** True when an interpreter gets its code from its words or from its input, and not from a file. */
export function isInlineCode(written: string, args: readonly string[]): boolean {
  const name = programName(written);
  const interpreter = INTERPRETERS.find((one) => one.name.test(name));
  if (!interpreter) return false;
  if (args.every((arg) => arg === '-')) return true;
  return args.some((arg) => takesCode(interpreter, arg));
}

/** The same for a line that could not be read: any interpreter before any such flag counts. */
export function mentionsInlineCode(line: string): boolean {
  const words = line
    .replace(/["'\\]/g, '')
    .split(/[\s;|&()`$<>]+/)
    .filter((word) => word !== '');
  return words.some((word, at) => isInlineCode(word, words.slice(at + 1)));
}
