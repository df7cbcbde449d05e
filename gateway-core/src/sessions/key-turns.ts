// Work on one conversation, one after another: two at the same time would each take the same one for the one before.

export class KeyTurns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Does `work` when all that was asked for this key before is over; what failed there does not matter here. */
  async inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const working = Promise.allSettled([this.#last.get(key)]).then(work);
    this.#last.set(key, working);
    try {
      return await working;
    } finally {
      if (this.#last.get(key) === working) this.#last.delete(key);
    }
  }
}
