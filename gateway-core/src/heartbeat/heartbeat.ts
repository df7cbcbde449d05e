// Wakes agents at their intervals and when somebody asks, one heartbeat per conversation at a time.
import type { Timer } from '../shared/clock.js';
import { createWallClock } from './active-hours.js';
import { Beat } from './beat.js';
import { heartbeatAgents, type HeartbeatSettings, nextBeatMs } from './settings.js';
import type { HeartbeatOptions, Wake, Woken } from './types.js';

/** Wakes within this time become one heartbeat. */
const COALESCE_MS = 250;
/** A conversation that is busy is looked at again after this time. */
const RETRY_MS = 1_000;
/** Longer timers overflow; shorter ones notice that the computer slept, or that its clock was set. */
const MAX_TIMER_MS = 60_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const INTERVAL = 'interval';

type Tell = (woken: Woken) => void;

/** Wakes of one conversation that became one. */
interface Asked {
  reason: string;
  waiting: Tell[];
}

interface Pending extends Asked {
  agentId: string;
  timer: Timer | undefined;
  isRunning: boolean;
  /** Asked for while it ran: once more when it is done. */
  next: Asked | undefined;
}

export interface Heartbeat {
  /** Sets the intervals off. */
  start(): void;
  /** Takes `heartbeat` blocks of the config over; an interval that did not change keeps its times. */
  reload(): void;
  /**
   * Lets an agent look around as soon as its conversation is free; resolves with what came of it, never rejects.
   * Wakes for one conversation within a quarter of a second become one.
   */
  wake(wake: Wake): Promise<Woken>;
  /** Cuts heartbeats off; wakes that wait are skipped. */
  stop(): Promise<void>;
}

class Heartbeats implements Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #beat: Beat;
  readonly #pending = new Map<string, Pending>();
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  /** When each agent looks around next. */
  #due = new Map<string, { everyMs: number; atMs: number }>();
  #timer: Timer | undefined;
  #isStarted = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#beat = new Beat(options, createWallClock());
  }

  start(): void {
    this.#isStarted = true;
    // A time that comes just now is not missed.
    this.#schedule(this.#options.clock.now() - 1);
  }

  reload(): void {
    if (this.#isStarted && !this.#stop.signal.aborted) this.#schedule(this.#options.clock.now());
  }

  #agents(): HeartbeatSettings[] {
    const { config, subscribes } = this.#options;
    return heartbeatAgents(config(), subscribes);
  }

  #schedule(afterMs: number): void {
    const agents = this.#options.mayRun === false ? [] : this.#agents();
    const now = this.#options.clock.now();
    this.#due = new Map(
      agents.map(({ agentId, everyMs }) => {
        const known = this.#due.get(agentId);
        // One that is further off than an interval was found before the clock was set back.
        if (known?.everyMs === everyMs && known.atMs - now <= everyMs) return [agentId, known];
        return [agentId, { everyMs, atMs: nextBeatMs(agentId, everyMs, afterMs) }];
      }),
    );
    this.#arm();
  }

  wake(wake: Wake): Promise<Woken> {
    return this.#request(wake, COALESCE_MS);
  }

  async stop(): Promise<void> {
    this.#stop.abort('shutdown');
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const pending of this.#pending.values()) {
      pending.timer?.cancel();
      const skipped = { status: 'skipped', reason: 'the gateway stops' } as const;
      for (const tell of [...pending.waiting, ...(pending.next?.waiting ?? [])]) tell(skipped);
    }
    this.#pending.clear();
    await Promise.all(this.#running);
  }

  #request(wake: Wake, delayMs: number): Promise<Woken> {
    if (this.#stop.signal.aborted) return Promise.resolve({ status: 'skipped', reason: 'the gateway stops' });
    const settings = this.#agents().find(({ agentId }) => agentId === wake.agentId);
    if (!settings) return Promise.resolve({ status: 'skipped', reason: 'disabled' });
    const key = wake.sessionKey ?? settings.sessionKey;
    return new Promise((resolve) => {
      const asked = { reason: wake.reason, waiting: [resolve] };
      const pending = this.#pending.get(key);
      if (!pending) this.#add(key, wake.agentId, asked, delayMs);
      else if (pending.isRunning) pending.next = joined(pending.next, asked);
      else Object.assign(pending, joined(pending, asked));
    });
  }

  #add(key: string, agentId: string, asked: Asked, delayMs: number): void {
    const pending: Pending = { ...asked, agentId, timer: undefined, isRunning: false, next: undefined };
    this.#pending.set(key, pending);
    this.#later(key, pending, delayMs);
  }

  #later(key: string, pending: Pending, delayMs: number): void {
    pending.timer = this.#options.clock.after(delayMs, () => {
      pending.timer = undefined;
      const running: Promise<void> = this.#run(key, pending).finally(() => this.#running.delete(running));
      this.#running.add(running);
    });
  }

  async #run(key: string, pending: Pending): Promise<void> {
    pending.isRunning = true;
    const woken = await this.#attempt(key, pending);
    if (this.#stop.signal.aborted) return;
    pending.isRunning = false;
    const { next } = pending;
    pending.next = undefined;
    if (!woken) {
      // Still the same request, together with those that came meanwhile.
      if (next) Object.assign(pending, joined(pending, next));
      this.#later(key, pending, RETRY_MS);
      return;
    }
    this.#pending.delete(key);
    for (const tell of pending.waiting) tell(woken);
    if (next) this.#add(key, pending.agentId, next, COALESCE_MS);
  }

  async #attempt(key: string, { agentId, reason }: Pending): Promise<Woken | undefined> {
    // The config may have changed while the wake waited.
    const settings = this.#agents().find((agent) => agent.agentId === agentId);
    if (!settings) return { status: 'skipped', reason: 'disabled' };
    try {
      return await this.#beat.run({ settings, sessionKey: key, reason }, this.#stop.signal);
    } catch (error) {
      this.#options.log.error('A heartbeat broke.', { agentId, err: error });
      return { status: 'failed', reason: 'internal' };
    }
  }

  #tick(): void {
    const now = this.#options.clock.now();
    for (const [agentId, due] of this.#due) {
      if (due.atMs > now) continue;
      due.atMs = nextBeatMs(agentId, due.everyMs, now);
      void this.#request({ agentId, reason: INTERVAL }, 0);
    }
    // A sign-in may have come or gone meanwhile, and with it the usual interval.
    this.#schedule(now);
  }

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#due.size === 0) return;
    const { clock, maxTimerMs = MAX_TIMER_MS } = this.#options;
    const next = Math.min(...[...this.#due.values()].map(({ atMs }) => atMs));
    const delay = Math.min(Math.max(0, next - clock.now()), maxTimerMs, LONGEST_TIMER_MS);
    this.#timer = clock.after(delay, () => this.#tick());
  }
}

/** An interval gives way to whatever else woke the agent; of two others the later one counts. */
function joined(before: Asked | undefined, after: Asked): Asked {
  if (!before) return after;
  const reason = after.reason === INTERVAL ? before.reason : after.reason;
  return { reason, waiting: [...before.waiting, ...after.waiting] };
}

/** Heartbeats of all agents that have one (spec/gateway-config.md §6, heartbeat). Stop it before the runs stop. */
export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  return new Heartbeats(options);
}
