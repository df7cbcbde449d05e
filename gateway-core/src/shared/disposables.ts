// Things that must be undone, undone in reverse order.

export interface Disposable {
  dispose(): void;
}

export function disposable(undo: () => void): Disposable {
  let done = false;
  return {
    dispose() {
      if (done) return;
      done = true;
      undo();
    },
  };
}

/** A stack of stop functions: `stop()` runs them last-in first-out and waits for each. */
export class StopStack {
  readonly #stops: Array<() => void | Promise<void>> = [];

  push(stop: () => void | Promise<void>): void {
    this.#stops.push(stop);
  }

  async stop(): Promise<void> {
    for (let stop = this.#stops.pop(); stop; stop = this.#stops.pop()) await stop();
  }
}
