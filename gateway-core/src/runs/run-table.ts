// Runs by id: repeats of a request find the first one here (spec/gateway-protocol.md §6).
import { LIMITS } from '../protocol/index.js';
import type { Clock } from '../shared/clock.js';
import type { RunOutcome, RunRecord } from './run-record.js';

type Listener = (record: RunRecord) => void;

/** Keeps running runs, and ended ones for five minutes, at most a thousand of these. */
export class RunTable {
  readonly #clock: Clock;
  readonly #running = new Map<string, RunRecord>();
  readonly #ended = new Map<string, { record: RunRecord; until: number }>();
  readonly #waiting = new Map<string, Set<Listener>>();
  readonly #activity = new Set<(active: number) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get active(): number {
    return this.#running.size;
  }

  running(): RunRecord[] {
    return [...this.#running.values()];
  }

  runningIn(sessionKey: string): RunRecord[] {
    return this.running().filter((record) => record.sessionKey === sessionKey);
  }

  find(runId: string): RunRecord | undefined {
    const running = this.#running.get(runId);
    if (running) return running;
    this.#expire();
    return this.#ended.get(runId)?.record;
  }

  add(record: RunRecord): void {
    this.#running.set(record.runId, record);
    for (const listener of this.#waiting.get(record.runId) ?? []) listener(record);
    this.#waiting.delete(record.runId);
    this.#tell();
  }

  /** Takes back a run whose message could not be stored. */
  drop(record: RunRecord): void {
    if (this.#running.delete(record.runId)) this.#tell();
  }

  end(record: RunRecord, outcome: RunOutcome): void {
    record.outcome = outcome;
    this.#running.delete(record.runId);
    this.#ended.set(record.runId, { record, until: this.#clock.now() + LIMITS.idempotencyTtlMs });
    this.#expire();
    this.#tell();
  }

  /** Calls back with the run as soon as there is one; returns how to stop waiting. */
  whenAdded(runId: string, listener: Listener): () => void {
    const listeners = this.#waiting.get(runId) ?? new Set<Listener>();
    listeners.add(listener);
    this.#waiting.set(runId, listeners);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#waiting.get(runId) === listeners) this.#waiting.delete(runId);
    };
  }

  onActivity(listener: (active: number) => void): () => void {
    this.#activity.add(listener);
    return () => void this.#activity.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#activity) listener(this.active);
  }

  #expire(): void {
    const now = this.#clock.now();
    for (const [runId, { until }] of this.#ended) {
      if (until > now && this.#ended.size <= LIMITS.idempotencyMaxEntries) return;
      this.#ended.delete(runId);
    }
  }
}
