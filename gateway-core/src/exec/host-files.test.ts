// Files of the host: walls, links, whole writes.
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../shared/spawn.js';
import { createHostFiles } from './host-files.js';

let base: string;
let workdir: string;
let isContained: boolean;

beforeEach(async () => {
  base = await realpath(await mkdtemp(path.join(tmpdir(), 'host-files-')));
  workdir = path.join(base, 'workspace');
  await mkdir(path.join(workdir, 'sub'), { recursive: true });
  await mkdir(path.join(base, 'outside'));
  await writeFile(path.join(base, 'outside', 'secret'), 'secret');
  await writeFile(path.join(workdir, 'a.txt'), 'alpha');
  isContained = true;
});
afterEach(() => rm(base, { recursive: true, force: true }));

const files = () => createHostFiles({ workdir, workspaceOnly: () => isContained });
const text = async (named: string) => (await files().read(named)).toString();
const outside = { code: 'tool.path_outside' };

describe('walls', () => {
  beforeEach(async () => {
    await symlink(path.join(base, 'outside'), path.join(workdir, 'way-out'));
    await symlink(path.join(base, 'outside', 'secret'), path.join(workdir, 'link-out'));
    await symlink(path.join(workdir, 'sub'), path.join(workdir, 'way-in'));
    await symlink(path.join(base, 'outside', 'new'), path.join(workdir, 'dangling'));
    await symlink('../workspace-2', path.join(workdir, 'sibling'));
    await mkdir(path.join(base, 'workspace-2'));
  });

  const ways = [
    '../outside/secret',
    '/etc/passwd',
    'sub/../../outside/secret',
    'way-out/secret',
    'way-out/new/deep',
    'link-out',
    'way-out',
    'sibling/x',
    '../workspace-2/x',
    '..',
    'a\0b',
  ];
  it.each(ways)('keeps %j from being read, written, listed, moved', async (named) => {
    await expect(files().read(named)).rejects.toMatchObject(outside);
    await expect(files().write(named, Buffer.from('x'))).rejects.toMatchObject(outside);
    await expect(files().stat(named)).rejects.toMatchObject(outside);
    await expect(files().list(named)).rejects.toMatchObject(outside);
    await expect(files().resolve(named, 'read')).rejects.toMatchObject(outside);
    await expect(files().move('a.txt', named)).rejects.toMatchObject(outside);
    expect(await readdir(path.join(base, 'outside'))).toEqual(['secret']);
    expect(await text('a.txt')).toBe('alpha');
  });

  it('takes no link that leads nowhere', async () => {
    await expect(files().write('dangling', Buffer.from('x'))).rejects.toMatchObject({ code: 'tool.file_missing' });
    await expect(files().write('dangling/x', Buffer.from('x'))).rejects.toMatchObject({ code: 'tool.file_missing' });
    expect(await readdir(path.join(base, 'outside'))).toEqual(['secret']);
  });

  it('removes a link and not what it leads to', async () => {
    await files().remove('way-out');
    await files().remove('link-out');
    await files().remove('dangling');
    expect(await readdir(path.join(base, 'outside'))).toEqual(['secret']);
    await expect(files().remove('../outside')).rejects.toMatchObject(outside);
    await expect(files().remove('.')).rejects.toMatchObject(outside);
    isContained = false;
    await expect(files().remove('..')).rejects.toMatchObject(outside);
    await expect(files().remove('.')).rejects.toMatchObject(outside);
  });

  it('follows links that stay inside', async () => {
    await files().write('way-in/x.txt', Buffer.from('x'));
    expect(await readFile(path.join(workdir, 'sub', 'x.txt'), 'utf8')).toBe('x');
    expect(await files().resolve('way-in/x.txt', 'read')).toBe(path.join(workdir, 'sub', 'x.txt'));
  });

  it('are there only where the config says so', async () => {
    isContained = false;
    expect(await text('../outside/secret')).toBe('secret');
    expect(await text('link-out')).toBe('secret');
    await files().write(path.join(base, 'outside', 'more'), Buffer.from('x'));
  });
});

describe('writing', () => {
  it('keeps the mode, leaves nothing beside, makes folders', async () => {
    await chmod(path.join(workdir, 'a.txt'), 0o751);
    await files().write('a.txt', Buffer.from('beta'));
    await files().write('x/y/z.txt', Buffer.from('deep'));
    expect((await stat(path.join(workdir, 'a.txt'))).mode & 0o7777).toBe(0o751);
    expect((await stat(path.join(workdir, 'x/y/z.txt'))).mode & 0o111).toBe(0);
    expect(await text('a.txt')).toBe('beta');
    expect((await readdir(workdir)).sort()).toEqual(['a.txt', 'sub', 'x']);
  });

  it('writes through a link and keeps it', async () => {
    await symlink('a.txt', path.join(workdir, 'link'));
    await files().write('link', Buffer.from('beta'));
    expect(await text('a.txt')).toBe('beta');
    expect(
      (await readdir(workdir, { withFileTypes: true })).find(({ name }) => name === 'link')?.isSymbolicLink(),
    ).toBe(true);
  });

  it('shows readers the old or the new content', async () => {
    const [old, fresh] = ['a', 'b'].map((letter) => letter.repeat(400_000));
    await files().write('big', Buffer.from(old ?? ''));
    let isDone = false;
    const reading = (async () => {
      const seen = new Set<string>();
      while (!isDone) seen.add(await readFile(path.join(workdir, 'big'), 'utf8'));
      return seen;
    })();
    for (let at = 0; at < 20; at += 1) await files().write('big', Buffer.from((at % 2 ? old : fresh) ?? ''));
    isDone = true;
    for (const seen of await reading) expect([old, fresh]).toContain(seen);
  });

  it('writes nothing when it was stopped', async () => {
    const stop = new AbortController();
    stop.abort(new Error('stopped'));
    await expect(files().write('a.txt', Buffer.from('x'), { signal: stop.signal })).rejects.toThrow('stopped');
    await expect(files().read('a.txt', { signal: stop.signal })).rejects.toThrow('stopped');
    expect(await text('a.txt')).toBe('alpha');
    expect((await readdir(workdir)).sort()).toEqual(['a.txt', 'sub']);
  });

  it('replaces no folder', async () => {
    await expect(files().write('sub', Buffer.from('x'))).rejects.toMatchObject({ code: 'tool.file_refused' });
  });
});

describe('reading', () => {
  it('has a limit', async () => {
    await expect(files().read('a.txt', { maxBytes: 4 })).rejects.toMatchObject({
      code: 'tool.file_too_large',
      details: { size: 5, maxBytes: 4 },
    });
    isContained = false;
    expect((await files().read('/proc/self/status', { maxBytes: 100_000 })).length).toBeGreaterThan(10);
    await expect(files().read('/dev/zero')).rejects.toMatchObject({ code: 'tool.file_refused' });
  });

  it('does not wait for a pipe', async () => {
    await runProgram('mkfifo', [path.join(workdir, 'pipe')], { timeoutMs: 5_000 });
    await expect(files().read('pipe')).rejects.toMatchObject({ code: 'tool.file_refused' });
    expect(await files().stat('pipe')).toMatchObject({ kind: 'other' });
  });

  it('says what is there', async () => {
    expect(await files().stat('a.txt')).toMatchObject({ kind: 'file', size: 5 });
    expect(await files().stat('sub')).toMatchObject({ kind: 'folder' });
    expect(await files().stat('none')).toBeUndefined();
    expect((await files().list('.')).sort((a, b) => a.name.localeCompare(b.name))).toEqual([
      { name: 'a.txt', kind: 'file' },
      { name: 'sub', kind: 'folder' },
    ]);
    await expect(files().read('none')).rejects.toMatchObject({ code: 'tool.file_missing' });
    await expect(files().read('a.txt/b')).rejects.toMatchObject({ code: 'tool.file_missing' });
    await expect(files().read('sub')).rejects.toMatchObject({ code: 'tool.file_refused' });
    await expect(files().list('none')).rejects.toMatchObject({ code: 'tool.file_missing' });
    await expect(files().remove('none')).rejects.toMatchObject({ code: 'tool.file_missing' });
  });

  it('moves and removes', async () => {
    await files().move('a.txt', 'new/b.txt');
    expect(await text('new/b.txt')).toBe('alpha');
    await files().remove('new');
    expect((await readdir(workdir)).sort()).toEqual(['sub']);
    await expect(files().move('none', 'x')).rejects.toMatchObject({ code: 'tool.file_missing' });
  });
});
