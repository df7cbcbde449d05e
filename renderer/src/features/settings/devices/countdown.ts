// Pure: how much of a code's life is left, and when the next one is fetched.

/** A new code is fetched this long before the old one ends, so that none on screen is ever dead. */
export const RENEW_BEFORE_MS = 5_000;

export interface Countdown {
  leftMs: number;
  /** 1 at the start, 0 at the end. */
  share: number;
  isOver: boolean;
  isDue: boolean;
}

export function countdown(issuedAtMs: number, expiresAtMs: number, nowMs: number): Countdown {
  const life = Math.max(1, expiresAtMs - issuedAtMs);
  const leftMs = Math.max(0, expiresAtMs - nowMs);
  return {
    leftMs,
    share: Math.min(1, leftMs / life),
    isOver: leftMs === 0,
    isDue: leftMs <= Math.min(RENEW_BEFORE_MS, life / 2),
  };
}
