// The wire of nodes (spec/gateway-protocol.md §7.9).
import type { WholeWireMethods } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import type { Caller, WireHandlers } from '../shared/wire.js';
import { invokeNode } from './invoke.js';
import { eventFields, handOn } from './node-events.js';
import { listNodes } from './node-list.js';
import type { Nodes } from './nodes.js';

export type NodesMethodName = Extract<keyof WholeWireMethods, `node.${string}`>;
type PairName = Extract<NodesMethodName, `node.pair.${string}`> | 'node.rename';
type PendingName = Extract<NodesMethodName, `node.pending.${string}`>;

function invalid(message: string): AppError {
  return new AppError('request.invalid', { message });
}

/** The id of the node that calls. */
function callerNodeId(nodes: Nodes, caller: Caller): string {
  const node = nodes.registry.list().find(({ connId }) => connId === caller.connId);
  const nodeId = node?.nodeId ?? caller.deviceId ?? caller.instanceId;
  if (nodeId === undefined) throw invalid('connected device identity required');
  return nodeId;
}

function createPairMethods({ pairing, options }: Nodes): WireHandlers<PairName> {
  const { broadcast, clock } = options;
  const resolved = (requestId: string, nodeId: string, decision: 'approved' | 'rejected') =>
    broadcast('node.pair.resolved', { requestId, nodeId, decision, ts: clock.now() });
  return {
    'node.pair.request': async (params) => {
      const { request, created } = await pairing.request(params);
      if (created) broadcast('node.pair.requested', request);
      return { status: 'pending', request, created };
    },
    'node.pair.list': () => ({
      pending: pairing.listPending(),
      paired: pairing.listPaired().map(({ token: _token, ...node }) => node),
    }),
    'node.pair.approve': async ({ requestId }) => {
      const node = await pairing.approve(requestId);
      if (!node) throw invalid('unknown requestId');
      resolved(requestId, node.nodeId, 'approved');
      return { requestId, node };
    },
    'node.pair.reject': async ({ requestId }) => {
      const request = await pairing.reject(requestId);
      if (!request) throw invalid('unknown requestId');
      resolved(requestId, request.nodeId, 'rejected');
      return { requestId, nodeId: request.nodeId };
    },
    'node.pair.verify': ({ nodeId, token }) => {
      const node = pairing.verify(nodeId, token);
      return node ? { ok: true, node } : { ok: false };
    },
    'node.rename': async ({ nodeId, displayName }) => {
      const name = displayName.trim();
      if (name === '') throw invalid('displayName required');
      if (!(await pairing.rename(nodeId, name))) throw invalid('unknown nodeId');
      return { nodeId, displayName: name };
    },
  };
}

function createPendingMethods(nodes: Nodes): WireHandlers<PendingName> {
  const { work, actions } = nodes;
  return {
    'node.pending.enqueue': ({ nodeId, type, priority, expiresInMs }) => {
      const { revision, queued } = work.enqueue({ nodeId, type, priority, expiresInMs });
      // Waking a phone needs a push service, which this gateway has none of.
      return { nodeId, revision, queued, wakeTriggered: false };
    },
    'node.pending.drain': ({ maxItems }, { caller }) => {
      const nodeId = callerNodeId(nodes, caller);
      return { nodeId, ...work.drain(nodeId, maxItems) };
    },
    'node.pending.pull': (_params, { caller }) => {
      const nodeId = callerNodeId(nodes, caller);
      return { nodeId, actions: actions.list(nodeId) };
    },
    'node.pending.ack': ({ ids }, { caller }) => {
      const nodeId = callerNodeId(nodes, caller);
      const ackedIds = [...new Set(ids.map((id) => id.trim()).filter((id) => id !== ''))];
      return { nodeId, ackedIds, remainingCount: actions.acknowledge(nodeId, ackedIds) };
    },
  };
}

function refreshCanvas(nodes: Nodes, caller: Caller) {
  const hostUrl = nodes.options.canvasHostUrl?.();
  if (hostUrl !== undefined) return nodes.canvas.issue(caller.connId, hostUrl);
  throw new AppError('feature.unavailable', {
    message: 'canvas host unavailable for this node session',
    hint: 'This version of the gateway has no canvas yet.',
  });
}

/** The handlers of `node.*`. Refusals are AppError request.invalid, node.* and feature.unavailable. */
export function createNodesMethods(nodes: Nodes): WireHandlers<NodesMethodName> {
  const { registry, options } = nodes;
  const { clock, devices, sinks, log } = options;
  const list = () => listNodes(devices.listPaired(), registry.list());
  return {
    ...createPairMethods(nodes),
    ...createPendingMethods(nodes),
    'node.list': () => ({ ts: clock.now(), nodes: list() }),
    'node.describe': ({ nodeId }) => {
      const node = list().find((row) => row.nodeId === nodeId);
      if (!node) throw invalid('unknown nodeId');
      return { ts: clock.now(), ...node };
    },
    'node.invoke': (params) => invokeNode(nodes.invokeDeps, params),
    'node.invoke.result': ({ id, nodeId, ...answer }, { caller }) => {
      if (nodeId !== callerNodeId(nodes, caller)) throw invalid('nodeId mismatch');
      return registry.answer(id, caller.connId, answer) ? { ok: true } : { ok: true, ignored: true };
    },
    'node.event': ({ event, payload, payloadJSON }, { caller }) => {
      const nodeId = callerNodeId(nodes, caller);
      const report = { nodeId, connId: caller.connId, event, fields: eventFields(payload, payloadJSON) };
      if (!handOn(report, sinks)) log.debug('a report of a node was left alone', { nodeId, event });
      return { ok: true };
    },
    'node.canvas.capability.refresh': (_params, { caller }) => refreshCanvas(nodes, caller),
  };
}
