// Messengers: how they are, and sending through them (spec/gateway-protocol.md §7.3, §7.5).
import * as Type from 'typebox';
import { method } from './define.js';

const text = Type.String();
const nonEmpty = Type.String({ minLength: 1 });
const optionalText = Type.Optional(text);
const flag = Type.Optional(Type.Boolean());
const timeoutMs = Type.Optional(Type.Integer({ minimum: 0 }));
const strict = { additionalProperties: false } as const;
const byName = Type.Record(text, text);

export const channelsMethods = {
  'channels.status': method({
    params: Type.Object({ probe: flag, timeoutMs }, strict),
    result: Type.Object({
      ts: Type.Integer({ minimum: 0 }),
      channelOrder: Type.Array(text),
      channelLabels: byName,
      channelDetailLabels: Type.Optional(byName),
      channelSystemImages: Type.Optional(byName),
      channelMeta: Type.Optional(Type.Array(Type.Unknown())),
      channels: Type.Record(text, Type.Unknown()),
      channelAccounts: Type.Record(text, Type.Array(Type.Unknown())),
      channelDefaultAccountId: byName,
    }),
    scope: 'operator.read',
  }),
  'channels.logout': method({
    params: Type.Object({ channel: nonEmpty, accountId: optionalText }, strict),
    result: Type.Object({ channel: text, accountId: text, cleared: Type.Boolean() }),
    scope: 'operator.admin',
    mutates: true,
  }),
  'web.login.start': method({
    params: Type.Object({ force: flag, timeoutMs, verbose: flag, accountId: optionalText }, strict),
    result: Type.Unknown(),
    scope: 'operator.admin',
    mutates: true,
    advertised: false,
  }),
  'web.login.wait': method({
    params: Type.Object({ timeoutMs, accountId: optionalText }, strict),
    result: Type.Unknown(),
    scope: 'operator.admin',
    advertised: false,
  }),
  send: method({
    params: Type.Object(
      {
        to: nonEmpty,
        message: optionalText,
        mediaUrl: optionalText,
        mediaUrls: Type.Optional(Type.Array(text)),
        gifPlayback: flag,
        channel: optionalText,
        accountId: optionalText,
        agentId: optionalText,
        threadId: optionalText,
        sessionKey: optionalText,
        idempotencyKey: nonEmpty,
      },
      strict,
    ),
    result: Type.Record(text, Type.Unknown()),
    scope: 'operator.write',
    mutates: true,
  }),
  poll: method({
    params: Type.Object(
      {
        to: nonEmpty,
        question: nonEmpty,
        options: Type.Array(nonEmpty, { minItems: 2, maxItems: 12 }),
        maxSelections: Type.Optional(Type.Integer({ minimum: 1, maximum: 12 })),
        durationSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 604_800 })),
        durationHours: Type.Optional(Type.Integer({ minimum: 1 })),
        silent: flag,
        isAnonymous: flag,
        threadId: optionalText,
        channel: optionalText,
        accountId: optionalText,
        idempotencyKey: nonEmpty,
      },
      strict,
    ),
    result: Type.Record(text, Type.Unknown()),
    scope: 'operator.write',
    mutates: true,
    advertised: false,
  }),
};
