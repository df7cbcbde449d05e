// What an API endpoint answers when it refuses, in OpenAI's shape (spec/gateway-http.md §1).
import type { ServerResponse } from 'node:http';
import { type AppError, isAppError } from '../../../shared/app-error.js';
import { ERROR_REGISTER } from '../../../shared/error-register.js';
import type { Logger } from '../../../shared/logger.js';
import { sendJson } from '../respond.js';

export interface ApiErrorBody {
  message: string;
  type: string;
  /** Our addition: the register's code (docs/errors.md), for failures of a run or a provider. */
  code?: string;
  /** Our addition: what to do about it. */
  hint?: string;
}

/** A refusal with its HTTP status. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly body: ApiErrorBody,
    readonly retryAfterMs?: number,
  ) {
    super(body.message);
    this.name = 'ApiError';
  }
}

/** The caller's mistake: 400, `invalid_request_error`. */
export function invalidRequest(message: string, hint?: string): ApiError {
  return new ApiError(400, { message, type: 'invalid_request_error', ...(hint !== undefined && { hint }) });
}

function typeForStatus(status: number): string {
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'api_error' : 'invalid_request_error';
}

/** An expected failure of a run, a provider or the disk, with the status of its register row. */
export function fromAppError(error: AppError): ApiError {
  const { httpStatus } = ERROR_REGISTER[error.code];
  const { message, code, hint, retryAfterMs } = error;
  const body = { message, type: typeForStatus(httpStatus), code, ...(hint !== undefined && { hint }) };
  return new ApiError(httpStatus, body, retryAfterMs);
}

/** Anything thrown, as an answer; what nobody expected is logged and stays secret. */
export function toApiError(error: unknown, log: Logger): ApiError {
  if (error instanceof ApiError) return error;
  if (isAppError(error)) return fromAppError(error);
  log.error('An API request failed.', { err: error });
  return new ApiError(500, { message: 'internal error', type: 'api_error' });
}

export function retryAfterSeconds(ms: number): string {
  return String(Math.max(1, Math.ceil(ms / 1000)));
}

export function sendApiError(response: ServerResponse, { status, body, retryAfterMs }: ApiError): void {
  if (retryAfterMs !== undefined) response.setHeader('Retry-After', retryAfterSeconds(retryAfterMs));
  sendJson(response, status, { error: body });
}
