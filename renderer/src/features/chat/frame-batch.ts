// Collects what arrives between two frames, so that a fast stream costs one update per frame.

export interface FrameBatch<T> {
  add(item: T): void;
  /** Hands over what is waiting, now. */
  flush(): void;
}

/** Calls `apply` with everything added since the last time. `nextFrame` decides when. */
export function createFrameBatch<T>(
  apply: (items: readonly T[]) => void,
  nextFrame: (run: () => void) => void,
): FrameBatch<T> {
  let waiting: T[] = [];
  let isPlanned = false;
  const flush = () => {
    isPlanned = false;
    if (waiting.length === 0) return;
    const items = waiting;
    waiting = [];
    apply(items);
  };
  return {
    add(item) {
      waiting.push(item);
      if (isPlanned) return;
      isPlanned = true;
      nextFrame(flush);
    },
    flush,
  };
}

const HIDDEN_INTERVAL_MS = 200;

/** The next animation frame; a hidden window gets no frames, so a timer stands in. */
export function nextFrameOf(page: Document): (run: () => void) => void {
  return (run) => {
    if (page.visibilityState === 'hidden') setTimeout(run, HIDDEN_INTERVAL_MS);
    else requestAnimationFrame(run);
  };
}
