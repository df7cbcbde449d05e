// Time as a parameter, so that tests need no waiting.

export interface Timers {
  /** Epoch milliseconds. */
  now(): number;
  /** Returns how to cancel. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemTimers: Timers = {
  now: () => Date.now(),
  after(delayMs, run) {
    const handle = setTimeout(run, delayMs);
    return () => clearTimeout(handle);
  },
};
