// What a node is to do when it is next awake: requests to fetch, and commands kept for the foreground.
import { randomUUID } from 'node:crypto';
import type { NodeAction, NodeWorkItem } from '../protocol/index.js';
import type { Clock } from '../shared/clock.js';

export interface WorkRequest {
  nodeId: string;
  type: string;
  priority?: string;
  expiresInMs?: number;
}

interface NodeWork {
  revision: number;
  items: NodeWorkItem[];
}

const DRAIN_DEFAULT = 4;
const ACTION_TTL_MS = 600_000;
const MAX_ACTIONS = 64;
const MAX_NODES = 1000;
const BASELINE_TYPE = 'status.request';

function rank({ priority }: NodeWorkItem): number {
  return priority === 'high' ? 0 : 1;
}

/** Requests that nodes fetch with `node.pending.drain`. In memory: they lose their sense with a restart. */
export class PendingWork {
  readonly #clock: Clock;
  readonly #byNode = new Map<string, NodeWork>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Adds a request; one of the same type that still waits is answered again instead. */
  enqueue({ nodeId, type, priority = 'normal', expiresInMs }: WorkRequest): { revision: number; queued: NodeWorkItem } {
    const work = this.#work(nodeId);
    const known = work.items.find((item) => item.type === type && item.priority === priority);
    if (known) return { revision: work.revision, queued: known };
    const createdAtMs = this.#clock.now();
    const expiresAtMs = expiresInMs === undefined ? null : createdAtMs + expiresInMs;
    const queued: NodeWorkItem = { id: randomUUID(), type, priority, createdAtMs, expiresAtMs };
    work.items.push(queued);
    work.revision += 1;
    this.#byNode.set(nodeId, work);
    if (this.#byNode.size > MAX_NODES) this.#byNode.delete(this.#byNode.keys().next().value ?? nodeId);
    return { revision: work.revision, queued };
  }

  /** Hands over requests, urgent ones first; a node always learns that it may report its status. */
  drain(nodeId: string, maxItems = DRAIN_DEFAULT): { revision: number; items: NodeWorkItem[]; hasMore: boolean } {
    const work = this.#work(nodeId);
    const waiting = [...work.items].sort((a, b) => rank(a) - rank(b));
    const items = waiting.slice(0, maxItems);
    work.items = waiting.slice(maxItems);
    const hasStatus = items.some(({ type }) => type === BASELINE_TYPE);
    if (!hasStatus && items.length < maxItems) {
      const createdAtMs = this.#clock.now();
      const id = 'baseline-status';
      items.push({ id, type: BASELINE_TYPE, priority: 'default', createdAtMs, expiresAtMs: null });
    }
    return { revision: work.revision, items, hasMore: work.items.length > 0 };
  }

  #work(nodeId: string): NodeWork {
    const work = this.#byNode.get(nodeId) ?? { revision: 0, items: [] };
    const now = this.#clock.now();
    work.items = work.items.filter(({ expiresAtMs }) => expiresAtMs === null || expiresAtMs > now);
    return work;
  }
}

/** Commands that a node in the background could not carry out, kept until its app is in front. */
export class PendingActions {
  readonly #clock: Clock;
  readonly #byNode = new Map<string, NodeAction[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(nodeId: string, command: string, params: unknown): NodeAction {
    const action: NodeAction = {
      id: randomUUID(),
      command,
      paramsJSON: params === undefined ? null : JSON.stringify(params),
      enqueuedAtMs: this.#clock.now(),
    };
    this.#byNode.set(nodeId, [...this.list(nodeId), action].slice(-MAX_ACTIONS));
    return action;
  }

  /** Oldest first; after ten minutes nobody waits for them any more. */
  list(nodeId: string): NodeAction[] {
    const oldest = this.#clock.now() - ACTION_TTL_MS;
    return (this.#byNode.get(nodeId) ?? []).filter(({ enqueuedAtMs }) => enqueuedAtMs > oldest);
  }

  /** Forgets what the node has taken; how many are left. */
  acknowledge(nodeId: string, ids: readonly string[]): number {
    const left = this.list(nodeId).filter(({ id }) => !ids.includes(id));
    if (left.length === 0) this.#byNode.delete(nodeId);
    else this.#byNode.set(nodeId, left);
    return left.length;
  }
}
