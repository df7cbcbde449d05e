// Runs a command-line program to its end, without a shell, with limits; everything it started ends with it.
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import type { Clock, Timer } from '../../shared/clock.js';

export interface CliRun {
  command: string;
  args: readonly string[];
  /** The whole environment. */
  env: Readonly<Record<string, string>>;
  cwd: string;
  stdin?: string;
  timeoutMs: number;
  /** Longest time without a byte of output. */
  silenceMs?: number;
  signal: AbortSignal;
  clock: Clock;
}

export type CliEnd =
  | { kind: 'exited'; code: number | null; stdout: string; stderr: string }
  | { kind: 'not-started'; code: string }
  | { kind: 'timed-out' | 'silent'; limitMs: number }
  | { kind: 'flooded' | 'stopped' };

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
const STDERR_CHARS = 8_192;
/** To end by itself, after it was asked to. */
const GRACE_MS = 1_000;
/** For output that is still on its way when the program has ended. */
const DRAIN_MS = 300;

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ESRCH: nothing of it is left. EPERM: what is left belongs to somebody else.
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

function endTreeOnWindows(child: ChildProcess): void {
  const taskkill = path.join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'taskkill.exe');
  const settings = { stdio: 'ignore', windowsHide: true } as const;
  spawn(taskkill, ['/pid', String(child.pid), '/t', '/f'], settings).on('error', () => child.kill());
}

class ProgramRun {
  readonly #stdout: Buffer[] = [];
  #bytes = 0;
  #stderr = '';
  #cut: CliEnd | undefined;
  #settled = false;
  #timers: Timer[] = [];
  #silence: Timer | undefined;
  readonly #child: ChildProcess;

  constructor(
    private readonly run: CliRun,
    private readonly settle: (end: CliEnd) => void,
  ) {
    this.#child = spawn(run.command, [...run.args], {
      cwd: run.cwd,
      env: { ...run.env },
      shell: false,
      // A group of its own, so that what it starts can be ended with it.
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: [run.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    this.#listen();
  }

  #listen(): void {
    const child = this.#child;
    const { clock, timeoutMs, signal, stdin } = this.run;
    child.stdout?.on('data', (chunk: Buffer) => this.#take(chunk));
    child.stderr?.on('data', (chunk: Buffer) => this.#takeWarning(chunk));
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) this.#finish({ kind: 'not-started', code: error.code ?? error.message });
    });
    child.once('exit', (code) => this.#exited(code));
    child.once('close', (code) => this.#finish(this.#exitedWith(code)));
    this.#timers.push(clock.after(timeoutMs, () => this.#end({ kind: 'timed-out', limitMs: timeoutMs })));
    this.#armSilence();
    signal.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted) this.#onAbort();
    // A program may end without reading its input.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(stdin);
  }

  readonly #onAbort = (): void => this.#end({ kind: 'stopped' });

  #armSilence(): void {
    this.#silence?.cancel();
    const { silenceMs: limitMs, clock } = this.run;
    if (limitMs !== undefined) this.#silence = clock.after(limitMs, () => this.#end({ kind: 'silent', limitMs }));
  }

  #take(chunk: Buffer): void {
    if (this.#cut) return;
    this.#armSilence();
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_OUTPUT_BYTES) this.#end({ kind: 'flooded' });
    else this.#stdout.push(chunk);
  }

  #takeWarning(chunk: Buffer): void {
    this.#armSilence();
    this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-STDERR_CHARS);
  }

  #end(cut: CliEnd): void {
    if (this.#cut || this.#settled || this.#child.pid === undefined) return;
    this.#cut = cut;
    if (process.platform === 'win32') return endTreeOnWindows(this.#child);
    signalGroup(this.#child, 'SIGTERM');
    this.#timers.push(this.run.clock.after(GRACE_MS, () => signalGroup(this.#child, 'SIGKILL')));
  }

  #exitedWith(code: number | null): CliEnd {
    return { kind: 'exited', code, stdout: Buffer.concat(this.#stdout).toString('utf8'), stderr: this.#stderr };
  }

  #exited(code: number | null): void {
    // Nothing that it left behind outlives the call.
    if (process.platform !== 'win32') signalGroup(this.#child, 'SIGKILL');
    if (this.#cut) this.#finish(this.#cut);
    // A process that moved to a group of its own may hold the pipes open.
    else this.#timers.push(this.run.clock.after(DRAIN_MS, () => this.#finish(this.#exitedWith(code))));
  }

  #finish(end: CliEnd): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#silence?.cancel();
    for (const timer of this.#timers) timer.cancel();
    this.run.signal.removeEventListener('abort', this.#onAbort);
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) stream?.destroy();
    this.settle(this.#cut ?? end);
  }
}

/** Runs the program to its end; after an abort or a limit, to the end of everything it started. Never rejects. */
export function runCli(run: CliRun): Promise<CliEnd> {
  return new Promise((resolve) => {
    try {
      void new ProgramRun(run, resolve);
    } catch (error) {
      // Arguments that are too long are refused at once, unlike a program that is missing.
      const { code, message } = error as NodeJS.ErrnoException;
      resolve({ kind: 'not-started', code: code ?? message });
    }
  });
}
