// Nodes: devices that lend the gateway their camera, canvas or shell (spec/gateway-protocol.md §7.9).
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { event, literals, method } from './define.js';

const text = Type.String();
const nonEmpty = Type.String({ minLength: 1 });
const optionalText = Type.Optional(text);
const texts = Type.Array(text);
const flag = Type.Optional(Type.Boolean());
const time = Type.Integer({ minimum: 0 });
const nullableTime = Type.Union([time, Type.Null()]);
const strict = { additionalProperties: false } as const;
const nothing = Type.Object({}, strict);

const aboutNode = {
  displayName: optionalText,
  platform: optionalText,
  version: optionalText,
  coreVersion: optionalText,
  uiVersion: optionalText,
  deviceFamily: optionalText,
  modelIdentifier: optionalText,
};

export const NodeView = Type.Object({
  nodeId: text,
  ...aboutNode,
  remoteIp: optionalText,
  caps: texts,
  commands: texts,
  pathEnv: optionalText,
  permissions: Type.Optional(Type.Record(text, Type.Boolean())),
  connectedAtMs: Type.Optional(time),
  paired: Type.Boolean(),
  connected: Type.Boolean(),
});
export type NodeView = Static<typeof NodeView>;

const pairing = {
  ...aboutNode,
  caps: Type.Optional(texts),
  commands: Type.Optional(texts),
  remoteIp: optionalText,
};

/** A request of `node.pair.request`, and the payload of `node.pair.requested`. */
export const NodePairRequest = Type.Object({
  requestId: text,
  nodeId: text,
  ...pairing,
  silent: flag,
  isRepair: flag,
  ts: time,
});
export type NodePairRequest = Static<typeof NodePairRequest>;

const pairedNode = { nodeId: text, ...pairing, createdAtMs: time, approvedAtMs: time };
const PairedNode = Type.Object(pairedNode);
const PairedNodeWithToken = Type.Object({ ...pairedNode, token: text });

const WorkItem = Type.Object({
  id: text,
  type: text,
  priority: text,
  createdAtMs: time,
  expiresAtMs: nullableTime,
});
export type NodeWorkItem = Static<typeof WorkItem>;

const NodeAction = Type.Object({
  id: text,
  command: text,
  paramsJSON: Type.Union([text, Type.Null()]),
  enqueuedAtMs: time,
});
export type NodeAction = Static<typeof NodeAction>;

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]));

const pairMethods = {
  'node.pair.request': method({
    params: Type.Object({ nodeId: nonEmpty, ...pairing, silent: flag }, strict),
    result: Type.Object({ status: Type.Literal('pending'), request: NodePairRequest, created: Type.Boolean() }),
    scope: 'operator.pairing',
    mutates: true,
  }),
  'node.pair.list': method({
    params: nothing,
    result: Type.Object({ pending: Type.Array(NodePairRequest), paired: Type.Array(PairedNode) }),
    scope: 'operator.pairing',
  }),
  'node.pair.approve': method({
    params: Type.Object({ requestId: nonEmpty }, strict),
    result: Type.Object({ requestId: text, node: PairedNodeWithToken }),
    scope: 'operator.pairing',
    mutates: true,
  }),
  'node.pair.reject': method({
    params: Type.Object({ requestId: nonEmpty }, strict),
    result: Type.Object({ requestId: text, nodeId: text }),
    scope: 'operator.pairing',
    mutates: true,
  }),
  'node.pair.verify': method({
    params: Type.Object({ nodeId: nonEmpty, token: nonEmpty }, strict),
    result: Type.Object({ ok: Type.Boolean(), node: Type.Optional(PairedNodeWithToken) }),
    scope: 'operator.pairing',
  }),
  'node.rename': method({
    params: Type.Object({ nodeId: nonEmpty, displayName: nonEmpty }, strict),
    result: Type.Object({ nodeId: text, displayName: text }),
    scope: 'operator.pairing',
    mutates: true,
  }),
};

const operatorMethods = {
  'node.list': method({
    params: nothing,
    result: Type.Object({ ts: time, nodes: Type.Array(NodeView) }),
    scope: 'operator.read',
  }),
  'node.describe': method({
    params: Type.Object({ nodeId: nonEmpty }, strict),
    result: Type.Intersect([Type.Object({ ts: time }), NodeView]),
    scope: 'operator.read',
  }),
  'node.pending.enqueue': method({
    params: Type.Object(
      {
        nodeId: nonEmpty,
        type: literals(['status.request', 'location.request']),
        priority: Type.Optional(literals(['normal', 'high'])),
        expiresInMs: Type.Optional(Type.Integer({ minimum: 1000, maximum: 86_400_000 })),
        wake: flag,
      },
      strict,
    ),
    result: Type.Object({ nodeId: text, revision: time, queued: WorkItem, wakeTriggered: Type.Boolean() }),
    scope: 'operator.write',
    mutates: true,
  }),
  'node.invoke': method({
    params: Type.Object(
      {
        nodeId: nonEmpty,
        command: nonEmpty,
        params: Type.Optional(Type.Unknown()),
        timeoutMs: Type.Optional(time),
        idempotencyKey: nonEmpty,
      },
      strict,
    ),
    result: Type.Object({
      ok: Type.Literal(true),
      nodeId: text,
      command: text,
      payload: Type.Optional(Type.Unknown()),
      payloadJSON: Type.Union([text, Type.Null()]),
    }),
    scope: 'operator.write',
    mutates: true,
  }),
};

const nodeRoleMethods = {
  'node.pending.drain': method({
    params: Type.Object({ maxItems: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 })) }, strict),
    result: Type.Object({ nodeId: text, revision: time, items: Type.Array(WorkItem), hasMore: Type.Boolean() }),
    scope: 'node',
  }),
  'node.pending.pull': method({
    params: nothing,
    result: Type.Object({ nodeId: text, actions: Type.Array(NodeAction) }),
    scope: 'node',
  }),
  'node.pending.ack': method({
    params: Type.Object({ ids: Type.Array(nonEmpty, { minItems: 1 }) }, strict),
    result: Type.Object({ nodeId: text, ackedIds: texts, remainingCount: time }),
    scope: 'node',
    mutates: true,
  }),
  'node.invoke.result': method({
    params: Type.Object(
      {
        id: nonEmpty,
        nodeId: nonEmpty,
        ok: Type.Boolean(),
        payload: Type.Optional(Type.Unknown()),
        payloadJSON: nullable(text),
        error: nullable(Type.Object({ code: optionalText, message: optionalText }, strict)),
      },
      strict,
    ),
    result: Type.Object({ ok: Type.Literal(true), ignored: Type.Optional(Type.Literal(true)) }),
    scope: 'node',
  }),
  'node.event': method({
    params: Type.Object(
      { event: nonEmpty, payload: Type.Optional(Type.Unknown()), payloadJSON: nullable(text) },
      strict,
    ),
    result: Type.Object({ ok: Type.Literal(true) }),
    scope: 'node',
  }),
  'node.canvas.capability.refresh': method({
    params: nothing,
    result: Type.Object({ canvasCapability: text, canvasCapabilityExpiresAtMs: time, canvasHostUrl: text }),
    scope: 'node',
  }),
};

export const nodesMethods = { ...pairMethods, ...operatorMethods, ...nodeRoleMethods };

export const nodesEvents = {
  'node.pair.requested': event({ payload: NodePairRequest, scope: 'operator.pairing' }),
  'node.pair.resolved': event({
    payload: Type.Object({ requestId: text, nodeId: text, decision: text, ts: time }),
    scope: 'operator.pairing',
  }),
  'node.invoke.request': event({
    payload: Type.Object({
      id: text,
      nodeId: text,
      command: text,
      paramsJSON: Type.Union([text, Type.Null()]),
      timeoutMs: Type.Optional(time),
      idempotencyKey: optionalText,
    }),
    targeted: true,
  }),
};
