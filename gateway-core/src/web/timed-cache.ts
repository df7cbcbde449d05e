// A small cache whose entries grow old.
import type { Clock } from '../shared/clock.js';

export interface TimedCache<T> {
  get(key: string, maxAgeMs: number): T | undefined;
  put(key: string, value: T, size: number): void;
}

interface Entry<T> {
  value: T;
  size: number;
  at: number;
}

const MAX_ENTRIES = 200;
const MAX_SIZE = 20_000_000;

/** `size` is in characters; the oldest entries go first. Nothing larger than a tenth of the whole is kept. */
export function createTimedCache<T>(clock: Clock): TimedCache<T> {
  const entries = new Map<string, Entry<T>>();
  let total = 0;

  function drop(key: string): void {
    total -= entries.get(key)?.size ?? 0;
    entries.delete(key);
  }

  return {
    get(key, maxAgeMs) {
      const entry = entries.get(key);
      if (entry && clock.now() - entry.at < maxAgeMs) return entry.value;
      drop(key);
      return undefined;
    },
    put(key, value, size) {
      drop(key);
      if (size > MAX_SIZE / 10) return;
      entries.set(key, { value, size, at: clock.now() });
      total += size;
      for (const oldest of entries.keys()) {
        if (entries.size <= MAX_ENTRIES && total <= MAX_SIZE) break;
        drop(oldest);
      }
    },
  };
}
