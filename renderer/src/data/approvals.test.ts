import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApprovalRequest } from '../../../gateway-core/src/protocol/index.js';
import { createTestWindow, type TestWindow } from '../testing/window-services.js';
import { type Approval, type Approvals, createApprovals } from './approvals.js';

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
