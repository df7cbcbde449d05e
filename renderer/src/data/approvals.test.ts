import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApprovalRequest } from '../../../gateway-core/src/protocol/index.js';
import type { ScriptedGateway } from '../testing/scripted-gateway.js';
import { createTestWindow, type TestWindow } from '../testing/window-services.js';
import { type Approval, type Approvals, createApprovals } from './approvals.js';

const PATIENCE = { timeout: 10_000 };
const KEY = 'agent:main:main';
const request = { command: 'rm -rf build', sessionKey: KEY, agentId: 'main' } as ApprovalRequest;

let made: TestWindow;
let approvals: Approvals;
let later: Array<() => void>;

const refuse = (message: string) => ({ error: { code: 'INVALID_REQUEST', message } });
const one = (id = 'a'): Approval | undefined => approvals.store.getState().all.find((approval) => approval.id === id);

function ask(id = 'a'): void {
  made.far.emit('exec.approval.requested', { id, request, createdAtMs: 1, expiresAtMs: Date.now() + 120_000 });
}

beforeEach(async () => {
  later = [];
  made = createTestWindow();
  const { gateway } = made.services;
  approvals = createApprovals({ gateway, now: () => Date.now(), after: (_ms, run) => later.push(run) });
  await made.connect();
  ask();
  await vi.waitUntil(() => one()?.state === 'waiting');
});
afterEach(() => made.stop());

describe('a question of an agent', () => {
  it('is answered once the gateway has confirmed', async () => {
    made.far.answers['exec.approval.resolve'] = () => ({ payload: { ok: true } });
    const done = approvals.resolve('a', 'allow-once');
    expect(one()?.state).toBe('sending');
    await done;
    expect(one()).toMatchObject({ state: 'decided', decision: 'allow-once' });
    expect(one()?.resolvedBy).toBeUndefined();
    expect(made.far.sent('exec.approval.resolve')).toEqual([{ id: 'a', decision: 'allow-once' }]);
  });

  it('follows the answer of another device and says whose it was', async () => {
    made.far.emit('exec.approval.resolved', { id: 'a', decision: 'deny', resolvedBy: 'My phone', ts: 2, request });
    await vi.waitFor(() => expect(one()).toMatchObject({ state: 'decided', decision: 'deny', resolvedBy: 'My phone' }));
  });

  it('stays open with the reason when the answer did not arrive', async () => {
    made.far.answers['exec.approval.resolve'] = () => refuse('missing scope: operator.approvals');
    await approvals.resolve('a', 'deny');
    expect(one()?.state).toBe('waiting');
    expect(one()?.failure).toBeDefined();
  });

  it('has ended when the gateway no longer knows it', async () => {
    made.far.answers['exec.approval.resolve'] = () => refuse('unknown or expired approval id');
    await approvals.resolve('a', 'deny');
    expect(one()?.state).toBe('ended');
  });

  it('ends with its time', () => {
    later.forEach((run) => run());
    expect(one()?.state).toBe('ended');
  });

  it('is asked about again after the line was down', async () => {
    made.far.answers['exec.approval.waitDecision'] = (params) => ({
      payload: { id: params.id, decision: 'allow-always', createdAtMs: 1, expiresAtMs: 2 },
    });
    made.far.cut();
    await vi.waitFor(() => expect(one()).toMatchObject({ state: 'decided', decision: 'allow-always' }), {
      timeout: 10_000,
    });
  });
});

describe('a question that only a stored message tells of', () => {
  it('is shown while the gateway waits for it', async () => {
    let answer: (decision: string) => void = () => undefined;
    made.far.answers['exec.approval.waitDecision'] = () =>
      new Promise((resolve) => {
        answer = (decision) => resolve({ payload: { id: 'b', decision, createdAtMs: 1, expiresAtMs: 2 } });
      });
    approvals.recall({ id: 'b', request, expiresAtMs: Date.now() + 60_000 });
    expect(one('b')?.state).toBe('waiting');
    await vi.waitFor(() => expect(made.far.sent('exec.approval.waitDecision')).toHaveLength(1));
    answer('deny');
    await vi.waitFor(() => expect(one('b')?.decision).toBe('deny'));
  });

  it('ends when the gateway has forgotten it, and is left alone when its time is over', async () => {
    made.far.answers['exec.approval.waitDecision'] = () => refuse('approval expired or not found');
    approvals.recall({ id: 'b', request, expiresAtMs: Date.now() + 60_000 });
    approvals.recall({ id: 'c', request, expiresAtMs: Date.now() - 1 });
    await vi.waitFor(() => expect(one('b')?.state).toBe('ended'));
    expect(one('c')).toBeUndefined();
  });
});

describe('questions that came while this window was not there', () => {
  const late = (id: string, createdAtMs: number, more: Partial<ApprovalRequest> = {}) => ({
    id,
    request: { ...request, ...more },
    createdAtMs,
    expiresAtMs: Date.now() + 60_000,
  });
  const ids = () => approvals.store.getState().all.map(({ id }) => id);
  const reconnect = async (answer: ScriptedGateway['answers'][string]) => {
    const before = made.far.sent('exec.approval.list').length;
    made.far.answers['exec.approval.list'] = answer;
    made.far.cut();
    await vi.waitFor(() => expect(made.far.sent('exec.approval.list').length).toBeGreaterThan(before), PATIENCE);
  };

  it('are asked for at every connection and stand in their order', async () => {
    expect(made.far.sent('exec.approval.list')[0]).toEqual({});
    await reconnect(() => ({ payload: { approvals: [late('early', 0), late('a', 1), late('c', 3)] } }));
    await vi.waitFor(() => expect(ids()).toEqual(['early', 'a', 'c']));
    expect(one('c')?.state).toBe('waiting');
    expect(made.far.sent('exec.approval.waitDecision')).toEqual([]);
  });

  it('tell more of one that only a stored message told of', async () => {
    made.far.answers['exec.approval.waitDecision'] = () => new Promise(() => undefined);
    approvals.recall({ id: 'b', request, expiresAtMs: Date.now() + 60_000 });
    await reconnect(() => ({ payload: { approvals: [late('b', 0, { ask: 'always' })] } }));
    await vi.waitFor(() => expect(one('b')).toMatchObject({ createdAtMs: 0, request: { ask: 'always' } }));
  });

  it('are not there any more when another device answered meanwhile', async () => {
    let answer: () => void = () => undefined;
    await reconnect(
      () =>
        new Promise((resolve) => {
          answer = () => resolve({ payload: { approvals: [late('a', 1), late('b', 2)] } });
        }),
    );
    for (const id of ['a', 'b']) made.far.emit('exec.approval.resolved', { id, decision: 'deny', ts: 2, request });
    await vi.waitFor(() => expect(one()?.state).toBe('decided'));
    answer();
    made.far.emit('exec.approval.requested', late('last', 9));
    await vi.waitFor(() => expect(one('last')).toBeDefined());
    expect(one('b')).toBeUndefined();
    expect(one()).toMatchObject({ state: 'decided', decision: 'deny' });
  });

  it('end when the gateway no longer lists them and does not know them', async () => {
    made.far.answers['exec.approval.waitDecision'] = () => refuse('approval expired or not found');
    await reconnect(() => ({ payload: { approvals: [] } }));
    await vi.waitFor(() => expect(one()?.state).toBe('ended'));
  });

  it.each([
    ['an older gateway', () => refuse('unknown method: exec.approval.list')],
    ['a window that may not answer', () => refuse('missing scope: operator.approvals')],
    ['a gateway of another make', () => ({ payload: [{ id: 'x' }] })],
  ] as Array<[string, ScriptedGateway['answers'][string]]>)('stay as they were with %s', async (_name, answer) => {
    made.far.answers['exec.approval.waitDecision'] = (params) => ({
      payload: { id: params.id, decision: 'deny', createdAtMs: 1, expiresAtMs: 2 },
    });
    await reconnect(answer);
    await vi.waitFor(() => expect(one()).toMatchObject({ state: 'decided', decision: 'deny' }));
    expect(ids()).toEqual(['a']);
    expect(approvals.store.getState().isListed).toBe(true);
  });

  it('are asked for again when events were missed on a line that stayed', async () => {
    made.far.answers['exec.approval.list'] = () => ({ payload: { approvals: [late('a', 1), late('b', 2)] } });
    made.far.emit('tick', { ts: 1 });
    made.far.lose();
    made.far.emit('tick', { ts: 2 });
    await vi.waitFor(() => expect(one('b')?.state).toBe('waiting'), PATIENCE);
  });
});
