// The three ways a request can fail besides being aborted.
import type { ErrorShape } from '../protocol/index.js';

/** The gateway answered with an error. `payload` is there when it sent one along (agent, chat). */
export class GatewayRequestError extends Error {
  readonly code: string;
  readonly details: unknown;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(
    error: ErrorShape,
    readonly payload?: unknown,
  ) {
    super(error.message);
    this.name = 'GatewayRequestError';
    this.code = error.code;
    this.details = error.details;
    this.retryable = error.retryable ?? false;
    this.retryAfterMs = error.retryAfterMs;
  }

  /** The fine-grained code in `details.code`, or the plain one. */
  get detailCode(): string {
    const details = this.details;
    if (details !== null && typeof details === 'object' && 'code' in details && typeof details.code === 'string') {
      return details.code;
    }
    return this.code;
  }
}

const CLOSE_TEXT: Record<number, string> = {
  1000: '1000 normal closure',
  1006: '1006 abnormal closure (no close frame)',
};

/** The connection is gone, or was not there. `cause` is the gateway's refusal when it gave one. */
export class GatewayClosedError extends Error {
  constructor(
    readonly closeCode: number,
    readonly reason: string,
    cause?: GatewayRequestError,
  ) {
    const code = CLOSE_TEXT[closeCode] ?? String(closeCode);
    super(`gateway closed (${code}): ${reason || 'no close reason'}`, cause && { cause });
    this.name = 'GatewayClosedError';
  }
}

/** No answer in time. The gateway may still have done what was asked. */
export class GatewayTimeoutError extends Error {
  constructor(
    readonly timeoutMs: number,
    readonly method?: string,
  ) {
    super(`gateway timeout after ${timeoutMs}ms`);
    this.name = 'GatewayTimeoutError';
  }
}
