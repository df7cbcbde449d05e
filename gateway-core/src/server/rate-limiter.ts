// Counts wrong credentials and locks their sender out for a while (spec/gateway-protocol.md §3.6).
import type { Clock } from '../shared/clock.js';
import { isLoopback } from './peer.js';
import type { RateLimitSettings } from './types.js';

export type LimitScope = 'shared-secret' | 'device-token' | 'hook-auth';

interface Entry {
  failures: number[];
  lockedUntil: number;
}

const MAX_ENTRIES = 10_000;

export class RateLimiter {
  readonly #clock: Clock;
  readonly #maxAttempts: number;
  readonly #windowMs: number;
  readonly #lockoutMs: number;
  readonly #exemptLoopback: boolean;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, settings: RateLimitSettings) {
    this.#clock = clock;
    this.#maxAttempts = settings.maxAttempts ?? 10;
    this.#windowMs = settings.windowMs ?? 60_000;
    this.#lockoutMs = settings.lockoutMs ?? 300_000;
    this.#exemptLoopback = settings.exemptLoopback ?? true;
  }

  /** Milliseconds until the next attempt is looked at; 0 when it is now. */
  lockedForMs(scope: LimitScope, ip: string | undefined): number {
    if (this.#isExempt(ip)) return 0;
    const entry = this.#entries.get(this.#key(scope, ip));
    return Math.max(0, (entry?.lockedUntil ?? 0) - this.#clock.now());
  }

  /** Notes a wrong credential. */
  failed(scope: LimitScope, ip: string | undefined): void {
    if (this.#isExempt(ip)) return;
    const now = this.#clock.now();
    const key = this.#key(scope, ip);
    const before = this.#entries.get(key)?.failures ?? [];
    const failures = [...before.filter((time) => time > now - this.#windowMs), now];
    const isOver = failures.length >= this.#maxAttempts;
    this.#makeRoom(now);
    this.#entries.set(key, { failures: isOver ? [] : failures, lockedUntil: isOver ? now + this.#lockoutMs : 0 });
  }

  /** Notes a right credential. */
  succeeded(scope: LimitScope, ip: string | undefined): void {
    this.#entries.delete(this.#key(scope, ip));
  }

  #isExempt(ip: string | undefined): boolean {
    return this.#exemptLoopback && ip !== undefined && isLoopback(ip);
  }

  #key(scope: LimitScope, ip: string | undefined): string {
    return `${scope}:${ip ?? 'unknown'}`;
  }

  #makeRoom(now: number): void {
    if (this.#entries.size < MAX_ENTRIES) return;
    for (const [key, entry] of this.#entries) {
      const last = entry.failures.at(-1) ?? 0;
      if (entry.lockedUntil <= now && last <= now - this.#windowMs) this.#entries.delete(key);
    }
    // Still full: the oldest go, so that a flood cannot grow the table.
    for (const key of this.#entries.keys()) {
      if (this.#entries.size < MAX_ENTRIES) return;
      this.#entries.delete(key);
    }
  }
}
