// Asks the gateway whether an address may be opened; the rules live there.
import type { Verdict } from '../messages.js';

export interface Judge {
  (url: string): Promise<Verdict>;
}

export interface Asking {
  judge: Judge;
  /** An answer of the gateway. */
  hear(id: number, verdict: Verdict): void;
}

/** @param ask sends a question with its number */
export function createAsking(ask: (id: number, url: string) => void): Asking {
  const waiting = new Map<number, (verdict: Verdict) => void>();
  let last = 0;
  return {
    judge(url) {
      const id = (last += 1);
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        ask(id, url);
      });
    },
    hear(id, verdict) {
      waiting.get(id)?.(verdict);
      waiting.delete(id);
    },
  };
}
