import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDesktopLog, type DesktopLog } from '../desktop-log.js';
import { readSystemKey, type Vault } from './system-key.js';

let folder: string;
let log: DesktopLog;
const file = () => path.join(folder, 'profile', 'keychain-key');
const logText = () => readFileSync(log.file, 'utf8');

const flip = (bytes: Uint8Array) => Buffer.from(bytes).map((byte) => byte ^ 0x5a);

function vault(more: Partial<Vault> = {}): Vault {
  return {
    fault: () => Promise.resolve(undefined),
    encrypt: (text) => Promise.resolve(flip(Buffer.from(text))),
    decrypt: (bytes) => Promise.resolve(flip(bytes).toString()),
    ...more,
  };
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hq-keychain-'));
  log = openDesktopLog(path.join(folder, 'desktop.log'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('makes a key once, and keeps it encrypted in a file of the owner alone', async () => {
  const first = await readSystemKey(file(), vault(), log);
  expect(first).toEqual({ key: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/) as string });
  expect(await readSystemKey(file(), vault(), log)).toEqual(first);
  expect(readFileSync(file(), 'utf8')).not.toContain((first as { key: string }).key);
  if (process.platform !== 'win32') expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(readdirSync(path.dirname(file()))).toEqual(['keychain-key']);
});

it('gives everybody the same key when several begin at once', async () => {
  const answers = await Promise.all(Array.from({ length: 6 }, () => readSystemKey(file(), vault(), log)));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
});

it('says so when the system has no keychain, and writes nothing', async () => {
  const answer = await readSystemKey(file(), vault({ fault: () => Promise.resolve('There is none.') }), log);
  expect(answer).toEqual({ unavailable: 'There is none.' });
  expect(logText()).toContain('There is none.');
  expect(readdirSync(folder)).toEqual(['desktop.log']);
});

it('leaves a key alone that it cannot open', async () => {
  await readSystemKey(file(), vault(), log);
  const before = readFileSync(file());
  const locked = vault({ decrypt: () => Promise.reject(new Error('wrong account')) });
  expect(await readSystemKey(file(), locked, log)).toMatchObject({ unavailable: expect.any(String) as string });
  expect(readFileSync(file())).toEqual(before);
  expect(logText()).toContain('wrong account');
});

it('takes nothing else for a key', async () => {
  await readSystemKey(file(), vault(), log);
  writeFileSync(file(), flip(Buffer.from('no key')));
  expect(await readSystemKey(file(), vault(), log)).toMatchObject({ unavailable: expect.any(String) as string });
});

it('keeps the key out of the log', async () => {
  const { key } = (await readSystemKey(file(), vault(), log)) as { key: string };
  log.info(`the key is ${key}`);
  expect(logText()).not.toContain(key);
});
