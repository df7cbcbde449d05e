// Waiting that ends: with a signal, or after a while.
import type { Clock } from '../shared/clock.js';

/** Rejects with the reason when the signal fires, even while `work` hangs. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Resolves when `work` is over, however it ends, and after `ms` at the latest. */
export function within(work: Promise<unknown>, ms: number, clock: Pick<Clock, 'after'>): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(ms, resolve);
    const over = (): void => {
      timer.cancel();
      resolve();
    };
    work.then(over, over);
  });
}
