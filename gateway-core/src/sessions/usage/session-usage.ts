// Pure: what one conversation used within a range of days.
import type { SessionUsage, UsageTotals } from '../../protocol/index.js';
import type { DayRange } from './day-range.js';
import type { TranscriptUsage, UsageRecord } from './read-transcripts.js';
import { addUsage, entryOf, latencyStats, noUsage } from './totals.js';

export type MessageCounts = SessionUsage['messageCounts'];

/** An answer that comes later than this is no answer to that message any more. */
const MAX_LATENCY_MS = 12 * 60 * 60 * 1000;

export function noMessages(): MessageCounts {
  return { total: 0, user: 0, assistant: 0, toolCalls: 0, toolResults: 0, errors: 0 };
}

function countMessage(counts: MessageCounts, record: UsageRecord): void {
  if (record.role === 'system') return;
  if (record.role === 'toolResult') counts.toolResults += 1;
  else {
    counts.total += 1;
    counts[record.role] += 1;
  }
  counts.toolCalls += record.toolCalls.length;
  if (record.isError) counts.errors += 1;
}

interface Latency {
  date: string;
  ms: number;
}

/** How long each message waited for its first answer. */
export function latenciesOf(records: readonly UsageRecord[], range: DayRange): Latency[] {
  const found: Latency[] = [];
  let askedAt: number | undefined;
  for (const { role, timestamp } of records) {
    if (role === 'user') askedAt = timestamp;
    if (role !== 'assistant' || askedAt === undefined) continue;
    const ms = timestamp - askedAt;
    askedAt = undefined;
    if (ms >= 0 && ms <= MAX_LATENCY_MS) found.push({ date: range.dayOf(timestamp), ms });
  }
  return found;
}

function byDate<T extends { date: string }>(rows: Iterable<T>): T[] {
  return [...rows].sort((a, b) => a.date.localeCompare(b.date));
}

/** One row per day with values. */
export function dailyLatency(latencies: readonly Latency[]): SessionUsage['dailyLatency'] {
  const days = new Map<string, number[]>();
  for (const { date, ms } of latencies) entryOf(days, date, () => []).push(ms);
  return byDate(
    [...days].flatMap(([date, values]) => {
      const stats = latencyStats(values);
      return stats ? [{ date, ...stats }] : [];
    }),
  );
}

interface ModelUse {
  provider?: string;
  model?: string;
  count: number;
  totals: UsageTotals;
}

function modelKey({ provider = '', model = '' }: { provider?: string; model?: string }): string {
  return `${provider}\u0000${model}`;
}

function namesOf({ provider, model }: { provider?: string; model?: string }) {
  return { ...(provider !== undefined && { provider }), ...(model !== undefined && { model }) };
}

export function modelUses(records: readonly UsageRecord[]): ModelUse[] {
  const uses = new Map<string, ModelUse>();
  for (const record of records) {
    if (!record.usage) continue;
    const use = entryOf(uses, modelKey(record), () => ({ ...namesOf(record), count: 0, totals: noUsage() }));
    use.count += 1;
    addUsage(use.totals, record.usage);
  }
  return [...uses.values()].sort(
    (a, b) => b.totals.totalCost - a.totals.totalCost || b.totals.totalTokens - a.totals.totalTokens,
  );
}

function dailyModels(records: readonly UsageRecord[], range: DayRange): SessionUsage['dailyModelUsage'] {
  const days = new Map<string, SessionUsage['dailyModelUsage'][number]>();
  for (const record of records) {
    if (!record.usage) continue;
    const date = range.dayOf(record.timestamp);
    const make = () => ({ date, ...namesOf(record), tokens: 0, cost: 0, count: 0 });
    const row = entryOf(days, `${date}\u0000${modelKey(record)}`, make);
    row.tokens += record.usage.totalTokens;
    row.cost += record.usage.cost?.total ?? 0;
    row.count += 1;
  }
  return byDate(days.values());
}

function toolUse(records: readonly UsageRecord[]): SessionUsage['toolUsage'] {
  const counts = new Map<string, number>();
  for (const name of records.flatMap(({ toolCalls }) => toolCalls)) counts.set(name, (counts.get(name) ?? 0) + 1);
  if (counts.size === 0) return undefined;
  const tools = [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count);
  return { totalCalls: tools.reduce((sum, { count }) => sum + count, 0), uniqueTools: tools.length, tools };
}

function dailyCounts(records: readonly UsageRecord[], range: DayRange) {
  const tokens = new Map<string, { date: string; tokens: number; cost: number }>();
  const messages = new Map<string, { date: string } & MessageCounts>();
  for (const record of records) {
    const date = range.dayOf(record.timestamp);
    countMessage(
      entryOf(messages, date, () => ({ date, ...noMessages() })),
      record,
    );
    if (!record.usage) continue;
    const row = entryOf(tokens, date, () => ({ date, tokens: 0, cost: 0 }));
    row.tokens += record.usage.totalTokens;
    row.cost += record.usage.cost?.total ?? 0;
  }
  return { dailyBreakdown: byDate(tokens.values()), dailyMessageCounts: byDate(messages.values()) };
}

/** The records of a range. */
export function within({ records }: TranscriptUsage, range: DayRange): UsageRecord[] {
  return records.filter(({ timestamp }) => timestamp >= range.startMs && timestamp <= range.endMs);
}

/** Undefined when nothing happened in the range. */
export function summarizeSession(transcript: TranscriptUsage, range: DayRange): SessionUsage | undefined {
  const records = within(transcript, range);
  const times = records.map(({ timestamp }) => timestamp);
  if (times.length === 0) return undefined;
  const totals = noUsage();
  const messageCounts = noMessages();
  for (const record of records) {
    if (record.usage) addUsage(totals, record.usage);
    countMessage(messageCounts, record);
  }
  const latencies = latenciesOf(records, range);
  const latency = latencyStats(latencies.map(({ ms }) => ms));
  const tools = toolUse(records);
  // No spread into Math.min: a conversation may have more messages than a call may have arguments.
  const firstActivity = times.reduce((a, b) => Math.min(a, b));
  const lastActivity = times.reduce((a, b) => Math.max(a, b));
  return {
    sessionId: transcript.sessionId,
    sessionFile: transcript.file,
    firstActivity,
    lastActivity,
    durationMs: lastActivity - firstActivity,
    activityDates: [...new Set(times.map(range.dayOf))].sort(),
    ...dailyCounts(records, range),
    dailyLatency: dailyLatency(latencies),
    dailyModelUsage: dailyModels(records, range),
    messageCounts,
    ...(tools && { toolUsage: tools }),
    modelUsage: modelUses(records),
    ...(latency && { latency }),
    ...totals,
  };
}
