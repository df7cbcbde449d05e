// The secrets of a running gateway: read at the start, read again on request, swapped only as a whole.
import { AppError, errorMessage } from '../shared/app-error.js';
import type { Logger } from '../shared/logger.js';
import {
  failureText,
  prepareSecrets,
  type SecretsContext,
  type SecretsSnapshot,
  type SecretsSource,
  startupError,
} from './snapshot.js';

export interface SecretsEvent {
  code: 'SECRETS_RELOADER_DEGRADED' | 'SECRETS_RELOADER_RECOVERED';
  /** One line without secrets. */
  message: string;
}

export interface SecretsRuntimeOptions {
  /** Reads the config anew; its error counts as a failed reload. */
  load: () => Promise<SecretsSource>;
  context: Omit<SecretsContext, 'signal'>;
  log: Logger;
  /** Once when a reload fails after a good state, once when one succeeds again. */
  onEvent?: (event: SecretsEvent) => void;
  /** After every swap. */
  onActivated?: (snapshot: SecretsSnapshot) => void;
}

export interface SecretsRuntime {
  /** Reads the secrets for the first time. Throws `secret.unavailable`. */
  start(): Promise<SecretsSnapshot>;
  /** The snapshot in use. Throws when nothing was started. */
  current(): SecretsSnapshot;
  /** The source of the snapshot in use. */
  source(): SecretsSource;
  /**
   * Loads the config and reads its secrets; the old ones stay in use when that fails. Callers that come
   * while a reload runs share the next one. Throws `secret.reload_failed`.
   */
  reload(): Promise<SecretsSnapshot>;
  /** For a config change: reads the secrets of `source` and uses them. Same rules and errors as `reload`. */
  activate(source: SecretsSource): Promise<SecretsSnapshot>;
  isDegraded(): boolean;
  /** Ends running commands; a reload on its way fails. */
  stop(): Promise<void>;
}

class Runtime implements SecretsRuntime {
  readonly #options: SecretsRuntimeOptions;
  readonly #stopping = new AbortController();
  #active: { source: SecretsSource; snapshot: SecretsSnapshot } | undefined;
  #degraded = false;
  /** One reading after the other, so that a slow old one never replaces a newer one. */
  #line: Promise<unknown> = Promise.resolve();
  /** The reload that has not begun. */
  #queued: Promise<SecretsSnapshot> | undefined;

  constructor(options: SecretsRuntimeOptions) {
    this.#options = options;
  }

  async start(): Promise<SecretsSnapshot> {
    const source = await this.#options.load();
    const prepared = await this.#prepare(source);
    if (prepared.ok) return this.#swap(source, prepared.snapshot);
    this.#options.log.error(`[SECRETS_RELOADER_DEGRADED] ${failureText(prepared.failures)}`);
    throw startupError(prepared.failures);
  }

  current(): SecretsSnapshot {
    return this.#used().snapshot;
  }

  source(): SecretsSource {
    return this.#used().source;
  }

  isDegraded(): boolean {
    return this.#degraded;
  }

  reload(): Promise<SecretsSnapshot> {
    this.#queued ??= this.#enqueue(() => {
      this.#queued = undefined;
      return this.#options.load();
    });
    return this.#queued;
  }

  activate(source: SecretsSource): Promise<SecretsSnapshot> {
    return this.#enqueue(() => Promise.resolve(source));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#line;
  }

  #used(): { source: SecretsSource; snapshot: SecretsSnapshot } {
    if (!this.#active) throw new Error('the secrets were asked for before they were read');
    return this.#active;
  }

  #enqueue(load: () => Promise<SecretsSource>): Promise<SecretsSnapshot> {
    const run = this.#line.then(() => this.#renew(load));
    this.#line = run.catch(() => undefined);
    return run;
  }

  #prepare(source: SecretsSource) {
    return prepareSecrets(source, { ...this.#options.context, signal: this.#stopping.signal });
  }

  async #renew(load: () => Promise<SecretsSource>): Promise<SecretsSnapshot> {
    if (this.#stopping.signal.aborted)
      throw new AppError('secret.reload_failed', { message: 'The gateway is stopping.' });
    let source: SecretsSource;
    try {
      source = await load();
    } catch (error) {
      throw this.#fail(errorMessage(error), error);
    }
    const prepared = await this.#prepare(source);
    if (!prepared.ok) throw this.#fail(failureText(prepared.failures), undefined, { failures: prepared.failures });
    return this.#swap(source, prepared.snapshot);
  }

  #swap(source: SecretsSource, snapshot: SecretsSnapshot): SecretsSnapshot {
    this.#active = { source, snapshot };
    for (const { code, message } of snapshot.diagnostics) this.#options.log.warn(`[${code}] ${message}`);
    if (this.#degraded) this.#recover();
    this.#options.onActivated?.(snapshot);
    return snapshot;
  }

  #recover(): void {
    this.#degraded = false;
    const event = { code: 'SECRETS_RELOADER_RECOVERED', message: 'The secrets could be read again.' } as const;
    this.#options.log.info(`[${event.code}] ${event.message}`);
    this.#options.onEvent?.(event);
  }

  #fail(reason: string, cause?: unknown, details?: Record<string, unknown>): AppError {
    const event = { code: 'SECRETS_RELOADER_DEGRADED', message: reason } as const;
    if (this.#stopping.signal.aborted) return new AppError('secret.reload_failed', { message: reason, cause, details });
    if (this.#degraded) this.#options.log.warn(`secrets reload failed again: ${reason}`);
    else {
      this.#degraded = true;
      this.#options.log.error(`[${event.code}] ${event.message}`);
      this.#options.onEvent?.(event);
    }
    return new AppError('secret.reload_failed', { message: `secrets reload failed: ${reason}`, cause, details });
  }
}

export function createSecretsRuntime(options: SecretsRuntimeOptions): SecretsRuntime {
  return new Runtime(options);
}
