// The gateway's end of the thread that drives browsers: starts it on first use, hears when it ends, cleans up after it.
import { mkdir, rm } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { AppError, errorMessage } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import type { ErrorCode } from '../shared/error-register.js';
import type {
  Command,
  Failure,
  FailureCode,
  FromWorker,
  PageOutcome,
  RunningBrowser,
  ToWorker,
  Verdict,
  WorkerStart,
} from './messages.js';
import { untilGone } from './process-end.js';
import { playwrightFile, workerCode } from './worker-file.js';

export type Outcome = PageOutcome & { running?: RunningBrowser[] };

export interface WorkerLinkOptions {
  clock: Clock;
  log: Logger;
  /** Folder for what the library keeps while it runs. */
  tempDir: string;
  env: Record<string, string>;
  judge: (url: string) => Promise<Verdict>;
  /** The bundled code; where the build puts it when absent. */
  workerFile?: URL;
}

interface Waiting {
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

/** A thread that does not answer so long after its command's own limit is ended. */
const HUNG_MS = 30_000;
const STOP_MS = 8_000;

const CODES: Record<FailureCode, ErrorCode> = {
  start_failed: 'browser.start_failed',
  attach_failed: 'browser.attach_failed',
  timeout: 'browser.timeout',
  tab_missing: 'browser.tab_missing',
  ref_missing: 'browser.ref_missing',
  address_refused: 'browser.address_refused',
  page_failed: 'browser.page_failed',
  script_failed: 'browser.script_failed',
  bad_command: 'request.invalid',
};

export const crashed = (): AppError => new AppError('browser.crashed');

function asError({ code, message, fromPage }: Failure): AppError {
  return new AppError(CODES[code], { message, ...(fromPage !== undefined && { details: { fromPage } }) });
}

/** One thread from its start to its end. */
class Thread {
  readonly ended: Promise<void>;
  readonly #worker: Worker;
  readonly #options: WorkerLinkOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #pids = new Set<number>();
  #lastId = 0;
  hasEnded = false;

  constructor(options: WorkerLinkOptions, code: string, start: WorkerStart) {
    this.#options = options;
    this.#worker = new Worker(code, {
      eval: true,
      workerData: start,
      env: { ...options.env, TMPDIR: options.tempDir, TEMP: options.tempDir, TMP: options.tempDir },
      execArgv: [],
      stdout: true,
      stderr: true,
    });
    this.#worker.on('message', (message: FromWorker) => this.#hear(message));
    this.#worker.on('error', (error) => options.log.error('The browser thread failed.', { err: error }));
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', () => resolve(this.#end()));
    });
  }

  get isBusy(): boolean {
    return this.#waiting.size > 0;
  }

  send(command: Command, signal: AbortSignal): Promise<Outcome> {
    const id = (this.#lastId += 1);
    const limitMs = command.timeoutMs + (command.plan?.timeoutMs ?? 0) + HUNG_MS;
    return new Promise<Outcome>((resolve, reject) => {
      const hung = this.#options.clock.after(limitMs, () => {
        this.#options.log.error('The browser thread does not answer and is ended.', { command: command.name });
        void this.terminate();
      });
      const done = (settle: () => void): void => {
        hung.cancel();
        signal.removeEventListener('abort', cancel);
        this.#waiting.delete(id);
        settle();
      };
      const cancel = (): void => {
        this.#post({ type: 'cancel', id });
        done(() => reject(signal.reason as Error));
      };
      this.#waiting.set(id, {
        resolve: (outcome) => done(() => resolve(outcome)),
        reject: (error) => done(() => reject(error)),
      });
      signal.addEventListener('abort', cancel, { once: true });
      this.#post({ type: 'command', id, command });
    });
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
    await this.ended;
  }

  #post(message: ToWorker): void {
    if (!this.hasEnded) this.#worker.postMessage(message);
  }

  #hear(message: FromWorker): void {
    if (message.type === 'result') this.#waiting.get(message.id)?.resolve(message.outcome);
    else if (message.type === 'failure') this.#fail(message.id, message.failure);
    else if (message.type === 'started') this.#pids.add(message.pid);
    else if (message.type === 'ended') this.#pids.delete(message.pid);
    else void this.#judge(message.id, message.url);
  }

  async #judge(id: number, url: string): Promise<void> {
    try {
      this.#post({ type: 'verdict', id, verdict: await this.#options.judge(url) });
    } catch (error) {
      this.#options.log.error('An address could not be judged.', { err: error });
      this.#post({ type: 'verdict', id, verdict: { refusal: 'The address could not be judged.' } });
    }
  }

  #fail(id: number, failure: Failure): void {
    if (failure.trace !== undefined) this.#options.log.debug(failure.message, { trace: failure.trace });
    this.#waiting.get(id)?.reject(asError(failure));
  }

  /** Its browsers lose their pipe and end by themselves; what does not is killed. */
  async #end(): Promise<void> {
    this.hasEnded = true;
    for (const waiting of [...this.#waiting.values()]) waiting.reject(crashed());
    const { clock, log } = this.#options;
    for (const settled of await Promise.allSettled([...this.#pids].map((pid) => untilGone(pid, clock)))) {
      if (settled.status === 'rejected') {
        log.error(`A browser could not be ended: ${errorMessage(settled.reason)}`);
      }
    }
  }
}

export class WorkerLink {
  readonly #options: WorkerLinkOptions;
  #thread: Promise<Thread> | undefined;
  #isStopped = false;

  constructor(options: WorkerLinkOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#thread !== undefined;
  }

  /** Sends a command to the thread, started when there is none. Throws AppError browser.* or the signal's reason. */
  async send(command: Command, signal: AbortSignal): Promise<Outcome> {
    signal.throwIfAborted();
    if (this.#isStopped) throw new AppError('browser.crashed', { message: 'The gateway is stopping.' });
    const thread = await this.#live();
    signal.throwIfAborted();
    return thread.send(command, signal);
  }

  async isBusy(): Promise<boolean> {
    return (await this.#thread)?.isBusy ?? false;
  }

  /** Ends the thread and every browser that it started; the next command starts a new one. */
  async end(): Promise<void> {
    const thread = await this.#thread;
    if (!thread) return;
    if (!thread.hasEnded) await this.#closeBrowsers(thread);
    await thread.terminate();
  }

  /** The same for good. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.end();
  }

  /** Ends the thread without asking it; for tests of a crash. */
  async crash(): Promise<void> {
    await (await this.#thread)?.terminate();
  }

  /** Browsers that close by themselves keep what pages stored last. */
  async #closeBrowsers(thread: Thread): Promise<void> {
    const limit = new AbortController();
    const timer = this.#options.clock.after(STOP_MS, () => limit.abort(new Error('closing took too long')));
    try {
      await thread.send({ name: 'shutdown', owner: '', timeoutMs: STOP_MS, maxTabs: 0 }, limit.signal);
    } catch (error) {
      this.#options.log.warn(`The browsers did not close by themselves: ${errorMessage(error)}`);
    } finally {
      timer.cancel();
    }
  }

  /** A thread that has ended is waited for: the folders of its browsers are free only then. */
  async #live(): Promise<Thread> {
    const thread = await (this.#thread ??= this.#start());
    if (!thread.hasEnded) return thread;
    await thread.ended;
    return (this.#thread ??= this.#start());
  }

  async #start(): Promise<Thread> {
    const { tempDir } = this.#options;
    try {
      // What a killed gateway left.
      await rm(tempDir, { recursive: true, force: true });
      await mkdir(tempDir, { recursive: true, mode: 0o700 });
      const [code, file] = await Promise.all([workerCode(this.#options.workerFile), playwrightFile()]);
      const thread = new Thread(this.#options, code, { playwrightFile: file });
      void thread.ended.then(() => (this.#thread = undefined));
      return thread;
    } catch (error) {
      this.#thread = undefined;
      throw error;
    }
  }
}
