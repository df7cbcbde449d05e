// Open questions for a client that was not there when they came: real sockets, two clients, scopes.
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApprovalsMethods, PendingApprovals } from '../../src/approvals/index.js';
import type { MethodName } from '../../src/protocol/index.js';
import { ManualClock } from './manual-clock.js';
import type { RawClient } from './raw-client.js';
import { createTestDevice, join } from './test-device.js';
import { type LooseHandler, startTestServer, type TestServer, TOKEN } from './test-server.js';

let clock: ManualClock;
let pending: PendingApprovals;
let gateway: TestServer;

const joinWith = (...scopes: string[]) =>
  join({ url: gateway.url, device: createTestDevice(), auth: { token: TOKEN }, scopes });

beforeEach(async () => {
  clock = new ManualClock(1_000_000);
  pending = new PendingApprovals(clock);
  const made = createApprovalsMethods({
    pending,
    // No test here reads or writes the rules.
    file: path.join(tmpdir(), 'unread', 'exec-approvals.json'),
    broadcast: (...event) => (gateway.server.broadcast as (...sent: typeof event) => void)(...event),
    callNode: () => Promise.reject(new Error('no nodes')),
    clock,
  });
  const handlers = made as unknown as Partial<Record<MethodName, LooseHandler>>;
  gateway = await startTestServer({ handlers, checkOutput: true });
});
afterEach(async () => {
  pending.stop();
  await gateway.stop();
});

interface Listed {
  approvals: Array<{ id: string; request: { command: string }; createdAtMs: number; expiresAtMs: number }>;
}

async function ask(client: RawClient, id: string, command: string): Promise<void> {
  const { ok } = await client.call('exec.approval.request', { id, command, timeoutMs: 60_000, twoPhase: true });
  expect(ok).toBe(true);
}

async function list(client: RawClient): Promise<Listed['approvals']> {
  const { ok, payload } = await client.call('exec.approval.list', {});
  expect(ok).toBe(true);
  return (payload as Listed).approvals;
}

describe('exec.approval.list', () => {
  it('tells a client that comes later what was asked, with the words of the event, oldest first', async () => {
    const first = await joinWith('operator.approvals');
    await ask(first, 'a', 'make install');
    clock.advance(1_000);
    await ask(first, 'b', 'make clean');
    const event = await first.event('exec.approval.requested');
    const second = await joinWith('operator.approvals');
    const listed = await list(second);
    expect(listed[0]).toEqual(event.payload);
    expect(listed.map(({ id, createdAtMs, expiresAtMs }) => [id, createdAtMs, expiresAtMs])).toEqual([
      ['a', 1_000_000, 1_060_000],
      ['b', 1_001_000, 1_061_000],
    ]);
  });

  it('leaves out what another client answered, and what ran out of time', async () => {
    const first = await joinWith('operator.approvals');
    const second = await joinWith('operator.approvals');
    await ask(first, 'a', 'make install');
    await ask(first, 'b', 'make clean');
    expect((await second.call('exec.approval.resolve', { id: 'a', decision: 'deny' })).ok).toBe(true);
    await first.event('exec.approval.resolved');
    expect((await list(first)).map(({ id }) => id)).toEqual(['b']);
    clock.advance(60_000);
    expect(await list(first)).toEqual([]);
    expect(await list(second)).toEqual([]);
  });

  it('is for those who may answer only', async () => {
    for (const scopes of [['operator.read'], ['operator.write'], ['operator.pairing'], []]) {
      const { ok, error } = await (await joinWith(...scopes)).call('exec.approval.list', {});
      expect([ok, error?.message]).toEqual([false, 'missing scope: operator.approvals']);
    }
    expect(await list(await joinWith('operator.admin'))).toEqual([]);
  });

  it('takes no params', async () => {
    const client = await joinWith('operator.approvals');
    const { error } = await client.call('exec.approval.list', { agentId: 'main' });
    expect(error?.message).toContain("invalid exec.approval.list params: at root: unexpected property 'agentId'");
  });
});
