// Errors that people may see: a code from the register, a sentence, a hint.
import { ERROR_REGISTER, type ErrorCode } from './error-register.js';

export interface AppErrorOptions {
  /** Replaces the register's sentence; say what failed and why. */
  message?: string;
  /** Replaces the register's hint; say what to do. */
  hint?: string;
  details?: Record<string, unknown>;
  retryAfterMs?: number;
  cause?: unknown;
}

/** An expected failure. Anything else that is thrown counts as a bug and is logged with its stack. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    const row = ERROR_REGISTER[code];
    super(options.message ?? row.sentence, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.hint = options.hint ?? row.hint;
    this.retryable = row.retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details;
  }
}

/** True for an AppError, with its code narrowed when one is given. */
export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}

/** One line about anything that was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** For the default branch of an exhaustive switch. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
