// Reading, steering and shortening conversations (spec/gateway-protocol.md §7.4).
import * as Type from 'typebox';
import { Attachment } from './chat.js';
import { event, method } from './define.js';
import { Message } from './messages.js';

const text = Type.String();
const key = Type.String({ minLength: 1, maxLength: 512 });
const strict = { additionalProperties: false } as const;
const count = Type.Integer({ minimum: 0 });

export const sessionUpkeepMethods = {
  'sessions.get': method({
    params: Type.Object({ key, limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })) }, strict),
    result: Type.Object({ messages: Type.Array(Message) }),
    scope: 'operator.read',
    advertised: false,
  }),
  'sessions.steer': method({
    params: Type.Object(
      {
        key,
        message: text,
        thinking: Type.Optional(text),
        attachments: Type.Optional(Type.Array(Attachment)),
        timeoutMs: Type.Optional(count),
        idempotencyKey: Type.Optional(Type.String({ minLength: 1 })),
      },
      strict,
    ),
    result: Type.Object({
      runId: text,
      status: text,
      messageSeq: Type.Optional(count),
      interruptedActiveRun: Type.Optional(Type.Boolean()),
    }),
    scope: 'operator.write',
    mutates: true,
    advertised: false,
  }),
  'sessions.compact': method({
    params: Type.Object({ key, maxLines: Type.Optional(Type.Integer({ minimum: 1 })) }, strict),
    result: Type.Object({
      ok: Type.Literal(true),
      key: text,
      compacted: Type.Boolean(),
      archived: Type.Optional(text),
      kept: Type.Optional(count),
      reason: Type.Optional(text),
    }),
    scope: 'operator.admin',
    mutates: true,
  }),
};

export const sessionUpkeepEvents = {
  'session.tool': event({
    payload: Type.Object({
      runId: text,
      stream: text,
      data: Type.Record(text, Type.Unknown()),
      sessionKey: Type.Optional(text),
      seq: Type.Integer({ minimum: 1 }),
      ts: Type.Number(),
    }),
    targeted: true,
  }),
  'chat.side_result': event({
    payload: Type.Object({
      kind: text,
      runId: text,
      sessionKey: text,
      question: text,
      text,
      isError: Type.Optional(Type.Boolean()),
      ts: Type.Number(),
      seq: count,
    }),
    scope: 'operator.read',
    advertised: false,
  }),
};
