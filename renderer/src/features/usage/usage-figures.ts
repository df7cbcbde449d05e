// Pure: what the gateway counted → the days and rows that are shown.
import type { UsageAggregates } from '../../../../gateway-core/src/protocol/index.js';

export const RANGES = [7, 30, 90] as const;
export type RangeDays = (typeof RANGES)[number];

export interface UsageLine {
  key: string;
  name: string;
  tokens: number;
  /** US dollars. */
  cost: number;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

export function dayOf(date: Date): string {
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** The offset of this computer as the gateway takes it: `UTC+5:30`. */
export function utcOffset(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes < 0 ? '-' : '+'}${hours}${rest === 0 ? '' : `:${pad(rest)}`}`;
}

/** The days of a range, the oldest first, today last. */
export function daysBack(today: Date, count: number): string[] {
  return Array.from({ length: count }, (_, at) => {
    const day = new Date(today.getFullYear(), today.getMonth(), today.getDate() - (count - 1 - at));
    return dayOf(day);
  });
}

export function rangeParams(now: Date, days: RangeDays) {
  const list = daysBack(now, days);
  return {
    startDate: list[0],
    endDate: list.at(-1),
    mode: 'specific' as const,
    utcOffset: utcOffset(now),
    limit: 1_000,
  };
}

/** One line a day, also for days on which nothing happened. */
export function dailyLines(aggregates: UsageAggregates, days: readonly string[]): UsageLine[] {
  const known = new Map(aggregates.daily.map((day) => [day.date, day]));
  return days.map((date) => {
    const day = known.get(date);
    return { key: date, name: date, tokens: day?.tokens ?? 0, cost: day?.cost ?? 0 };
  });
}

const bySize = (a: UsageLine, b: UsageLine) => b.cost - a.cost || b.tokens - a.tokens;

/** Without those that used nothing: what the gateway answers itself is no model's. `nameOf` may leave it to the ref. */
export function modelLines(
  aggregates: UsageAggregates,
  unknown: string,
  nameOf: (ref: string) => string | undefined = () => undefined,
): UsageLine[] {
  return aggregates.byModel
    .map(({ provider, model, totals }) => {
      const ref = [provider, model].filter(Boolean).join('/');
      const name = nameOf(ref);
      const shown = name === undefined || name === ref ? ref : `${name} (${ref})`;
      return { key: ref || unknown, name: shown || unknown, tokens: totals.totalTokens, cost: totals.totalCost };
    })
    .filter((line) => line.tokens > 0 || line.cost > 0)
    .sort(bySize);
}

export function agentLines(aggregates: UsageAggregates, nameOf: (agentId: string) => string): UsageLine[] {
  return aggregates.byAgent
    .map(({ agentId, totals }) => ({
      key: agentId,
      name: nameOf(agentId),
      tokens: totals.totalTokens,
      cost: totals.totalCost,
    }))
    .sort(bySize);
}
