// Tokens and money of one model call.
import type { Usage } from '../protocol/index.js';
import type { ModelCost } from './types.js';

export interface TokenCounts {
  /** Prompt tokens that were neither read from nor written to a cache. */
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
}

export const FREE: ModelCost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

const PER_MILLION = 1_000_000;

/** Adds totals and US dollars. `reportedUsd` is what the provider says the call cost; it wins over the price table. */
export function priceUsage(counts: TokenCounts, price: ModelCost, reportedUsd?: number): Usage {
  const input = (counts.input * price.input) / PER_MILLION;
  const output = (counts.output * price.output) / PER_MILLION;
  const cacheRead = (counts.cacheRead * price.cacheRead) / PER_MILLION;
  const cacheWrite = (counts.cacheWrite * price.cacheWrite) / PER_MILLION;
  return {
    ...counts,
    totalTokens: counts.input + counts.output + counts.cacheRead + counts.cacheWrite,
    cost: { input, output, cacheRead, cacheWrite, total: reportedUsd ?? input + output + cacheRead + cacheWrite },
  };
}

/** A count from a provider: a finite number ≥ 0, else 0. */
export function tokenCount(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}
