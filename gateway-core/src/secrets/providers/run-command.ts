// Runs one command without a shell, with limits on time, silence and output; its whole process group ends with it.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import path from 'node:path';
import type { Clock, Timer } from '../../shared/clock.js';

export interface CommandRequest {
  file: string;
  args: readonly string[];
  /** The whole environment of the command. */
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Written to its standard input, which is then closed. */
  input: string;
  timeoutMs: number;
  /** Longest time without a byte of output. */
  noOutputTimeoutMs: number;
  /** Both output streams together. */
  maxOutputBytes: number;
  clock: Clock;
  platform: NodeJS.Platform;
  signal?: AbortSignal;
}

export type CommandEnd =
  | { kind: 'exited'; code: number; output: string }
  | { kind: 'killed-by'; signal: string }
  | { kind: 'not-started'; code: string }
  | { kind: 'timed-out' | 'silent' | 'flooded' | 'stopped' };

const LAST_WAIT_MS = 2000;

/** Ends the process group of a command. A group that is already gone is no fault. */
function killGroup(child: ChildProcessWithoutNullStreams, request: CommandRequest): void {
  if (child.pid === undefined) return;
  if (request.platform === 'win32') {
    const taskkill = path.join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'taskkill.exe');
    spawn(taskkill, ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true }).on('error', () =>
      child.kill(),
    );
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EPERM') child.kill('SIGKILL');
    else if (code !== 'ESRCH') throw error;
  }
}

class CommandRun {
  readonly #request: CommandRequest;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #settle: (end: CommandEnd) => void;
  readonly #output: Buffer[] = [];
  #bytes = 0;
  #timers: Timer[] = [];
  #silence: Timer | undefined;
  /** Decided, while the processes are still ending. */
  #end: CommandEnd | undefined;
  #exited = false;
  #settled = false;

  constructor(request: CommandRequest, settle: (end: CommandEnd) => void) {
    this.#request = request;
    this.#settle = settle;
    this.#child = spawn(request.file, [...request.args], {
      cwd: request.cwd,
      env: request.env,
      // A group of its own, so that what the command starts can be ended with it.
      detached: request.platform !== 'win32',
      shell: false,
      windowsHide: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#listen();
  }

  #listen(): void {
    const child = this.#child;
    const { clock, timeoutMs, signal, input } = this.#request;
    child.stdout.on('data', (chunk: Buffer) => this.#take(chunk, true));
    child.stderr.on('data', (chunk: Buffer) => this.#take(chunk, false));
    // A command may end, or close its input, without reading the request.
    child.stdin.on('error', () => undefined);
    child.on('error', (error: NodeJS.ErrnoException) =>
      this.#finish({ kind: 'not-started', code: error.code ?? error.message }),
    );
    child.on('exit', () => {
      this.#exited = true;
      if (this.#end) this.#finish(this.#end);
    });
    child.on('close', (code, killedBy) =>
      this.#finish(
        killedBy === null
          ? { kind: 'exited', code: code ?? -1, output: Buffer.concat(this.#output).toString('utf8') }
          : { kind: 'killed-by', signal: killedBy },
      ),
    );
    this.#timers.push(clock.after(timeoutMs, () => this.#cut({ kind: 'timed-out' })));
    this.#armSilence();
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (signal?.aborted) this.#onAbort();
    child.stdin.end(input);
  }

  readonly #onAbort = (): void => this.#cut({ kind: 'stopped' });

  #armSilence(): void {
    this.#silence?.cancel();
    const { clock, noOutputTimeoutMs } = this.#request;
    this.#silence = clock.after(noOutputTimeoutMs, () => this.#cut({ kind: 'silent' }));
  }

  #take(chunk: Buffer, keep: boolean): void {
    if (this.#end) return;
    this.#bytes += chunk.length;
    if (this.#bytes > this.#request.maxOutputBytes) return this.#cut({ kind: 'flooded' });
    if (keep) this.#output.push(chunk);
    this.#armSilence();
  }

  #cut(end: CommandEnd): void {
    if (this.#end || this.#settled) return;
    this.#end = end;
    killGroup(this.#child, this.#request);
    if (this.#exited) this.#finish(end);
    else this.#timers.push(this.#request.clock.after(LAST_WAIT_MS, () => this.#finish(end)));
  }

  #finish(end: CommandEnd): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#silence?.cancel();
    for (const timer of this.#timers) timer.cancel();
    this.#request.signal?.removeEventListener('abort', this.#onAbort);
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    this.#child.stdin.destroy();
    this.#settle(this.#end ?? end);
  }
}

/** Runs the command to its end. Never throws for what the command does. */
export function runCommand(request: CommandRequest): Promise<CommandEnd> {
  return new Promise((resolve) => {
    void new CommandRun(request, resolve);
  });
}
