// Which conversation waits for which, so that none of them waits in a circle.

export class Waits {
  /** From the one that waits to those it waits for, with how often. */
  readonly #edges = new Map<string, Map<string, number>>();

  /** True when `from` waiting for `to` would close a circle; also for itself. */
  closesCircle(from: string, to: string): boolean {
    const seen = new Set<string>();
    const open = [to];
    for (let key = open.pop(); key !== undefined; key = open.pop()) {
      if (key === from) return true;
      if (seen.has(key)) continue;
      seen.add(key);
      open.push(...(this.#edges.get(key)?.keys() ?? []));
    }
    return false;
  }

  /** `from` waits for all of `to` until the returned function is called. */
  add(from: string, to: readonly string[]): () => void {
    for (const key of to) this.#count(from, key, 1);
    return () => {
      for (const key of to) this.#count(from, key, -1);
    };
  }

  #count(from: string, to: string, by: number): void {
    const edges = this.#edges.get(from) ?? new Map<string, number>();
    const count = (edges.get(to) ?? 0) + by;
    if (count > 0) edges.set(to, count);
    else edges.delete(to);
    if (edges.size > 0) this.#edges.set(from, edges);
    else this.#edges.delete(from);
  }
}
