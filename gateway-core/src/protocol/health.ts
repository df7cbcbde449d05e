// Health, status, presence and the gateway's own identity (spec/gateway-protocol.md §5, §7.1).
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { literals, method } from './define.js';

const text = Type.String();
const count = Type.Integer({ minimum: 0 });
const strict = { additionalProperties: false } as const;

export const PresenceEntry = Type.Object({
  host: Type.Optional(text),
  ip: Type.Optional(text),
  version: Type.Optional(text),
  platform: Type.Optional(text),
  deviceFamily: Type.Optional(text),
  modelIdentifier: Type.Optional(text),
  mode: Type.Optional(text),
  lastInputSeconds: Type.Optional(Type.Number()),
  reason: Type.Optional(text),
  tags: Type.Optional(Type.Array(text)),
  text: Type.Optional(text),
  ts: count,
  deviceId: Type.Optional(text),
  roles: Type.Optional(Type.Array(text)),
  scopes: Type.Optional(Type.Array(text)),
  instanceId: Type.Optional(text),
});
export type PresenceEntry = Static<typeof PresenceEntry>;

export const SessionsSummary = Type.Object({
  path: text,
  count,
  recent: Type.Array(
    Type.Object({ key: text, updatedAt: Type.Union([count, Type.Null()]), age: Type.Union([count, Type.Null()]) }),
  ),
});
export type SessionsSummary = Static<typeof SessionsSummary>;

export const HeartbeatSummary = Type.Object({
  enabled: Type.Boolean(),
  every: text,
  everyMs: Type.Union([count, Type.Null()]),
  prompt: text,
  target: text,
  ackMaxChars: count,
  model: Type.Optional(text),
});
export type HeartbeatSummary = Static<typeof HeartbeatSummary>;

export const HealthSnapshot = Type.Object({
  ok: Type.Literal(true),
  ts: count,
  durationMs: Type.Number({ minimum: 0 }),
  channels: Type.Record(text, Type.Unknown()),
  channelOrder: Type.Array(text),
  channelLabels: Type.Record(text, text),
  heartbeatSeconds: count,
  defaultAgentId: text,
  agents: Type.Array(
    Type.Object({
      agentId: text,
      name: Type.Optional(text),
      isDefault: Type.Boolean(),
      heartbeat: HeartbeatSummary,
      sessions: SessionsSummary,
    }),
  ),
  sessions: SessionsSummary,
});
export type HealthSnapshot = Static<typeof HealthSnapshot>;

/** How `tailscale serve` or `funnel` stands; ours, the reference does not tell. */
export const TailscaleStatus = Type.Object({
  mode: literals(['serve', 'funnel']),
  state: literals(['starting', 'on', 'failed']),
  /** Where people open the window; only while it is on. */
  url: Type.Optional(text),
  /** Why it failed. */
  error: Type.Optional(text),
});
export type TailscaleStatus = Static<typeof TailscaleStatus>;

export const StatusResult = Type.Object({
  runtimeVersion: text,
  heartbeat: Type.Object({
    defaultAgentId: text,
    agents: Type.Array(
      Type.Object({ agentId: text, enabled: Type.Boolean(), every: text, everyMs: Type.Union([count, Type.Null()]) }),
    ),
  }),
  channelSummary: Type.Array(text),
  queuedSystemEvents: Type.Array(text),
  /** Absent while gateway.tailscale.mode is off. */
  tailscale: Type.Optional(TailscaleStatus),
  sessions: Type.Object({
    paths: Type.Array(text),
    count,
    defaults: Type.Object({
      model: Type.Union([text, Type.Null()]),
      contextTokens: Type.Union([count, Type.Null()]),
    }),
    recent: Type.Array(Type.Record(text, Type.Unknown())),
    byAgent: Type.Array(
      Type.Object({ agentId: text, path: text, count, recent: Type.Array(Type.Record(text, Type.Unknown())) }),
    ),
  }),
});
export type StatusResult = Static<typeof StatusResult>;

export const healthMethods = {
  health: method({
    params: Type.Object({ probe: Type.Optional(Type.Boolean()) }),
    result: HealthSnapshot,
    scope: 'any',
  }),
  status: method({ params: Type.Unknown(), result: StatusResult, scope: 'operator.read' }),
  'gateway.identity.get': method({
    params: Type.Object({}, strict),
    result: Type.Object({ deviceId: text, publicKey: text }),
    scope: 'operator.read',
  }),
  'system-presence': method({
    params: Type.Object({}, strict),
    result: Type.Array(PresenceEntry),
    scope: 'operator.read',
  }),
};
