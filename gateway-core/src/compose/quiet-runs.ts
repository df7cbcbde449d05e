// Keeps what some runs send from everybody until it is known whether people are to see it.
import type { SessionEvents } from '../sessions/index.js';
import type { Broadcast } from '../shared/wire.js';

export interface QuietRun {
  /** The last word of the run goes out; from now on it is like any other. */
  show(): void;
  forget(): void;
}

export class QuietRuns {
  readonly #broadcast: Broadcast;
  /** Runs that are quiet, with the last word of each. */
  readonly #held = new Map<string, (() => void) | undefined>();

  constructor(broadcast: Broadcast) {
    this.#broadcast = broadcast;
  }

  /** For the runs, in place of the real one. */
  readonly broadcast: Broadcast = (event, payload, options) => {
    const { runId, state } = payload as { runId?: unknown; state?: unknown };
    const isRun = event === 'chat' || event === 'agent';
    if (!isRun || typeof runId !== 'string' || !this.#held.has(runId)) {
      this.#broadcast(event, payload, options);
    } else if (event === 'chat' && state !== 'delta') {
      this.#held.set(runId, () => this.#broadcast(event, payload, options));
    }
  };

  /** Call it before the run starts. */
  quieten(runId: string, events: SessionEvents): QuietRun {
    this.#held.set(runId, undefined);
    const hear = events.quieten(runId);
    const forget = (): void => {
      this.#held.delete(runId);
      hear();
    };
    return {
      show: () => {
        const lastWord = this.#held.get(runId);
        forget();
        lastWord?.();
      },
      forget,
    };
  }
}
