import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import { fingerprintOf, loadTlsMaterial, normalizeFingerprint, readTlsFingerprint } from './index.js';
import { makeSelfSigned } from './self-signed.js';

type TlsConfig = NonNullable<NonNullable<OpenClawConfig['gateway']>['tls']>;

const NOW = Date.UTC(2026, 10, 21);

describe('the certificate of the port', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'openclaw-tls-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const load = (tls: TlsConfig | undefined, now = NOW) =>
    loadTlsMaterial({ config: { gateway: { tls } }, stateDir: dir, hosts: ['0.0.0.0', '10.1.2.3'], now: () => now });
  const put = async (name: string, text: string) => {
    const file = path.join(dir, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };

  it.each([undefined, {}, { enabled: false, certPath: '/nowhere' }])(
    'is not touched while TLS is off: %j',
    async (tls) => {
      expect(await load(tls)).toBeUndefined();
      expect(await readdir(dir)).toEqual([]);
    },
  );

  it('is made once, private to its owner, and kept', async () => {
    const made = await load({ enabled: true });
    const again = await load({ enabled: true });
    expect(again?.fingerprint).toBe(made?.fingerprint);
    expect(made?.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(made?.notices).toEqual([]);
    expect((await readdir(path.join(dir, 'tls'))).sort()).toEqual(['gateway-cert.pem', 'gateway-key.pem']);
    for (const file of [made?.certPath, made?.keyPath]) expect((await stat(file ?? '')).mode & 0o777).toBe(0o600);
    const certificate = new X509Certificate(made?.cert ?? '');
    expect(certificate.subjectAltName).toContain('IP Address:10.1.2.3');
    expect(certificate.subjectAltName).not.toContain('0.0.0.0');
    expect(await readTlsFingerprint({ config: { gateway: { tls: { enabled: true } } }, stateDir: dir })).toBe(
      made?.fingerprint,
    );
  });

  it('is made anew after half a pair was written', async () => {
    const made = await load({ enabled: true });
    await rm(made?.certPath ?? '');
    expect((await load({ enabled: true }))?.fingerprint).not.toBe(made?.fingerprint);
  });

  it('is made anew with a notice when ours has expired, but a named one is only reported', async () => {
    const made = await load({ enabled: true });
    const later = Date.parse(new X509Certificate(made?.cert ?? '').validTo) + 1;
    const named = { enabled: true, certPath: made?.certPath, keyPath: made?.keyPath };
    expect((await load(named, later))?.notices[0]).toContain('expired on');
    const renewed = await load({ enabled: true }, later);
    expect(renewed?.fingerprint).not.toBe(made?.fingerprint);
    expect(renewed?.notices[0]).toContain('new fingerprint');
  });

  it('warns about a key that others can read', async () => {
    const made = await load({ enabled: true });
    await chmod(made?.keyPath ?? '', 0o644);
    expect((await load({ enabled: true }))?.notices[0]).toContain('chmod 600');
  });

  it('is made at named paths when both are free', async () => {
    const certPath = path.join(dir, 'a', 'c.pem');
    const keyPath = path.join(dir, 'b', 'k.pem');
    await load({ enabled: true, certPath, keyPath });
    expect(await readFile(certPath, 'utf8')).toContain('BEGIN CERTIFICATE');
    expect((await stat(keyPath)).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['there is none and none may be made', async () => ({ autoGenerate: false }), 'tls.unreadable'],
    [
      'only a named certificate exists',
      async () => ({ certPath: await put('c', 'x'), keyPath: path.join(dir, 'k') }),
      'tls.unreadable',
    ],
    [
      'a folder stands in its place',
      async () => {
        await mkdir(path.join(dir, 'c'));
        return { certPath: path.join(dir, 'c') };
      },
      'tls.unreadable',
    ],
    [
      'it is no certificate',
      async () => ({ certPath: await put('c', 'x'), keyPath: await put('k', 'x') }),
      'tls.invalid',
    ],
    [
      'the key is none',
      async () => ({ certPath: await put('c', (await makeSelfSigned([], NOW)).cert), keyPath: await put('k', 'x') }),
      'tls.invalid',
    ],
    [
      'the key is that of another',
      async () => ({
        certPath: await put('c', (await makeSelfSigned([], NOW)).cert),
        keyPath: await put('k', (await makeSelfSigned([], NOW)).key),
      }),
      'tls.mismatch',
    ],
    ['the authorities are missing', async () => ({ caPath: path.join(dir, 'ca') }), 'tls.unreadable'],
    ['the authorities are none', async () => ({ caPath: await put('ca', 'x') }), 'tls.invalid'],
  ])('stops the start when %s', async (_why, make, code) => {
    const tls = { enabled: true, ...(await make()) };
    await expect(load(tls)).rejects.toMatchObject({ name: 'AppError', code });
  });
});

describe('fingerprints', () => {
  const hex = 'ab'.repeat(32);

  it.each([hex, hex.toUpperCase(), `SHA256:${hex}`, `sha-256=${hex}`, hex.match(/../g)?.join(':') ?? '', ` ${hex}\n`])(
    'are taken as %j',
    (text) => {
      expect(normalizeFingerprint(text)).toBe(hex);
    },
  );

  it.each(['', 'ab', `${hex}0`, 'zz'.repeat(32), 'cd'.repeat(20)])('are not taken as %j', (text) => {
    expect(() => normalizeFingerprint(text)).toThrow(expect.objectContaining({ code: 'tls.fingerprint_invalid' }));
  });

  it('are the same for PEM and DER', async () => {
    const { cert } = await makeSelfSigned([], NOW);
    expect(fingerprintOf(new X509Certificate(cert).raw)).toBe(fingerprintOf(cert));
  });
});
