// A set of listeners; a listener may leave while being called.

export class Listeners<T extends readonly unknown[]> {
  readonly #listeners = new Set<(...values: T) => void>();

  /** Returns the undo. */
  add(listener: (...values: T) => void): () => void {
    // A wrapper, so that adding one function twice makes two entries.
    const entry = (...values: T): void => listener(...values);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  emit(...values: T): void {
    for (const listener of [...this.#listeners]) listener(...values);
  }
}
