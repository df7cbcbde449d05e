// Keeps the last health snapshot and renews it: once a minute, and soon after somebody connected or asked.
import { type HealthSnapshot, LIMITS } from '../protocol/index.js';
import type { Clock, Timer } from '../shared/clock.js';
import { buildHealthSnapshot, type HealthFacts } from './snapshot.js';

/** However many ask, everybody hears of it this often at most. */
const PUBLISH_GAP_MS = 1000;

export interface HealthOptions {
  facts: () => HealthFacts;
  clock: Clock;
  /** Tells all clients; the `health` event. */
  publish: (snapshot: HealthSnapshot) => void;
}

export class Health {
  readonly #options: HealthOptions;
  #snapshot: HealthSnapshot | undefined;
  #publishedAt = Number.NEGATIVE_INFINITY;
  #soon: Timer | undefined;
  #everyMinute: Timer | undefined;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  /** The first snapshot, and one each minute from now on. */
  start(): void {
    this.probe();
    this.#everyMinute = this.#options.clock.every(LIMITS.healthRefreshMs, () => this.refreshSoon());
  }

  stop(): void {
    this.#everyMinute?.cancel();
    this.#soon?.cancel();
  }

  /** The last snapshot, if there is one; never computes. */
  current(): HealthSnapshot | undefined {
    return this.#snapshot;
  }

  /** A snapshot made now. Clients hear of the change soon. */
  probe(): HealthSnapshot {
    const { facts, clock } = this.#options;
    this.#snapshot = buildHealthSnapshot(facts(), clock.now(), () => clock.now());
    return this.#snapshot;
  }

  /** The last snapshot while it is younger than a minute, else a new one; renews it in the background. */
  read(): HealthSnapshot {
    const last = this.#snapshot;
    const isFresh = last !== undefined && this.#options.clock.now() - last.ts < LIMITS.healthRefreshMs;
    this.refreshSoon();
    return isFresh ? last : (this.#snapshot ?? this.probe());
  }

  /** A new snapshot for everybody: at once when the last one is a second old, else when it is. */
  refreshSoon(): void {
    if (this.#soon) return;
    const waitMs = this.#publishedAt + PUBLISH_GAP_MS - this.#options.clock.now();
    if (waitMs <= 0) this.#publish();
    else this.#soon = this.#options.clock.after(waitMs, () => this.#publish());
  }

  #publish(): void {
    this.#soon = undefined;
    this.#publishedAt = this.#options.clock.now();
    this.#options.publish(this.probe());
  }
}
