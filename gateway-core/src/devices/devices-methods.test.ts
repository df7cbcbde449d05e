import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../shared/clock.js';
import { silentLogger } from '../shared/logger.js';
import type { RequestContext } from '../shared/wire.js';
import { createDevicesMethods } from './devices-methods.js';
import { DeviceStore } from './device-store.js';

describe('desktop.devices.rename', () => {
  let stateDir: string;
  let store: DeviceStore;
  const context = {} as RequestContext;
  const methods = () =>
    createDevicesMethods({ store, broadcast: () => undefined, disconnect: () => undefined, clock: systemClock });
  const rename = (deviceId: string, displayName: string) =>
    methods()['desktop.devices.rename']({ deviceId, displayName }, context);
  const listed = async () => (await methods()['device.pair.list']({}, context)).paired[0];

  beforeEach(async () => {
    stateDir = await mkdtemp(path.join(tmpdir(), 'openclaw-device-methods-'));
    store = await DeviceStore.load({ stateDir, clock: systemClock, log: silentLogger });
    const claim = { deviceId: 'd1', publicKey: 'k', displayName: 'iPhone', role: 'operator', scopes: [] };
    await store.approveSilently(claim);
  });
  afterEach(async () => {
    await store.stop();
    await rm(stateDir, { recursive: true, force: true });
  });

  it('shows the given name wherever the device is shown, and takes it away again', async () => {
    expect(await rename('d1', 'Kitchen')).toEqual({ deviceId: 'd1', displayName: 'Kitchen' });
    expect(await listed()).toMatchObject({ deviceId: 'd1', displayName: 'Kitchen' });
    expect(await listed()).not.toHaveProperty('givenName');
    expect(await rename('d1', ' ')).toEqual({ deviceId: 'd1', displayName: 'iPhone' });
  });

  it('keeps one line without control characters', async () => {
    expect(await rename('d1', '  Kit\u0000chen \n\u202e tablet ')).toMatchObject({ displayName: 'Kit chen tablet' });
  });

  it('knows only paired devices', async () => {
    await expect(rename('nobody', 'x')).rejects.toMatchObject({ code: 'request.invalid', message: 'unknown deviceId' });
  });
});
