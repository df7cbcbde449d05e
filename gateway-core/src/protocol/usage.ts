// What models cost: tokens and dollars from the transcripts (spec/gateway-protocol.md §7.1, §7.4).
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { literals, method } from './define.js';

const text = Type.String();
const key = Type.String({ minLength: 1, maxLength: 512 });
const amount = Type.Number({ minimum: 0 });
const count = Type.Integer({ minimum: 0 });
const strict = { additionalProperties: false } as const;
const day = Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }));

const range = {
  startDate: day,
  endDate: day,
  mode: Type.Optional(literals(['utc', 'gateway', 'specific'])),
  utcOffset: Type.Optional(Type.String({ pattern: '^UTC[+-]\\d{1,2}(?::[0-5]\\d)?$' })),
};

const totals = {
  input: amount,
  output: amount,
  cacheRead: amount,
  cacheWrite: amount,
  totalTokens: amount,
  totalCost: amount,
  inputCost: amount,
  outputCost: amount,
  cacheReadCost: amount,
  cacheWriteCost: amount,
  missingCostEntries: count,
};
/** Tokens, and dollars by what they were paid for. */
export const UsageTotals = Type.Object(totals);
export type UsageTotals = Static<typeof UsageTotals>;

const latency = { count, avgMs: amount, p95Ms: amount, minMs: amount, maxMs: amount };
const messages = {
  total: count,
  user: count,
  assistant: count,
  toolCalls: count,
  toolResults: count,
  errors: count,
};
const provider = Type.Optional(text);
const model = Type.Optional(text);
const modelDay = Type.Object({ date: text, provider, model, tokens: amount, cost: amount, count });
const ToolUse = Type.Object({
  totalCalls: count,
  uniqueTools: count,
  tools: Type.Array(Type.Object({ name: text, count })),
});
const ModelUse = Type.Object({ provider, model, count, totals: UsageTotals });

export const SessionUsage = Type.Object({
  sessionId: text,
  sessionFile: text,
  firstActivity: Type.Optional(count),
  lastActivity: Type.Optional(count),
  durationMs: Type.Optional(count),
  activityDates: Type.Array(text),
  dailyBreakdown: Type.Array(Type.Object({ date: text, tokens: amount, cost: amount })),
  dailyMessageCounts: Type.Array(Type.Object({ date: text, ...messages })),
  dailyLatency: Type.Array(Type.Object({ date: text, ...latency })),
  dailyModelUsage: Type.Array(modelDay),
  messageCounts: Type.Object(messages),
  toolUsage: Type.Optional(ToolUse),
  modelUsage: Type.Array(ModelUse),
  latency: Type.Optional(Type.Object(latency)),
  ...totals,
});
export type SessionUsage = Static<typeof SessionUsage>;

export const SessionUsageRow = Type.Object({
  key: text,
  label: Type.Optional(text),
  sessionId: text,
  updatedAt: Type.Number(),
  agentId: text,
  channel: Type.Optional(text),
  chatType: Type.Optional(text),
  origin: Type.Optional(Type.Record(text, Type.Unknown())),
  modelProvider: Type.Optional(text),
  model,
  usage: Type.Union([SessionUsage, Type.Null()]),
  contextWeight: Type.Optional(Type.Null()),
});
export type SessionUsageRow = Static<typeof SessionUsageRow>;

export const UsageAggregates = Type.Object({
  messages: Type.Object(messages),
  tools: ToolUse,
  byModel: Type.Array(ModelUse),
  byProvider: Type.Array(Type.Object({ provider, count, totals: UsageTotals })),
  byAgent: Type.Array(Type.Object({ agentId: text, totals: UsageTotals })),
  byChannel: Type.Array(Type.Object({ channel: text, totals: UsageTotals })),
  latency: Type.Optional(Type.Object(latency)),
  dailyLatency: Type.Array(Type.Object({ date: text, ...latency })),
  modelDaily: Type.Array(modelDay),
  daily: Type.Array(
    Type.Object({ date: text, tokens: amount, cost: amount, messages: count, toolCalls: count, errors: count }),
  ),
});
export type UsageAggregates = Static<typeof UsageAggregates>;

export const usageMethods = {
  'usage.status': method({
    params: Type.Object({}, strict),
    result: Type.Object({ updatedAt: count, providers: Type.Array(Type.Unknown()) }),
    scope: 'operator.read',
  }),
  'usage.cost': method({
    params: Type.Object({ ...range, days: Type.Optional(Type.Integer({ minimum: 1 })) }, strict),
    result: Type.Object({
      updatedAt: count,
      days: count,
      daily: Type.Array(Type.Object({ date: text, ...totals })),
      totals: UsageTotals,
    }),
    scope: 'operator.read',
  }),
  'sessions.usage': method({
    params: Type.Object(
      {
        key: Type.Optional(key),
        ...range,
        limit: Type.Optional(Type.Integer({ minimum: 1 })),
        includeContextWeight: Type.Optional(Type.Boolean()),
      },
      strict,
    ),
    result: Type.Object({
      updatedAt: count,
      startDate: text,
      endDate: text,
      sessions: Type.Array(SessionUsageRow),
      totals: UsageTotals,
      aggregates: UsageAggregates,
    }),
    scope: 'operator.read',
    advertised: false,
  }),
  'sessions.usage.timeseries': method({
    params: Type.Object({ key, limit: Type.Optional(Type.Integer({ minimum: 1 })) }, strict),
    result: Type.Object({
      sessionId: text,
      points: Type.Array(
        Type.Object({
          timestamp: count,
          input: amount,
          output: amount,
          cacheRead: amount,
          cacheWrite: amount,
          totalTokens: amount,
          cost: amount,
          cumulativeTokens: amount,
          cumulativeCost: amount,
        }),
      ),
    }),
    scope: 'operator.read',
    advertised: false,
  }),
  'sessions.usage.logs': method({
    params: Type.Object({ key, limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })) }, strict),
    result: Type.Object({
      logs: Type.Array(
        Type.Object({
          timestamp: count,
          role: text,
          content: text,
          tokens: Type.Optional(amount),
          cost: Type.Optional(amount),
        }),
      ),
    }),
    scope: 'operator.read',
    advertised: false,
  }),
};
