// Small JSON values kept in the browser's own storage, which may be full or forbidden.

/** The part of `Storage` that is used here. */
export type KeyValueStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** A typed view on a key-value store. Reading never throws; writing tells whether it worked. */
export interface LocalState {
  read(key: string): unknown;
  /** False when the value could not be kept. */
  write(key: string, value: unknown): boolean;
  remove(key: string): void;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Stores JSON under `<prefix><key>`. A value that is not JSON reads as undefined. */
export function createLocalState(store: KeyValueStore, prefix = 'hq.'): LocalState {
  return {
    read(key) {
      const text = store.getItem(prefix + key);
      return text === null ? undefined : parse(text);
    },
    write(key, value) {
      try {
        store.setItem(prefix + key, JSON.stringify(value));
        return true;
      } catch {
        return false;
      }
    },
    remove: (key) => store.removeItem(prefix + key),
  };
}

/** A store that forgets, for tests and for browsers that forbid storage. */
export function createMemoryStore(): KeyValueStore {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
}

/** The wanted storage of the page, or memory where the browser forbids it. */
export function openStore(pick: () => KeyValueStore): KeyValueStore {
  try {
    return pick();
  } catch {
    return createMemoryStore();
  }
}
