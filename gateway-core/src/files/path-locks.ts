// One writer a file at a time, so that parallel calls of one step do not lose each other's changes.

export interface PathLocks {
  /** Runs `work` once nobody else holds any of the paths, and holds them until it has ended. */
  hold<T>(paths: readonly string[], work: () => Promise<T>): Promise<T>;
}

/** Makes the locks of one gateway; different places with equal paths need different names in front of them. */
export function createPathLocks(): PathLocks {
  const tails = new Map<string, Promise<void>>();

  async function holdOne<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = tails.get(key);
    let release: () => void = () => undefined;
    const mine = new Promise<void>((resolve) => (release = resolve));
    tails.set(key, mine);
    try {
      await before;
      return await work();
    } finally {
      release();
      if (tails.get(key) === mine) tails.delete(key);
    }
  }

  function holdAll<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const [first, ...rest] = keys;
    return first === undefined ? work() : holdOne(first, () => holdAll(rest, work));
  }

  return {
    // Always in the same order, so that two calls never wait for each other. Case is dropped because some disks do
    // not tell it apart; waiting once too often is harmless.
    hold: (paths, work) => holdAll([...new Set(paths.map((path) => path.toLowerCase()))].toSorted(), work),
  };
}
