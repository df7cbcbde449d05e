// Runs a program and takes its output: no shell, a time limit, a size limit.
import { execFile, spawn } from 'node:child_process';
import type { Clock } from './clock.js';

export interface RunOptions {
  timeoutMs: number;
  /** Default 1 MiB. */
  maxBytes?: number;
  env?: NodeJS.ProcessEnv;
}

/**
 * Resolves with what the program wrote to its standard output. Rejects with the Error of node:child_process when it is
 * missing, ends with another code than 0, writes too much or takes too long; then it is killed.
 */
export function runProgram(file: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { timeoutMs, maxBytes = 1_048_576, env } = options;
  return new Promise((resolve, reject) => {
    const settings = { timeout: timeoutMs, maxBuffer: maxBytes, windowsHide: true, encoding: 'utf8', env } as const;
    execFile(file, [...args], { ...settings, killSignal: 'SIGKILL' }, (error, stdout) => {
      if (error) reject(error);
      else resolve(stdout);
    });
  });
}

export interface JobOptions {
  cwd?: string;
  /** The whole environment, not additions. */
  env: Readonly<Record<string, string>>;
  /** Text for its standard input; nothing when absent. */
  input?: string;
  timeoutMs: number;
  /** Of both outputs together; more ends the job. */
  maxBytes: number;
  /** Ends the job. */
  signal?: AbortSignal;
  clock: Pick<Clock, 'after'>;
}

export interface JobResult {
  /** Null when it was ended from outside. */
  code: number | null;
  /** The last part of each. */
  stdout: string;
  stderr: string;
  endedBy?: 'timeout' | 'output' | 'stop';
}

const KEPT_CHARS = 16_384;
/** How long a process that left the group may hold the outputs open after the end. */
const PIPE_GRACE_MS = 500;

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch (error) {
    // It ended by itself in between.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function openJob(argv: readonly string[], { cwd, env }: JobOptions) {
  const [file = '', ...args] = argv;
  const isGroup = process.platform !== 'win32';
  return spawn(file, args, { cwd, env, stdio: 'pipe', detached: isGroup, windowsHide: true });
}

/** Writes the input and keeps the last part of what is said; `onBytes` hears how much it was so far. */
function talk(child: ReturnType<typeof openJob>, input: string | undefined, onBytes: (total: number) => void) {
  const said = { stdout: '', stderr: '' };
  let total = 0;
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8');
    child[name].on('data', (part: string) => {
      total += Buffer.byteLength(part);
      said[name] = (said[name] + part).slice(-KEPT_CHARS);
      onBytes(total);
    });
  }
  // A program that does not read its input closes it.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return said;
}

/**
 * Runs a program in a process group of its own and ends all of the group with it, so that nothing it started stays.
 * Resolves however it ends. Rejects with the Error of node:child_process when it cannot be started at all.
 */
export function runJob(argv: readonly string[], options: JobOptions): Promise<JobResult> {
  const { input, timeoutMs, maxBytes, signal, clock } = options;
  return new Promise((resolve, reject) => {
    const child = openJob(argv, options);
    let endedBy: JobResult['endedBy'];
    const end = (why: JobResult['endedBy']): void => {
      endedBy ??= why;
      killGroup(child.pid);
    };
    const stop = (): void => end('stop');
    const timers = [clock.after(timeoutMs, () => end('timeout'))];
    const said = talk(child, input, (total) => total > maxBytes && end('output'));
    const settle = (): void => {
      for (const timer of timers) timer.cancel();
      signal?.removeEventListener('abort', stop);
    };
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    child.on('exit', () => {
      killGroup(child.pid);
      const release = (): void => [child.stdout, child.stderr].forEach((pipe) => pipe.destroy());
      timers.push(clock.after(PIPE_GRACE_MS, release));
    });
    child.on('close', (code) => {
      settle();
      resolve({ code, ...said, ...(endedBy && { endedBy }) });
    });
  });
}

export interface OutputOptions {
  /** The whole environment, not additions. */
  env: Readonly<Record<string, string>>;
  /** Ends the program; its reason is thrown. */
  signal?: AbortSignal;
}

/**
 * What a program writes to its standard output, as it comes. Reading slowly slows it down; who stops reading ends it.
 * Throws the Error of node:child_process when it cannot be started, and one when it ends with another code than 0.
 */
export async function* outputOf(argv: readonly string[], options: OutputOptions): AsyncGenerator<Buffer> {
  const { env, signal } = options;
  signal?.throwIfAborted();
  const [file = '', ...args] = argv;
  const isGroup = process.platform !== 'win32';
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'ignore'], detached: isGroup, windowsHide: true });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  // Looked at below; until then it may fail without being unheard of.
  ended.catch(() => undefined);
  const stop = (): void => killGroup(child.pid);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) yield chunk;
    const code = await ended;
    signal?.throwIfAborted();
    if (code !== 0) throw new Error(`${file} ended with ${code ?? 'a signal'}`);
  } finally {
    signal?.removeEventListener('abort', stop);
    if (child.exitCode === null && child.signalCode === null) killGroup(child.pid);
  }
}

// What a shell or an installer needs, and none of the gateway's own secrets.
const PLAIN =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_[A-Z]+|TMPDIR|TMP|TEMP|TZ|XDG_[A-Z_]+|SYSTEMROOT|WINDIR|COMSPEC|PATHEXT|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMDATA|PROGRAMFILES)$/i;

/** The variables of `env` that any program may see; `more` lets further names through. */
export function plainEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  more?: RegExp,
): Record<string, string> {
  const isKept = (name: string) => PLAIN.test(name) || more?.test(name) === true;
  return Object.fromEntries(
    Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined && isKept(pair[0])),
  );
}
