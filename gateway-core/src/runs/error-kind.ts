// Pure: how a failed run is described in a `chat` event.
import type { ChatEvent } from '../protocol/index.js';
import { AppError, isAppError } from '../shared/app-error.js';

/** The words for kinds of failure that newer clients know. */
export function errorKind(error: AppError): 'rate_limit' | 'timeout' | 'unknown' {
  if (error.code === 'model.rate_limit') return 'rate_limit';
  return error.code === 'model.timeout' || error.code === 'run.timeout' ? 'timeout' : 'unknown';
}

export function errorFields(error: AppError): Pick<ChatEvent, 'errorMessage' | 'errorKind' | 'errorDetail'> {
  return {
    errorMessage: error.message,
    errorKind: errorKind(error),
    errorDetail: {
      code: error.code,
      ...(error.hint !== undefined && { hint: error.hint }),
      retryable: error.retryable,
      ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
    },
  };
}

/** Anything thrown as an AppError; what was none of ours says nothing about its insides. */
export function asAppError(error: unknown): AppError {
  return isAppError(error) ? error : new AppError('internal', { cause: error });
}
