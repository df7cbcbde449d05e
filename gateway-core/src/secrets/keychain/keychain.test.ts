import { chmod, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeJsonDurably } from '../../shared/json-file.js';
import { currentAccount } from '../providers/guarded-path.js';
import { createScratch, type Scratch } from '../testing/scratch.js';
import { createFileKeyCipher } from './file-key-cipher.js';
import { createKeychain, openFileKeychain, openSystemKeychain } from './keychain.js';
import type { SecretCipher } from './secret-cipher.js';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await createScratch();
});
afterEach(() => scratch.remove());

const file = () => path.join(scratch.folder, 'credentials', 'keychain.json');
const keyFile = () => path.join(scratch.folder, 'credentials', 'keychain.key');
const cipher = () => createFileKeyCipher({ keyFile: keyFile(), account: currentAccount() });
const open = () => openFileKeychain({ stateDir: scratch.folder, account: currentAccount(), now: () => 42 });

describe('the keychain', () => {
  it('keeps secrets over a restart, encrypted, in files of the owner alone', async () => {
    await open().save('openai', 'sk-canary ä');
    expect(await open().read('openai')).toEqual({ ok: true, value: 'sk-canary ä' });
    expect(await open().list()).toEqual([{ id: 'openai', savedAtMs: 42 }]);
    expect(await readFile(file(), 'utf8')).not.toContain('canary');
    for (const each of [file(), keyFile()]) expect((await stat(each)).mode & 0o777).toBe(0o600);
  });

  it('replaces, removes and lists in order', async () => {
    const keychain = open();
    await keychain.save('b', '1');
    await keychain.save('a', '2');
    await keychain.save('b', '3');
    expect((await keychain.list()).map((entry) => entry.id)).toEqual(['a', 'b']);
    expect(await keychain.read('b')).toEqual({ ok: true, value: '3' });
    expect(await keychain.remove('b')).toBe(true);
    expect(await keychain.remove('b')).toBe(false);
    expect(await keychain.read('b')).toEqual({ ok: false, reason: 'The keychain has no secret "b".' });
  });

  it('loses nothing when many are saved at once', async () => {
    const keychain = open();
    const ids = Array.from({ length: 30 }, (_, at) => `id-${at}`);
    await Promise.all(ids.map((id) => keychain.save(id, `value of ${id}`)));
    const values = await Promise.all(ids.map((id) => open().read(id)));
    expect(values).toEqual(ids.map((id) => ({ ok: true, value: `value of ${id}` })));
  });

  it('works with another cipher, such as the one of the system', async () => {
    const reversed = (text: string) => [...text].reverse().join('');
    const system = {
      name: 'safe-storage',
      encrypt: (text: string) => Promise.resolve(Buffer.from(reversed(text))),
      decrypt: (bytes: Uint8Array) => Promise.resolve(reversed(Buffer.from(bytes).toString('utf8'))),
    };
    const keychain = createKeychain({ stateDir: scratch.folder, cipher: system, now: () => 1 });
    await keychain.save('a', '1');
    expect(await keychain.read('a')).toEqual({ ok: true, value: '1' });
  });

  it('refuses names that are none and empty text', async () => {
    for (const id of ['', '../x', '__proto__', 'constructor', 'a b']) {
      await expect(open().save(id, 'x')).rejects.toMatchObject({ code: 'request.invalid' });
    }
    await expect(open().save('a', ' ')).rejects.toMatchObject({ code: 'request.invalid' });
  });

  it('notices a changed entry and two swapped ones', async () => {
    const keychain = open();
    await keychain.save('a', '1');
    await keychain.save('b', '2');
    const stored = JSON.parse(await readFile(file(), 'utf8')) as { entries: Record<string, { data: string }> };
    const { a, b } = stored.entries;
    await writeJsonDurably(file(), { version: 1, entries: { a: b, b: a } });
    expect(await keychain.read('a')).toEqual({ ok: false, reason: expect.stringContaining('another name') as string });
    const bytes = Buffer.from(a?.data ?? '', 'base64');
    bytes.writeUInt8((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1);
    await writeJsonDurably(file(), { version: 1, entries: { a: { ...a, data: bytes.toString('base64') } } });
    expect(await keychain.read('a')).toEqual({ ok: false, reason: expect.stringContaining('decrypted') as string });
    await writeJsonDurably(file(), { version: 1, entries: { a: { ...a, cipher: 'safe-storage' } } });
    expect(await keychain.read('a')).toEqual({ ok: false, reason: expect.stringContaining('safe-storage') as string });
  });

  it.each(['{', '[]', '{"version":2,"entries":{}}'])('does not overwrite a file it cannot read: %s', async (text) => {
    await open().save('a', '1');
    await scratch.write('credentials/keychain.json', text);
    await expect(open().save('b', '2')).rejects.toMatchObject({ code: 'state.unreadable' });
    await expect(open().read('a')).rejects.toMatchObject({ code: 'state.unreadable' });
    expect(await readFile(file(), 'utf8')).toBe(text);
  });
});

describe('the keychain under a key of the system', () => {
  const KEY = Buffer.alloc(32, 7);
  const openSystem = (key = KEY) =>
    openSystemKeychain({ stateDir: scratch.folder, account: currentAccount(), now: () => 43, key });
  const ciphers = async () => {
    const { entries } = JSON.parse(await readFile(file(), 'utf8')) as { entries: Record<string, { cipher: string }> };
    return Object.values(entries).map((entry) => entry.cipher.replace(/[0-9a-f]{8}$/, '…'));
  };

  it('reads what was stored under the file key, and moves it in one write', async () => {
    await open().save('a', '1');
    await open().save('b', '2');
    const keychain = openSystem();
    expect(await keychain.read('a')).toEqual({ ok: true, value: '1' });
    expect(await keychain.adopt()).toEqual({ moved: 2, left: [] });
    expect(await ciphers()).toEqual(['system-…', 'system-…']);
    expect(await keychain.list()).toEqual([
      { id: 'a', savedAtMs: 42 },
      { id: 'b', savedAtMs: 42 },
    ]);
    expect(await openSystem().read('b')).toEqual({ ok: true, value: '2' });
    expect(await keychain.adopt()).toEqual({ moved: 0, left: [] });
  });

  it('says who can open a secret that a terminal, or another key, cannot', async () => {
    await openSystem().save('a', '1');
    const reason = expect.stringContaining('only the desktop app that stored it can open') as string;
    expect(await open().read('a')).toEqual({ ok: false, reason });
    expect(await openSystem(Buffer.alloc(32, 8)).read('a')).toEqual({ ok: false, reason });
  });

  it('leaves what it cannot decrypt, and moves the rest', async () => {
    await open().save('a', '1');
    await open().save('b', '2');
    const stored = JSON.parse(await readFile(file(), 'utf8')) as { entries: Record<string, { data: string }> };
    const broken = { ...stored.entries.a, data: Buffer.alloc(40).toString('base64') };
    await writeJsonDurably(file(), { version: 1, entries: { ...stored.entries, a: broken } });
    expect(await openSystem().adopt()).toEqual({ moved: 1, left: ['a'] });
    expect(await ciphers()).toEqual(['file-key', 'system-…']);
  });

  it('keeps a secret where it was when the new cipher cannot read its own text', async () => {
    await open().save('a', '1');
    const before = await readFile(file(), 'utf8');
    const forgetful: SecretCipher = {
      name: 'forgetful',
      encrypt: () => Promise.resolve(Buffer.from('x')),
      decrypt: () => Promise.resolve('{"id":"a","text":"other"}'),
    };
    const keychain = createKeychain({ stateDir: scratch.folder, cipher: forgetful, earlier: [cipher()], now: () => 1 });
    await expect(keychain.adopt()).rejects.toMatchObject({ code: 'state.unwritable' });
    expect(await readFile(file(), 'utf8')).toBe(before);
    expect(await keychain.read('a')).toEqual({ ok: true, value: '1' });
  });

  it('does not overwrite a value that was saved while it moved', async () => {
    await open().save('a', 'old');
    let saveMeanwhile = () => Promise.resolve();
    const slow: SecretCipher = {
      name: 'slow',
      async encrypt(text) {
        await saveMeanwhile();
        return Buffer.from(text);
      },
      decrypt: (bytes) => Promise.resolve(Buffer.from(bytes).toString('utf8')),
    };
    const keychain = createKeychain({ stateDir: scratch.folder, cipher: slow, earlier: [cipher()], now: () => 1 });
    saveMeanwhile = () => open().save('a', 'new');
    await keychain.adopt();
    expect(await keychain.read('a')).toEqual({ ok: true, value: 'new' });
  });

  it('takes no key of another length', () => {
    expect(() => openSystem(Buffer.alloc(16))).toThrow('32 bytes');
  });
});

describe('the file key', () => {
  it('is made once when several begin at the same time', async () => {
    const sealed = await Promise.all(Array.from({ length: 8 }, (_, at) => cipher().encrypt(`text ${at}`)));
    const texts = await Promise.all(sealed.map((bytes) => cipher().decrypt(bytes)));
    expect(texts).toEqual(Array.from({ length: 8 }, (_, at) => `text ${at}`));
  });

  it('is not used when others can read it or when it is broken', async () => {
    const bytes = await cipher().encrypt('x');
    await chmod(keyFile(), 0o644);
    await expect(cipher().decrypt(bytes)).rejects.toMatchObject({ code: 'state.unreadable' });
    await scratch.write('credentials/keychain.key', 'short');
    await expect(cipher().encrypt('x')).rejects.toMatchObject({ code: 'state.unreadable' });
  });

  it('never encrypts the same text to the same bytes', async () => {
    expect(Buffer.compare(await cipher().encrypt('x'), await cipher().encrypt('x'))).not.toBe(0);
  });

  it.each([0, 5, 27])('does not take %s bytes for a secret', async (length) => {
    await cipher().encrypt('x');
    await expect(cipher().decrypt(Buffer.alloc(length))).rejects.toBeInstanceOf(Error);
  });
});
