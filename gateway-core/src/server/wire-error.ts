// Pure: turns whatever a handler threw into the error of a response (spec/gateway-protocol.md §2).
import type { ErrorShape, WireErrorCode } from '../protocol/index.js';
import { type AppError, isAppError } from '../shared/app-error.js';
import { ERROR_REGISTER } from '../shared/error-register.js';
import { FailedWithPayload } from '../shared/wire.js';

export interface WireFailure {
  error: ErrorShape;
  payload?: unknown;
  /** Nobody expected this: it goes to the log with its stack. */
  isBug: boolean;
}

export function wireError(code: WireErrorCode, message: string): ErrorShape {
  return { code, message };
}

function fromAppError(error: AppError): ErrorShape {
  const row = ERROR_REGISTER[error.code];
  return {
    code: row.wire,
    message: error.message || row.sentence,
    details: { code: error.code, ...(error.hint !== undefined && { hint: error.hint }), ...error.details },
    ...(error.retryable && { retryable: true }),
    ...(error.retryAfterMs !== undefined && { retryAfterMs: Math.max(0, Math.round(error.retryAfterMs)) }),
  };
}

/** Clients know failures of runs as the text of a thrown error. */
function asErrorText(message: string): string {
  return /^\w*Error: /.test(message) ? message : `Error: ${message}`;
}

export function describeFailure(thrown: unknown): WireFailure {
  if (isAppError(thrown)) return { error: fromAppError(thrown), isBug: false };
  if (thrown instanceof FailedWithPayload) {
    return { error: wireError('UNAVAILABLE', asErrorText(thrown.message)), payload: thrown.payload, isBug: false };
  }
  return { error: wireError('UNAVAILABLE', String(thrown) || 'Error'), isBug: true };
}
