// Nodes paired by id and token, the way before device keys (node.pair.*): `<stateDir>/nodes/{pending,paired}.json`.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { createToken, secretsMatch } from '../devices/index.js';
import type { NodePairRequest } from '../protocol/index.js';
import type { Clock } from '../shared/clock.js';
import { readJsonIfExists, writeJsonDurably } from '../shared/json-file.js';
import type { Logger } from '../shared/logger.js';

export type NodeAbout = Omit<NodePairRequest, 'requestId' | 'isRepair' | 'ts'>;

export interface LegacyNode extends Omit<NodeAbout, 'silent'> {
  token: string;
  createdAtMs: number;
  approvedAtMs: number;
}

export interface LegacyPairingOptions {
  stateDir: string;
  clock: Clock;
  log: Logger;
}

const PENDING_TTL_MS = 300_000;

function hasTexts(value: unknown, keys: readonly string[]): boolean {
  if (value === null || typeof value !== 'object') return false;
  return keys.every((key) => typeof (value as Record<string, unknown>)[key] === 'string');
}

async function readRows<T>(file: string, keys: readonly string[], log: Logger): Promise<Map<string, T>> {
  try {
    const rows = Object.entries((await readJsonIfExists<Record<string, T>>(file)) ?? {});
    return new Map(rows.filter(([, row]) => hasTexts(row, keys)));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    log.error(`${file} is not valid JSON; it counts as empty and is replaced with the next change`, { err: error });
    return new Map();
  }
}

export class LegacyPairing {
  readonly #options: LegacyPairingOptions;
  readonly #pending: Map<string, NodePairRequest>;
  readonly #paired: Map<string, LegacyNode>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    options: LegacyPairingOptions,
    pending: Map<string, NodePairRequest>,
    paired: Map<string, LegacyNode>,
  ) {
    this.#options = options;
    this.#pending = pending;
    this.#paired = paired;
  }

  static async load(options: LegacyPairingOptions): Promise<LegacyPairing> {
    const at = (name: string) => path.join(options.stateDir, 'nodes', name);
    const [pending, paired] = await Promise.all([
      readRows<NodePairRequest>(at('pending.json'), ['requestId', 'nodeId'], options.log),
      readRows<LegacyNode>(at('paired.json'), ['nodeId', 'token'], options.log),
    ]);
    return new LegacyPairing(options, pending, paired);
  }

  /** Keeps a request; one of the same node that still waits is answered again. On disk when it resolves. */
  async request(about: NodeAbout): Promise<{ request: NodePairRequest; created: boolean }> {
    const known = this.listPending().find(({ nodeId }) => nodeId === about.nodeId);
    if (known) return { request: known, created: false };
    const request: NodePairRequest = {
      requestId: randomUUID(),
      ...about,
      isRepair: this.#paired.has(about.nodeId),
      ts: this.#options.clock.now(),
    };
    this.#pending.set(request.requestId, request);
    await this.#save('pending.json', this.#pending);
    return { request, created: true };
  }

  /** Latest first. */
  listPending(): NodePairRequest[] {
    const oldest = this.#options.clock.now() - PENDING_TTL_MS;
    for (const { requestId, ts } of this.#pending.values()) if (ts < oldest) this.#pending.delete(requestId);
    return [...this.#pending.values()].sort((a, b) => b.ts - a.ts);
  }

  /** Latest first. */
  listPaired(): LegacyNode[] {
    return [...this.#paired.values()].sort((a, b) => b.approvedAtMs - a.approvedAtMs);
  }

  /** Pairs the node of a request with a fresh token. On disk when it resolves; undefined for an unknown request. */
  async approve(requestId: string): Promise<LegacyNode | undefined> {
    const request = await this.reject(requestId);
    if (!request) return undefined;
    const { requestId: _id, isRepair: _repair, silent: _silent, ts: _ts, nodeId, ...about } = request;
    const now = this.#options.clock.now();
    const createdAtMs = this.#paired.get(nodeId)?.createdAtMs ?? now;
    const node: LegacyNode = { nodeId, token: createToken(), ...about, createdAtMs, approvedAtMs: now };
    this.#paired.set(nodeId, node);
    await this.#save('paired.json', this.#paired);
    return node;
  }

  /** Forgets a request and returns it. On disk when it resolves. */
  async reject(requestId: string): Promise<NodePairRequest | undefined> {
    const request = this.listPending().find((row) => row.requestId === requestId);
    if (!request) return undefined;
    this.#pending.delete(requestId);
    await this.#save('pending.json', this.#pending);
    return request;
  }

  /** The node whose token this is. */
  verify(nodeId: string, token: string): LegacyNode | undefined {
    const node = this.#paired.get(nodeId);
    return node && secretsMatch(token, node.token) ? node : undefined;
  }

  /** Names a paired node; false when it is not paired this way. On disk when it resolves. */
  async rename(nodeId: string, displayName: string): Promise<boolean> {
    const node = this.#paired.get(nodeId);
    if (!node) return false;
    this.#paired.set(nodeId, { ...node, displayName });
    await this.#save('paired.json', this.#paired);
    return true;
  }

  /** Waits for the last write. */
  async stop(): Promise<void> {
    await this.#writing;
  }

  #save(name: string, rows: ReadonlyMap<string, unknown>): Promise<void> {
    const file = path.join(this.#options.stateDir, 'nodes', name);
    const write = () => writeJsonDurably(file, Object.fromEntries(rows));
    const written = this.#writing.then(write);
    // A failed write is its caller's to report; the next one starts from what is in memory.
    this.#writing = written.catch(() => undefined);
    return written;
  }
}
