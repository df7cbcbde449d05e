// Webhooks are sent again when an answer was lost: the same key with the same content means the same run.
import { createHash } from 'node:crypto';
import type { Clock } from '../../../shared/clock.js';

const KEEP_MS = 5 * 60_000;
const MAX = 1000;
const MAX_KEY_CHARS = 256;

interface Known {
  runId: Promise<string>;
  until: number;
}

export class Repeats {
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `start`, unless the same was started within five minutes. A start that fails is forgotten. */
  once(key: string | undefined, content: unknown, start: () => Promise<string>): Promise<string> {
    if (key === undefined || key === '' || key.length > MAX_KEY_CHARS) return start();
    const id = createHash('sha256')
      .update(JSON.stringify([key, content]))
      .digest('base64');
    this.#expire();
    const known = this.#known.get(id);
    if (known) return known.runId;
    const runId = start();
    this.#known.set(id, { runId, until: this.#clock.now() + KEEP_MS });
    runId.catch(() => this.#known.delete(id));
    return runId;
  }

  #expire(): void {
    for (const [id, { until }] of this.#known) {
      if (until > this.#clock.now() && this.#known.size < MAX) return;
      this.#known.delete(id);
    }
  }
}
