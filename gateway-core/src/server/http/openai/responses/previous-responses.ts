// Which conversation a response belonged to, so that `previous_response_id` continues it.
import type { Clock } from '../../../../shared/clock.js';

const KEEP_MS = 30 * 60_000;
const MAX = 500;

interface Known {
  sessionKey: string;
  scope: string;
  until: number;
}

export class PreviousResponses {
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `scope` is who asked: nobody continues the conversation of another one. */
  remember(responseId: string, sessionKey: string, scope: string): void {
    this.#known.set(responseId, { sessionKey, scope, until: this.#clock.now() + KEEP_MS });
    for (const [id, { until }] of this.#known) {
      if (until > this.#clock.now() && this.#known.size <= MAX) return;
      this.#known.delete(id);
    }
  }

  find(responseId: string, scope: string): string | undefined {
    const known = this.#known.get(responseId);
    if (!known || known.scope !== scope || known.until <= this.#clock.now()) return undefined;
    return known.sessionKey;
  }
}
