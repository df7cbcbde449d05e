// Pure: adding up tokens and dollars.
import type { Usage, UsageTotals } from '../../protocol/index.js';

export function noUsage(): UsageTotals {
  return {
    input: 0,
    output: 0,
    cacheRead: 0,
    cacheWrite: 0,
    totalTokens: 0,
    totalCost: 0,
    inputCost: 0,
    outputCost: 0,
    cacheReadCost: 0,
    cacheWriteCost: 0,
    missingCostEntries: 0,
  };
}

/** Adds the usage of one answer. */
export function addUsage(totals: UsageTotals, usage: Usage): void {
  const { cost } = usage;
  totals.input += usage.input;
  totals.output += usage.output;
  totals.cacheRead += usage.cacheRead;
  totals.cacheWrite += usage.cacheWrite;
  totals.totalTokens += usage.totalTokens;
  totals.totalCost += cost?.total ?? 0;
  totals.inputCost += cost?.input ?? 0;
  totals.outputCost += cost?.output ?? 0;
  totals.cacheReadCost += cost?.cacheRead ?? 0;
  totals.cacheWriteCost += cost?.cacheWrite ?? 0;
  if (!cost) totals.missingCostEntries += 1;
}

export function addTotals(totals: UsageTotals, more: UsageTotals): void {
  for (const key of Object.keys(totals) as Array<keyof UsageTotals>) totals[key] += more[key];
}

/** The value under `key`, made on first use. */
export function entryOf<T>(map: Map<string, T>, key: string, make: () => T): T {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

export interface LatencyStats {
  count: number;
  avgMs: number;
  p95Ms: number;
  minMs: number;
  maxMs: number;
}

/** Undefined without values. */
export function latencyStats(values: readonly number[]): LatencyStats | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const [first] = sorted;
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const sum = sorted.reduce((total, value) => total + value, 0);
  const p95 = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? last;
  return { count: sorted.length, avgMs: sum / sorted.length, p95Ms: p95, minMs: first, maxMs: last };
}
