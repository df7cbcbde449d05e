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
// Their code is the first word, unless it comes from a file.
const AWK = /^[gmn]?awk$/;
const INPUT = /^(-|\/dev\/(stdin|fd\/\d+)|\/proc\/self\/fd\/\d+)$/;
const DATA_ADDRESS = /^(--[\w-]+=)?data:/;
/** Python takes `-v` for something else. */
const TELLS_ONLY = /^(--version|--help|-V|-h)$/;

function takesCode({ letters, words }: Interpreter, arg: string): boolean {
  if (words.some((word) => arg === word || (word.startsWith('--') && arg.startsWith(`${word}=`)))) return true;
  return /^-[^-]/.test(arg) && [...letters].some((letter) => arg.includes(letter));
}

/** Without a file there is only the input to take code from. */
function readsInput(name: string, args: readonly string[]): boolean {
  const [only, ...others] = args;
  const tells = only !== undefined && (TELLS_ONLY.test(only) || (only === '-v' && !name.startsWith('py')));
  if (tells && others.length === 0) return false;
  const first = args.find((arg) => arg === '-' || !arg.startsWith('-'));
  return first === undefined || INPUT.test(first);
}

/** True when an interpreter gets its code from its words or from its input, and not from a file. */
export function isInlineCode(written: string, args: readonly string[]): boolean {
  const name = programName(written);
  if (AWK.test(name)) return !args.some((arg) => /^(-[^-]*f|--file)/.test(arg));
  const interpreter = INTERPRETERS.find((one) => one.name.test(name));
  if (!interpreter) return false;
  return readsInput(name, args) || args.some((arg) => takesCode(interpreter, arg) || DATA_ADDRESS.test(arg));
}

function mentions(text: string, betweenWords: RegExp): boolean {
  const words = text.split(betweenWords).filter((word) => word !== '');
  return words.some((word, at) => isInlineCode(word, words.slice(at + 1)));
}

/**
 * The same for a line that could not be read: any interpreter before any such flag counts, and any that has no file
 * before the next sign of the shell, as with a here-document.
 */
export function mentionsInlineCode(line: string): boolean {
  const plain = line.replace(/["'\\]/g, '');
  if (mentions(plain, /[\s;|&()`$<>]+/)) return true;
  return plain.split(/[;|&()`\n]+/).some((part) => mentions(part.replace(/\d*[<>].*/s, ''), /[\s$]+/));
}
