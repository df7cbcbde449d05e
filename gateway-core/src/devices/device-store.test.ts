import { mkdtemp, readdir, readFile, rm, stat, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../shared/clock.js';
import { silentLogger } from '../shared/logger.js';
import { DeviceStore } from './device-store.js';
import { loadGatewayIdentity } from './gateway-identity.js';
import { deviceIdOf, isSignedBy, parsePublicKey } from './keys.js';
import type { DeviceClaim } from './records.js';

describe('DeviceStore', () => {
  let stateDir: string;
  let now = 1_000_000;
  const alarms: Array<() => void> = [];
  const clock: Clock = {
    now: () => now,
    after: (_ms, run) => {
      alarms.push(run);
      return { cancel: () => void alarms.splice(alarms.indexOf(run), 1) };
    },
    every: () => ({ cancel: () => undefined }),
  };
  const load = () => DeviceStore.load({ stateDir, clock, log: silentLogger });
  const fileOf = (name: string) => path.join(stateDir, 'devices', name);
  const claim: DeviceClaim = {
    deviceId: 'd1',
    publicKey: 'k1',
    platform: 'linux',
    clientId: 'cli',
    role: 'operator',
    scopes: ['operator.read'],
  };

  beforeEach(async () => {
    stateDir = await mkdtemp(path.join(tmpdir(), 'openclaw-devices-'));
    now = 1_000_000;
    alarms.length = 0;
  });
  afterEach(async () => {
    await rm(stateDir, { recursive: true, force: true });
  });

  it('pairs silently with a token, on disk at once and for the owner alone', async () => {
    const store = await load();
    await store.approveSilently(claim);
    const saved = JSON.parse(await readFile(fileOf('paired.json'), 'utf8')) as Record<string, { tokens: object }>;
    expect(saved.d1).toMatchObject({ roles: ['operator'], scopes: ['operator.read'], createdAtMs: now });
    expect(saved.d1?.tokens).toMatchObject({ operator: { scopes: ['operator.read'], createdAtMs: now } });
    expect((await stat(fileOf('paired.json'))).mode & 0o777).toBe(0o600);
  });

  it('keeps a token while it fits and makes a new one when scopes were added', async () => {
    const store = await load();
    await store.approveSilently(claim);
    const first = await store.token(claim);
    expect(await (await load()).token(claim)).toEqual(first);
    now += 5;
    await store.approveSilently({ ...claim, scopes: ['operator.write'] });
    const second = await store.token(claim);
    expect(second?.token).not.toBe(first?.token);
    expect(second).toMatchObject({ scopes: ['operator.read', 'operator.write'], rotatedAtMs: now });
    expect(await store.token({ ...claim, scopes: ['operator.admin'] })).toBeUndefined();
    expect(await store.token({ ...claim, role: 'node' })).toBeUndefined();
  });

  it('takes only the right token, and writes the time of its use a little later', async () => {
    const store = await load();
    await store.approveSilently(claim);
    const token = (await store.token(claim))?.token ?? '';
    now += 10;
    expect(store.verifyToken({ ...claim, token: `${token}x` })).toBe(false);
    expect(store.verifyToken({ ...claim, token, deviceId: 'd2' })).toBe(false);
    expect(store.verifyToken({ ...claim, token, scopes: ['operator.admin'] })).toBe(false);
    expect(store.verifyToken({ ...claim, token })).toBe(true);
    expect(alarms).toHaveLength(1);
    await store.stop();
    const again = await load();
    expect(again.device('d1')?.tokens.operator?.lastUsedAtMs).toBe(now);
  });

  it('keeps an identical request, replaces a different one, and forgets after five minutes', async () => {
    const store = await load();
    const first = await store.request(claim);
    now += 1000;
    const same = await store.request(claim);
    expect(first.isNew).toBe(true);
    expect(same).toMatchObject({ isNew: false, request: { requestId: first.request.requestId, ts: now } });
    const wider = await store.request({ ...claim, scopes: ['operator.write'] });
    expect(wider.isNew).toBe(true);
    expect(wider.request.scopes).toEqual(['operator.read', 'operator.write']);
    expect(store.listPending().map(({ requestId }) => requestId)).toEqual([wider.request.requestId]);
    now += 300_001;
    expect(await store.approve(wider.request.requestId)).toBeUndefined();
    expect(store.listPending()).toEqual([]);
  });

  it('approves or rejects a request', async () => {
    const store = await load();
    const { request } = await store.request({ ...claim, displayName: 'phone' });
    const device = await store.approve(request.requestId);
    expect(device).toMatchObject({ deviceId: 'd1', displayName: 'phone', roles: ['operator'] });
    expect(device).not.toHaveProperty('requestId');
    const other = await store.request({ ...claim, deviceId: 'd2' });
    expect((await store.reject(other.request.requestId))?.deviceId).toBe('d2');
    expect((await load()).listPending()).toEqual([]);
  });

  it('notes a new name, and never changes what was pinned', async () => {
    const store = await load();
    await store.approveSilently(claim);
    store.describe({ ...claim, displayName: 'desk', platform: 'darwin', deviceFamily: 'Mac' });
    expect(store.device('d1')).toMatchObject({ displayName: 'desk', platform: 'linux', deviceFamily: 'Mac' });
  });

  it('notes the use of a token once a minute', async () => {
    const store = await load();
    const { device } = await store.approveSilently(claim);
    const token = device.tokens.operator?.token ?? '';
    const use = () => store.verifyToken({ deviceId: 'd1', role: 'operator', scopes: [], token });
    const used = () => store.device('d1')?.tokens.operator?.lastUsedAtMs;
    const first = now;
    expect(use()).toBe(true);
    now += 59_999;
    expect(use()).toBe(true);
    expect(used()).toBe(first);
    now += 1;
    use();
    expect(used()).toBe(first + 60_000);
    await store.stop();
    expect((await load()).device('d1')?.tokens.operator?.lastUsedAtMs).toBe(first + 60_000);
  });

  it('keeps a given name whatever the device calls itself, over a restart and a new pairing', async () => {
    const store = await load();
    await store.approveSilently({ ...claim, displayName: 'iPhone' });
    expect(await store.rename('d1', 'Kitchen')).toMatchObject({ givenName: 'Kitchen', displayName: 'iPhone' });
    store.describe({ ...claim, displayName: 'iPhone 2' });
    await store.approveSilently({ ...claim, displayName: 'iPhone 3' });
    await store.stop();
    const again = await load();
    expect(again.device('d1')).toMatchObject({ givenName: 'Kitchen', displayName: 'iPhone 3' });
    expect(await again.rename('d1', '')).not.toHaveProperty('givenName');
    expect(await again.rename('nobody', 'x')).toBeUndefined();
  });

  it('knows a bootstrap token that another process wrote, and lets nobody take it twice', async () => {
    const running = await load();
    const command = await load();
    const { token } = await command.issueBootstrapToken();
    const own = await running.issueBootstrapToken();
    const answers = await Promise.all(Array.from({ length: 5 }, () => running.takeBootstrapToken(token, 'node', [])));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await command.takeBootstrapToken(token, 'node', [])).toBe(false);
    expect(await command.takeBootstrapToken(own.token, 'node', [])).toBe(true);
  });

  it('takes a bootstrap token once, for its role and scopes, within ten minutes', async () => {
    const store = await load();
    const { token } = await store.issueBootstrapToken();
    expect(await store.takeBootstrapToken(token, 'operator', [])).toBe(false);
    expect(await store.takeBootstrapToken(token, 'node', ['operator.read'])).toBe(false);
    expect(await store.takeBootstrapToken(token, 'node', [])).toBe(true);
    expect(await (await load()).takeBootstrapToken(token, 'node', [])).toBe(false);
    const late = await store.issueBootstrapToken();
    now += 600_001;
    expect(await store.takeBootstrapToken(late.token, 'node', [])).toBe(false);
  });

  it('starts empty beside a copy when a file is broken', async () => {
    await mkdir(path.dirname(fileOf('paired.json')), { recursive: true });
    await writeFile(fileOf('paired.json'), '{ broken');
    const store = await load();
    expect(store.listPaired()).toEqual([]);
    expect(await readFile(`${fileOf('paired.json')}.broken-${now}`, 'utf8')).toBe('{ broken');
  });

  it('writes changes that come while it writes', async () => {
    const store = await load();
    const many = Array.from({ length: 20 }, (_, index) => store.approveSilently({ ...claim, deviceId: `d${index}` }));
    await Promise.all(many);
    expect((await load()).listPaired()).toHaveLength(20);
    expect((await readdir(path.dirname(fileOf('x')))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('loadGatewayIdentity', () => {
  it('makes one identity, however many ask at once, and refuses a broken one', async () => {
    const stateDir = await mkdtemp(path.join(tmpdir(), 'openclaw-identity-'));
    const all = await Promise.all(Array.from({ length: 5 }, () => loadGatewayIdentity(stateDir, 1)));
    expect(new Set(all.map(({ deviceId }) => deviceId)).size).toBe(1);
    const [identity] = all;
    const raw = parsePublicKey(identity?.publicKey ?? '');
    expect(raw && deviceIdOf(raw)).toBe(identity?.deviceId);
    expect(raw && isSignedBy(raw, 'hello', identity?.sign('hello') ?? '')).toBe(true);
    expect(raw && isSignedBy(raw, 'other', identity?.sign('hello') ?? '')).toBe(false);
    expect(await readdir(path.join(stateDir, 'identity'))).toEqual(['device.json']);
    await writeFile(path.join(stateDir, 'identity', 'device.json'), '{"publicKeyPem":1}');
    await expect(loadGatewayIdentity(stateDir, 1)).rejects.toMatchObject({ code: 'state.unreadable' });
    await rm(stateDir, { recursive: true, force: true });
  });

  it('reads a key as PEM too, and nothing else', async () => {
    const stateDir = await mkdtemp(path.join(tmpdir(), 'openclaw-identity-'));
    const identity = await loadGatewayIdentity(stateDir, 1);
    const file = JSON.parse(await readFile(path.join(stateDir, 'identity', 'device.json'), 'utf8')) as {
      publicKeyPem: string;
    };
    expect(parsePublicKey(file.publicKeyPem)?.toString('base64url')).toBe(identity.publicKey);
    expect(parsePublicKey('-----BEGIN nothing')).toBeUndefined();
    expect(parsePublicKey('short')).toBeUndefined();
    await rm(stateDir, { recursive: true, force: true });
  });
});
