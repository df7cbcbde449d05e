// The nodes of this gateway: who is here, asking them things, and what waits for them.
import type { DeviceStore } from '../devices/index.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import type { OnClientConnected, OnConnectionClosed, WireBroadcast } from '../shared/wire.js';
import { CanvasCapabilities } from './canvas-capability.js';
import type { CommandSettings } from './command-policy.js';
import { callNode, type InvokeDeps, invokeNode, type InvokeParams, type RunDecision } from './invoke.js';
import { LegacyPairing } from './legacy-pairing.js';
import type { NodeEventSinks } from './node-events.js';
import { NodeRegistry } from './node-registry.js';
import { PendingActions, PendingWork } from './pending-work.js';

export interface NodesOptions {
  stateDir: string;
  devices: DeviceStore;
  broadcast: WireBroadcast<'node.invoke.request' | 'node.pair.requested' | 'node.pair.resolved' | 'voicewake.changed'>;
  onClientConnected: OnClientConnected;
  onConnectionClosed: OnConnectionClosed;
  /** `gateway.nodes` of the config. */
  settings: () => CommandSettings;
  sinks: NodeEventSinks;
  /** Wake words, told to every node that connects. */
  voiceTriggers: () => readonly string[];
  /** Address of the canvas, when there is one. */
  canvasHostUrl?: () => string | undefined;
  allowedRun?: (approvalId: string) => RunDecision | undefined;
  clock: Clock;
  log: Logger;
}

/** Everything the handlers of `node.*` need. Build it with `createNodes`. */
export class Nodes {
  readonly registry: NodeRegistry;
  readonly work: PendingWork;
  readonly actions: PendingActions;
  readonly canvas: CanvasCapabilities;
  readonly invokeDeps: InvokeDeps;

  constructor(
    readonly options: NodesOptions,
    readonly pairing: LegacyPairing,
  ) {
    const { broadcast, settings, clock, allowedRun } = options;
    this.registry = new NodeRegistry({ broadcast, settings, clock });
    this.work = new PendingWork(clock);
    this.actions = new PendingActions(clock);
    this.canvas = new CanvasCapabilities(clock);
    this.invokeDeps = { registry: this.registry, actions: this.actions, settings, allowedRun };
    options.onClientConnected((joined) => {
      const node = this.registry.connected(joined);
      if (node) this.#greet(node.connId);
    });
    options.onConnectionClosed((connId) => {
      this.registry.disconnected(connId);
      this.canvas.forget(connId);
    });
  }

  /** Asks a connected node without the allowlist; its payload. Throws AppError node.*. */
  call(nodeId: string, command: string, params?: unknown, timeoutMs?: number): Promise<unknown> {
    return callNode(this.invokeDeps, { nodeId, command, params, ...(timeoutMs !== undefined && { timeoutMs }) });
  }

  /** `node.invoke` for tools: through the allowlist, and vouching for runs that a person allowed. Throws AppError. */
  invoke(call: InvokeParams) {
    return invokeNode(this.invokeDeps, call);
  }

  async stop(): Promise<void> {
    this.registry.stop();
    await this.pairing.stop();
  }

  #greet(connId: string): void {
    const triggers = [...this.options.voiceTriggers()];
    this.options.broadcast('voicewake.changed', { triggers }, { connIds: new Set([connId]) });
  }
}

/** The nodes room at work; hears of connections from now on. Stop it with `stop()`. */
export async function createNodes(options: NodesOptions): Promise<Nodes> {
  const { stateDir, clock, log } = options;
  return new Nodes(options, await LegacyPairing.load({ stateDir, clock, log }));
}
