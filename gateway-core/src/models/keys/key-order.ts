// Pure: in which order the API keys of a provider are tried.
import type { KeyStats } from './cooldowns.js';

/** A key of one provider. Never log `key`. */
export interface ApiKey {
  /** What people call it: a profile id, a variable's name, the config. */
  id: string;
  key: string;
  /** Lower tiers are tried first: profiles of the agent, then the config or the environment. */
  tier: number;
  /** Its place in an order that somebody wrote down; without one, the least recently used comes first. */
  place?: number;
  /** Epoch milliseconds; it is not tried from then on. */
  expiresAt?: number;
}

export interface KeyOrder {
  ready: ApiKey[];
  /** The one that may be used soonest first. */
  resting: ApiKey[];
}

/**
 * Keys that rest are apart. `preferred` is the key that this conversation used last: the provider's prompt cache
 * belongs to it, so among equals it stays.
 */
export function orderKeys(
  keys: readonly ApiKey[],
  statsOf: (key: ApiKey) => KeyStats,
  now: number,
  preferred?: string,
): KeyOrder {
  const rows = keys.map((key) => ({ key, stats: statsOf(key) }));
  const rank = ({ key, stats }: (typeof rows)[number]): [number, number, number] => [
    key.tier,
    key.place ?? Number.MAX_SAFE_INTEGER,
    key.place === undefined && key.key === preferred ? -1 : stats.lastUsedAt,
  ];
  const compare = (a: (typeof rows)[number], b: (typeof rows)[number]): number => {
    const [left, right] = [rank(a), rank(b)];
    return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
  };
  const isResting = ({ stats }: (typeof rows)[number]) => stats.until > now;
  return {
    ready: rows
      .filter((row) => !isResting(row))
      .sort(compare)
      .map((row) => row.key),
    resting: rows
      .filter(isResting)
      .sort((a, b) => a.stats.until - b.stats.until || compare(a, b))
      .map((row) => row.key),
  };
}
