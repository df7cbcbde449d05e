// Pairing and device tokens over real files, with the words of golden/05.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createDevicesMethods,
  createSetupCode,
  type DeviceClaim,
  DeviceStore,
  readSetupCode,
} from '../../src/devices/index.js';
import { silentLogger } from '../../src/shared/logger.js';
import { exchanges, readGolden, shapeFaults } from './golden.js';
import { ManualClock } from './manual-clock.js';
import { ADMIN, call, errorFaults, EventLog, settle, withTempDir } from './wire-bench.js';

const claim: DeviceClaim = {
  deviceId: 'd1',
  publicKey: 'k1',
  displayName: 'phone',
  platform: 'ios',
  deviceFamily: 'iPhone',
  clientId: 'openclaw-ios',
  clientMode: 'ui',
  role: 'operator',
  scopes: ['operator.read'],
};
const PAIRING_ONLY = { ...ADMIN, scopes: ['operator.pairing', 'operator.read'] };

describe('device.*', () => {
  let temp: Awaited<ReturnType<typeof withTempDir>>;
  let store: DeviceStore;
  let log: EventLog;
  let closed: string[];
  const clock = new ManualClock(1_000_000);
  const handlers = () =>
    createDevicesMethods({
      store,
      broadcast: log.broadcast,
      disconnect: (...device) => void closed.push(device.filter(Boolean).join(' ')),
      clock,
    });
  const ask = (method: string, params: object = {}, caller = ADMIN) => call(handlers(), method, params, caller);
  const recorded = exchanges(readGolden('05-cron-devices-nodes-config')).filter(
    ({ request }) => request.method.startsWith('device.') && Number(request.id.slice(1)) >= 25,
  );
  const golden = (method: string, ok: boolean) =>
    recorded.find(({ request, responses }) => request.method === method && responses.at(-1)?.ok === ok)?.responses[0];

  beforeEach(async () => {
    temp = await withTempDir();
    store = await DeviceStore.load({ stateDir: temp.dir, clock, log: silentLogger });
    log = new EventLog();
    closed = [];
  });
  afterEach(async () => {
    await store.stop();
    await temp.remove();
  });

  it('lists requests and devices in the recorded shape, tokens without their values', async () => {
    await store.request(claim);
    await store.approveSilently({ ...claim, deviceId: 'd2' });
    const { payload } = await ask('device.pair.list');
    expect(shapeFaults(golden('device.pair.list', true)?.payload, payload, ['paired.*.tokens.*.rotatedAtMs'])).toEqual(
      [],
    );
    const token = store.device('d2')?.tokens.operator?.token ?? '?';
    expect(JSON.stringify(payload)).not.toContain(token);
  });

  it('approves: the device is paired and everybody hears of it', async () => {
    const { request } = await store.request(claim);
    const answer = await ask('device.pair.approve', { requestId: request.requestId });
    expect(shapeFaults(golden('device.pair.approve', true)?.payload, answer.payload)).toEqual([]);
    expect(log.last('device.pair.resolved')?.payload).toEqual({
      requestId: request.requestId,
      deviceId: 'd1',
      decision: 'approved',
      ts: clock.now(),
    });
    expect((await ask('device.pair.approve', { requestId: request.requestId })).error?.message).toBe(
      'unknown requestId',
    );
  });

  it('lets nobody approve more than they hold', async () => {
    const { request } = await store.request({ ...claim, scopes: ['operator.read', 'operator.write'] });
    const refused = await ask('device.pair.approve', { requestId: request.requestId }, PAIRING_ONLY);
    expect(refused.error?.message).toBe('missing scope: operator.write');
    expect(store.device('d1')).toBeUndefined();
    expect(store.listPending()).toHaveLength(1);
    expect((await ask('device.pair.approve', { requestId: request.requestId })).ok).toBe(true);
  });

  it('rejects a request', async () => {
    const { request } = await store.request(claim);
    const answer = await ask('device.pair.reject', { requestId: request.requestId });
    expect(answer.payload).toEqual({ requestId: request.requestId, deviceId: 'd1' });
    expect(log.last('device.pair.resolved')?.payload).toMatchObject({ decision: 'rejected' });
    expect((await ask('device.pair.reject', { requestId: 'nope' })).error?.message).toBe('unknown requestId');
  });

  it('removes a device with what it asked for, and closes its connections', async () => {
    await store.approveSilently(claim);
    await store.request({ ...claim, scopes: ['operator.write'] });
    expect((await ask('device.pair.remove', { deviceId: 'd1' })).payload).toEqual({ deviceId: 'd1' });
    await settle();
    expect(closed).toEqual(['d1 device removed']);
    expect(store.listPending()).toEqual([]);
    const again = await DeviceStore.load({ stateDir: temp.dir, clock, log: silentLogger });
    expect(again.device('d1')).toBeUndefined();
    expect(again.listPending()).toEqual([]);
    expect((await ask('device.pair.remove', { deviceId: 'd1' })).error?.message).toBe('unknown deviceId');
  });

  it('rotates a token: the old one ends, the new one works', async () => {
    await store.approveSilently(claim);
    const before = store.device('d1')?.tokens.operator?.token ?? '';
    const answer = await ask('device.token.rotate', { deviceId: 'd1', role: 'operator' });
    expect(shapeFaults(golden('device.token.rotate', true)?.payload, answer.payload)).toEqual([]);
    const { token } = answer.payload as { token: string };
    expect(store.verifyToken({ ...claim, token: before })).toBe(false);
    expect(store.verifyToken({ ...claim, token })).toBe(true);
  });

  it.each([
    ['an unknown device', { deviceId: 'nope', role: 'operator' }, ADMIN],
    ['more scopes than it was approved for', { deviceId: 'd1', role: 'operator', scopes: ['operator.admin'] }, ADMIN],
    ['a role it was not approved for', { deviceId: 'd1', role: 'node' }, ADMIN],
    ['more than the caller holds', { deviceId: 'd1', role: 'operator' }, { ...ADMIN, scopes: ['operator.pairing'] }],
    ['a role named like a property', { deviceId: 'd1', role: 'constructor' }, ADMIN],
  ])('denies rotation for %s', async (_name, params, caller) => {
    await store.approveSilently(claim);
    const before = store.device('d1')?.tokens.operator?.token;
    const { error } = await ask('device.token.rotate', params, caller);
    expect(errorFaults(golden('device.token.rotate', false)?.error, error)).toEqual([]);
    expect(store.device('d1')?.tokens.operator?.token).toBe(before);
  });

  it('tells a rotated token in protocol 4 to its device alone', async () => {
    await store.approveSilently(claim);
    const other = { ...ADMIN, protocol: 4 as const, deviceId: 'd9' };
    const params = { deviceId: 'd1', role: 'operator' };
    expect((await ask('device.token.rotate', params, other)).payload).not.toHaveProperty('token');
    expect((await ask('device.token.rotate', params, { ...other, deviceId: 'd1' })).payload).toHaveProperty('token');
  });

  it('revokes a token, and closes the connections of its role', async () => {
    await store.approveSilently(claim);
    const token = store.device('d1')?.tokens.operator?.token ?? '';
    const { payload } = await ask('device.token.revoke', { deviceId: 'd1', role: 'operator' });
    expect(payload).toEqual({ deviceId: 'd1', role: 'operator', revokedAtMs: clock.now() });
    expect(store.verifyToken({ ...claim, token })).toBe(false);
    await settle();
    expect(closed).toEqual(['d1 device token revoked operator']);
    for (const role of ['zzz', 'constructor']) {
      const { error } = await ask('device.token.revoke', { deviceId: 'd1', role });
      expect(errorFaults(golden('device.token.revoke', false)?.error, error)).toEqual([]);
    }
  });

  it('makes setup codes whose token works once', async () => {
    const made = await createSetupCode({ url: 'ws://192.0.2.7:18789/', store });
    expect(made.expiresAtMs).toBe(clock.now() + 600_000);
    const read = readSetupCode(made.code);
    expect(read).toEqual({ url: 'ws://192.0.2.7:18789', bootstrapToken: made.bootstrapToken });
    expect(made.code).not.toMatch(/[+/=]/);
    expect(await store.takeBootstrapToken(made.bootstrapToken, 'node', [])).toBe(true);
    expect(await store.takeBootstrapToken(made.bootstrapToken, 'node', [])).toBe(false);
    await expect(createSetupCode({ url: 'http://x', store })).rejects.toMatchObject({ code: 'gateway.url_invalid' });
    expect(readSetupCode('not a code')).toBeUndefined();
  });
});
