// Questions of agents that wait for a person, kept current by events; the first answer wins, wherever it is given.
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ApprovalDecision, ApprovalRequest, EventPayload } from '../../../gateway-core/src/protocol/index.js';
import type { Gateway } from './gateway.js';
import { callNamed } from './named-calls.js';

export interface Approval {
  id: string;
  request: ApprovalRequest;
  /** Epoch milliseconds. */
  createdAtMs: number;
  expiresAtMs: number;
  /** `sending`: answered here, the gateway has not confirmed yet. `ended`: its time ran out, or the gateway forgot it. */
  state: 'waiting' | 'sending' | 'decided' | 'ended';
  decision?: ApprovalDecision;
  /** Who answered, as their device is called; absent for an answer of this window. */
  resolvedBy?: string;
  isOwnAnswer?: boolean;
  /** Why the answer did not arrive. */
  failure?: unknown;
}

export interface ApprovalsState {
  /** By id, oldest first. */
  all: readonly Approval[];
  /** The gateway was asked what waits, so `all` is more than what happened to be heard. */
  isListed: boolean;
}

export interface Approvals {
  store: StoreApi<ApprovalsState>;
  /** Rejects never: a failure is kept with the question. */
  resolve(id: string, decision: ApprovalDecision): Promise<void>;
  /** A question that a stored message tells of; asks the gateway whether it still waits. */
  recall(known: Pick<Approval, 'id' | 'expiresAtMs'> & { request: ApprovalRequest }): void;
}

export interface ApprovalsDeps {
  gateway: Gateway;
  now: () => number;
  after: (ms: number, run: () => void) => void;
}

const KEPT = 100;
type Asked = EventPayload<'exec.approval.requested'>;

const DECISIONS: readonly string[] = ['allow-once', 'allow-always', 'deny'] satisfies ApprovalDecision[];

function asDecision(text: unknown): ApprovalDecision | undefined {
  return typeof text === 'string' && DECISIONS.includes(text) ? (text as ApprovalDecision) : undefined;
}

/** True while somebody may still answer. */
export function isOpen(approval: Approval): boolean {
  return approval.state === 'waiting' || approval.state === 'sending';
}

class ApprovalsModel implements Approvals {
  readonly store = createStore<ApprovalsState>(() => ({ all: [], isListed: false }));
  /** Answered before this window knew of them; a list that is under way may still name them. */
  readonly #answered = new Set<string>();

  constructor(private readonly deps: ApprovalsDeps) {
    const { gateway } = deps;
    gateway.on('exec.approval.requested', (asked) => this.#add({ ...asked, state: 'waiting' }));
    gateway.on('exec.approval.resolved', (event) => this.#resolved(event));
    // While the line was down somebody may have asked or answered.
    gateway.onReady(() => void this.#refresh());
    gateway.onGap(() => void this.#refresh());
  }

  async resolve(id: string, decision: ApprovalDecision): Promise<void> {
    this.#change(id, { state: 'sending', failure: undefined, isOwnAnswer: true });
    try {
      await callNamed(this.deps.gateway, 'exec.approval.resolve', { id, decision });
      this.#change(id, { state: 'decided', decision });
    } catch (error) {
      const late = error instanceof Error && error.message.startsWith('unknown or expired');
      if (this.#find(id)?.state !== 'sending') return;
      if (late) this.#change(id, { state: 'ended', isOwnAnswer: undefined });
      else this.#change(id, { state: 'waiting', failure: error, isOwnAnswer: undefined });
    }
  }

  recall({ id, request, expiresAtMs }: Parameters<Approvals['recall']>[0]): void {
    if (this.#find(id) || expiresAtMs <= this.deps.now()) return;
    this.#add({ id, request, createdAtMs: this.deps.now(), expiresAtMs, state: 'waiting' });
    void this.#ask(id);
  }

  #find(id: string): Approval | undefined {
    return this.store.getState().all.find((approval) => approval.id === id);
  }

  #add(approval: Approval): void {
    if (this.#find(approval.id)) return;
    const older = (a: Approval, b: Approval) => a.createdAtMs - b.createdAtMs;
    this.store.setState(({ all }) => ({ all: [...all, approval].sort(older).slice(-KEPT) }));
    this.deps.after(Math.max(0, approval.expiresAtMs - this.deps.now()), () => this.#expire(approval.id));
  }

  #change(id: string, part: Partial<Approval>): void {
    this.store.setState(({ all }) => ({ all: all.map((one) => (one.id === id ? { ...one, ...part } : one)) }));
  }

  #expire(id: string): void {
    const approval = this.#find(id);
    if (approval && isOpen(approval)) this.#change(id, { state: 'ended' });
  }

  #resolved({ id, decision, resolvedBy }: EventPayload<'exec.approval.resolved'>): void {
    const known = this.#find(id);
    if (!known) return this.#noteAnswered(id);
    const mine = known.isOwnAnswer === true;
    const who = mine ? undefined : (resolvedBy ?? undefined);
    this.#change(id, { state: 'decided', decision: asDecision(decision), resolvedBy: who, failure: undefined });
  }

  #noteAnswered(id: string): void {
    this.#answered.add(id);
    const [oldest] = this.#answered;
    if (this.#answered.size > KEPT && oldest !== undefined) this.#answered.delete(oldest);
  }

  /** Learns what waits. What was open here and is not listed has been answered, or the gateway forgot it. */
  async #refresh(): Promise<void> {
    const open = this.store.getState().all.filter(isOpen);
    const listed = await this.#list();
    for (const asked of listed) this.#learn(asked);
    const ids = new Set(listed.map(({ id }) => id));
    for (const { id } of open) if (!ids.has(id)) void this.#ask(id);
    this.store.setState({ isListed: true });
  }

  /** Empty where the gateway cannot say: it is older, of another make, or does not let this window answer. */
  async #list(): Promise<Asked[]> {
    const { gateway } = this.deps;
    const answer = await callNamed(gateway, 'exec.approval.list', {}).catch(() => undefined);
    return Array.isArray(answer?.approvals) ? answer.approvals : [];
  }

  #learn(asked: Asked): void {
    const known = this.#find(asked.id);
    if (known) return isOpen(known) ? this.#change(asked.id, asked) : undefined;
    if (!this.#answered.has(asked.id)) this.#add({ ...asked, state: 'waiting' });
  }

  /** Settles with the answer, whoever gives it; a gateway that does not know the question has forgotten it. */
  async #ask(id: string): Promise<void> {
    const timeoutMs = Math.max(1_000, (this.#find(id)?.expiresAtMs ?? 0) - this.deps.now() + 5_000);
    try {
      const { decision } = await callNamed(this.deps.gateway, 'exec.approval.waitDecision', { id }, { timeoutMs });
      const known = asDecision(decision);
      const current = this.#find(id);
      if (current && isOpen(current))
        this.#change(id, known ? { state: 'decided', decision: known } : { state: 'ended' });
    } catch (error) {
      // A line that is gone comes back and asks again; a gateway that does not know the question will not answer it.
      const isAway = error instanceof Error && ['GatewayClosedError', 'GatewayTimeoutError'].includes(error.name);
      if (!isAway) this.#expire(id);
    }
  }
}

/** Listens from now on; the gateway's line outlives it. */
export function createApprovals(deps: ApprovalsDeps): Approvals {
  return new ApprovalsModel(deps);
}
