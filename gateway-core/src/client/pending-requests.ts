// Requests that wait for their response.
import type { ResponseFrame } from '../protocol/index.js';
import { GatewayRequestError, GatewayTimeoutError } from './errors.js';
import { isAcceptance } from './frames.js';
import type { ClientTimers, RequestOptions } from './types.js';

interface Waiting {
  options: RequestOptions;
  resolve(payload: unknown): void;
  reject(error: unknown): void;
}

export class PendingRequests {
  readonly #timers: ClientTimers;
  readonly #waiting = new Map<string, Waiting>();

  constructor(timers: ClientTimers) {
    this.#timers = timers;
  }

  /** Resolves with the payload of the response to `id`. Rejects on error, timeout, abort, or `rejectAll`. */
  wait(id: string, method: string, options: RequestOptions & { timeoutMs: number }): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { timeoutMs, signal } = options;
      const onAbort = (): void => settle(() => reject(abortReason(signal?.reason)));
      const timer =
        timeoutMs > 0
          ? this.#timers.after(timeoutMs, () => settle(() => reject(new GatewayTimeoutError(timeoutMs, method))))
          : undefined;
      const settle = (finish: () => void): void => {
        this.#waiting.delete(id);
        timer?.cancel();
        signal?.removeEventListener('abort', onAbort);
        finish();
      };
      signal?.addEventListener('abort', onAbort);
      this.#waiting.set(id, {
        options,
        resolve: (payload) => settle(() => resolve(payload)),
        reject: (error) => settle(() => reject(error)),
      });
    });
  }

  /** Gives a response to whoever waits for it; late and second ones nobody waits for are dropped. */
  settle(frame: ResponseFrame): void {
    const waiting = this.#waiting.get(frame.id);
    if (!waiting) return;
    if (!frame.ok) {
      const error = frame.error ?? { code: 'UNAVAILABLE', message: 'the gateway gave no reason' };
      waiting.reject(new GatewayRequestError(error, frame.payload));
    } else if (waiting.options.expectFinal && isAcceptance(frame.payload)) {
      waiting.options.onAccepted?.(frame.payload);
    } else {
      waiting.resolve(frame.payload);
    }
  }

  rejectAll(error: Error): void {
    for (const waiting of [...this.#waiting.values()]) waiting.reject(error);
  }
}

/** What an aborted request rejects with: the signal's reason, or an error named AbortError. */
export function abortReason(reason: unknown): unknown {
  if (reason !== undefined) return reason;
  const error = new Error('the request was aborted');
  error.name = 'AbortError';
  return error;
}
