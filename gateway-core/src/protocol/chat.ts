// Talking to an agent: chat.*, agent, agent.wait and their events (spec/gateway-protocol.md §5, §7.3).
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { method } from './define.js';
import { Citation, Message, Usage } from './messages.js';

const text = Type.String();
const nonEmpty = Type.String({ minLength: 1 });
const optionalText = Type.Optional(text);
const sessionKey = Type.String({ minLength: 1, maxLength: 512 });
const strict = { additionalProperties: false } as const;

export const Attachment = Type.Object({
  type: optionalText,
  mimeType: optionalText,
  fileName: optionalText,
  content: Type.Unknown(),
});
export type Attachment = Static<typeof Attachment>;

export const ChatSendParams = Type.Object(
  {
    sessionKey,
    message: text,
    thinking: optionalText,
    deliver: Type.Optional(Type.Boolean()),
    attachments: Type.Optional(Type.Array(Attachment)),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 0 })),
    systemInputProvenance: Type.Optional(Type.Unknown()),
    systemProvenanceReceipt: optionalText,
    idempotencyKey: nonEmpty,
  },
  strict,
);
export type ChatSendParams = Static<typeof ChatSendParams>;

/** `/stop`-like text answers `{ok, aborted, runIds}` instead of a run. */
export const ChatSendResult = Type.Union([
  Type.Object({
    runId: text,
    status: Type.Union([Type.Literal('started'), Type.Literal('in_flight'), Type.Literal('ok')]),
  }),
  Type.Object({ ok: Type.Literal(true), aborted: Type.Boolean(), runIds: Type.Array(text) }),
]);

export const ChatAbortResult = Type.Object({
  ok: Type.Literal(true),
  aborted: Type.Boolean(),
  runIds: Type.Array(text),
});

export const ChatHistoryResult = Type.Object({
  sessionKey: text,
  sessionId: optionalText,
  messages: Type.Array(Message),
  thinkingLevel: optionalText,
  fastMode: Type.Optional(Type.Boolean()),
  verboseLevel: optionalText,
});
export type ChatHistoryResult = Static<typeof ChatHistoryResult>;

export const AgentParams = Type.Object(
  {
    message: nonEmpty,
    agentId: Type.Optional(nonEmpty),
    provider: optionalText,
    model: optionalText,
    to: optionalText,
    replyTo: optionalText,
    sessionId: optionalText,
    sessionKey: optionalText,
    thinking: optionalText,
    deliver: Type.Optional(Type.Boolean()),
    attachments: Type.Optional(Type.Array(Attachment)),
    channel: optionalText,
    replyChannel: optionalText,
    accountId: optionalText,
    replyAccountId: optionalText,
    threadId: optionalText,
    groupId: optionalText,
    groupChannel: optionalText,
    groupSpace: optionalText,
    timeout: Type.Optional(Type.Integer({ minimum: 0 })),
    bestEffortDeliver: Type.Optional(Type.Boolean()),
    lane: optionalText,
    extraSystemPrompt: optionalText,
    internalEvents: Type.Optional(Type.Array(Type.Unknown())),
    inputProvenance: Type.Optional(Type.Unknown()),
    label: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
    idempotencyKey: nonEmpty,
  },
  strict,
);
export type AgentParams = Static<typeof AgentParams>;

export const AgentAccepted = Type.Object({
  runId: text,
  status: Type.Literal('accepted'),
  acceptedAt: Type.Integer({ minimum: 0 }),
});

export const AgentFinal = Type.Object({
  runId: text,
  status: Type.Union([Type.Literal('ok'), Type.Literal('error')]),
  summary: text,
  result: Type.Optional(
    Type.Object({
      payloads: Type.Array(
        Type.Object({ text: Type.Optional(text), mediaUrl: Type.Optional(Type.Union([text, Type.Null()])) }),
      ),
      meta: Type.Object({
        durationMs: Type.Number(),
        agentMeta: Type.Optional(
          Type.Object({
            sessionId: text,
            provider: text,
            model: text,
            usage: Type.Optional(Type.Object({ input: Type.Number(), output: Type.Number(), total: Type.Number() })),
            lastCallUsage: Type.Optional(Type.Record(text, Type.Number())),
            promptTokens: Type.Optional(Type.Number()),
          }),
        ),
        aborted: Type.Optional(Type.Boolean()),
        systemPromptReport: Type.Optional(Type.Unknown()),
        stopReason: optionalText,
      }),
    }),
  ),
});
export type AgentFinal = Static<typeof AgentFinal>;

const Choice = Type.Object({ value: text, label: text });

/** One word or the rest behind a command. `choices` are offered, not enforced. */
export const CommandArg = Type.Object({
  name: text,
  description: text,
  type: Type.Literal('string'),
  required: Type.Boolean(),
  choices: Type.Optional(Type.Array(Choice)),
});
export type CommandArg = Static<typeof CommandArg>;

/** A command that the gateway answers itself when a person sends it as a message. */
export const CommandEntry = Type.Object({
  name: text,
  /** What may be typed, with the slash; the usual spelling first. */
  textAliases: Type.Array(text),
  description: text,
  category: Type.Union([
    Type.Literal('session'),
    Type.Literal('options'),
    Type.Literal('status'),
    Type.Literal('management'),
  ]),
  source: Type.Literal('native'),
  scope: Type.Literal('text'),
  acceptsArgs: Type.Boolean(),
  args: Type.Optional(Type.Array(CommandArg)),
});
export type CommandEntry = Static<typeof CommandEntry>;

export const chatMethods = {
  agent: method({
    params: AgentParams,
    result: Type.Union([AgentAccepted, AgentFinal]),
    scope: 'operator.write',
    mutates: true,
  }),
  'agent.wait': method({
    params: Type.Object({ runId: nonEmpty, timeoutMs: Type.Optional(Type.Integer({ minimum: 0 })) }, strict),
    result: Type.Object({
      runId: text,
      status: Type.Union([Type.Literal('ok'), Type.Literal('error'), Type.Literal('timeout')]),
      startedAt: Type.Optional(Type.Number()),
      endedAt: Type.Optional(Type.Number()),
      error: optionalText,
    }),
    scope: 'operator.write',
  }),
  'chat.history': method({
    params: Type.Object(
      { sessionKey: nonEmpty, limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })) },
      strict,
    ),
    result: ChatHistoryResult,
    scope: 'operator.read',
  }),
  'chat.abort': method({
    params: Type.Object({ sessionKey: nonEmpty, runId: Type.Optional(nonEmpty) }, strict),
    result: ChatAbortResult,
    scope: 'operator.write',
    mutates: true,
  }),
  'chat.send': method({ params: ChatSendParams, result: ChatSendResult, scope: 'operator.write', mutates: true }),
  'chat.inject': method({
    params: Type.Object(
      { sessionKey: nonEmpty, message: nonEmpty, label: Type.Optional(Type.String({ maxLength: 100 })) },
      strict,
    ),
    result: Type.Object({ ok: Type.Literal(true), messageId: text }),
    scope: 'operator.admin',
    mutates: true,
    advertised: false,
  }),
  'commands.list': method({
    params: Type.Object(
      {
        agentId: Type.Optional(nonEmpty),
        provider: Type.Optional(nonEmpty),
        scope: Type.Optional(Type.Union([Type.Literal('text'), Type.Literal('native'), Type.Literal('both')])),
        includeArgs: Type.Optional(Type.Boolean()),
      },
      strict,
    ),
    result: Type.Object({ commands: Type.Array(CommandEntry) }),
    scope: 'operator.read',
    advertised: false,
  }),
};

/** `message` holds the whole text so far; `deltaText` (protocol 4) only what is new. */
export const ChatEvent = Type.Object({
  runId: text,
  sessionKey: text,
  seq: Type.Integer({ minimum: 0 }),
  state: Type.Union([Type.Literal('delta'), Type.Literal('final'), Type.Literal('aborted'), Type.Literal('error')]),
  message: Type.Optional(Message),
  deltaText: optionalText,
  replace: Type.Optional(Type.Boolean()),
  errorMessage: optionalText,
  errorKind: optionalText,
  /** Our addition: what to do about the error, and whether trying again makes sense. */
  errorDetail: Type.Optional(
    Type.Object({
      code: text,
      hint: optionalText,
      retryable: Type.Boolean(),
      retryAfterMs: Type.Optional(Type.Number()),
    }),
  ),
  stopReason: optionalText,
  usage: Type.Optional(Usage),
  citations: Type.Optional(Type.Array(Citation)),
});
export type ChatEvent = Static<typeof ChatEvent>;

export const AgentEvent = Type.Object({
  runId: text,
  stream: text,
  data: Type.Record(text, Type.Unknown()),
  sessionKey: optionalText,
  seq: Type.Integer({ minimum: 1 }),
  ts: Type.Number(),
});
export type AgentEvent = Static<typeof AgentEvent>;
