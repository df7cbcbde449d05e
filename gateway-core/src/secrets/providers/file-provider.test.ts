import { symlink } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createScratch, type Scratch } from '../testing/scratch.js';
import { readFromFile } from './file-provider.js';
import { accessFault } from './guarded-path.js';
import type { FileProvider } from './provider-settings.js';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await createScratch();
});
afterEach(() => scratch.remove());

async function read(id: string, settings: Partial<FileProvider> & { path: string }) {
  const provider: FileProvider = {
    source: 'file',
    mode: 'json',
    timeoutMs: 5000,
    maxBytes: 1_048_576,
    allowInsecurePath: false,
    ...settings,
  };
  return (await readFromFile(provider, [id], scratch.context())).get(id);
}

const reason = (text: string) => ({ ok: false, reason: expect.stringContaining(text) as string });
const DOCUMENT = JSON.stringify({ openai: { apiKey: 'sk-1' }, 'a/b': { 'c~d': ['x', 'y'] }, n: 5, '': 'empty' });

describe('a JSON secret file', () => {
  it.each([
    ['/openai/apiKey', 'sk-1'],
    ['/a~1b/c~0d/1', 'y'],
    ['/n', 5],
    ['/', 'empty'],
  ])('gives what %s points to', async (id, value) => {
    const file = await scratch.write('s.json', DOCUMENT);
    expect(await read(id, { path: file })).toEqual({ ok: true, value });
  });

  it.each(['/openai/other', '/a~1b/c~0d/2', '/a~1b/c~0d/01', '/openai/apiKey/length', '/constructor', '/__proto__'])(
    'has nothing at %s',
    async (id) => {
      const file = await scratch.write('s.json', DOCUMENT);
      expect(await read(id, { path: file })).toEqual(reason(`has nothing at ${id}`));
    },
  );

  it('may be named from the home folder', async () => {
    await scratch.write('s.json', DOCUMENT);
    expect(await read('/openai/apiKey', { path: '~/s.json' })).toEqual({ ok: true, value: 'sk-1' });
  });

  it('must not be named relatively', async () => {
    expect(await read('/a', { path: 's.json' })).toEqual(reason('must be absolute'));
  });

  it.each(['{ "openai": "sk-canary"', '["sk-canary"]', 'sk-canary'])('never quotes a broken file: %s', async (text) => {
    const file = await scratch.write('s.json', text);
    const answer = await read('/openai', { path: file });
    expect(answer).toEqual(reason('does not hold a JSON object'));
    expect(JSON.stringify(answer)).not.toContain('canary');
  });
});

describe('a file of one value', () => {
  it('gives its text without the last line break', async () => {
    const file = await scratch.write('token', ' tok en \r\n');
    expect(await read('value', { path: file, mode: 'singleValue' })).toEqual({ ok: true, value: ' tok en ' });
  });

  it('answers to the id "value" only', async () => {
    const file = await scratch.write('token', 'x');
    expect(await read('/x', { path: file, mode: 'singleValue' })).toEqual(reason('its id is "value"'));
  });
});

describe('guarding', () => {
  it.each([0o640, 0o604, 0o620, 0o601, 0o666, 0o644])('refuses mode %o unless it is allowed', async (mode) => {
    const file = await scratch.write('s', 'x', mode);
    expect(await read('value', { path: file, mode: 'singleValue' })).toEqual(reason('other accounts can reach it'));
    const allowed = await read('value', { path: file, mode: 'singleValue', allowInsecurePath: true });
    expect(allowed).toEqual({ ok: true, value: 'x' });
  });

  it.each([0o600, 0o400])('takes mode %o', async (mode) => {
    const file = await scratch.write('s', 'x', mode);
    expect(await read('value', { path: file, mode: 'singleValue' })).toEqual({ ok: true, value: 'x' });
  });

  it('refuses a symbolic link unless it is allowed', async () => {
    const file = await scratch.write('s', 'x');
    const link = path.join(scratch.folder, 'link');
    await symlink(file, link);
    expect(await read('value', { path: link, mode: 'singleValue' })).toEqual(reason('it is a symbolic link'));
    const allowed = await read('value', { path: link, mode: 'singleValue', allowInsecurePath: true });
    expect(allowed).toEqual({ ok: true, value: 'x' });
  });

  it('refuses folders, pipes and files that are not there', async () => {
    const pipe = path.join(scratch.folder, 'pipe');
    execFileSync('mkfifo', ['-m', '600', pipe]);
    for (const allowInsecurePath of [false, true]) {
      expect(await read('value', { path: pipe, allowInsecurePath })).toEqual(reason('not a regular file'));
      expect(await read('value', { path: scratch.folder, allowInsecurePath })).toEqual(reason('not a regular file'));
      expect(await read('value', { path: `${pipe}-no`, allowInsecurePath })).toEqual(reason('it does not exist'));
    }
  });

  it('refuses a file above maxBytes and takes one of exactly that size', async () => {
    const file = await scratch.write('s', 'x'.repeat(100));
    expect(await read('value', { path: file, mode: 'singleValue', maxBytes: 99 })).toEqual(reason('larger than 99'));
    expect(await read('value', { path: file, mode: 'singleValue', maxBytes: 100 })).toMatchObject({ ok: true });
  });

  it('refuses bytes that are not text', async () => {
    const file = path.join(scratch.folder, 'b');
    execFileSync('sh', ['-c', `printf '\\377\\376' > "${file}" && chmod 600 "${file}"`]);
    expect(await read('value', { path: file, mode: 'singleValue' })).toEqual(reason('not UTF-8'));
  });

  it('gives up when the file does not come in time', async () => {
    const file = await scratch.write('s', 'x');
    const clock = { now: () => 0, every: () => ({ cancel() {} }), after: late };
    function late(_ms: number, run: () => void) {
      run();
      return { cancel() {} };
    }
    const settings: FileProvider = {
      source: 'file',
      path: file,
      mode: 'singleValue',
      timeoutMs: 7,
      maxBytes: 10,
      allowInsecurePath: false,
    };
    const answers = await readFromFile(settings, ['value'], scratch.context({ clock }));
    expect(answers.get('value')).toEqual(reason('within 7 ms'));
  });

  it.each([
    { uid: 1000, mode: 0o100600, account: 1000, fault: undefined },
    { uid: 0, mode: 0o100600, account: 1000, fault: undefined },
    { uid: 1001, mode: 0o100600, account: 1000, fault: 'another account (uid 1001)' },
    { uid: 1001, mode: 0o100600, account: 0, fault: 'another account (uid 1001)' },
  ])('judges owner $uid for account $account', ({ uid, mode, account, fault }) => {
    const found = accessFault({ uid, mode }, { platform: 'linux', uid: account }, 0o077);
    expect(found).toEqual(fault === undefined ? undefined : expect.stringContaining(fault));
  });

  it('asks for allowInsecurePath on Windows, where rights cannot be seen', () => {
    expect(accessFault({ uid: 0, mode: 0 }, { platform: 'win32', uid: undefined }, 0o077)).toContain(
      'allowInsecurePath',
    );
  });
});
