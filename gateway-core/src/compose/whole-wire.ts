// The rooms behind the methods beyond the spine, and what they need of each other.
import { createAgentsEditMethods } from '../agents/index.js';
import { createApprovalsMethods, type PendingApprovals } from '../approvals/index.js';
import { createChannelsMethods } from '../channels/index.js';
import type { OpenClawConfig, WriteBudget } from '../config/index.js';
import { createDevicesMethods, type DeviceStore } from '../devices/index.js';
import type { Heartbeat } from '../heartbeat/index.js';
import { type ChatRelay, createNodes, createNodesMethods, type NodeMessage, type Nodes } from '../nodes/index.js';
import type { Runs } from '../runs/index.js';
import type { GatewayServer } from '../server/index.js';
import {
  createSessionUpkeepMethods,
  createUsageMethods,
  mainSessionKey,
  parseSessionKey,
  requireSessionKey,
  type SessionEvents,
  type SessionStore,
} from '../sessions/index.js';
import { inBackground } from '../shared/logger.js';
import {
  createSystemMethods,
  createTalkMethods,
  Heartbeats,
  type SystemEventQueue,
  WakeWords,
} from '../system/index.js';
import { createToolsMethods } from '../tools/index.js';
import type { Base } from './base.js';
import type { Tooling } from './tooling.js';

interface Agents {
  ids(): readonly string[];
  defaultId(): string;
}

/** What must be ready before methods can be built. */
export interface WholeWire {
  queue: SystemEventQueue;
  heartbeats: Heartbeats;
  wakeWords: WakeWords;
  approvals: PendingApprovals;
  nodes: Nodes;
}

interface Needs {
  server: GatewayServer;
  devices: DeviceStore;
  agents: Agents;
  queue: SystemEventQueue;
  tooling: Tooling;
  /** Nodes hear the conversations they subscribed to through it. */
  relay: ChatRelay;
  /** Runs are built later. */
  runs: () => Runs;
}

function startFromNode(base: Base, { agents, runs }: Needs, message: NodeMessage): void {
  const key = parseSessionKey(message.sessionKey ?? 'main', agents.defaultId());
  if (!key || !agents.ids().includes(key.agentId)) return;
  const timeoutMs = message.timeoutSeconds === undefined ? undefined : message.timeoutSeconds * 1000;
  const { thinking, key: repeat, nodeId } = message;
  const runId = repeat === undefined ? undefined : `node-${nodeId}-${repeat}`;
  const started = runs().startRun({ kind: 'agent', key, message: message.message, thinking, timeoutMs, runId });
  inBackground(started, base.hub.logger('nodes'), 'a message of a node could not be taken');
}

/** Builds the rooms that keep something. What must be undone is pushed on `base.stops`. */
export async function buildWholeWire(base: Base, needs: Needs): Promise<WholeWire> {
  const { config, paths, hub, clock, stops } = base;
  const { server, devices, agents, queue, relay } = needs;
  const { approvals } = needs.tooling;
  const wakeWords = await WakeWords.load(paths.stateDir, hub.logger('system'));
  const nodes = await createNodes({
    stateDir: paths.stateDir,
    devices,
    broadcast: server.broadcast,
    onClientConnected: server.onClientConnected,
    onConnectionClosed: server.onConnectionClosed,
    settings: () => config().gateway?.nodes ?? {},
    sinks: {
      message: (_source, message) => startFromNode(base, needs, message),
      systemEvent: ({ text, sessionKey = 'main', contextKey }) => {
        const key = parseSessionKey(sessionKey, agents.defaultId());
        if (key) queue.add(key.key, text, contextKey);
      },
      chatSubscription: (change) => relay.change(change),
    },
    voiceTriggers: () => wakeWords.list(),
    allowedRun: (id) => approvals.allowed(id),
    clock,
    log: hub.logger('nodes'),
  });
  server.onConnectionClosed((connId) => relay.forget(connId));
  stops.push(() => nodes.stop());
  return { queue, heartbeats: new Heartbeats(), wakeWords, approvals, nodes };
}

interface MethodNeeds extends Needs {
  store: SessionStore;
  events: SessionEvents;
  budget: WriteBudget;
}

function deviceSide({ clock }: Base, { server, devices, tooling }: MethodNeeds, wire: WholeWire) {
  return {
    ...createDevicesMethods({
      store: devices,
      broadcast: server.broadcast,
      disconnect: server.disconnectDevice,
      clock,
    }),
    ...createNodesMethods(wire.nodes),
    ...createApprovalsMethods({
      pending: wire.approvals,
      file: tooling.approvalsFile,
      broadcast: server.broadcast,
      callNode: (nodeId, command, params) => wire.nodes.call(nodeId, command, params),
      clock,
    }),
  };
}

function agentSide(base: Base, { store, events, agents, runs, tooling }: MethodNeeds) {
  const { paths, owner, hub, clock } = base;
  return {
    ...createAgentsEditMethods({
      // The owner knows a write as soon as it is done; the config of the rooms follows a moment later.
      config: () => owner.current().config,
      paths,
      writeConfig: async (plan) => {
        const change = (file: { included: unknown }) => ({ edits: plan((file.included ?? {}) as OpenClawConfig) });
        await owner.write({ source: 'agents', change });
      },
      releaseAgent: async (agentId) => {
        const index = await store.index(agentId);
        for (const key of index.keys()) await runs().abort({ key, stopReason: 'rpc' });
        await store.releaseAgent(agentId);
      },
      clock,
      log: hub.logger('agents'),
    }),
    ...createSessionUpkeepMethods({ store, events, runs: runs(), agents }),
    ...createUsageMethods({ store, agents, clock }),
    ...createToolsMethods({
      config: base.config,
      agents,
      explain: tooling.explain,
      agentOfSession: async (input) => {
        const key = requireSessionKey(input, agents.defaultId());
        if (!agents.ids().includes(key.agentId)) return undefined;
        const isMain = key.key === mainSessionKey(key.agentId);
        return isMain || (await store.find(key.key)) ? key.agentId : undefined;
      },
    }),
  };
}

/** The handlers of `wholeWireMethods`. */
export function wholeWireHandlers(base: Base, needs: MethodNeeds & { heartbeat: Heartbeat }, wire: WholeWire) {
  const { config, env, paths, clock } = base;
  const { server, agents, budget, heartbeat } = needs;
  return {
    ...deviceSide(base, needs, wire),
    ...agentSide(base, needs),
    ...createSystemMethods({
      queue: wire.queue,
      heartbeats: wire.heartbeats,
      mainSessionKey: () => mainSessionKey(agents.defaultId()),
      defaultAgentId: () => agents.defaultId(),
      notePresence: server.notePresence,
      wakeNow: (sessionKey) => void heartbeat.wake({ agentId: agents.defaultId(), sessionKey, reason: 'wake' }),
      writeBudget: budget,
    }),
    ...createTalkMethods({
      config,
      env,
      stateDir: paths.stateDir,
      wakeWords: wire.wakeWords,
      broadcast: server.broadcast,
      clock,
    }),
    ...createChannelsMethods({ clock }),
  };
}
