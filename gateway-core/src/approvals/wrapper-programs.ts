// Pure: programs that start another program, and where the other one's words begin.
import type { Word } from './shell-line.js';
import { startsAnother } from './starting-words.js';

/** Names of variables that a command may set without changing what runs. */
export function isPlainVariable(name: string): boolean {
  return /^(TERM|LANG|LANGUAGE|LC_[A-Z]+|COLORTERM|NO_COLOR|FORCE_COLOR|TZ|COLUMNS|LINES)$/.test(name);
}

/** The name of a program without its folder, for the tables here. */
export function programName(written: string): string {
  const base = written.slice(Math.max(written.lastIndexOf('/'), written.lastIndexOf('\\')) + 1).toLowerCase();
  return base.endsWith('.exe') ? base.slice(0, -4) : base;
}

// What they start cannot be told from their words, or has other rights than the one who asks.
const CARRIERS = new Set([
  ...['sudo', 'doas', 'su', 'runuser', 'pkexec', 'xargs', 'parallel', 'ssh', 'watch', 'script', 'expect'],
  ...['strace', 'ltrace', 'gdb', 'chroot', 'unshare', 'nsenter', 'bwrap', 'flock', 'ionice', 'taskset', 'chrt'],
  ...['busybox', 'toybox', 'zsh', 'ksh', 'mksh', 'ash', 'csh', 'tcsh', 'fish', 'pwsh', 'powershell', 'cmd'],
  ...['at', 'batch', 'crontab', 'systemd-run', 'start-stop-daemon', 'run-parts', 'entr', 'screen', 'tmux', 'setsid'],
  ...['command', 'time', 'setpriv', 'gosu', 'su-exec', 'sg', 'newgrp', 'sshpass', 'rlwrap', 'unbuffer', 'daemonize'],
  ...['dbus-run-session', 'xvfb-run', 'fakeroot', 'firejail', 'prlimit', 'numactl', 'cgexec', 'setarch', 'arch'],
  ...['caffeinate', 'torsocks', 'torify', 'proxychains', 'proxychains4', 'eatmydata', 'catchsegv', 'valgrind', 'perf'],
  ...['rbash', 'yash', 'posh', 'nu', 'xonsh', 'npx', 'bunx', 'pnpx', 'uvx', 'pipx'],
  // It answers questions and changes rules: whoever may run it needs no other permission.
  'openclaw',
]);
/** The loader of the system, which runs the file it is given. */
const LOADER = /^ld(-linux|-musl|\.so)/;

/** True for a program that starts what nobody can tell beforehand. */
export function isCarrier(name: string, args: readonly string[]): boolean {
  return CARRIERS.has(name) || LOADER.test(name) || startsAnother(name, args);
}

type Unwrap = (args: readonly Word[]) => readonly Word[] | undefined;

/** Skips flags that need no value and flags with a value; undefined at any other flag. */
function past(args: readonly Word[], bare: RegExp, valued: RegExp): readonly Word[] | undefined {
  let at = 0;
  for (; at < args.length; at += 1) {
    const text = args[at]?.text ?? '';
    if (!text.startsWith('-')) break;
    if (text === '--') return args.slice(at + 1);
    if (valued.test(text)) at += 1;
    else if (!bare.test(text)) return undefined;
  }
  return args.slice(at);
}

const NONE = /^(?!)/;

function unwrapEnv(args: readonly Word[]): readonly Word[] | undefined {
  const rest = past(args, NONE, NONE);
  if (!rest) return undefined;
  const first = rest.findIndex(({ text }) => !text.includes('='));
  const variables = rest.slice(0, first < 0 ? rest.length : first);
  const isPlain = variables.every(({ text }) => isPlainVariable(text.slice(0, text.indexOf('='))));
  return isPlain && first >= 0 ? rest.slice(first) : undefined;
}

function unwrapTimeout(args: readonly Word[]): readonly Word[] | undefined {
  const rest = past(args, /^(--foreground|--preserve-status|-v|--verbose|--(signal|kill-after)=\w+)$/, /^-[sk]$/);
  return rest && /^[\d.]+[smhd]?$/.test(rest[0]?.text ?? '') ? rest.slice(1) : undefined;
}

/** Programs whose inner command is plain to see. */
const WRAPPERS: Readonly<Record<string, Unwrap>> = {
  env: unwrapEnv,
  timeout: unwrapTimeout,
  nohup: (args) => past(args, NONE, NONE),
  nice: (args) => past(args, /^(-\d+|-n-?\d+|--adjustment=-?\d+)$/, /^-n$/),
  stdbuf: (args) => past(args, /^(-[ioe][0-9LKM]+|--(input|output|error)=[0-9LKM]+)$/, /^-[ioe]$/),
};

const SHELLS = new Set(['sh', 'bash', 'dash']);

export type Unwrapped =
  { kind: 'program' } | { kind: 'opaque' } | { kind: 'words'; words: readonly Word[] } | { kind: 'line'; line: string };

function unwrapShell(args: readonly Word[]): Unwrapped {
  const [flags, line] = args;
  const takesLine = args.some(({ text }) => /^-\w*c/.test(text));
  // A script file, or standard input: the shell itself must be listed.
  if (!takesLine) return { kind: 'program' };
  // Not as a login shell: that reads files first which may have changed since somebody looked.
  if (!flags || !line || !/^-[eux]*c$/.test(flags.text) || line.isPattern) return { kind: 'opaque' };
  return { kind: 'line', line: line.text };
}

/** What a program call runs besides itself. `args` are its words without its name. */
export function unwrap(name: string, args: readonly Word[]): Unwrapped {
  const texts = args.map(({ text }) => text);
  if (isCarrier(name, texts)) return { kind: 'opaque' };
  if (SHELLS.has(name)) return unwrapShell(args);
  const wrapper = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
  if (!wrapper) return { kind: 'program' };
  const words = wrapper(args);
  return words && words.length > 0 ? { kind: 'words', words } : { kind: 'opaque' };
}
