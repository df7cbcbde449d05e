// A simulated year of jobs in two zones with changes of the clocks, undisturbed and with crashes (issue 4, cron).
import { describe, expect, it } from 'vitest';
import { type AgentTurnRequest, createCron, type Cron, type CronStorage } from '../../src/cron/index.js';
import type { CronAddParams } from '../../src/protocol/index.js';
import { silentLogger } from '../../src/shared/logger.js';
import { everyTime, type LocalMinute, localMinutes, oncePerDay } from './local-time.js';
import { Seeded } from './seeded.js';
import { SteppingClock } from './stepping-clock.js';

const START = Date.parse('2026-01-01T12:00:00Z');
const END = Date.parse('2027-01-01T12:00:00Z');
const RUN_MS = 90_000;
const CRASHES = 60;

/** A disk whose content outlives the process that wrote it. */
function memoryDisk(): CronStorage {
  let jobs: string | undefined;
  return {
    readJobs: async () => jobs,
    writeJobs: async (text) => void (jobs = text),
    keepBackup: async () => undefined,
    appendRun: async () => undefined,
    readRuns: async () => '',
    listRuns: async () => [],
  };
}

interface Planned {
  name: string;
  schedule: CronAddParams['schedule'];
  expected: number[];
}

const at = (hour: number, minute: number) => hour * 60 + minute;

function plans(tz: string, minutes: readonly LocalMinute[]): Planned[] {
  const cron = (expr: string, expected: number[]): Planned => ({
    name: expr,
    schedule: { kind: 'cron', expr, tz, staggerMs: 0 },
    expected,
  });
  const every = (everyMs: number, anchorMs: number): Planned => {
    const expected: number[] = [];
    for (let time = anchorMs; time < END; time += everyMs) if (time > START) expected.push(time);
    return { name: `every ${everyMs}`, schedule: { kind: 'every', everyMs, anchorMs }, expected };
  };
  return [
    cron('30 2 * * *', oncePerDay(minutes, [at(2, 30)])),
    cron('30 1,2 * * *', oncePerDay(minutes, [at(1, 30), at(2, 30)])),
    cron(
      '15 9 * * 1-5',
      oncePerDay(minutes, [at(9, 15)], ({ weekday }) => weekday >= 1 && weekday <= 5),
    ),
    cron(
      '0 0 1 * *',
      oncePerDay(minutes, [0], ({ day }) => day === 1),
    ),
    cron(
      '59 23 31 12 *',
      oncePerDay(minutes, [at(23, 59)], ({ day, month }) => day === 31 && month === 12),
    ),
    cron(
      '0 */6 * * *',
      everyTime(minutes, ({ minuteOfDay }) => minuteOfDay % 360 === 0),
    ),
    cron(
      '*/40 1-3 * * 0',
      everyTime(
        minutes,
        ({ minuteOfDay, weekday }) =>
          weekday === 0 && minuteOfDay >= 60 && minuteOfDay < 240 && [0, 40].includes(minuteOfDay % 60),
      ),
    ),
    every(3 * 3_600_000 + 7000, START),
    every(86_400_000, START + 5000),
    {
      name: 'once',
      schedule: { kind: 'at', at: '2026-07-04T00:00:30Z' },
      expected: [Date.parse('2026-07-04T00:00:30Z')],
    },
  ];
}

class World {
  readonly clock = new SteppingClock(START);
  readonly disk = memoryDisk();
  readonly fired = new Map<string, number[]>();
  readonly running = new Set<string>();
  #ids = 0;
  #process: { kill(): void } | undefined;
  cron: Cron | undefined;

  async boot(): Promise<void> {
    const clock = this.clock.process();
    this.#process = clock;
    this.running.clear();
    this.cron = createCron({
      config: () => ({ cron: { maxConcurrentRuns: 50, sessionRetention: false } }),
      agents: { ids: () => ['main'], defaultId: () => 'main' },
      storePath: () => '/state/cron/jobs.json',
      fetch: () => Promise.reject(new Error('no network here')),
      broadcast: () => undefined,
      clock,
      newId: () => `id-${(this.#ids += 1)}`,
      log: silentLogger,
      openStorage: () => this.disk,
      maxTimerMs: 2 ** 31 - 1,
      runAgentTurn: (request) => this.#run(request, clock),
      enqueueSystemEvent: () => undefined,
      wakeHeartbeat: async () => ({ status: 'ran' }),
      announce: async () => ({ delivered: true }),
      pruneSessions: async () => 0,
    });
    await this.cron.start();
  }

  crash(): void {
    this.#process?.kill();
  }

  #run({ message }: AgentTurnRequest, clock: { after(ms: number, run: () => void): unknown }) {
    const name = message.replace(/^\[cron:\S+ (.*)\] go$/, '$1');
    const known = this.fired.get(name);
    if (known) known.push(this.clock.now);
    else this.fired.set(name, [this.clock.now]);
    this.running.add(name);
    return new Promise<{ status: 'ok'; text: string }>((resolve) => {
      clock.after(RUN_MS, () => {
        this.running.delete(name);
        resolve({ status: 'ok', text: 'done' });
      });
    });
  }
}

async function addAll(world: World, planned: readonly Planned[]): Promise<void> {
  for (const { name, schedule } of planned) {
    const payload = { kind: 'agentTurn', message: 'go' } as const;
    await world.cron?.add({ name, schedule, sessionTarget: 'isolated', payload, delivery: { mode: 'none' } });
  }
}

const iso = (times: readonly number[] = []) => times.map((time) => new Date(time).toISOString());

function expectAll(world: World, planned: readonly Planned[]): void {
  for (const { name, expected } of planned) {
    expect(expected.length, name).toBeGreaterThan(0);
    expect(iso(world.fired.get(name)), name).toEqual(iso(expected));
  }
}

/** Moments to crash at: some anywhere, some in the middle of a run, some at the very moment a job comes due. */
function crashTimes(planned: readonly Planned[], random: Seeded): number[] {
  const due = planned.flatMap(({ expected }) => expected);
  const kinds = [
    () => START + random.below(END - START),
    () => random.pick(due) + 1 + random.below(RUN_MS - 2),
    () => random.pick(due),
  ];
  return Array.from({ length: CRASHES }, (_, index) => kinds[index % kinds.length]?.() ?? START)
    .filter((time) => time > START && time < END)
    .sort((a, b) => a - b);
}

describe.each(['Europe/Berlin', 'America/New_York'])('a year of jobs in %s', (tz) => {
  const minutes = localMinutes(tz, START, END);
  const planned = plans(tz, minutes);

  it('fires each job at its times, no more and no less', { timeout: 60_000 }, async () => {
    const world = new World();
    await world.boot();
    await addAll(world, planned);
    await world.clock.run(END - 1);
    expectAll(world, planned);
  });

  it('fires the same whatever moments the gateway crashes at', { timeout: 60_000 }, async () => {
    const world = new World();
    await world.boot();
    await addAll(world, planned);
    const times = crashTimes(planned, new Seeded(tz.length * 7919));
    let inTheMiddle = 0;
    for (const time of times) {
      // Up to the moment before; what comes due at `time` finds a gateway that has just started.
      await world.clock.run(time - 1);
      world.clock.step(time - 1);
      inTheMiddle += world.running.size > 0 ? 1 : 0;
      world.crash();
      world.clock.step(time);
      await world.boot();
    }
    await world.clock.run(END - 1);
    expect(times.length).toBeGreaterThanOrEqual(50);
    expect(inTheMiddle).toBeGreaterThanOrEqual(15);
    expectAll(world, planned);
  });
});
