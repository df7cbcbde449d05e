// cron.* as recorded: every request of the recording, in its order, against the real room.
import { describe, expect, it } from 'vitest';
import { type AnyJob, CronBench, MINUTE, MemoryDisk, NOW, rest, turnJob } from './cron-bench.js';
import { exchanges, readGolden, shapeFaults, splitCases } from './golden.js';
import { ManualClock } from './manual-clock.js';
import { ADMIN, call, errorFaults } from './wire-bench.js';

const [, recording] = splitCases(readGolden('05-cron-devices-nodes-config'));
const recorded = exchanges(recording?.lines ?? []).filter(({ request }) => request.method.startsWith('cron.'));

interface Page {
  jobs: AnyJob[];
  entries: Array<{ jobId: string; ts: number; status: string }>;
  total: number;
  offset: number;
  limit: number;
  hasMore: boolean;
  nextOffset: number | null;
  snapshotRevision: string;
}

const ANSWER = {
  status: 'ok',
  text: 'Hello from fake model.',
  sessionId: 's-1',
  provider: 'fake',
  model: 'fake-1',
  usage: { input: 10, output: 5, totalTokens: 15 },
} as const;

describe('the recorded requests', () => {
  it('are answered in the recorded shapes and refused in the recorded words', async () => {
    const clock = new ManualClock(NOW - 978);
    const bench = new CronBench({ answer: () => ANSWER, clock });
    await bench.cron.start();
    const ids = new Map<string, string>();
    let passed = 0;
    for (const { request, responses } of recorded) {
      // The refusal of a past moment names the time of day.
      clock.advance(request.id === 'r4' ? 978 - passed : 1);
      passed += 1;
      const text = [...ids].reduce(
        (all, [theirs, ours]) => all.replaceAll(theirs, ours),
        JSON.stringify(request.params),
      );
      const answer = await bench.call(request.method, JSON.parse(text));
      await rest();
      const [golden] = responses;
      expect(errorFaults(golden?.error, answer.error), request.id).toEqual([]);
      if (!golden?.ok) continue;
      expect(shapeFaults(golden.payload, answer.payload), request.id).toEqual([]);
      if (request.method === 'cron.add') {
        ids.set((golden.payload as AnyJob).id, (answer.payload as AnyJob).id);
      }
    }
    expect(recorded.map(({ request }) => request.id).at(-1)).toBe('r24');
    expect(ids.size).toBe(4);
  });

  it('send events in the recorded order', async () => {
    const bench = new CronBench({ answer: () => ANSWER });
    await bench.cron.start();
    const { id } = await bench.ok<AnyJob>('cron.add', turnJob());
    await bench.ok('cron.run', { id });
    await rest();
    await bench.ok('cron.update', { id, patch: { enabled: false } });
    await bench.ok('cron.remove', { id });
    expect(bench.actions()).toEqual(['added', 'started', 'finished', 'updated', 'removed']);
    const finished = bench.events.seen[2]?.payload;
    expect(finished).toEqual({
      jobId: id,
      action: 'finished',
      status: 'ok',
      summary: 'Hello from fake model.',
      delivered: false,
      deliveryStatus: 'not-delivered',
      sessionId: 's-1',
      sessionKey: `agent:main:cron:${id}:run:id-2`,
      runAtMs: NOW,
      durationMs: 0,
      nextRunAtMs: NOW + 10 * MINUTE,
      model: 'fake-1',
      provider: 'fake',
      usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
    });
  });
});

describe('cron.list', () => {
  const three = async () => {
    const bench = new CronBench();
    await bench.cron.start();
    await bench.ok('cron.add', turnJob({ name: 'beta', schedule: { kind: 'every', everyMs: 30 * MINUTE } }));
    bench.clock.advance(5);
    await bench.ok('cron.add', turnJob({ name: 'alpha', description: 'the weekly look' }));
    bench.clock.advance(5);
    await bench.ok('cron.add', turnJob({ name: 'gamma', enabled: false, agentId: 'ops' }));
    return bench;
  };
  const names = ({ jobs }: Page) => jobs.map(({ name }) => name);

  it.each([
    [{}, ['alpha', 'beta']],
    [{ includeDisabled: true }, ['alpha', 'beta', 'gamma']],
    [{ enabled: 'disabled' }, ['gamma']],
    [{ enabled: 'all', sortDir: 'desc' }, ['beta', 'alpha', 'gamma']],
    [{ enabled: 'all', sortBy: 'name', sortDir: 'desc' }, ['gamma', 'beta', 'alpha']],
    [{ enabled: 'all', sortBy: 'updatedAtMs' }, ['beta', 'alpha', 'gamma']],
    [{ enabled: 'all', query: 'WEEKLY' }, ['alpha']],
    [{ enabled: 'all', query: 'ops' }, ['gamma']],
  ])('%j shows %j', async (params, expected) => {
    expect(names(await (await three()).ok<Page>('cron.list', params))).toEqual(expected);
  });

  it('pages through the list', async () => {
    const bench = await three();
    const first = await bench.ok<Page>('cron.list', { includeDisabled: true, limit: 2, offset: 0 });
    expect(first).toMatchObject({ total: 3, offset: 0, limit: 2, hasMore: true, nextOffset: 2 });
    const second = await bench.ok<Page>('cron.list', { includeDisabled: true, limit: 2, offset: 2 });
    expect(second).toMatchObject({ total: 3, offset: 2, limit: 2, hasMore: false, nextOffset: null });
    expect([...names(first), ...names(second)]).toEqual(['alpha', 'beta', 'gamma']);
    expect(second.snapshotRevision).toBe(first.snapshotRevision);
  });

  it('is empty without jobs, and has a new revision after every change', async () => {
    const bench = new CronBench();
    await bench.cron.start();
    const empty = await bench.ok<Page>('cron.list');
    expect(empty).toMatchObject({ jobs: [], total: 0, offset: 0, limit: 50, hasMore: false, nextOffset: null });
    const seen = new Set([empty.snapshotRevision]);
    const { id } = await bench.ok<AnyJob>('cron.add', turnJob());
    seen.add((await bench.ok<Page>('cron.list')).snapshotRevision);
    await bench.ok('cron.update', { id, patch: { name: 'other' } });
    seen.add((await bench.ok<Page>('cron.list')).snapshotRevision);
    await bench.ok('cron.remove', { id });
    seen.add((await bench.ok<Page>('cron.list')).snapshotRevision);
    expect(seen.size).toBe(4);
  });
});

describe('cron.add and cron.update', () => {
  const started = async () => {
    const bench = new CronBench();
    await bench.cron.start();
    return bench;
  };
  const later = '2026-11-22T00:00:00';

  it('fill in what was left out', async () => {
    const bench = await started();
    const { schedule, payload, sessionTarget } = turnJob();
    const job = await bench.ok<AnyJob>('cron.add', { name: ' n ', schedule, payload, sessionTarget });
    expect(job).toMatchObject({ name: 'n', enabled: true, wakeMode: 'now', delivery: { mode: 'announce' } });
    expect(job.schedule).toEqual({ kind: 'every', everyMs: 10 * MINUTE, anchorMs: NOW });
    const once = await bench.ok<AnyJob>('cron.add', turnJob({ schedule: { kind: 'at', at: later } }));
    expect(once).toMatchObject({ deleteAfterRun: true, schedule: { kind: 'at', at: '2026-11-22T00:00:00.000Z' } });
    expect(once.state.nextRunAtMs).toBe(Date.parse('2026-11-22T00:00:00Z'));
  });

  it('spread jobs of the full hour, each by a time of its own, unless told not to', async () => {
    const bench = await started();
    const hourly = { kind: 'cron', expr: '0 * * * *', tz: 'UTC' };
    const jobs = [];
    for (let count = 0; count < 5; count += 1) {
      jobs.push(await bench.ok<AnyJob>('cron.add', turnJob({ schedule: hourly })));
    }
    const offsets = jobs.map(({ state }) => Number(state.nextRunAtMs) - Date.parse('2026-11-21T03:00:00Z'));
    expect(jobs[0]?.schedule.staggerMs).toBe(5 * MINUTE);
    expect(new Set(offsets).size).toBeGreaterThan(1);
    // The offset may be as long as the wait, so the next time can be that of this hour.
    for (const offset of offsets) expect(Math.abs(offset)).toBeLessThan(60 * MINUTE);
    const exact = await bench.ok<AnyJob>('cron.add', turnJob({ schedule: { ...hourly, staggerMs: 0 } }));
    expect(exact.state.nextRunAtMs).toBe(Date.parse('2026-11-21T03:00:00Z'));
  });

  it('resolve "current" to the conversation that asked', async () => {
    const bench = await started();
    const asked = await bench.ok<AnyJob>('cron.add', turnJob({ sessionTarget: 'current', sessionKey: 'agent:main:x' }));
    expect(asked.sessionTarget).toBe('session:agent:main:x');
    const alone = await bench.ok<AnyJob>('cron.add', turnJob({ sessionTarget: 'current' }));
    expect(alone.sessionTarget).toBe('isolated');
  });

  it('take the delivery that older clients put into the payload', async () => {
    const bench = await started();
    const { delivery: _none, ...job } = turnJob({
      payload: { kind: 'agentTurn', message: 'm', deliver: true, channel: 'x', to: 'y', bestEffortDeliver: true },
    });
    const added = await bench.ok<AnyJob>('cron.add', job);
    expect(added.payload).toEqual({ kind: 'agentTurn', message: 'm' });
    expect(added.delivery).toEqual({ mode: 'announce', channel: 'x', to: 'y', bestEffort: true });
  });

  it('keep what a patch does not name, and find the next time anew when it has to', async () => {
    const bench = await started();
    const { id } = await bench.ok<AnyJob>('cron.add', turnJob({ agentId: 'OPS' }));
    bench.clock.advance(MINUTE);
    const patch = { payload: { kind: 'agentTurn', model: 'a/b' }, delivery: { to: 'z' } };
    const changed = await bench.ok<AnyJob>('cron.update', { jobId: id, patch });
    expect(changed).toMatchObject({
      agentId: 'ops',
      updatedAtMs: NOW + MINUTE,
      payload: { kind: 'agentTurn', message: 'do it', model: 'a/b' },
      delivery: { mode: 'none', to: 'z' },
      state: { nextRunAtMs: NOW + 10 * MINUTE },
    });
    const cleared = await bench.ok<AnyJob>('cron.update', { id, patch: { agentId: null, enabled: false } });
    expect(cleared).not.toHaveProperty('agentId');
    expect(cleared.state).toEqual({});
    const on = await bench.ok<AnyJob>('cron.update', { id, patch: { enabled: true } });
    expect(on.state.nextRunAtMs).toBe(NOW + 10 * MINUTE);
    const moved = await bench.ok<AnyJob>('cron.update', { id, patch: { schedule: { kind: 'every', everyMs: 5000 } } });
    expect(moved.state.nextRunAtMs).toBe(NOW + MINUTE + 5000);
  });

  const main = { sessionTarget: 'main', payload: { kind: 'systemEvent', text: 'x' } };
  it.each([
    ['a zone that does not exist', { schedule: { kind: 'cron', expr: '0 9 * * *', tz: 'Mars/Base' } }, /Mars\/Base/],
    [
      'a value out of range',
      { schedule: { kind: 'cron', expr: '99 * * * *' } },
      /CronPattern: Invalid value for minute/,
    ],
    ['a time that never comes', { schedule: { kind: 'cron', expr: '0 9 30 2 *' } }, /never comes due/],
    ['no time at all', { schedule: { kind: 'at', at: 'soon' } }, /expected ISO-8601 timestamp/],
    ['an agent that does not exist', { agentId: 'nobody' }, /unknown agent id "nobody"/],
    ['a webhook to a file', { delivery: { mode: 'webhook', to: 'file:///etc/passwd' } }, /valid http\(s\) URL/],
    ['a webhook without address', { delivery: { mode: 'webhook' } }, /valid http\(s\) URL/],
    ['an announced main job', { ...main, delivery: { mode: 'announce' } }, /sessionTarget="isolated"/],
  ])('refuse %s and keep nothing', async (_name, more, message) => {
    const bench = await started();
    const { error } = await bench.call('cron.add', turnJob(more));
    expect(error?.message).toMatch(message);
    expect(await bench.ok<Page>('cron.list', { includeDisabled: true })).toMatchObject({ total: 0 });
    expect(bench.actions()).toEqual([]);
  });

  it('refuse a patch that would make a job impossible, and leave the job as it is', async () => {
    const bench = await started();
    const { id } = await bench.ok<AnyJob>('cron.add', turnJob());
    const refused = async (patch: unknown) => (await bench.call('cron.update', { id, patch })).error?.message;
    expect(await refused({ sessionTarget: 'main' })).toBe('Error: main cron jobs require payload.kind="systemEvent"');
    expect(await refused({ payload: { kind: 'systemEvent' } })).toMatch(/requires text/);
    expect(await refused({ schedule: { kind: 'at', at: '2020-01-01T00:00:00Z' } })).toMatch(/in the past/);
    const { jobs } = await bench.ok<Page>('cron.list');
    expect(jobs[0]).toMatchObject({ sessionTarget: 'isolated', updatedAtMs: NOW });
  });

  it('answer with nothing that is not on disk', async () => {
    const disk = new MemoryDisk();
    const bench = new CronBench({ disk });
    await bench.cron.start();
    disk.isFull = true;
    const { error } = await bench.call('cron.add', turnJob());
    expect(error).toMatchObject({ details: { code: 'state.unwritable' } });
    disk.isFull = false;
    expect(await bench.ok<Page>('cron.list')).toMatchObject({ total: 0 });
    const { id } = await bench.ok<AnyJob>('cron.add', turnJob());
    expect(JSON.parse(disk.jobs ?? '')).toMatchObject({ version: 1, jobs: [{ id }] });
  });
});

describe('cron.run', () => {
  it('runs a job once at a time, due or not', async () => {
    const bench = new CronBench();
    await bench.cron.start();
    const { id } = await bench.ok<AnyJob>('cron.add', turnJob());
    expect(await bench.ok('cron.run', { id, mode: 'due' })).toEqual({ ok: true, ran: false, reason: 'not-due' });
    const first = await bench.ok('cron.run', { id });
    expect(first).toEqual({ ok: true, enqueued: true, runId: `manual:${id}:${NOW}:1` });
    expect(await bench.ok('cron.run', { id })).toEqual({ ok: true, ran: false, reason: 'already-running' });
    await rest();
    expect(bench.turns.length).toBe(1);
    bench.turns[0]?.end(ANSWER);
    await rest();
    expect(await bench.ok('cron.run', { id })).toMatchObject({ enqueued: true, runId: `manual:${id}:${NOW}:2` });
  });

  it('names what is missing', async () => {
    const bench = new CronBench();
    expect((await bench.call('cron.run', {})).error?.message).toBe('invalid cron.run params: missing id');
    expect((await bench.call('cron.runs', {})).error?.message).toBe('invalid cron.runs params: missing id');
    expect((await bench.call('cron.update', { patch: {} })).error?.message).toBe(
      'invalid cron.update params: missing id',
    );
  });
});

describe('a job that is not there', () => {
  const newer = { ...ADMIN, protocol: 4 } as const;

  it.each([
    ['cron.remove', { id: 'nope' }],
    ['cron.update', { id: 'nope', patch: { enabled: false } }],
    ['cron.run', { id: 'nope' }],
  ])('is named to newer clients in the way they know (%s)', async (method, params) => {
    const bench = new CronBench();
    const { error } = await call(bench.cron.methods, method, params, newer);
    expect(error).toMatchObject({ code: 'INVALID_REQUEST', details: { code: 'CRON_JOB_NOT_FOUND', jobId: 'nope' } });
  });
});

describe('cron.runs', () => {
  it('shows the newest first, filtered and in pages', async () => {
    let count = 0;
    const bench = new CronBench({
      answer: () =>
        (count += 1) % 2 === 0 ? { status: 'error', error: `broke ${count}` } : { ...ANSWER, text: `did ${count}` },
    });
    await bench.cron.start();
    const { id } = await bench.ok<AnyJob>('cron.add', turnJob({ name: 'first' }));
    const { id: other } = await bench.ok<AnyJob>('cron.add', turnJob({ name: 'second' }));
    for (const jobId of [id, id, other, id]) {
      await bench.ok('cron.run', { id: jobId });
      await rest();
      await bench.pass(1000);
    }
    const runs = (params: object) => bench.ok<Page>('cron.runs', params);
    const page = await runs({ id, limit: 2 });
    expect(page).toMatchObject({ total: 3, limit: 2, hasMore: true, nextOffset: 2 });
    expect(page.entries.map(({ ts }) => ts)).toEqual([NOW + 3000, NOW + 1000]);
    expect(page.entries[0]).not.toHaveProperty('jobName');
    expect(await runs({ scope: 'all' })).toMatchObject({
      total: 4,
      entries: [{ jobName: 'first' }, { jobName: 'second' }, {}, {}],
    });
    expect(await runs({ scope: 'all', status: 'error' })).toMatchObject({ total: 2 });
    expect(await runs({ scope: 'all', statuses: ['ok'], sortDir: 'asc' })).toMatchObject({
      entries: [{ ts: NOW }, { ts: NOW + 2000 }],
    });
    expect(await runs({ scope: 'all', query: 'BROKE 4' })).toMatchObject({ total: 1 });
    expect(await runs({ scope: 'all', deliveryStatus: 'delivered' })).toMatchObject({ total: 0 });
  });
});
