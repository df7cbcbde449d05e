// What happened to each API key since the process started; which one a conversation used last.
import { type CooldownRules, type KeyFailure, type KeyStats, UNUSED, withFailure, withSuccess } from './cooldowns.js';
import type { ApiKey } from './key-order.js';

const MAX_ROWS = 1_000;

function keepSmall(rows: Map<string, unknown>): void {
  const [oldest] = rows.keys();
  if (rows.size > MAX_ROWS && oldest !== undefined) rows.delete(oldest);
}

/** Of a key as a whole, and of a key with one model: a rate limit seldom concerns the other models. */
export class KeyStates {
  readonly #rows = new Map<string, KeyStats>();
  readonly #preferred = new Map<string, string>();

  /** Rows are named by the key itself, so that a new key under an old name starts afresh. */
  #name(provider: string, { key }: ApiKey, model?: string): string {
    return JSON.stringify(model === undefined ? [provider, key] : [provider, key, model]);
  }

  #row(name: string): KeyStats {
    return this.#rows.get(name) ?? UNUSED;
  }

  #set(name: string, stats: KeyStats): void {
    this.#rows.delete(name);
    this.#rows.set(name, stats);
    keepSmall(this.#rows);
  }

  /** What counts for a call of `model` with this key. */
  of(provider: string, key: ApiKey, model: string): KeyStats {
    const whole = this.#row(this.#name(provider, key));
    const own = this.#row(this.#name(provider, key, model));
    return { ...(own.until > whole.until ? own : whole), lastUsedAt: whole.lastUsedAt };
  }

  used(provider: string, key: ApiKey, now: number): void {
    const name = this.#name(provider, key);
    this.#set(name, { ...this.#row(name), lastUsedAt: now });
  }

  failed(
    provider: string,
    key: ApiKey,
    model: string,
    { failure, rules }: { failure: KeyFailure; rules: CooldownRules },
  ) {
    const name = this.#name(provider, key, failure.reason === 'rate_limit' ? model : undefined);
    this.#set(name, withFailure(this.#row(name), failure, rules));
  }

  /** It answered: it is the one for this conversation, whatever was held against it. */
  worked(provider: string, key: ApiKey, model: string, sessionKey: string): void {
    const name = this.#name(provider, key);
    const row = this.#rows.get(name);
    if (row && row.lastFailedAt > 0) this.#rows.set(name, withSuccess(row));
    this.#rows.delete(this.#name(provider, key, model));
    const conversation = JSON.stringify([sessionKey, provider]);
    this.#preferred.delete(conversation);
    this.#preferred.set(conversation, key.key);
    keepSmall(this.#preferred);
  }

  preferred(provider: string, sessionKey: string): string | undefined {
    return this.#preferred.get(JSON.stringify([sessionKey, provider]));
  }
}
