// What the server tells and does for the rooms of the whole wire, over real sockets.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDevicesMethods } from '../../src/devices/index.js';
import type { ConnectedClient } from '../../src/shared/wire.js';
import { systemClock } from '../../src/shared/clock.js';
import { createTestDevice, join } from './test-device.js';
import { startTestServer, type TestServer, TOKEN } from './test-server.js';
import { ADMIN, call } from './wire-bench.js';

describe('the server', () => {
  let gateway: TestServer;
  const arrived: ConnectedClient[] = [];
  beforeAll(async () => {
    gateway = await startTestServer({ checkOutput: true });
    gateway.server.onClientConnected((connected) => void arrived.push(connected));
  });
  afterAll(() => gateway.stop());

  const asNode = (device = createTestDevice()) =>
    join({
      url: gateway.url,
      device,
      auth: { token: TOKEN },
      role: 'node',
      scopes: [],
      caps: ['system'],
      client: { id: 'node-host', mode: 'node' },
    });

  it('tells rooms who signed in, and as what', async () => {
    const device = createTestDevice();
    const node = await asNode(device);
    const connected = arrived.find(({ caller }) => caller.deviceId === device.id);
    expect(connected).toMatchObject({
      caller: { role: 'node', caps: ['system'] },
      client: { id: 'node-host' },
      commands: [],
    });
    await node.close();
  });

  it('closes the sockets of a device that is removed, and no other', async () => {
    const [device, other] = [createTestDevice(), createTestDevice()];
    const [gone, stays] = [await asNode(device), await asNode(other)];
    const methods = createDevicesMethods({
      store: gateway.devices,
      broadcast: gateway.server.broadcast,
      disconnect: gateway.server.disconnectDevice,
      clock: systemClock,
    });
    expect((await call(methods, 'device.pair.remove', { deviceId: device.id }, ADMIN)).ok).toBe(true);
    expect(await gone.closed()).toMatchObject({ code: 1008, reason: 'device removed' });
    expect((await stays.call('health')).ok).toBe(true);
    await stays.close();
  });

  it('closes the sockets of a role whose token is revoked', async () => {
    const device = createTestDevice();
    const node = await asNode(device);
    gateway.server.disconnectDevice(device.id, 'device token revoked', 'operator');
    expect((await node.call('health')).ok).toBe(true);
    gateway.server.disconnectDevice(device.id, 'device token revoked', 'node');
    expect(await node.closed()).toMatchObject({ code: 1008, reason: 'device token revoked' });
  });

  it('puts reports into the presence list and tells everybody', async () => {
    const client = await join({ url: gateway.url, device: createTestDevice(), auth: { token: TOKEN } });
    const news = client.event('presence');
    gateway.server.notePresence({ text: 'test system event' });
    gateway.server.notePresence({ instanceId: 'I1', host: 'desk', mode: 'ui' });
    gateway.server.notePresence({ instanceId: 'i1', reason: 'periodic' });
    expect((await news).payload).toMatchObject({
      presence: expect.arrayContaining([expect.objectContaining({ text: 'test system event' })]),
    });
    const noted = gateway.server.presence().filter(({ host }) => host === 'desk');
    expect(noted).toEqual([
      expect.objectContaining({ instanceId: 'i1', host: 'desk', mode: 'ui', reason: 'periodic' }),
    ]);
    await client.close();
  });
});
