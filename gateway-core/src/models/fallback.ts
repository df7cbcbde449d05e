// Pure: after a failed attempt, try the same model again, with another key, the next one, or give up.
import { AppError, isAppError } from '../shared/app-error.js';
import type { ErrorCode } from '../shared/error-register.js';

export interface Attempt {
  error: unknown;
  /** Something of an answer reached the caller: from here on nothing may be repeated. */
  hasYielded: boolean;
  /** How often this candidate was tried, this time included. */
  tries: number;
  maxRetries: number;
  /** Further API keys of the same provider that this call may try. */
  keysLeft?: number;
  /** Wait before another key after an overload, in milliseconds. */
  overloadedWaitMs?: number;
  /** Position of the candidate and how many there are. */
  index: number;
  count: number;
}

export type NextStep =
  | { kind: 'retry'; delayMs: number }
  | { kind: 'key'; delayMs: number }
  | { kind: 'next'; index: number }
  | { kind: 'fail' };

const MAX_WAIT_MS = 5_000;
const DEFAULT_WAIT_MS = 500;

/** Another model may work although this one failed. A rejected request stays rejected: it would fail again. */
const WORTH_ANOTHER_MODEL: ReadonlySet<ErrorCode> = new Set([
  'model.auth',
  'model.credit',
  'model.not_found',
  'model.not_configured',
  'model.bad_response',
]);

/** The same model may work in a moment. */
const WORTH_A_RETRY: ReadonlySet<ErrorCode> = new Set(['model.rate_limit', 'model.overloaded', 'model.server_error']);

/** Another key of the same provider may work at once. */
const WORTH_ANOTHER_KEY: ReadonlySet<ErrorCode> = new Set(['model.auth', 'model.credit', 'model.rate_limit']);

const BROKEN_SOCKETS = new Set(['ECONNRESET', 'UND_ERR_SOCKET']);

function retryDelay(error: AppError): number | undefined {
  // A connection from the pool that the server had just closed: a fresh one works at once.
  const isStale = error.code === 'model.unreachable' && BROKEN_SOCKETS.has(String(error.details?.kind));
  if (isStale) return 0;
  if (!WORTH_A_RETRY.has(error.code)) return undefined;
  const delayMs = error.retryAfterMs ?? DEFAULT_WAIT_MS;
  return delayMs <= MAX_WAIT_MS ? delayMs : undefined;
}

/** What follows a failed attempt. Bugs and aborts (anything but an AppError) always end the call. */
export function nextStep(attempt: Attempt): NextStep {
  const { error, hasYielded, tries, maxRetries, index, count, keysLeft = 0, overloadedWaitMs = 0 } = attempt;
  if (hasYielded || !isAppError(error)) return { kind: 'fail' };
  if (keysLeft > 0 && WORTH_ANOTHER_KEY.has(error.code)) return { kind: 'key', delayMs: 0 };
  const delayMs = retryDelay(error);
  if (delayMs !== undefined && tries <= maxRetries) return { kind: 'retry', delayMs };
  if (keysLeft > 0 && error.code === 'model.overloaded') return { kind: 'key', delayMs: overloadedWaitMs };
  const goesOn = error.retryable || WORTH_ANOTHER_MODEL.has(error.code);
  return goesOn && index + 1 < count ? { kind: 'next', index: index + 1 } : { kind: 'fail' };
}

/** The references to try in order, without repeats. */
export function candidateRefs(primary: string, fallbacks: readonly string[]): string[] {
  return [...new Set([primary, ...fallbacks].map((ref) => ref.trim()).filter(Boolean))];
}

/** The error of a whole chain: the first one, which is about the model that was asked for, and a word on the rest. */
export function chainError(failures: ReadonlyArray<{ ref: string; error: AppError }>): AppError | undefined {
  const [first, ...rest] = failures;
  if (!first || rest.length === 0) return first?.error;
  const { code, message, hint, retryAfterMs, details } = first.error;
  const others = rest.map(({ error }) => error.message).join(' ');
  return new AppError(code, {
    message: `${message} The fallback failed too. ${others}`,
    hint,
    retryAfterMs,
    details: { ...details, attempts: failures.map(({ ref, error }) => ({ ref, code: error.code })) },
    cause: first.error,
  });
}
