// Time enters by parameter, so that tests need no waiting.

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  after(delayMs: number, run: () => void): Timer;
  every(periodMs: number, run: () => void): Timer;
}

/** The longest that Node waits; a longer timer would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** The real time. Timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    let handle: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      const isLast = leftMs <= LONGEST_MS;
      handle = setTimeout(isLast ? run : () => wait(leftMs - LONGEST_MS), Math.min(leftMs, LONGEST_MS));
      handle.unref();
    };
    wait(delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
  every(periodMs, run) {
    const handle = setInterval(run, Math.min(periodMs, LONGEST_MS));
    handle.unref();
    return { cancel: () => clearInterval(handle) };
  },
};
