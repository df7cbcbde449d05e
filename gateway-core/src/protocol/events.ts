// Every event the gateway sends, with who may hear it (spec/gateway-protocol.md §5).
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { AgentEvent, ChatEvent } from './chat.js';
import { event } from './define.js';
import { ConnectChallenge } from './handshake.js';
import { HealthSnapshot, PresenceEntry } from './health.js';
import { Message } from './messages.js';
import { SessionRow } from './sessions.js';

const text = Type.String();

export const SessionMessageEvent = Type.Object({
  sessionKey: text,
  message: Message,
  messageId: Type.Optional(text),
  messageSeq: Type.Optional(Type.Integer({ minimum: 0 })),
  session: Type.Optional(SessionRow),
});
export type SessionMessageEvent = Static<typeof SessionMessageEvent>;

/** Carries `reason` (create, send, patch, reset, new, delete) or a run's `phase` (start, message, end, error). */
export const SessionsChangedEvent = Type.Object({
  sessionKey: text,
  reason: Type.Optional(text),
  phase: Type.Optional(text),
  runId: Type.Optional(text),
  messageId: Type.Optional(text),
  messageSeq: Type.Optional(Type.Integer({ minimum: 0 })),
  session: Type.Optional(SessionRow),
  ts: Type.Number(),
});
export type SessionsChangedEvent = Static<typeof SessionsChangedEvent>;

export const events = {
  'connect.challenge': event({ payload: ConnectChallenge, targeted: true }),
  agent: event({ payload: AgentEvent, scope: 'operator.read', forNodes: true }),
  chat: event({ payload: ChatEvent, scope: 'operator.read', forNodes: true }),
  'session.message': event({ payload: SessionMessageEvent, targeted: true }),
  'session.tool': event({ payload: AgentEvent, targeted: true }),
  'sessions.changed': event({ payload: SessionsChangedEvent, targeted: true }),
  presence: event({ payload: Type.Object({ presence: Type.Array(PresenceEntry) }) }),
  tick: event({ payload: Type.Object({ ts: Type.Number() }), droppable: true }),
  shutdown: event({
    payload: Type.Object({ reason: text, restartExpectedMs: Type.Union([Type.Number(), Type.Null()]) }),
  }),
  health: event({ payload: HealthSnapshot }),
  'device.pair.resolved': event({
    payload: Type.Object({ requestId: text, deviceId: text, decision: text, ts: Type.Number() }),
    scope: 'operator.pairing',
  }),
  'device.pair.requested': event({ payload: Type.Record(text, Type.Unknown()), scope: 'operator.pairing' }),
};
