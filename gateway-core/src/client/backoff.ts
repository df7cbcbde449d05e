// How long to wait before the next attempt.
import { CLOSE } from '../protocol/index.js';

export interface BackoffInput {
  /** Attempts that failed in a row, this one included; 0 = a connection that had been fine. */
  failures: number;
  closeCode: number;
  minMs: number;
  maxMs: number;
  /** 0 ≤ x < 1. */
  random: number;
}

/** Milliseconds: `minMs` doubling up to `maxMs`, ± 20 %; nothing at all for the first try after a restart (1012). */
export function reconnectDelayMs({ failures, closeCode, minMs, maxMs, random }: BackoffInput): number {
  if (closeCode === CLOSE.serviceRestart && failures === 0) return 0;
  const steps = Math.min(Math.max(failures - 1, 0), 30);
  const plain = Math.min(minMs * 2 ** steps, maxMs);
  return Math.min(Math.round(plain * (0.8 + 0.4 * random)), maxMs);
}
