// Gathers what is sent in one turn of the event loop, so that each socket costs one write and not one per frame.
import type { Writable } from 'node:stream';

export class Outbox {
  readonly #corked = new Set<Writable>();

  /** Holds back what is written to `stream` until this turn of the event loop is over. */
  gather(stream: Writable): void {
    if (this.#corked.has(stream)) return;
    if (this.#corked.size === 0) setImmediate(() => this.#flush());
    stream.cork();
    this.#corked.add(stream);
  }

  #flush(): void {
    const streams = [...this.#corked];
    this.#corked.clear();
    for (const stream of streams) stream.uncork();
  }
}
