// Conversations: listing, making, changing, watching (spec/gateway-protocol.md §7.4).
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { literals, method } from './define.js';

const text = Type.String();
const key = Type.String({ minLength: 1, maxLength: 512 });
const flag = Type.Optional(Type.Boolean());
const clearable = (schema: ReturnType<typeof Type.String>) => Type.Optional(Type.Union([schema, Type.Null()]));
const strict = { additionalProperties: false } as const;

export const SESSION_STATUSES = ['running', 'done', 'failed', 'killed', 'timeout'] as const;
export const SessionStatus = literals(SESSION_STATUSES);
export type SessionStatus = (typeof SESSION_STATUSES)[number];

export const SessionRow = Type.Object({
  key: text,
  kind: Type.Union([Type.Literal('direct'), Type.Literal('group'), Type.Literal('global'), Type.Literal('unknown')]),
  label: Type.Optional(text),
  displayName: Type.Optional(text),
  derivedTitle: Type.Optional(text),
  lastMessagePreview: Type.Optional(text),
  chatType: Type.Optional(text),
  channel: Type.Optional(text),
  origin: Type.Optional(Type.Record(text, Type.Unknown())),
  updatedAt: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  sessionId: Type.Optional(text),
  systemSent: flag,
  abortedLastRun: flag,
  thinkingLevel: Type.Optional(text),
  verboseLevel: Type.Optional(text),
  /** Our addition, as the next two: settings that the window follows. */
  reasoningLevel: Type.Optional(text),
  responseUsage: Type.Optional(text),
  queueMode: Type.Optional(text),
  inputTokens: Type.Optional(Type.Number()),
  outputTokens: Type.Optional(Type.Number()),
  totalTokens: Type.Optional(Type.Number()),
  totalTokensFresh: flag,
  estimatedCostUsd: Type.Optional(Type.Number()),
  status: Type.Optional(SessionStatus),
  startedAt: Type.Optional(Type.Number()),
  endedAt: Type.Optional(Type.Number()),
  runtimeMs: Type.Optional(Type.Number()),
  modelProvider: Type.Optional(text),
  model: Type.Optional(text),
  contextTokens: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
});
export type SessionRow = Static<typeof SessionRow>;

export const SessionDefaults = Type.Object({
  modelProvider: Type.Union([text, Type.Null()]),
  model: Type.Union([text, Type.Null()]),
  contextTokens: Type.Union([Type.Number(), Type.Null()]),
});
export type SessionDefaults = Static<typeof SessionDefaults>;

/** The stored entry of the session index, as patch, reset and create answer it. */
export const SessionEntry = Type.Record(text, Type.Unknown());
export type SessionEntry = Static<typeof SessionEntry>;

const Attachment = Type.Object({
  type: Type.Optional(text),
  mimeType: Type.Optional(text),
  fileName: Type.Optional(text),
  content: Type.Unknown(),
});

export const SessionsListParams = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1 })),
    activeMinutes: Type.Optional(Type.Integer({ minimum: 1 })),
    includeGlobal: flag,
    includeUnknown: flag,
    includeDerivedTitles: flag,
    includeLastMessage: flag,
    label: Type.Optional(text),
    spawnedBy: Type.Optional(text),
    agentId: Type.Optional(text),
    search: Type.Optional(text),
  },
  strict,
);
export type SessionsListParams = Static<typeof SessionsListParams>;

export const SessionsPatchParams = Type.Object(
  {
    key,
    label: clearable(Type.String({ minLength: 1, maxLength: 512 })),
    thinkingLevel: clearable(text),
    fastMode: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
    verboseLevel: clearable(text),
    reasoningLevel: clearable(text),
    responseUsage: clearable(text),
    elevatedLevel: clearable(text),
    execHost: clearable(text),
    execSecurity: clearable(text),
    execAsk: clearable(text),
    execNode: clearable(text),
    model: clearable(text),
    spawnedBy: clearable(text),
    spawnedWorkspaceDir: clearable(text),
    spawnDepth: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.Null()])),
    subagentRole: clearable(text),
    subagentControlScope: clearable(text),
    sendPolicy: clearable(text),
    groupActivation: clearable(text),
    /** Our addition. */
    queueMode: clearable(text),
  },
  strict,
);
export type SessionsPatchParams = Static<typeof SessionsPatchParams>;

const Subscribed = Type.Object({ subscribed: Type.Boolean() });
const SubscribedKey = Type.Object({ subscribed: Type.Boolean(), key: text });

export const sessionsMethods = {
  'sessions.list': method({
    params: SessionsListParams,
    result: Type.Object({
      ts: Type.Number(),
      path: text,
      count: Type.Integer({ minimum: 0 }),
      defaults: SessionDefaults,
      sessions: Type.Array(SessionRow),
    }),
    scope: 'operator.read',
  }),
  'sessions.subscribe': method({ params: Type.Object({}, strict), result: Subscribed, scope: 'operator.read' }),
  'sessions.unsubscribe': method({ params: Type.Object({}, strict), result: Subscribed, scope: 'operator.read' }),
  'sessions.messages.subscribe': method({
    params: Type.Object({ key }, strict),
    result: SubscribedKey,
    scope: 'operator.read',
  }),
  'sessions.messages.unsubscribe': method({
    params: Type.Object({ key }, strict),
    result: SubscribedKey,
    scope: 'operator.read',
  }),
  'sessions.preview': method({
    params: Type.Object(
      {
        keys: Type.Array(key, { minItems: 1 }),
        limit: Type.Optional(Type.Integer({ minimum: 1 })),
        maxChars: Type.Optional(Type.Integer({ minimum: 20 })),
      },
      strict,
    ),
    result: Type.Object({
      ts: Type.Number(),
      previews: Type.Array(
        Type.Object({
          key: text,
          status: Type.Union([
            Type.Literal('ok'),
            Type.Literal('empty'),
            Type.Literal('missing'),
            Type.Literal('error'),
          ]),
          items: Type.Array(Type.Object({ role: text, text })),
        }),
      ),
    }),
    scope: 'operator.read',
  }),
  'sessions.resolve': method({
    params: Type.Object(
      {
        key: Type.Optional(key),
        sessionId: Type.Optional(text),
        label: Type.Optional(text),
        agentId: Type.Optional(text),
        spawnedBy: Type.Optional(text),
        includeGlobal: flag,
        includeUnknown: flag,
      },
      strict,
    ),
    result: Type.Object({ ok: Type.Literal(true), key: text }),
    scope: 'operator.read',
    advertised: false,
  }),
  'sessions.create': method({
    params: Type.Object(
      {
        key: Type.Optional(key),
        agentId: Type.Optional(text),
        label: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
        model: Type.Optional(text),
        parentSessionKey: Type.Optional(text),
        task: Type.Optional(text),
        message: Type.Optional(text),
      },
      strict,
    ),
    result: Type.Object({
      ok: Type.Literal(true),
      key: text,
      sessionId: text,
      entry: SessionEntry,
      runStarted: Type.Boolean(),
      runId: Type.Optional(text),
      status: Type.Optional(text),
      messageSeq: Type.Optional(Type.Integer({ minimum: 0 })),
    }),
    scope: 'operator.write',
    mutates: true,
  }),
  'sessions.send': method({
    params: Type.Object(
      {
        key,
        message: text,
        thinking: Type.Optional(text),
        attachments: Type.Optional(Type.Array(Attachment)),
        timeoutMs: Type.Optional(Type.Integer({ minimum: 0 })),
        idempotencyKey: Type.Optional(Type.String({ minLength: 1 })),
      },
      strict,
    ),
    result: Type.Object({
      runId: text,
      status: text,
      messageSeq: Type.Optional(Type.Integer({ minimum: 0 })),
    }),
    scope: 'operator.write',
    mutates: true,
  }),
  'sessions.abort': method({
    params: Type.Object({ key, runId: Type.Optional(Type.String({ minLength: 1 })) }, strict),
    result: Type.Object({
      ok: Type.Literal(true),
      abortedRunId: Type.Union([text, Type.Null()]),
      status: Type.Union([Type.Literal('aborted'), Type.Literal('no-active-run')]),
    }),
    scope: 'operator.write',
    mutates: true,
  }),
  'sessions.patch': method({
    params: SessionsPatchParams,
    result: Type.Object({
      ok: Type.Literal(true),
      path: text,
      key: text,
      entry: SessionEntry,
      resolved: Type.Object({ modelProvider: Type.Union([text, Type.Null()]), model: Type.Union([text, Type.Null()]) }),
    }),
    scope: 'operator.admin',
    mutates: true,
  }),
  'sessions.reset': method({
    params: Type.Object(
      { key, reason: Type.Optional(Type.Union([Type.Literal('new'), Type.Literal('reset')])) },
      strict,
    ),
    result: Type.Object({ ok: Type.Literal(true), key: text, entry: SessionEntry }),
    scope: 'operator.admin',
    mutates: true,
  }),
  'sessions.delete': method({
    params: Type.Object({ key, deleteTranscript: flag, emitLifecycleHooks: flag }, strict),
    result: Type.Object({ ok: Type.Literal(true), key: text, deleted: Type.Boolean(), archived: Type.Array(text) }),
    scope: 'operator.admin',
    mutates: true,
  }),
};
