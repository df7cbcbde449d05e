// Runs a host program to its end: input, an output limit, a time limit, one abort signal.
import { spawn } from 'node:child_process';
import type { Clock } from '../../shared/clock.js';
import type { HostCommand } from '../../tools/index.js';

export interface ProcessRequest {
  command: HostCommand;
  input?: Buffer | string;
  /** Of standard output; what is longer ends the program. */
  maxBytes: number;
  timeoutMs: number;
  signal?: AbortSignal;
  clock: Clock;
}

export interface ProcessEnd {
  /** Exit code; null when a signal ended it or it never started. */
  code: number | null;
  stdout: Buffer;
  /** At most its last 16 kB. */
  stderr: string;
  /** Why it did not end by itself. */
  cut?: 'flooded' | 'timed-out' | 'stopped' | 'not-started';
}

const STDERR_BYTES = 16_384;

class ProcessRun {
  readonly #stdout: Buffer[] = [];
  #bytes = 0;
  #stderr = Buffer.alloc(0);
  #cut: ProcessEnd['cut'];

  constructor(
    private readonly request: ProcessRequest,
    private readonly settle: (end: ProcessEnd) => void,
  ) {
    const { command, clock, timeoutMs, signal, input } = request;
    const { file, args, cwd, env } = command;
    const child = spawn(file, args, { cwd, env, shell: false, windowsHide: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const stop = (): void => this.#end(child, 'stopped');
    const timer = clock.after(timeoutMs, () => this.#end(child, 'timed-out'));
    const done = (code: number | null): void => {
      timer.cancel();
      signal?.removeEventListener('abort', stop);
      const stdout = Buffer.concat(this.#stdout);
      this.settle({ code, stdout, stderr: this.#stderr.toString('utf8'), ...(this.#cut && { cut: this.#cut }) });
    };
    child.stdout.on('data', (chunk: Buffer) => {
      this.#bytes += chunk.length;
      if (this.#bytes > request.maxBytes) return this.#end(child, 'flooded');
      this.#stdout.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = Buffer.concat([this.#stderr, chunk]).subarray(-STDERR_BYTES);
    });
    // A program may end without reading its input.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => {
      this.#cut ??= 'not-started';
      this.#stderr = Buffer.from(error.message);
      done(null);
    });
    child.on('close', (code) => done(code));
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    else child.stdin.end(input);
  }

  #end(child: ReturnType<typeof spawn>, cut: NonNullable<ProcessEnd['cut']>): void {
    if (this.#cut) return;
    this.#cut = cut;
    const killed = (): boolean => child.kill('SIGKILL');
    // First inside: once the client is gone nobody would wait for what it started.
    const inside = this.request.command.killInside?.('SIGKILL');
    if (inside) inside.then(killed, killed);
    else killed();
  }
}

/** Runs the program; never rejects for what the program does. */
export function runProcess(request: ProcessRequest): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    void new ProcessRun(request, resolve);
  });
}

/** The last lines of what a program said, for a sentence to people. */
export function lastWords(end: Pick<ProcessEnd, 'stderr' | 'stdout'>, maxChars = 600): string {
  const text = end.stderr.trim() || end.stdout.toString('utf8').trim();
  return text.length > maxChars ? `…${text.slice(-maxChars)}` : text;
}

export interface HeldProcess {
  /** Settles when it has ended. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a program that works as long as its input is open, so that it ends with us, however we end. Resolves when
 * its output holds `readyText`; resolves with its last words when it ends before.
 */
export function holdProcess(command: HostCommand, readyText: string): Promise<HeldProcess | string> {
  const { file, args, cwd, env } = command;
  const child = spawn(file, args, { cwd, env, shell: false, windowsHide: true, stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  let words = '';
  child.stdin.on('error', () => undefined);
  child.stderr.on('data', (chunk: Buffer) => (words = `${words}${chunk.toString('utf8')}`.slice(-STDERR_BYTES)));
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      words = error.message;
      resolve();
    });
    child.once('close', () => resolve());
  });
  return new Promise((resolve) => {
    void ended.then(() => resolve(words.trim()));
    child.stdout.on('data', (chunk: Buffer) => {
      if (said.includes(readyText)) return;
      said += chunk.toString('utf8');
      if (!said.includes(readyText)) return;
      const stop = async (): Promise<void> => {
        child.stdin.end();
        child.kill('SIGTERM');
        await ended;
      };
      resolve({ ended, stop });
    });
  });
}
