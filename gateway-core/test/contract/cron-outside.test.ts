// What the scheduler makes of a world that changes under it: clocks, zones, files, and edits during a run.
import { describe, expect, it } from 'vitest';
import { limitOf } from '../../src/cron/execute.js';
import {
  addJob,
  allJobs,
  type AnyJob,
  type CronBench,
  DONE,
  fails,
  MemoryDisk,
  MINUTE,
  NOW,
  rest,
  startCronBench,
} from './cron-bench.js';
import { ManualClock } from './manual-clock.js';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (ms: number) => ({ kind: 'at', at: new Date(ms).toISOString() });
const nineOClock = { kind: 'cron', expr: '0 9 * * *' };
const next = async (bench: CronBench) => (await allJobs(bench))[0]?.state.nextRunAtMs;

/** Timers follow the time that passes; `set` is what a person or a time server does. */
class SettableClock extends ManualClock {
  #setMs = 0;

  override now(): number {
    return super.now() + this.#setMs;
  }

  set(byMs: number): void {
    this.#setMs += byMs;
  }
}

async function minutes(bench: CronBench, count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) await bench.pass(MINUTE);
}

describe('a clock that is set back', () => {
  it('by hours delays no interval by them', async () => {
    const clock = new SettableClock(NOW);
    const bench = await startCronBench({ clock, answer: () => DONE });
    await addJob(bench);
    await minutes(bench, 10);
    expect(bench.turns.length).toBe(1);
    clock.set(-5 * HOUR);
    await minutes(bench, 12);
    expect(bench.turns.length).toBe(2);
    await bench.cron.stop();
  });

  it('by minutes repeats no daily job', async () => {
    const clock = new SettableClock(Date.parse('2026-11-21T08:58:00Z'));
    const bench = await startCronBench({ clock, answer: () => DONE });
    await addJob(bench, { schedule: nineOClock });
    await minutes(bench, 3);
    expect(bench.turns.length).toBe(1);
    clock.set(-10 * MINUTE);
    await minutes(bench, 20);
    expect(bench.turns.length).toBe(1);
    await bench.cron.stop();
  });

  it('while the gateway was off leaves no job waiting for a year that was a mistake', async () => {
    const disk = new MemoryDisk();
    const early = await startCronBench({ disk, clock: new ManualClock(NOW + 365 * DAY) });
    await addJob(early);
    await early.cron.stop();
    const bench = await startCronBench({ disk });
    expect(await next(bench)).toBeLessThanOrEqual(NOW + 10 * MINUTE);
  });

  it('keeps no alert back', async () => {
    const disk = new MemoryDisk();
    const cron = { failureAlert: { enabled: true, after: 1 } };
    const early = await startCronBench({
      ...{ disk, cron, clock: new ManualClock(NOW + DAY) },
      answer: () => fails('no', 'x'),
    });
    await addJob(early);
    await early.pass(10 * MINUTE);
    expect(early.announced.length).toBe(1);
    await early.cron.stop();
    const bench = await startCronBench({ disk, cron, answer: () => fails('no', 'x') });
    await minutes(bench, 15);
    expect(bench.announced.length).toBe(1);
  });
});

describe('a schedule that says something else at the next start', () => {
  it('because the computer is in another zone now, comes at the times of that zone', async () => {
    const disk = new MemoryDisk();
    const berlin = await startCronBench({ disk, options: { hostTimeZone: 'Europe/Berlin' } });
    await addJob(berlin, { schedule: nineOClock });
    expect(await next(berlin)).toBe(Date.parse('2026-11-21T08:00:00Z'));
    await berlin.cron.stop();
    const away = await startCronBench({ disk, options: { hostTimeZone: 'America/New_York' } });
    expect(await next(away)).toBe(Date.parse('2026-11-21T14:00:00Z'));
  });

  it('because somebody edited the file, comes when it says', async () => {
    const disk = new MemoryDisk();
    const first = await startCronBench({ disk });
    await addJob(first, { schedule: { kind: 'every', everyMs: 30 * DAY } });
    await first.cron.stop();
    disk.jobs = disk.jobs?.replace(String(30 * DAY), String(5 * MINUTE));
    const second = await startCronBench({ disk });
    expect(await next(second)).toBeLessThanOrEqual(NOW + 5 * MINUTE);
  });
});

describe('a one-shot', () => {
  it('that is moved while it runs comes again at its new moment', async () => {
    const bench = await startCronBench();
    const { id } = await addJob(bench, { schedule: at(NOW + MINUTE) });
    await bench.pass(MINUTE);
    await bench.ok('cron.update', { id, patch: { schedule: at(NOW + HOUR) } });
    bench.turns[0]?.end(DONE);
    await rest();
    expect((await allJobs(bench))[0]).toMatchObject({
      id,
      enabled: true,
      state: { nextRunAtMs: NOW + HOUR, lastStatus: 'ok' },
    });
    await minutes(bench, 60);
    expect(bench.turns.length).toBe(2);
    bench.turns[1]?.end(DONE);
    await rest();
    expect(await allJobs(bench)).toEqual([]);
  });
});

describe('a file that another program changes', () => {
  it('keeps what both of two gateways put into it, and runs each job once', async () => {
    const disk = new MemoryDisk();
    const clock = new ManualClock(NOW);
    const one = await startCronBench({ disk, clock, answer: () => DONE });
    // No two computers look at the same millisecond.
    const late = new SettableClock(NOW);
    late.set(-1000);
    const two = await startCronBench({ disk, clock: late, answer: () => DONE, options: { newId: () => 'two' } });
    await addJob(one, { name: 'of one' });
    await addJob(two, { name: 'of two' });
    await one.pass(10 * MINUTE);
    await two.pass(10 * MINUTE + 2000);
    expect(one.turns.length + two.turns.length).toBe(2);
    const { jobs } = JSON.parse(disk.jobs ?? '') as { jobs: AnyJob[] };
    expect(jobs.map(({ name }) => name).sort()).toEqual(['of one', 'of two']);
    expect(jobs.every(({ state }) => state.lastStatus === 'ok' && state.runningAtMs === undefined)).toBe(true);
  });

  it('is taken over with the next change, with times for jobs that have none', async () => {
    const disk = new MemoryDisk();
    const bench = await startCronBench({ disk });
    await addJob(bench);
    const file = JSON.parse(disk.jobs ?? '') as { jobs: AnyJob[] };
    disk.jobs = JSON.stringify({ version: 1, jobs: [...file.jobs, { ...file.jobs[0], id: 'hand', state: {} }] });
    await addJob(bench, { name: 'later' });
    const jobs = await allJobs(bench);
    expect(jobs.map(({ id }) => id)).toContain('hand');
    expect(jobs.find(({ id }) => id === 'hand')?.state.nextRunAtMs).toBe(NOW + 10 * MINUTE);
  });

  it('is left alone while it is broken', async () => {
    const disk = new MemoryDisk();
    const bench = await startCronBench({ disk });
    await addJob(bench);
    await bench.pass(10 * MINUTE);
    const whole = disk.jobs;
    disk.jobs = `${whole?.slice(0, 40)}`;
    const refused = await bench.call('cron.add', { name: 'x', schedule: at(NOW + HOUR), payload: {} });
    expect(refused.ok).toBe(false);
    const { error } = await bench.call('cron.update', { id: 'id-1', patch: { name: 'y' } });
    expect(error?.message).toContain('cannot be read');
    bench.turns[0]?.end(DONE);
    await rest();
    expect(disk.jobs).toBe(whole?.slice(0, 40));
    disk.jobs = whole;
    await bench.ok('cron.update', { id: 'id-1', patch: { name: 'y' } });
    expect((await allJobs(bench))[0]).toMatchObject({ name: 'y', state: { lastStatus: 'ok' } });
  });
});

describe('a job', () => {
  it('that waits for its turn does not get it once the scheduler is off', async () => {
    const bench = await startCronBench();
    await addJob(bench, { name: 'a' });
    await addJob(bench, { name: 'b' });
    await bench.pass(10 * MINUTE);
    expect(bench.turns.length).toBe(1);
    bench.config = { cron: { enabled: false } };
    await bench.cron.reload();
    bench.turns[0]?.end(DONE);
    await rest();
    expect(bench.turns.length).toBe(1);
  });

  it('that restarts cut off again and again alerts once in its cooldown', async () => {
    const disk = new MemoryDisk();
    const clock = new ManualClock(NOW);
    const cron = { failureAlert: { enabled: true, after: 1 } };
    const announced: string[] = [];
    for (let start = 0; start < 3; start += 1) {
      const bench = await startCronBench({ disk, clock, cron });
      if (start === 0) await addJob(bench);
      await rest();
      announced.push(...bench.announced.map(({ text }) => text));
      await bench.pass(10 * MINUTE);
      expect(bench.turns.length).toBe(1);
      await bench.cron.stop();
    }
    expect(announced).toHaveLength(1);
  });

  it.each([
    [0, 0],
    [0.0001, 1],
    [30, 30_000],
    [1e9, 2 ** 31 - 1],
  ])('with a limit of %d seconds has %d milliseconds', (timeoutSeconds, ms) => {
    const payload = { kind: 'agentTurn' as const, message: 'm', timeoutSeconds };
    expect(limitOf({ payload } as Parameters<typeof limitOf>[0])).toBe(ms);
  });
});
