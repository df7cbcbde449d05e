// Lets `tailscale serve` or `tailscale funnel` pass requests on to the gateway, and takes that back (spec/gateway-config.md §10).
import { errorMessage } from '../../shared/app-error.js';
import type { Clock, Timer } from '../../shared/clock.js';
import { inBackground, type Logger } from '../../shared/logger.js';
import { isMissingProgram, type TailscaleProgram } from './program.js';
import {
  NO_CERTIFICATE,
  NOT_INSTALLED,
  readSelf,
  type ServeFailure,
  serveFailure,
  type ServeMode,
  statusFailure,
  type TailnetSelf,
} from './serve-words.js';

export type { ServeMode } from './serve-words.js';

export interface ServeStatus {
  mode: ServeMode;
  state: 'starting' | 'on' | 'failed';
  /** Where people open the window; only while it is on. */
  url?: string;
  /** Why it failed, a sentence. */
  error?: string;
}

export interface ServeOptions {
  mode: ServeMode;
  /** Where the gateway listens on this computer. */
  target: { host: string; port: number; tls: boolean };
  /** Path prefix of the window without a trailing slash; '' is the top. */
  basePath: string;
  program: TailscaleProgram;
  clock: Pick<Clock, 'after'>;
  log: Logger;
  /** Hears the origin (`https://desk.tail1234.ts.net`) once the window can be opened under it. */
  onOpen(origin: string): void;
}

export interface TailscaleServe {
  status(): ServeStatus;
  /** Ends what is under way. With `undo`, what Tailscale serves on this computer is reset if this began it. Never rejects. */
  stop(options: { undo: boolean }): Promise<void>;
}

const STATUS_MS = 10_000;
/** The program waits for a person when the tailnet does not allow it yet. */
const SERVE_MS = 20_000;
const RESET_MS = 10_000;
const RETRY_MS = 60_000;

/** A port where that says it all; other schemes and hosts as an address. A certificate of our own is not known to Tailscale. */
export function serveTarget({ host, port, tls }: ServeOptions['target']): string {
  if (!tls && host === '127.0.0.1') return String(port);
  return `${tls ? 'https+insecure' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

class Serve implements TailscaleServe {
  readonly #options: ServeOptions;
  readonly #stopping = new AbortController();
  #status: ServeStatus;
  /** Our setting may be in force. */
  #begun = false;
  #work: Promise<void> = Promise.resolve();
  #retry: Timer | undefined;

  constructor(options: ServeOptions) {
    this.#options = options;
    this.#status = { mode: options.mode, state: 'starting' };
  }

  status(): ServeStatus {
    return this.#status;
  }

  start(): void {
    this.#work = this.#attempt();
    inBackground(this.#work, this.#options.log, `tailscale ${this.#options.mode} failed`);
  }

  async stop({ undo }: { undo: boolean }): Promise<void> {
    this.#stopping.abort();
    this.#retry?.cancel();
    // How it ended was logged where it began.
    await this.#work.catch(() => undefined);
    if (undo && this.#begun) await this.#reset();
  }

  async #attempt(): Promise<void> {
    const found = await this.#findSelf();
    if (this.#stopping.signal.aborted) return;
    if (!found.ok) return this.#fail(found.failure);
    const failure = await this.#open();
    if (this.#stopping.signal.aborted) return;
    if (failure) this.#fail(failure);
    else if (!found.self.hasCertificate) this.#fail(NO_CERTIFICATE);
    else this.#succeed(found.self);
  }

  async #findSelf(): Promise<ReturnType<typeof readSelf>> {
    try {
      // The other computers of the tailnet are not needed.
      const args = ['status', '--json', '--peers=false'];
      return readSelf(await this.#options.program.output(args, { timeoutMs: STATUS_MS }));
    } catch (error) {
      return { ok: false, failure: isMissingProgram(error) ? NOT_INSTALLED : statusFailure(errorMessage(error)) };
    }
  }

  async #open(): Promise<ServeFailure | undefined> {
    const { mode, target, program } = this.#options;
    const args = [mode, '--bg', '--yes', serveTarget(target)];
    const result = await program.run(args, { timeoutMs: SERVE_MS, signal: this.#stopping.signal });
    // Cut off in the middle, it may have done it already.
    this.#begun ||= result.code === 0 || result.endedBy === 'stop';
    return result.code === 0 ? undefined : serveFailure(mode, `tailscale ${args.join(' ')}`, result);
  }

  #succeed({ name }: TailnetSelf): void {
    const { mode, basePath, log, onOpen } = this.#options;
    const origin = `https://${name}`;
    const url = `${origin}${basePath}/`;
    this.#status = { mode, state: 'on', url };
    onOpen(origin);
    log.info(`${mode === 'serve' ? 'open in your tailnet' : 'open to the internet'}: ${url} (tailscale ${mode})`);
  }

  #fail({ reason, hint, passing }: ServeFailure): void {
    const { mode, log, clock } = this.#options;
    // Said once, not every minute.
    if (this.#status.error !== reason) log.error(`tailscale ${mode} failed: ${reason} ${hint}`);
    this.#status = { mode, state: 'failed', error: reason };
    if (passing) this.#retry = clock.after(RETRY_MS, () => this.start());
  }

  async #reset(): Promise<void> {
    const { mode, program, log } = this.#options;
    const args = [mode, 'reset'];
    const by = `Undo it with \`tailscale ${args.join(' ')}\`.`;
    try {
      const result = await program.run(args, { timeoutMs: RESET_MS });
      if (result.code === 0) log.info(`tailscale ${mode} was reset`);
      else {
        const { reason } = serveFailure(mode, `tailscale ${args.join(' ')}`, result);
        log.error(`tailscale ${mode} is still set up: ${reason} ${by}`);
      }
    } catch (error) {
      log.error(`tailscale ${mode} is still set up: ${errorMessage(error)} ${by}`);
    }
  }
}

/** Begins at once and resolves nothing: the gateway goes on whatever Tailscale does; see `status` and the log. */
export function startTailscaleServe(options: ServeOptions): TailscaleServe {
  const serve = new Serve(options);
  serve.start();
  return serve;
}
