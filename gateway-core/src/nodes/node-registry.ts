// The nodes that are connected now, and the calls that wait for their answers.
import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../shared/clock.js';
import type { ConnectedClient, WireBroadcast } from '../shared/wire.js';
import { acceptedCommands, allowedCommands, type CommandSettings, nodePlatform } from './command-policy.js';

export interface ConnectedNode {
  nodeId: string;
  connId: string;
  displayName?: string;
  platform: string;
  version: string;
  deviceFamily?: string;
  modelIdentifier?: string;
  remoteIp?: string;
  caps: string[];
  /** Those of its claims that the allowlist lets through. */
  commands: string[];
  permissions?: Record<string, boolean>;
  pathEnv?: string;
  connectedAtMs: number;
}

export interface NodeCall {
  nodeId: string;
  command: string;
  params?: unknown;
  timeoutMs?: number;
  idempotencyKey?: string;
}

export interface NodeAnswer {
  ok: boolean;
  payload?: unknown;
  payloadJSON?: string | null;
  error?: { code?: string; message?: string } | null;
}

export interface NodeRegistryOptions {
  broadcast: WireBroadcast<'node.invoke.request'>;
  settings: () => CommandSettings;
  clock: Clock;
}

interface WaitingCall {
  connId: string;
  command: string;
  timer: Timer;
  resolve: (answer: NodeAnswer) => void;
  reject: (error: Error) => void;
}

const INVOKE_TIMEOUT_MS = 30_000;
/** Timers that are set for longer fire at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

function sorted(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.trim()).filter((name) => name !== ''))].sort();
}

/** The connection of a node ended before it answered. */
export class NodeGoneError extends Error {}

export class NodeRegistry {
  readonly #options: NodeRegistryOptions;
  readonly #byId = new Map<string, ConnectedNode>();
  readonly #waiting = new Map<string, WaitingCall>();

  constructor(options: NodeRegistryOptions) {
    this.#options = options;
  }

  /** Notes a client that signed in; the node it is, or undefined for other clients. */
  connected(joined: ConnectedClient): ConnectedNode | undefined {
    const { caller, client } = joined;
    const nodeId = caller.deviceId ?? client.instanceId;
    if (caller.role !== 'node' || nodeId === undefined) return undefined;
    const allowed = allowedCommands(nodePlatform(client.platform, client.deviceFamily), this.#options.settings());
    const node: ConnectedNode = {
      nodeId,
      connId: caller.connId,
      ...(client.displayName !== undefined && { displayName: client.displayName }),
      platform: client.platform,
      version: client.version,
      ...(client.deviceFamily !== undefined && { deviceFamily: client.deviceFamily }),
      ...(client.modelIdentifier !== undefined && { modelIdentifier: client.modelIdentifier }),
      ...(!caller.isLocal && caller.clientIp !== undefined && { remoteIp: caller.clientIp }),
      caps: sorted(caller.caps),
      commands: acceptedCommands(joined.commands, allowed),
      ...(joined.permissions && { permissions: { ...joined.permissions } }),
      ...(joined.pathEnv !== undefined && { pathEnv: joined.pathEnv }),
      connectedAtMs: joined.connectedAtMs,
    };
    this.#byId.set(nodeId, node);
    return node;
  }

  /** Forgets a connection; calls that wait for it fail. */
  disconnected(connId: string): void {
    for (const [nodeId, node] of this.#byId) if (node.connId === connId) this.#byId.delete(nodeId);
    for (const [id, call] of this.#waiting) {
      if (call.connId !== connId) continue;
      this.#settle(id);
      call.reject(new NodeGoneError(`node disconnected (${call.command})`));
    }
  }

  get(nodeId: string): ConnectedNode | undefined {
    return this.#byId.get(nodeId);
  }

  list(): ConnectedNode[] {
    return [...this.#byId.values()];
  }

  /** Sends a command to a connected node. A missing answer is one with code TIMEOUT. Rejects with NodeGoneError. */
  invoke(node: ConnectedNode, call: NodeCall): Promise<NodeAnswer> {
    const { broadcast, clock } = this.#options;
    const id = randomUUID();
    const { nodeId, command, timeoutMs, idempotencyKey } = call;
    return new Promise((resolve, reject) => {
      const timer = clock.after(Math.min(timeoutMs ?? INVOKE_TIMEOUT_MS, LONGEST_TIMEOUT_MS), () => {
        this.#settle(id);
        resolve({ ok: false, error: { code: 'TIMEOUT', message: 'node invoke timed out' } });
      });
      this.#waiting.set(id, { connId: node.connId, command, timer, resolve, reject });
      const payload = {
        id,
        nodeId,
        command,
        paramsJSON: call.params === undefined ? null : JSON.stringify(call.params),
        ...(timeoutMs !== undefined && { timeoutMs }),
        ...(idempotencyKey !== undefined && { idempotencyKey }),
      };
      broadcast('node.invoke.request', payload, { connIds: new Set([node.connId]) });
    });
  }

  /** Takes the answer of a node; false for a call that is unknown, late or not this connection's. */
  answer(id: string, connId: string, answer: NodeAnswer): boolean {
    const call = this.#waiting.get(id);
    if (!call || call.connId !== connId) return false;
    this.#settle(id);
    call.resolve(answer);
    return true;
  }

  /** Fails what waits. */
  stop(): void {
    for (const { connId } of [...this.#waiting.values()]) this.disconnected(connId);
    this.#byId.clear();
  }

  #settle(id: string): void {
    this.#waiting.get(id)?.timer.cancel();
    this.#waiting.delete(id);
  }
}
