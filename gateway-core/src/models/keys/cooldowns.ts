// Pure: how long an API key rests after the provider refused it, and when its failures are forgotten.
import type { OpenClawConfig } from '../../config/index.js';
import type { ErrorCode } from '../../shared/error-register.js';

export type RestReason = 'rate_limit' | 'billing' | 'auth';

/** What is known about one key, or one key with one model. Times in epoch milliseconds. */
export interface KeyStats {
  lastUsedAt: number;
  lastFailedAt: number;
  /** In a row, per reason, within the failure window. */
  failures: Partial<Record<RestReason, number>>;
  /** It rests until then. */
  until: number;
  reason?: RestReason;
}

export const UNUSED: KeyStats = Object.freeze({ lastUsedAt: 0, lastFailedAt: 0, failures: {}, until: 0 });

export interface CooldownRules {
  billingMs: number;
  billingMaxMs: number;
  authMs: number;
  authMaxMs: number;
  /** After this long without a failure the counters start anew. */
  windowMs: number;
  /** How many further keys of a provider one call tries. */
  rateLimitedRotations: number;
  overloadedRotations: number;
  /** Wait before the next key after an overload, which another key seldom cures. */
  overloadedWaitMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const RATE_LIMIT_STEPS_MS = [MINUTE_MS, 5 * MINUTE_MS, 25 * MINUTE_MS, HOUR_MS];
const MAX_REST_MS = 24 * HOUR_MS;

/** `auth.cooldowns` of the config with its defaults, for one provider. */
export function cooldownRules({ auth }: OpenClawConfig, provider: string): CooldownRules {
  const written = auth?.cooldowns ?? {};
  const billingHours = written.billingBackoffHoursByProvider?.[provider] ?? written.billingBackoffHours ?? 5;
  return {
    billingMs: billingHours * HOUR_MS,
    billingMaxMs: (written.billingMaxHours ?? 24) * HOUR_MS,
    authMs: (written.authPermanentBackoffMinutes ?? 10) * MINUTE_MS,
    authMaxMs: (written.authPermanentMaxMinutes ?? 60) * MINUTE_MS,
    windowMs: (written.failureWindowHours ?? 24) * HOUR_MS,
    rateLimitedRotations: written.rateLimitedProfileRotations ?? Number.POSITIVE_INFINITY,
    overloadedRotations: written.overloadedProfileRotations ?? 1,
    overloadedWaitMs: written.overloadedBackoffMs ?? 0,
  };
}

/** Why a failed call says something about its key; undefined when it says something about the provider. */
export function restReason(code: ErrorCode): RestReason | undefined {
  if (code === 'model.rate_limit') return 'rate_limit';
  if (code === 'model.credit') return 'billing';
  return code === 'model.auth' ? 'auth' : undefined;
}

function restMs(reason: RestReason, failures: number, rules: CooldownRules): number {
  const doubled = 2 ** Math.min(failures - 1, 20);
  switch (reason) {
    case 'rate_limit':
      return RATE_LIMIT_STEPS_MS[Math.min(failures, RATE_LIMIT_STEPS_MS.length) - 1] ?? HOUR_MS;
    case 'billing':
      return Math.min(rules.billingMs * doubled, Math.max(rules.billingMs, rules.billingMaxMs));
    case 'auth':
      return Math.min(rules.authMs * doubled, Math.max(rules.authMs, rules.authMaxMs));
  }
}

export interface KeyFailure {
  reason: RestReason;
  now: number;
  /** What the provider asked for. */
  retryAfterMs?: number;
}

/** The state after a refusal. Several calls refused at once count as one. */
export function withFailure(stats: KeyStats, { reason, now, retryAfterMs = 0 }: KeyFailure, rules: CooldownRules) {
  const asked = Math.min(now + retryAfterMs, now + MAX_REST_MS);
  if (stats.until > now && stats.reason === reason) {
    return { ...stats, lastFailedAt: now, until: Math.max(stats.until, asked) };
  }
  const isOld = now - stats.lastFailedAt > rules.windowMs;
  const failures = isOld ? {} : stats.failures;
  const count = (failures[reason] ?? 0) + 1;
  const until = Math.max(stats.until, asked, now + restMs(reason, count, rules));
  return { ...stats, lastFailedAt: now, failures: { ...failures, [reason]: count }, until, reason };
}

/** The state after an answer: whatever was wrong is over. */
export function withSuccess(stats: KeyStats): KeyStats {
  return { ...UNUSED, lastUsedAt: stats.lastUsedAt };
}
