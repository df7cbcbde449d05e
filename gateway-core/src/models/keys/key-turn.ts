// The keys that one model call tries, one after the other, and what it learns about them.
import { AppError } from '../../shared/app-error.js';
import type { ErrorCode } from '../../shared/error-register.js';
import type { ModelTarget } from '../types.js';
import { type CooldownRules, type KeyStats, restReason, type RestReason } from './cooldowns.js';
import { type ApiKey, orderKeys } from './key-order.js';
import type { KeyStates } from './key-states.js';

export interface KeyTurnOptions {
  target: ModelTarget;
  keys: readonly ApiKey[];
  states: KeyStates;
  rules: CooldownRules;
  sessionKey: string;
  /** No further model would be tried. */
  isLast: boolean;
  now: () => number;
}

/** A key that rests is tried all the same after this long without a try: credit may have been added meanwhile. */
const PROBE_AFTER_MS = 5 * 60_000;

const REST_WORDS: Record<RestReason, { code: ErrorCode; words: string }> = {
  rate_limit: { code: 'model.rate_limit', words: 'the provider limits how often you may ask' },
  billing: { code: 'model.credit', words: 'the provider account had no credit left' },
  auth: { code: 'model.auth', words: 'the provider refused it' },
};

function waitWords(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  if (minutes < 120) return minutes === 1 ? '1 minute' : `${minutes} minutes`;
  return `${Math.ceil(minutes / 60)} hours`;
}

function expiredError({ provider, model }: ModelTarget): AppError {
  return new AppError('model.auth', {
    message: `${provider}/${model}: every token for ${provider} has expired.`,
    hint: `Sign in to ${provider} again, or set models.providers.${provider}.apiKey.`,
    details: { code: 'model.auth', provider, model },
  });
}

function restingError({ target, keys }: KeyTurnOptions, stats: KeyStats, now: number): AppError {
  const { code, words } = REST_WORDS[stats.reason ?? 'rate_limit'];
  const waitMs = stats.until - now;
  const which = keys.length === 1 ? 'its API key is' : `all ${keys.length} API keys are`;
  return new AppError(code, {
    message: `${target.provider}/${target.model}: ${which} not used for another ${waitWords(waitMs)}, since ${words}.`,
    retryAfterMs: waitMs,
    details: { code, provider: target.provider, model: target.model, resting: true },
  });
}

/**
 * Keys that rest are tried when there is no other key and no other model, the one that is due soonest first.
 * The constructor throws AppError model.rate_limit, model.credit or model.auth when it is better to go on.
 */
export class KeyTurn {
  readonly #left: ApiKey[];
  #rotations = 0;

  constructor(private readonly options: KeyTurnOptions) {
    const { target, keys, states, sessionKey, isLast, now } = options;
    const at = now();
    const statsOf = (key: ApiKey): KeyStats => states.of(target.provider, key, target.model);
    const valid = keys.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > at);
    if (valid.length === 0 && keys.length > 0) throw expiredError(target);
    const { ready, resting } = orderKeys(valid, statsOf, at, states.preferred(target.provider, sessionKey));
    this.#left = ready;
    const [soonest] = resting;
    if (ready.length > 0 || !soonest) return;
    const stats = statsOf(soonest);
    const isDue = at - Math.max(stats.lastUsedAt, stats.lastFailedAt) >= PROBE_AFTER_MS;
    if (!isLast && !isDue) throw restingError(options, stats, at);
    this.#left = [soonest];
  }

  get #current(): ApiKey | undefined {
    return this.#left[0];
  }

  /** Its name, for logs. */
  get keyId(): string | undefined {
    return this.#current?.id;
  }

  /** The target with the key that it is the turn of; as it is when the provider takes no key. */
  begin(): ModelTarget {
    const { target, states, now } = this.options;
    const key = this.#current;
    if (!key) return target;
    states.used(target.provider, key, now());
    return { ...target, apiKey: key.key };
  }

  worked(): void {
    const { target, states, sessionKey } = this.options;
    if (this.#current) states.worked(target.provider, this.#current, target.model, sessionKey);
  }

  /** Notes a failure. Answers how many further keys this call may try. */
  failed(error: AppError): number {
    const { target, states, rules, now } = this.options;
    const reason = restReason(error.code);
    if (reason && this.#current) {
      const failure = { reason, now: now(), retryAfterMs: error.retryAfterMs };
      states.failed(target.provider, this.#current, target.model, { failure, rules });
    }
    const more = Math.max(0, this.#left.length - 1);
    if (reason === 'rate_limit') return Math.min(more, Math.max(0, rules.rateLimitedRotations - this.#rotations));
    if (error.code === 'model.overloaded')
      return Math.min(more, Math.max(0, rules.overloadedRotations - this.#rotations));
    return reason ? more : 0;
  }

  next(): void {
    this.#left.shift();
    this.#rotations += 1;
  }
}
