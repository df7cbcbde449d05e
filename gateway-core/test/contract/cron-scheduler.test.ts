// What the scheduler does with time, failures and crashes.
import { describe, expect, it } from 'vitest';
import {
  CronBench,
  addJob,
  allJobs,
  type CronPage,
  DONE,
  fails,
  MemoryDisk,
  MINUTE,
  NOW,
  rest,
  startCronBench,
} from './cron-bench.js';

const at = (ms: number) => ({ schedule: { kind: 'at', at: new Date(ms).toISOString() } });

describe('running jobs', () => {
  it('asks the agent in a conversation of its own, with the job in front of the message', async () => {
    const bench = await startCronBench();
    const payload = {
      kind: 'agentTurn',
      message: 'look',
      model: 'a/b',
      thinking: 'low',
      timeoutSeconds: 5,
      lightContext: true,
    };
    const { id } = await addJob(bench, { name: 'daily look', agentId: 'ops', payload });
    await bench.pass(10 * MINUTE);
    expect(bench.turns[0]?.request).toEqual({
      agentId: 'ops',
      sessionKey: `agent:ops:cron:${id}:run:id-2`,
      runId: 'id-2',
      message: `[cron:${id} daily look] look`,
      model: 'a/b',
      thinking: 'low',
      timeoutMs: 5000,
      lightContext: true,
    });
  });

  it('keeps a named conversation from run to run', async () => {
    const bench = await startCronBench({ answer: () => DONE });
    await addJob(bench, { sessionTarget: 'session:agent:ops:report' });
    await bench.pass(20 * MINUTE);
    await bench.pass(10 * MINUTE);
    const keys = bench.turns.map(({ request }) => [request.agentId, request.sessionKey]);
    expect(new Set(keys.map(String))).toEqual(new Set(['ops,agent:ops:report']));
    expect(keys.length).toBeGreaterThan(1);
  });

  it('runs no more jobs at once than allowed, the longest due first, and takes a new limit over', async () => {
    const bench = await startCronBench();
    for (const minutes of [3, 1, 2]) await addJob(bench, { name: `m${minutes}`, ...at(NOW + minutes * MINUTE) });
    await bench.pass(MINUTE);
    await bench.pass(4 * MINUTE);
    expect(bench.turns.length).toBe(1);
    bench.turns[0]?.end(DONE);
    await rest();
    expect(bench.turns.length).toBe(2);
    bench.config = { cron: { maxConcurrentRuns: 2 } };
    await bench.cron.reload();
    await rest();
    expect(bench.turns.map(({ request }) => /m\d/.exec(request.message)?.[0])).toEqual(['m1', 'm2', 'm3']);
  });

  it('never runs a job beside itself: times that pass meanwhile are left out', async () => {
    const bench = await startCronBench();
    const { id } = await addJob(bench);
    await bench.pass(10 * MINUTE);
    await bench.pass(25 * MINUTE);
    expect(bench.turns.length).toBe(1);
    bench.turns[0]?.end(DONE);
    await rest();
    const [job] = await allJobs(bench);
    expect(job).toMatchObject({ id, state: { nextRunAtMs: NOW + 40 * MINUTE, lastDurationMs: 25 * MINUTE } });
    expect(bench.turns.length).toBe(1);
  });

  it('notes on disk that a run begins before it begins, and what comes next', async () => {
    const disk = new MemoryDisk();
    const seen: unknown[] = [];
    const bench = await startCronBench({
      disk,
      answer: () => (seen.push(JSON.parse(disk.jobs ?? '').jobs[0].state), DONE),
    });
    await addJob(bench);
    await bench.pass(10 * MINUTE);
    expect(seen).toEqual([{ nextRunAtMs: NOW + 20 * MINUTE, runningAtMs: NOW + 10 * MINUTE }]);
  });

  it('does not run what it could not note, and tries again when the disk may have room', async () => {
    const disk = new MemoryDisk();
    const bench = await startCronBench({ disk, answer: () => DONE });
    await addJob(bench);
    disk.isFull = true;
    await bench.pass(10 * MINUTE);
    expect(bench.turns.length).toBe(0);
    disk.isFull = false;
    await bench.pass(29_000);
    expect(bench.turns.length).toBe(0);
    await bench.pass(1_000);
    expect(bench.turns.length).toBe(1);
  });

  it('keeps the end of a run in mind when the disk refuses it, and writes it with the next change', async () => {
    const disk = new MemoryDisk();
    const bench = await startCronBench({ disk });
    await addJob(bench);
    await bench.pass(10 * MINUTE);
    disk.isFull = true;
    bench.turns[0]?.end(DONE);
    await rest();
    expect((await allJobs(bench))[0]?.state).toMatchObject({ lastStatus: 'ok' });
    disk.isFull = false;
    await addJob(bench, { name: 'other' });
    expect(JSON.parse(disk.jobs ?? '').jobs[0].state).toMatchObject({ lastStatus: 'ok' });
  });

  it('stops a run that takes too long', async () => {
    const bench = await startCronBench();
    const { id } = await addJob(bench, { payload: { kind: 'agentTurn', message: 'm', timeoutSeconds: 30 } });
    await bench.pass(10 * MINUTE);
    await bench.pass(30_000);
    expect(bench.turns[0]?.signal).toMatchObject({ aborted: true, reason: 'timeout' });
    expect((await allJobs(bench))[0]).toMatchObject({ id, state: { lastStatus: 'error', lastErrorReason: 'timeout' } });
  });

  it('gives a turn an hour unless the job says otherwise, and none a limit of zero', async () => {
    const bench = await startCronBench({ cron: { maxConcurrentRuns: 2 } });
    await addJob(bench, { name: 'usual' });
    await addJob(bench, { name: 'endless', payload: { kind: 'agentTurn', message: 'm', timeoutSeconds: 0 } });
    await bench.pass(10 * MINUTE);
    await bench.pass(60 * MINUTE);
    expect(bench.turns.map(({ request, signal }) => [request.timeoutMs, signal.aborted])).toEqual([
      [60 * MINUTE, true],
      [0, false],
    ]);
  });

  it('runs nothing while it is off, and catches up when it is switched on', async () => {
    const bench = await startCronBench({ cron: { enabled: false }, answer: () => DONE });
    await addJob(bench);
    await bench.pass(15 * MINUTE);
    expect(bench.turns.length).toBe(0);
    expect(await bench.ok('cron.status')).toMatchObject({ enabled: false, jobs: 1, nextWakeAtMs: null });
    bench.config = { cron: {} };
    await bench.cron.reload();
    await rest();
    expect(bench.turns.length).toBe(1);
    expect(await bench.ok('cron.status')).toMatchObject({ enabled: true, nextWakeAtMs: NOW + 20 * MINUTE });
  });

  it('removes conversations of old runs, unless they are kept for ever', async () => {
    const bench = await startCronBench({ answer: () => DONE, cron: { sessionRetention: '2h' } });
    await addJob(bench);
    await bench.pass(10 * MINUTE);
    await bench.pass(10 * MINUTE);
    expect(bench.prunes).toEqual([120 * MINUTE, 120 * MINUTE]);
    bench.config = { cron: { sessionRetention: false } };
    await bench.pass(10 * MINUTE);
    expect(bench.prunes.length).toBe(2);
  });
});

describe('jobs for the main conversation', () => {
  const event = { sessionTarget: 'main', payload: { kind: 'systemEvent', text: 'drink water' }, delivery: undefined };

  it('queue their line and let the agent look at once', async () => {
    const bench = await startCronBench();
    const { id } = await addJob(bench, event);
    await bench.pass(10 * MINUTE);
    expect(bench.queued).toEqual([{ sessionKey: 'agent:main:main', text: 'drink water' }]);
    expect(bench.wakes).toEqual([
      { agentId: 'main', sessionKey: 'agent:main:main', reason: `cron:${id}`, mode: 'now' },
    ]);
    expect((await allJobs(bench))[0]?.state).toMatchObject({ lastStatus: 'ok', lastDeliveryStatus: 'not-requested' });
  });

  it('leave it to the next heartbeat when told so', async () => {
    const bench = await startCronBench();
    await addJob(bench, { ...event, wakeMode: 'next-heartbeat' });
    await bench.pass(10 * MINUTE);
    expect([bench.queued.length, bench.wakes.length]).toEqual([1, 0]);
  });

  it('are skipped where agents do not look around, and fail where looking failed', async () => {
    const results = [
      { status: 'skipped', reason: 'disabled' } as const,
      { status: 'failed', reason: 'broke' } as const,
    ];
    const bench = await startCronBench({ wake: async () => results.shift() ?? { status: 'ran' } });
    await addJob(bench, event);
    await bench.pass(10 * MINUTE);
    expect((await allJobs(bench))[0]?.state).toMatchObject({
      lastStatus: 'skipped',
      lastError: 'disabled',
      consecutiveErrors: 0,
    });
    await bench.pass(10 * MINUTE);
    expect((await allJobs(bench))[0]?.state).toMatchObject({
      lastStatus: 'error',
      lastError: 'broke',
      consecutiveErrors: 1,
    });
  });

  it('wait two minutes for a busy conversation, not longer', async () => {
    const bench = await startCronBench({ wake: () => new Promise(() => undefined) });
    await addJob(bench, event);
    await bench.pass(10 * MINUTE);
    await bench.pass(2 * MINUTE - 1);
    expect(bench.actions().at(-1)).toBe('started');
    await bench.pass(1);
    expect((await allJobs(bench))[0]?.state).toMatchObject({ lastStatus: 'ok', lastDurationMs: 2 * MINUTE });
  });
});

describe('one-shots', () => {
  it('go when they worked, or stay, switched off, when told so', async () => {
    const bench = await startCronBench({ answer: () => DONE, cron: { maxConcurrentRuns: 2 } });
    await addJob(bench, { name: 'goes', ...at(NOW + MINUTE) });
    await addJob(bench, { name: 'stays', ...at(NOW + MINUTE), deleteAfterRun: false });
    await bench.pass(MINUTE);
    const left = await allJobs(bench);
    expect(left.map(({ name, enabled, state }) => [name, enabled, state.nextRunAtMs])).toEqual([
      ['stays', false, undefined],
    ]);
    expect(bench.actions().slice(-4).sort()).toEqual(['finished', 'finished', 'removed', 'started'].sort());
  });

  it('are tried again after passing failures, with growing pauses, then stay switched off', async () => {
    const bench = await startCronBench({ answer: () => fails('429 too many requests') });
    await addJob(bench, at(NOW + MINUTE));
    await bench.pass(MINUTE);
    const pauses: number[] = [];
    for (let next = (await allJobs(bench))[0]?.state.nextRunAtMs; next !== undefined;) {
      pauses.push(Number(next) - bench.clock.now());
      await bench.pass(Number(next) - bench.clock.now());
      next = (await allJobs(bench))[0]?.state.nextRunAtMs;
    }
    expect(pauses).toEqual([30_000, 60_000, 300_000]);
    expect((await allJobs(bench))[0]).toMatchObject({
      enabled: false,
      state: { consecutiveErrors: 4, lastErrorReason: 'rate_limit' },
    });
  });

  it.each([
    ['a failure that trying again does not mend', {}, fails('the key is wrong', 'model.auth'), false],
    ['a class that is not listed', { retry: { retryOn: ['overloaded'] } }, fails('x', 'rate_limit'), false],
    ['no attempts', { retry: { maxAttempts: 0 } }, fails('x', 'rate_limit'), false],
    [
      'a class that is listed',
      { retry: { retryOn: ['overloaded'], backoffMs: [7000] } },
      fails('x', 'overloaded'),
      true,
    ],
  ])('%s: tried again %s', async (_name, cron, answer, again) => {
    const bench = await startCronBench({ cron, answer: () => answer });
    await addJob(bench, at(NOW + MINUTE));
    await bench.pass(MINUTE);
    const [job] = await allJobs(bench);
    expect(job?.enabled).toBe(again);
    expect(job?.state.nextRunAtMs).toBe(again ? NOW + MINUTE + 7000 : undefined);
  });
});

describe('recurring jobs that fail', () => {
  it('wait 30 s, 1 m, 5 m, 15 m, then 60 m at least, and go back to their times when it works', async () => {
    let works = false;
    const bench = await startCronBench({ answer: () => (works ? DONE : fails('no')) });
    await addJob(bench, { schedule: { kind: 'every', everyMs: 1000 } });
    const pauses: number[] = [];
    for (let run = 0; run < 7; run += 1) {
      const next = Number((await allJobs(bench))[0]?.state.nextRunAtMs);
      pauses.push(next - bench.clock.now());
      works = run === 6;
      await bench.pass(next - bench.clock.now());
    }
    expect(pauses.slice(1)).toEqual([30_000, MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 60 * MINUTE]);
    const [job] = await allJobs(bench);
    expect(job?.state).toMatchObject({ consecutiveErrors: 0, lastStatus: 'ok', nextRunAtMs: bench.clock.now() + 1000 });
    expect(job?.state).not.toHaveProperty('lastError');
  });
});

describe('after a crash', () => {
  it('does not repeat a run that had begun: a recurring job waits, a one-shot is left to people', async () => {
    const disk = new MemoryDisk();
    const before = await startCronBench({ disk, cron: { maxConcurrentRuns: 2 } });
    await addJob(before, { name: 'again' });
    await addJob(before, { name: 'once', ...at(NOW + 10 * MINUTE) });
    await before.pass(10 * MINUTE);
    expect(before.turns.length).toBe(2);
    const after = await startCronBench({ disk, clock: before.clock, answer: () => DONE });
    await rest();
    expect(after.turns.length).toBe(0);
    const [again, once] = await allJobs(after);
    expect(again).toMatchObject({
      enabled: true,
      state: { nextRunAtMs: NOW + 20 * MINUTE, lastErrorReason: 'interrupted' },
    });
    expect(once).toMatchObject({ enabled: false, state: { lastStatus: 'error', lastErrorReason: 'interrupted' } });
    expect(once?.state).not.toHaveProperty('runningAtMs');
    const { entries } = await after.ok<CronPage>('cron.runs', { scope: 'all' });
    expect(entries).toMatchObject([{ status: 'error' }, { status: 'error' }]);
  });

  it('a stop is no end of a run: nothing more is recorded, the next start finds it cut off', async () => {
    const disk = new MemoryDisk();
    const before = await startCronBench({ disk });
    await addJob(before);
    await before.pass(10 * MINUTE);
    await before.cron.stop();
    expect(before.turns[0]?.signal).toMatchObject({ aborted: true, reason: 'shutdown' });
    before.turns[0]?.end(DONE);
    await rest();
    expect(before.actions()).toEqual(['added', 'started']);
    const after = await startCronBench({ disk, clock: before.clock });
    expect((await allJobs(after))[0]?.state).toMatchObject({ lastErrorReason: 'interrupted' });
  });

  it('runs what was missed: five at once, the others five seconds apart', async () => {
    const disk = new MemoryDisk();
    const before = await startCronBench({ disk });
    for (let count = 0; count < 8; count += 1)
      await addJob(before, { name: `j${count}`, ...at(NOW + (count + 1) * MINUTE) });
    before.clock.advance(0);
    await before.cron.stop();
    before.clock.advance(60 * MINUTE);
    const after = await startCronBench({ disk, clock: before.clock, cron: { maxConcurrentRuns: 50 } });
    await rest();
    const names = () => after.turns.map(({ request }) => /j\d/.exec(request.message)?.[0]);
    expect(names()).toEqual(['j0', 'j1', 'j2', 'j3', 'j4']);
    await after.pass(5000);
    expect(names()).toEqual(['j0', 'j1', 'j2', 'j3', 'j4', 'j5']);
    await after.pass(10_000);
    expect(names().length).toBe(8);
  });

  it('makes up for what was missed also when a client asked for the jobs before the start', async () => {
    const disk = new MemoryDisk();
    const before = await startCronBench({ disk });
    await addJob(before);
    await before.cron.stop();
    before.clock.advance(15 * MINUTE);
    const after = new CronBench({ disk, clock: before.clock, answer: () => DONE });
    expect((await allJobs(after)).length).toBe(1);
    await after.pass(MINUTE);
    expect(after.turns.length).toBe(0);
    await after.cron.start();
    await rest();
    expect(after.turns.length).toBe(1);
  });

  it('makes up for a recurring job once, however many of its times passed', async () => {
    const disk = new MemoryDisk();
    const before = await startCronBench({ disk });
    await addJob(before);
    await before.cron.stop();
    before.clock.advance(65 * MINUTE);
    const after = await startCronBench({ disk, clock: before.clock, answer: () => DONE });
    await rest();
    expect(after.turns.length).toBe(1);
    expect((await allJobs(after))[0]?.state.nextRunAtMs).toBe(NOW + 70 * MINUTE);
  });
});
