import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDeviceIdentity, readDeviceToken, storeDeviceAuth } from './device-files.js';

let stateDir: string;

beforeEach(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'openclaw-device-'));
});

afterEach(() => rm(stateDir, { recursive: true, force: true }));

const identityFile = () => path.join(stateDir, 'identity', 'device.json');

describe('loadDeviceIdentity', () => {
  it('makes one in the layout of the reference, for the owner only, and keeps it', async () => {
    const first = await loadDeviceIdentity(stateDir, 1234);
    const again = await loadDeviceIdentity(stateDir, 9999);
    expect(again?.deviceId).toBe(first?.deviceId);
    const stored = JSON.parse(await readFile(identityFile(), 'utf8')) as Record<string, unknown>;
    expect(Object.keys(stored)).toEqual(['version', 'deviceId', 'publicKeyPem', 'privateKeyPem', 'createdAtMs']);
    expect(stored).toMatchObject({ version: 1, createdAtMs: 1234 });
    expect((await stat(identityFile())).mode & 0o777).toBe(0o600);
  });

  it('names the device after its key and signs with it', async () => {
    const identity = await loadDeviceIdentity(stateDir, 1);
    if (!identity) throw new Error('no identity');
    const raw = Buffer.from(identity.publicKey, 'base64url');
    expect(raw).toHaveLength(32);
    expect(identity.deviceId).toBe(createHash('sha256').update(raw).digest('hex'));
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: identity.publicKey }, format: 'jwk' });
    const signature = Buffer.from(await identity.sign('payload'), 'base64url');
    expect(verify(null, Buffer.from('payload'), key, signature)).toBe(true);
  });

  it('gives one identity to all who ask at the same time', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => loadDeviceIdentity(stateDir, 1)));
    expect(new Set(all.map((identity) => identity?.deviceId)).size).toBe(1);
  });

  it('does without one where the state folder is no folder', async () => {
    const file = path.join(stateDir, 'file');
    await writeFile(file, '');
    expect(await loadDeviceIdentity(path.join(file, 'state'), 1)).toBeUndefined();
  });
});

describe('storeDeviceAuth', () => {
  const auth = { deviceToken: 'tok', role: 'operator', scopes: ['operator.read'] };

  it('keeps one token per role of this device', async () => {
    await storeDeviceAuth({ stateDir, deviceId: 'd', role: 'operator', auth, nowMs: 5 });
    expect(await readDeviceToken(stateDir, 'd', 'operator')).toBe('tok');
    expect(await readDeviceToken(stateDir, 'other', 'operator')).toBeUndefined();
    const file = path.join(stateDir, 'identity', 'device-auth.json');
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      version: 1,
      deviceId: 'd',
      tokens: { operator: { token: 'tok', role: 'operator', scopes: ['operator.read'], updatedAtMs: 5 } },
    });
  });

  it('removes a token that is worthless', async () => {
    await storeDeviceAuth({ stateDir, deviceId: 'd', role: 'operator', auth, nowMs: 5 });
    await storeDeviceAuth({ stateDir, deviceId: 'd', role: 'operator', auth: undefined, nowMs: 6 });
    expect(await readDeviceToken(stateDir, 'd', 'operator')).toBeUndefined();
  });

  it('writes nothing when nothing changed', async () => {
    const file = path.join(stateDir, 'identity', 'device-auth.json');
    await storeDeviceAuth({ stateDir, deviceId: 'd', role: 'operator', auth, nowMs: 5 });
    await storeDeviceAuth({ stateDir, deviceId: 'd', role: 'operator', auth, nowMs: 99 });
    expect(await readFile(file, 'utf8')).toContain('"updatedAtMs": 5');
  });
});
