// A simulated year of heartbeats with active hours across midnight, in two zones with changes of the clocks (issue 4).
import { describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../../src/config/index.js';
import { createHeartbeat, type Heartbeat, nextBeatMs } from '../../src/heartbeat/index.js';
import { silentLogger } from '../../src/shared/logger.js';
import { type LocalMinute, localMinutes } from './local-time.js';
import { Seeded } from './seeded.js';
import { SteppingClock } from './stepping-clock.js';

const START = Date.parse('2026-01-01T12:00:00Z');
const END = Date.parse('2027-01-01T12:00:00Z');
const MINUTE = 60_000;
const RUN_MS = 20_000;
const CRASHES = 60;

interface Watch {
  agentId: string;
  everyMs: number;
  start: number;
  end: number;
  heartbeat: Record<string, unknown>;
}

const clockTime = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

function watch(agentId: string, everyMs: number, hours: [number, number], timezone: string): Watch {
  const [start, end] = hours;
  const activeHours = { start: clockTime(start), end: clockTime(end), timezone };
  return { agentId, everyMs, start, end, heartbeat: { every: `${everyMs}ms`, activeHours } };
}

/** The beats of its grid whose minute lies within the hours, by the table of the year alone. */
function expected({ agentId, everyMs, start, end }: Watch, minutes: readonly LocalMinute[]): number[] {
  const times: number[] = [];
  for (let at = nextBeatMs(agentId, everyMs, START); at < END; at += everyMs) {
    const now = minutes[Math.floor((at - START) / MINUTE)]?.minuteOfDay ?? -1;
    const isWithin = start < end ? now >= start && now < end : now >= start || now < end;
    if (isWithin) times.push(at);
  }
  return times;
}

class World {
  readonly clock = new SteppingClock(START);
  readonly beats = new Map<string, number[]>();
  running = 0;
  #process: { kill(): void } | undefined;
  #heartbeat: Heartbeat | undefined;

  constructor(readonly config: OpenClawConfig) {}

  boot(): void {
    const clock = this.clock.process();
    this.#process = clock;
    this.running = 0;
    const nothing = async () => undefined;
    this.#heartbeat = createHeartbeat({
      config: () => this.config,
      isEnabled: () => true,
      runTurn: ({ agentId }) => {
        const known = this.beats.get(agentId);
        if (known) known.push(this.clock.now);
        else this.beats.set(agentId, [this.clock.now]);
        this.running += 1;
        return new Promise((resolve) => {
          clock.after(RUN_MS, () => {
            this.running -= 1;
            resolve({ status: 'ok', text: 'HEARTBEAT_OK', show: nothing, takeBack: nothing });
          });
        });
      },
      isBusy: async () => false,
      pendingEvents: () => [],
      takeEvents: () => [],
      readHeartbeatFile: async () => undefined,
      lastRoute: nothing,
      channels: () => [],
      deliver: async () => ({ delivered: true }),
      lastAlert: nothing,
      rememberAlert: nothing,
      publish: () => undefined,
      clock,
      log: silentLogger,
      maxTimerMs: 2 ** 31 - 1,
    });
    this.#heartbeat.start();
  }

  crash(): void {
    this.#process?.kill();
  }
}

function crashTimes(beats: readonly number[], random: Seeded): number[] {
  const kinds = [
    () => START + random.below(END - START),
    () => random.pick(beats) + 1 + random.below(RUN_MS - 2),
    () => random.pick(beats),
  ];
  return Array.from({ length: CRASHES }, (_, index) => kinds[index % kinds.length]?.() ?? START)
    .filter((time) => time > START && time < END)
    .sort((a, b) => a - b);
}

describe.each(['Europe/Berlin', 'America/New_York'])('a year of heartbeats in %s', (tz) => {
  const minutes = localMinutes(tz, START, END);
  const watches = [
    watch('night', 97 * MINUTE, [22 * 60, 6 * 60 + 30], tz),
    // The hour that comes twice, or not at all, is the edge of these.
    watch('edge', 59 * MINUTE + 1000, [23 * 60 + 15, 2 * 60 + 30], 'user'),
    watch('day', 181 * MINUTE, [9 * 60, 24 * 60], 'user'),
  ];
  const config = {
    agents: {
      defaults: { userTimezone: tz },
      list: watches.map(({ agentId, heartbeat }) => ({ id: agentId, heartbeat })),
    },
  };
  const table = watches.map((one) => [one.agentId, expected(one, minutes)] as const);
  const iso = (times: readonly number[] = []) => times.map((time) => new Date(time).toISOString());

  function expectAll(world: World): void {
    for (const [agentId, times] of table) {
      expect(times.length, agentId).toBeGreaterThan(1000);
      expect(iso(world.beats.get(agentId)), agentId).toEqual(iso(times));
    }
  }

  it('beats within the hours and at no other time', { timeout: 60_000 }, async () => {
    const world = new World(config);
    world.boot();
    await world.clock.run(END - 1);
    expectAll(world);
  });

  it('beats the same whatever moments the gateway crashes at', { timeout: 60_000 }, async () => {
    const world = new World(config);
    world.boot();
    const times = crashTimes(
      table.flatMap(([, beats]) => beats),
      new Seeded(tz.length * 104_729),
    );
    let inTheMiddle = 0;
    for (const time of times) {
      await world.clock.run(time - 1);
      inTheMiddle += world.running > 0 ? 1 : 0;
      world.crash();
      world.clock.step(time);
      world.boot();
    }
    await world.clock.run(END - 1);
    expect(times.length).toBeGreaterThanOrEqual(50);
    expect(inTheMiddle).toBeGreaterThanOrEqual(15);
    expectAll(world);
  });
});
