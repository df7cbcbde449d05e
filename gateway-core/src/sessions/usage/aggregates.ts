// Pure: many conversations together.
import type { SessionUsageRow, UsageAggregates, UsageTotals } from '../../protocol/index.js';
import type { DayRange } from './day-range.js';
import type { TranscriptUsage } from './read-transcripts.js';
import { dailyLatency, latenciesOf, noMessages, within } from './session-usage.js';
import { addTotals, entryOf, latencyStats, noUsage } from './totals.js';

function pickTotals(usage: UsageTotals): UsageTotals {
  const totals = noUsage();
  for (const key of Object.keys(totals) as Array<keyof UsageTotals>) totals[key] = usage[key];
  return totals;
}

/** Sums per value of `keyOf`; rows without one are left out. */
function sumBy(rows: readonly SessionUsageRow[], keyOf: (row: SessionUsageRow) => string | undefined) {
  const sums = new Map<string, UsageTotals>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key !== undefined && row.usage) addTotals(entryOf(sums, key, noUsage), pickTotals(row.usage));
  }
  return byCost([...sums].map(([key, totals]) => ({ key, totals })));
}

function byCost<T extends { totals: UsageTotals }>(rows: T[]): T[] {
  return rows.sort((a, b) => b.totals.totalCost - a.totals.totalCost || b.totals.totalTokens - a.totals.totalTokens);
}

type ModelRow = UsageAggregates['byModel'][number];

function models(rows: readonly SessionUsageRow[], withModel: boolean): ModelRow[] {
  const found = new Map<string, ModelRow>();
  for (const use of rows.flatMap(({ usage }) => usage?.modelUsage ?? [])) {
    const name = {
      ...(use.provider !== undefined && { provider: use.provider }),
      ...(withModel && use.model !== undefined && { model: use.model }),
    };
    const row = entryOf(found, JSON.stringify(name), () => ({ ...name, count: 0, totals: noUsage() }));
    row.count += use.count;
    addTotals(row.totals, use.totals);
  }
  return byCost([...found.values()]);
}

function tools(rows: readonly SessionUsageRow[]): UsageAggregates['tools'] {
  const counts = new Map<string, number>();
  for (const { name, count } of rows.flatMap(({ usage }) => usage?.toolUsage?.tools ?? [])) {
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
  const list = [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count);
  return { totalCalls: list.reduce((sum, { count }) => sum + count, 0), uniqueTools: list.length, tools: list };
}

function modelDaily(rows: readonly SessionUsageRow[]): UsageAggregates['modelDaily'] {
  const days = new Map<string, UsageAggregates['modelDaily'][number]>();
  for (const day of rows.flatMap(({ usage }) => usage?.dailyModelUsage ?? [])) {
    const key = JSON.stringify([day.date, day.provider, day.model]);
    const row = entryOf(days, key, () => ({ ...day, tokens: 0, cost: 0, count: 0 }));
    row.tokens += day.tokens;
    row.cost += day.cost;
    row.count += day.count;
  }
  return [...days.values()].sort((a, b) => a.date.localeCompare(b.date) || b.cost - a.cost);
}

function daily(rows: readonly SessionUsageRow[]): UsageAggregates['daily'] {
  const days = new Map<string, UsageAggregates['daily'][number]>();
  const dayOf = (date: string) =>
    entryOf(days, date, () => ({ date, tokens: 0, cost: 0, messages: 0, toolCalls: 0, errors: 0 }));
  for (const { usage } of rows) {
    for (const { date, tokens, cost } of usage?.dailyBreakdown ?? []) {
      const day = dayOf(date);
      day.tokens += tokens;
      day.cost += cost;
    }
    for (const { date, total, toolCalls, errors } of usage?.dailyMessageCounts ?? []) {
      const day = dayOf(date);
      day.messages += total;
      day.toolCalls += toolCalls;
      day.errors += errors;
    }
  }
  return [...days.values()].sort((a, b) => a.date.localeCompare(b.date));
}

/** Sums over all rows; of transcripts only the latencies are read, for exact percentiles. */
export function aggregate(
  rows: readonly SessionUsageRow[],
  transcripts: readonly TranscriptUsage[],
  range: DayRange,
): { totals: UsageTotals; aggregates: UsageAggregates } {
  const totals = noUsage();
  const messages = noMessages();
  for (const { usage } of rows) {
    if (!usage) continue;
    addTotals(totals, pickTotals(usage));
    for (const key of Object.keys(messages) as Array<keyof typeof messages>) messages[key] += usage.messageCounts[key];
  }
  const latencies = transcripts.flatMap((transcript) => latenciesOf(within(transcript, range), range));
  const latency = latencyStats(latencies.map(({ ms }) => ms));
  const aggregates: UsageAggregates = {
    messages,
    tools: tools(rows),
    byModel: models(rows, true),
    byProvider: models(rows, false),
    byAgent: sumBy(rows, (row) => row.agentId).map(({ key, totals: sum }) => ({ agentId: key, totals: sum })),
    byChannel: sumBy(rows, (row) => row.channel).map(({ key, totals: sum }) => ({ channel: key, totals: sum })),
    ...(latency && { latency }),
    dailyLatency: dailyLatency(latencies),
    modelDaily: modelDaily(rows),
    daily: daily(rows),
  };
  return { totals, aggregates };
}
