// The real heartbeat room with a clock and agents that do as a test says.
import type { OpenClawConfig } from '../../src/config/index.js';
import {
  type BeatRequest,
  type BeatResult,
  createHeartbeat,
  type Heartbeat,
  type HeartbeatOptions,
  type LastAlert,
  type Route,
} from '../../src/heartbeat/index.js';
import type { HeartbeatEvent } from '../../src/protocol/index.js';
import { silentLogger } from '../../src/shared/logger.js';
import { rest } from './cron-bench.js';
import { ManualClock } from './manual-clock.js';
import { EventLog } from './wire-bench.js';

export const MAIN = 'agent:main:main';

export type Said = Pick<BeatResult, 'status' | 'text'> & Partial<Pick<BeatResult, 'reasoning' | 'error'>>;

export class HeartbeatBench {
  readonly clock: ManualClock;
  readonly heartbeat: Heartbeat;
  readonly events = new EventLog();
  readonly asked: BeatRequest[] = [];
  /** What became of each exchange. */
  readonly fates: string[] = [];
  readonly delivered: Array<{ channel: string; to: string; text: string }> = [];
  readonly alerts = new Map<string, LastAlert>();
  config: OpenClawConfig;
  /** The next answers; HEARTBEAT_OK when there are none left. */
  answers: Array<Said | string> = [];
  pending: string[] = [];
  taken: string[] = [];
  busy = false;
  isEnabled = true;
  file: string | undefined;
  route: Route | undefined;
  channels: string[] = [];
  deliveryError: string | undefined;
  /** Answers wait for it. */
  hold: Promise<void> | undefined;

  constructor(heartbeat: Record<string, unknown> = {}, options: Partial<HeartbeatOptions> = {}, startMs = 0) {
    this.clock = new ManualClock(startMs);
    this.config = { agents: { defaults: { heartbeat } } };
    this.heartbeat = createHeartbeat({
      config: () => this.config,
      isEnabled: () => this.isEnabled,
      runTurn: (request) => this.#run(request),
      isBusy: async () => this.busy,
      pendingEvents: () => this.pending,
      takeEvents: () => {
        this.taken.push(...this.pending);
        return this.pending.splice(0);
      },
      readHeartbeatFile: async () => this.file,
      lastRoute: async () => this.route,
      channels: () => this.channels,
      deliver: async ({ channel, to, text }) => {
        this.delivered.push({ channel, to, text });
        return this.deliveryError === undefined ? { delivered: true } : { delivered: false, error: this.deliveryError };
      },
      lastAlert: async (key) => this.alerts.get(key),
      rememberAlert: async (key, alert) => void this.alerts.set(key, alert),
      publish: (event) => this.events.broadcast('heartbeat', event),
      clock: this.clock,
      log: silentLogger,
      hostTimeZone: 'UTC',
      ...options,
    });
  }

  /** Moves the clock and lets everything happen that follows. */
  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await rest();
  }

  /** Wakes the agent and waits for what comes of it. */
  async wake(reason = 'wake', sessionKey?: string) {
    const woken = this.heartbeat.wake({ agentId: 'main', reason, ...(sessionKey !== undefined && { sessionKey }) });
    await this.pass(250);
    return woken;
  }

  published(): HeartbeatEvent[] {
    return this.events.seen.map(({ payload }) => payload as HeartbeatEvent);
  }

  async #run(request: BeatRequest): Promise<BeatResult> {
    this.asked.push(request);
    const answer = this.answers.shift() ?? 'HEARTBEAT_OK';
    await this.hold;
    const said: Said = typeof answer === 'string' ? { status: 'ok', text: answer } : answer;
    return {
      ...said,
      show: async () => void this.fates.push('shown'),
      takeBack: async () => void this.fates.push('taken back'),
    };
  }
}
