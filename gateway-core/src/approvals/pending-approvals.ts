// Questions to a person that wait for an answer, each with its end (spec/gateway-protocol.md §7.10).
import type { ApprovalDecision, ApprovalRequest } from '../protocol/index.js';
import type { Clock, Timer } from '../shared/clock.js';

export interface Approval {
  id: string;
  request: ApprovalRequest;
  createdAtMs: number;
  expiresAtMs: number;
  /** Undefined while it waits; null when its time ran out. */
  decision?: ApprovalDecision | null;
  resolvedBy?: string | null;
  /** Never rejects. */
  decided: Promise<ApprovalDecision | null>;
}

interface Held extends Approval {
  settle: (decision: ApprovalDecision | null) => void;
  timer: Timer;
}

/** Timers that are set for longer go off at once. */
const MAX_WAIT_MS = 2_147_483_647;
/** How long a decided question may still be asked about. */
const KEPT_MS = 15_000;

export class PendingApprovals {
  readonly #clock: Clock;
  readonly #held = new Map<string, Held>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Opens a question; undefined when one of this id is known. */
  open(id: string, request: ApprovalRequest, waitMs: number): Approval | undefined {
    if (this.#held.has(id)) return undefined;
    const timeoutMs = Math.min(waitMs, MAX_WAIT_MS);
    const createdAtMs = this.#clock.now();
    let settle: Held['settle'] = () => undefined;
    const decided = new Promise<ApprovalDecision | null>((resolve) => (settle = resolve));
    const timer = this.#clock.after(timeoutMs, () => this.#end(id, null));
    const held: Held = { id, request, createdAtMs, expiresAtMs: createdAtMs + timeoutMs, decided, settle, timer };
    this.#held.set(id, held);
    return held;
  }

  /** A question that waits, or was decided less than 15 seconds ago. */
  get(id: string): Approval | undefined {
    return this.#held.get(id);
  }

  /** All that wait, oldest first. */
  waiting(): Approval[] {
    return [...this.#held.values()].filter(({ decision }) => decision === undefined);
  }

  /** Decides a question that waits; undefined for any other. */
  resolve(id: string, decision: ApprovalDecision, resolvedBy: string | null): Approval | undefined {
    const held = this.#held.get(id);
    if (!held || held.decision !== undefined) return undefined;
    held.resolvedBy = resolvedBy;
    this.#end(id, decision);
    return held;
  }

  /** The decision of a question, when it was to allow it. */
  allowed(id: string): 'allow-once' | 'allow-always' | undefined {
    const decision = this.#held.get(id)?.decision;
    return decision === 'allow-once' || decision === 'allow-always' ? decision : undefined;
  }

  /** Nobody will decide any more: everything that waits ends without a decision. */
  stop(): void {
    for (const held of this.#held.values()) {
      held.timer.cancel();
      held.settle(held.decision ?? null);
    }
    this.#held.clear();
  }

  #end(id: string, decision: ApprovalDecision | null): void {
    const held = this.#held.get(id);
    if (!held) return;
    held.timer.cancel();
    held.decision = decision;
    held.settle(decision);
    held.timer = this.#clock.after(KEPT_MS, () => this.#held.delete(id));
  }
}
