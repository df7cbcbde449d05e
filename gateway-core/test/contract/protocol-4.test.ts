// Protocol 4 beside protocol 3 (spec/interop.md §5).
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from './manual-clock.js';
import type { WireFrame } from './raw-client.js';
import { connect, createTestDevice, join } from './test-device.js';
import { startTestServer, type TestServer, TOKEN } from './test-server.js';

const FOUR = { min: 4, max: 4 };

interface HelloAuth {
  role: string;
  scopes: string[];
  deviceToken?: string;
}

function authOf(answer: WireFrame): HelloAuth {
  return (answer.payload as { auth: HelloAuth }).auth;
}

describe('protocol 4', () => {
  let clock: ManualClock;
  let gateway: TestServer;
  beforeEach(async () => {
    clock = new ManualClock();
    gateway = await startTestServer({ clock, checkOutput: true });
  });
  afterEach(async () => {
    await gateway.stop();
  });

  const newestCli = (options: object = {}) =>
    connect({
      url: gateway.url,
      auth: { token: TOKEN },
      scopes: ['operator.read'],
      protocol: FOUR,
      client: { deviceFamily: 'Linux', buildId: 'b1', instanceId: 'i1' },
      ...options,
    });

  it('lets a local command without a device keep the scopes it asked for', async () => {
    const { client, answer } = await newestCli();
    expect(authOf(answer)).toEqual({ role: 'operator', scopes: ['operator.read'] });
    expect((await client.call('status')).ok).toBe(true);
    await client.close();
  });

  it.each([
    ['it comes from elsewhere', { headers: { Host: 'gw.example.com' } }],
    ['it carries an Origin', { origin: 'http://127.0.0.1:1' }],
    ['it is no command', { client: { id: 'test', mode: 'test' } }],
    ['it speaks protocol 3', { protocol: { min: 3, max: 3 } }],
  ])('clears the scopes of a client without a device when %s', async (_why, options) => {
    const { client, answer } = await newestCli(options);
    expect(authOf(answer)).toEqual({ role: 'operator', scopes: [] });
    expect((await client.call('status')).error?.message).toBe('missing scope: operator.read');
    expect((await client.call('health')).ok).toBe(true);
    await client.close();
  });

  it('shows the live scopes of this connection, protocol 3 those of the device token', async () => {
    const device = createTestDevice();
    const options = { url: gateway.url, device, auth: { token: TOKEN } };
    await (await join(options)).close();
    const four = await connect({ ...options, scopes: ['operator.write'], protocol: FOUR });
    const three = await connect({ ...options, scopes: ['operator.write'] });
    expect(authOf(four.answer).scopes).toEqual(['operator.read', 'operator.write']);
    expect(authOf(three.answer).scopes).toContain('operator.admin');
    expect(authOf(four.answer).deviceToken).toBe(authOf(three.answer).deviceToken);
    await Promise.all([four.client.close(), three.client.close()]);
  });

  it('takes the shared secret in either field', async () => {
    const right = await newestCli({ auth: { password: TOKEN } });
    expect(right.answer.ok).toBe(true);
    const wrong = await newestCli({ auth: { password: 'wrong' } });
    expect(wrong.answer.error?.details?.code).toBe('AUTH_TOKEN_MISMATCH');
    await right.client.close();
  });

  it('says that a good device token does not cover the scopes, where protocol 3 calls it a mismatch', async () => {
    const device = createTestDevice();
    const first = await connect({ url: gateway.url, device, auth: { token: TOKEN }, scopes: ['operator.read'] });
    const { deviceToken = '' } = authOf(first.answer);
    await first.client.close();
    for (const auth of [{ deviceToken }, { token: deviceToken }]) {
      const four = await newestCli({ device, auth, scopes: ['operator.admin'] });
      expect(four.answer.error?.details).toMatchObject({ code: 'AUTH_SCOPE_MISMATCH', authReason: 'scope_mismatch' });
    }
    const three = await connect({ url: gateway.url, device, auth: { deviceToken }, scopes: ['operator.admin'] });
    expect(three.answer.error?.details?.code).toBe('AUTH_DEVICE_TOKEN_MISMATCH');
  });

  it.each([
    ['operator', { id: 'cli', mode: 'cli' }, true],
    ['node', { id: 'node-host', mode: 'node' }, false],
  ] as const)('tells a new %s how to go on while it waits for approval', async (role, client, pauseReconnect) => {
    const device = createTestDevice();
    const remote = { device, role, client, headers: { Host: 'gw.example.com' }, scopes: [] };
    const four = await newestCli(remote);
    const advice = { recommendedNextStep: 'wait_then_retry', retryable: true, pauseReconnect };
    expect(four.answer.error?.details).toMatchObject({ code: 'PAIRING_REQUIRED', reason: 'not-paired', ...advice });
    const three = await newestCli({ ...remote, protocol: { min: 3, max: 3 } });
    expect(Object.keys(three.answer.error?.details ?? {}).sort()).toEqual(['code', 'reason', 'requestId']);
  });

  it('accepts the optional keys of newer requests', async () => {
    const { client } = await newestCli();
    client.send({ type: 'req', id: '1:a', method: 'health', traceparent: '00-a-b-01', expectedProfileId: 'p' });
    expect((await client.response('1:a')).ok).toBe(true);
    await client.close();
  });

  it('numbers events per client without gaps; protocol 3 clients share one counter', async () => {
    const limited = { url: gateway.url, device: createTestDevice(), auth: { token: TOKEN }, scopes: ['operator.read'] };
    const four = await join({ ...limited, protocol: FOUR });
    await four.event('health');
    const three = await join({ ...limited, device: createTestDevice() });
    // Needs the pairing scope: neither hears it, the shared counter moves on.
    const news = { requestId: 'r', deviceId: 'd', decision: 'approved', ts: 1 };
    gateway.server.broadcast('device.pair.resolved', news);
    clock.advance(30_000);
    await Promise.all([four.event('tick'), three.event('tick')]);
    const numbers = (client: typeof four) => client.received.flatMap(({ seq }) => (seq === undefined ? [] : [seq]));
    const fourSeq = numbers(four);
    expect(fourSeq).toEqual(fourSeq.map((_, index) => index + 1));
    const threeSeq = numbers(three);
    expect(threeSeq[0]).toBeGreaterThan(1);
    await Promise.all([four.close(), three.close()]);
  });

  it('sends events for chosen connections to these only, without a number', async () => {
    const options = { url: gateway.url, device: createTestDevice(), auth: { token: TOKEN }, protocol: FOUR };
    const { client, answer } = await connect(options);
    const other = await join(options);
    const { connId } = (answer.payload as { server: { connId: string } }).server;
    const payload = { sessionKey: 'agent:main:main', reason: 'patch', ts: 1 };
    gateway.server.broadcast('sessions.changed', payload, { connIds: new Set([connId, 'gone']) });
    expect(await client.event('sessions.changed')).toEqual({ type: 'event', event: 'sessions.changed', payload });
    await other.call('health');
    expect(other.received.some(({ event }) => event === 'sessions.changed')).toBe(false);
    await Promise.all([client.close(), other.close()]);
  });
});
