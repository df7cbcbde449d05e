// System events, waking, heartbeats, updates, the wizard and other parts of the house (spec/gateway-protocol.md §7.1).
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { event, literals, method } from './define.js';

const text = Type.String();
const nonEmpty = Type.String({ minLength: 1 });
const optionalText = Type.Optional(text);
const strict = { additionalProperties: false } as const;
const nothing = Type.Object({}, strict);
const ok = Type.Object({ ok: Type.Boolean() });

export const HeartbeatEvent = Type.Object({
  ts: Type.Integer({ minimum: 0 }),
  status: literals(['sent', 'ok-empty', 'ok-token', 'skipped', 'failed']),
  to: optionalText,
  accountId: optionalText,
  preview: optionalText,
  durationMs: Type.Optional(Type.Number({ minimum: 0 })),
  hasMedia: Type.Optional(Type.Boolean()),
  reason: optionalText,
  channel: optionalText,
  silent: Type.Optional(Type.Boolean()),
  indicatorType: optionalText,
});
export type HeartbeatEvent = Static<typeof HeartbeatEvent>;

export const SystemEventParams = Type.Object(
  {
    text,
    deviceId: optionalText,
    instanceId: optionalText,
    host: optionalText,
    ip: optionalText,
    version: optionalText,
    platform: optionalText,
    deviceFamily: optionalText,
    modelIdentifier: optionalText,
    lastInputSeconds: Type.Optional(Type.Number()),
    mode: optionalText,
    reason: optionalText,
    tags: Type.Optional(Type.Array(text)),
    roles: Type.Optional(Type.Array(text)),
    scopes: Type.Optional(Type.Array(text)),
  },
  strict,
);
export type SystemEventParams = Static<typeof SystemEventParams>;

const wizardStep = Type.Object({
  sessionId: text,
  done: Type.Boolean(),
  step: Type.Optional(Type.Unknown()),
  status: optionalText,
  error: optionalText,
});
const wizardSession = Type.Object({ sessionId: nonEmpty }, strict);

const eventMethods = {
  'system-event': method({ params: SystemEventParams, result: ok, scope: 'operator.admin', mutates: true }),
  wake: method({
    params: Type.Object({ mode: literals(['now', 'next-heartbeat']), text }, strict),
    result: ok,
    scope: 'operator.write',
    mutates: true,
  }),
  'last-heartbeat': method({
    params: nothing,
    result: Type.Union([HeartbeatEvent, Type.Null()]),
    scope: 'operator.read',
  }),
  'set-heartbeats': method({
    params: Type.Object({ enabled: Type.Boolean() }, strict),
    result: Type.Object({ ok: Type.Literal(true), enabled: Type.Boolean() }),
    scope: 'operator.admin',
    mutates: true,
  }),
};

const wizardMethods = {
  'wizard.start': method({
    params: Type.Object({ mode: Type.Optional(literals(['local', 'remote'])), workspace: optionalText }, strict),
    result: wizardStep,
    scope: 'operator.admin',
    mutates: true,
  }),
  'wizard.next': method({
    params: Type.Object(
      {
        sessionId: nonEmpty,
        answer: Type.Optional(Type.Object({ stepId: nonEmpty, value: Type.Optional(Type.Unknown()) }, strict)),
      },
      strict,
    ),
    result: wizardStep,
    scope: 'operator.admin',
    mutates: true,
  }),
  'wizard.cancel': method({ params: wizardSession, result: wizardStep, scope: 'operator.admin', mutates: true }),
  'wizard.status': method({ params: wizardSession, result: wizardStep, scope: 'operator.admin' }),
};

export const systemMethods = {
  ...eventMethods,
  ...wizardMethods,
  'doctor.memory.status': method({
    params: nothing,
    result: Type.Object({
      agentId: text,
      provider: optionalText,
      embedding: Type.Object({ ok: Type.Boolean(), error: optionalText }),
    }),
    scope: 'operator.read',
  }),
  'update.run': method({
    params: Type.Object(
      {
        sessionKey: optionalText,
        note: optionalText,
        restartDelayMs: Type.Optional(Type.Integer({ minimum: 0 })),
        timeoutMs: Type.Optional(Type.Integer({ minimum: 1 })),
      },
      strict,
    ),
    result: Type.Object({
      ok: Type.Boolean(),
      result: Type.Unknown(),
      restart: Type.Unknown(),
      sentinel: Type.Unknown(),
    }),
    scope: 'operator.admin',
    mutates: true,
  }),
  'browser.request': method({
    params: Type.Object(
      {
        method: literals(['GET', 'POST', 'DELETE']),
        path: nonEmpty,
        query: Type.Optional(Type.Record(text, Type.Unknown())),
        body: Type.Optional(Type.Unknown()),
        timeoutMs: Type.Optional(Type.Integer({ minimum: 1 })),
      },
      strict,
    ),
    result: Type.Unknown(),
    scope: 'operator.write',
    mutates: true,
  }),
  'push.test': method({
    params: Type.Object(
      {
        nodeId: nonEmpty,
        title: optionalText,
        body: optionalText,
        environment: Type.Optional(literals(['sandbox', 'production'])),
      },
      strict,
    ),
    result: Type.Unknown(),
    scope: 'operator.admin',
    advertised: false,
  }),
};

export const systemEvents = {
  heartbeat: event({ payload: HeartbeatEvent, droppable: true }),
  'update.available': event({
    payload: Type.Object({
      updateAvailable: Type.Union([
        Type.Object({ currentVersion: text, latestVersion: text, channel: text }),
        Type.Null(),
      ]),
    }),
  }),
};
