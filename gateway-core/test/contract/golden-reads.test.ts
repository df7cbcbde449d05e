import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchanges, readGolden, shapeFaults } from './golden.js';
import type { RawClient } from './raw-client.js';
import { createTestDevice, join } from './test-device.js';
import { startTestServer, type TestServer, TOKEN } from './test-server.js';

/** Methods of the rooms under test here; the others are replayed against a whole gateway. */
const OWN = new Set(['health', 'status', 'system-presence', 'gateway.identity.get', 'connect']);
const UNKNOWN = new Set(['nope.method', 'skills.bins']);

describe('the recorded read methods', () => {
  let gateway: TestServer;
  let client: RawClient;
  beforeAll(async () => {
    gateway = await startTestServer({ checkOutput: true });
    client = await join({ url: gateway.url, device: createTestDevice(), auth: { token: TOKEN } });
  });
  afterAll(async () => {
    await client.close();
    await gateway.stop();
  });

  const recorded = exchanges(readGolden('02-methods-read')).filter(({ request }) => {
    return request.id !== 'c1' && (OWN.has(request.method) || UNKNOWN.has(request.method));
  });

  it.each(recorded.map((exchange) => [exchange.request.id, exchange.request.method, exchange] as const))(
    '%s %s answers in the recorded shape',
    async (_id, method, { request, responses }) => {
      const answer = await client.call(method, request.params);
      expect(answer.error).toEqual(responses[0]?.error);
      expect(shapeFaults(responses[0]?.payload, answer.payload, ['*.ip'])).toEqual([]);
    },
  );

  it('system-presence names this gateway', async () => {
    const { payload } = await client.call('system-presence', {});
    expect((payload as unknown[])[0]).toMatchObject({ mode: 'gateway', reason: 'self', version: '1.2.3' });
  });

  it('gateway.identity.get gives the key of this computer', async () => {
    const { deviceId, publicKey } = gateway.identity;
    expect((await client.call('gateway.identity.get', {})).payload).toEqual({ deviceId, publicKey });
  });
});
