// Exec approvals with the words and shapes of golden/05.
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApprovalsMethods, PendingApprovals } from '../../src/approvals/index.js';
import { AppError } from '../../src/shared/app-error.js';
import { events, exchanges, readGolden, shapeFaults } from './golden.js';
import { ManualClock } from './manual-clock.js';
import { ADMIN, call, errorFaults, EventLog, settle, withTempDir } from './wire-bench.js';

const lines = readGolden('05-cron-devices-nodes-config');
const recorded = exchanges(lines).filter(({ request }) => request.method.startsWith('exec.approval.'));
const goldenOf = (id: string) => recorded.find(({ request }) => request.id === id);

describe('exec.*', () => {
  let temp: Awaited<ReturnType<typeof withTempDir>>;
  let clock: ManualClock;
  let log: EventLog;
  let pending: PendingApprovals;
  let file: string;
  let asked: unknown[];

  const ask = (method: string, params: unknown = {}) => {
    const callNode = (...request: unknown[]) => {
      asked.push(request);
      return request[0] === 'gone'
        ? Promise.reject(new AppError('node.not_connected'))
        : Promise.resolve({ path: '/n' });
    };
    return call(createApprovalsMethods({ pending, file, broadcast: log.broadcast, callNode, clock }), method, params);
  };

  beforeEach(async () => {
    temp = await withTempDir();
    clock = new ManualClock(1_000_000);
    log = new EventLog();
    pending = new PendingApprovals(clock);
    file = path.join(temp.dir, 'exec-approvals.json');
    asked = [];
  });
  afterEach(async () => {
    pending.stop();
    await temp.remove();
  });

  it('asks, is allowed, and answers twice, as recorded', async () => {
    const { request, responses = [] } = goldenOf('r65') ?? {};
    const answer = ask('exec.approval.request', request?.params);
    await settle();
    const [requested] = events(lines).filter(({ event }) => event === 'exec.approval.requested');
    const sent = log.payload<{ request: unknown }>('exec.approval.requested');
    expect(requested?.payload).toMatchObject({ request: sent.request });
    expect((await ask('exec.approval.request', request?.params)).error?.message).toBe('approval id already pending');
    const resolved = await ask('exec.approval.resolve', { id: 'appr-1', decision: 'allow-once' });
    expect(resolved.payload).toEqual({ ok: true });
    const [told] = events(lines).filter(({ event }) => event === 'exec.approval.resolved');
    const news = log.last('exec.approval.resolved')?.payload;
    expect(shapeFaults(told?.payload, news)).toEqual([]);
    expect(news).toMatchObject({ resolvedBy: ADMIN.displayName, decision: 'allow-once' });
    const { payload, acknowledged } = await answer;
    expect(shapeFaults(responses[0]?.payload, acknowledged)).toEqual([]);
    expect(payload).toEqual({
      id: 'appr-1',
      decision: 'allow-once',
      createdAtMs: clock.now(),
      expiresAtMs: clock.now() + 5000,
    });
    expect((await ask('exec.approval.waitDecision', { id: 'appr-1' })).payload).toEqual(payload);
    expect(pending.allowed('appr-1')).toBe('allow-once');
    const again = await ask('exec.approval.resolve', { id: 'appr-1', decision: 'deny' });
    expect(errorFaults(goldenOf('r68')?.responses[0]?.error, again.error)).toEqual([]);
    clock.advance(15_000);
    expect((await ask('exec.approval.waitDecision', { id: 'appr-1' })).error?.message).toBe(
      'approval expired or not found',
    );
    expect(pending.allowed('appr-1')).toBeUndefined();
  });

  it('answers once without twoPhase, and with no decision when time runs out', async () => {
    const answer = ask('exec.approval.request', { command: 'ls', timeoutMs: 700 });
    await settle();
    clock.advance(700);
    const { payload, acknowledged } = await answer;
    expect(acknowledged).toBeUndefined();
    expect(payload).toMatchObject({ decision: null });
    expect(shapeFaults(goldenOf('r72')?.responses[0]?.payload, payload)).toEqual([]);
    expect(log.last('exec.approval.resolved')).toBeUndefined();
  });

  it('waits two minutes when nobody says how long', async () => {
    const answer = ask('exec.approval.request', { command: 'ls' });
    await settle();
    expect(log.last('exec.approval.requested')?.payload).toMatchObject({ expiresAtMs: clock.now() + 120_000 });
    pending.stop();
    expect((await answer).payload).toMatchObject({ decision: null });
  });

  it.each(['r69', 'r70', 'r71'])('refuses as recorded (%s)', async (id) => {
    const { request, responses = [] } = goldenOf(id) ?? {};
    const { error } = await ask(request?.method ?? '', request?.params);
    expect(errorFaults(responses[0]?.error, error)).toEqual([]);
  });

  it('binds an approval for a node to the command, folder and environment', async () => {
    const plan = { argv: ['ls', '-l'], cwd: '/tmp', commandText: 'ls -l' };
    const params = { host: 'node', nodeId: 'n', command: 'other', systemRunPlan: plan, env: { B: '2', A: '1' } };
    expect((await ask('exec.approval.request', { host: 'node', nodeId: 'n', command: 'x' })).error?.message).toBe(
      'systemRunPlan is required for host=node',
    );
    const answers = [ask('exec.approval.request', params)];
    await settle();
    const { request } = log.payload<{ request: Record<string, unknown> }>('exec.approval.requested');
    expect(request).toMatchObject({ command: 'ls -l', commandArgv: ['ls', '-l'], envKeys: ['A', 'B'], nodeId: 'n' });
    expect(request.systemRunBinding).toMatchObject({
      argv: ['ls', '-l'],
      cwd: '/tmp',
      envHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(JSON.stringify(request)).not.toContain('"2"');
    pending.stop();
    await Promise.all(answers);
  });

  it('reads and replaces the file only against its hash', async () => {
    const empty = await ask('exec.approvals.get');
    expect(empty.payload).toMatchObject({ path: file, exists: false, file: { version: 1, defaults: {}, agents: {} } });
    const next = { version: 1, agents: { main: { allowlist: [{ pattern: '/bin/ls' }] } } };
    const first = await ask('exec.approvals.set', { file: next });
    expect(first.payload).toMatchObject({ exists: true });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { hash } = first.payload as { hash: string };
    expect((await ask('exec.approvals.get')).payload).toMatchObject({ hash });
    expect((await ask('exec.approvals.set', { file: next })).error?.message).toBe(
      'exec approvals base hash required; re-run exec.approvals.get and retry',
    );
    expect((await ask('exec.approvals.set', { file: next, baseHash: 'old' })).error?.message).toBe(
      'exec approvals changed since last load; re-run exec.approvals.get and retry',
    );
    const { agents } = JSON.parse(await readFile(file, 'utf8')) as {
      agents: { main: { allowlist: Array<{ id: string }> } };
    };
    expect(agents.main.allowlist[0]?.id).toMatch(/^[0-9a-f-]{36}$/);
    const bad = await ask('exec.approvals.set', { file: { version: 2 }, baseHash: hash });
    expect(bad.error?.message).toContain('invalid exec.approvals.set params: at /file/version');
  });

  it('of two writers at once one wins and the other hears that it came late', async () => {
    await ask('exec.approvals.set', { file: { version: 1 } });
    const { hash } = (await ask('exec.approvals.get')).payload as { hash: string };
    const handlers = createApprovalsMethods({
      pending,
      file,
      broadcast: log.broadcast,
      callNode: () => Promise.resolve(undefined),
      clock,
    });
    const write = (security: string) =>
      call(handlers, 'exec.approvals.set', { file: { version: 1, defaults: { security } }, baseHash: hash });
    const answers = await Promise.all([write('deny'), write('full')]);
    expect(answers.map(({ ok }) => ok)).toEqual([true, false]);
  });

  it('keeps the token of the socket to itself and across changes', async () => {
    const saved = { version: 1, socket: { path: '/s.sock', token: 'secret-token' }, defaults: {}, agents: {} };
    await writeFile(file, JSON.stringify(saved));
    const { payload } = await ask('exec.approvals.get');
    expect(payload).toMatchObject({ file: { socket: { path: '/s.sock' } } });
    expect(JSON.stringify(payload)).not.toContain('secret-token');
    const { hash: baseHash } = payload as { hash: string };
    expect((await ask('exec.approvals.set', { file: { version: 1 }, baseHash })).ok).toBe(true);
    expect(await readFile(file, 'utf8')).toContain('secret-token');
  });

  it('says so when the file cannot be read, and leaves it alone', async () => {
    await writeFile(file, '{ broken');
    expect((await ask('exec.approvals.get')).error?.message).toContain('is not valid JSON');
    expect((await ask('exec.approvals.set', { file: { version: 1 } })).ok).toBe(false);
    expect(await readFile(file, 'utf8')).toBe('{ broken');
  });

  it('forwards to nodes', async () => {
    expect((await ask('exec.approvals.node.get', { nodeId: 'n' })).payload).toEqual({ path: '/n' });
    await ask('exec.approvals.node.set', { nodeId: 'n', file: { version: 1 }, baseHash: 'h' });
    expect(asked).toEqual([
      ['n', 'system.execApprovals.get', {}],
      ['n', 'system.execApprovals.set', { file: { version: 1 }, baseHash: 'h' }],
    ]);
    expect((await ask('exec.approvals.node.get', { nodeId: 'gone' })).error?.message).toBe('node not connected');
  });
});
