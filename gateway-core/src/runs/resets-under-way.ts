// A command that begins anew is carried out once, also when a client sends it again before it has its answer.
import type { SessionKey } from '../sessions/index.js';

export class ResetsUnderWay {
  readonly #known = new Map<string, Promise<void>>();

  /** Does `work`, or waits for that of the same message which is under way. */
  once({ key }: SessionKey, runId: string, work: () => Promise<void>): Promise<void> {
    const id = JSON.stringify([key, runId]);
    let resetting = this.#known.get(id);
    if (!resetting) {
      resetting = work().finally(() => this.#known.delete(id));
      this.#known.set(id, resetting);
    }
    return resetting;
  }
}
