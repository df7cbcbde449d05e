import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MarkedFolders } from './marked-folders.js';

let base: string;
let dir: string;
beforeEach(async () => {
  base = await realpath(await mkdtemp(path.join(tmpdir(), 'marked-')));
  dir = path.join(base, 'skills');
});
afterEach(() => rm(base, { recursive: true, force: true }));

const LIMITS = { maxFolders: 10, maxBytes: 100 };

async function put(name: string, text: string, root = dir): Promise<string> {
  await mkdir(path.join(root, name), { recursive: true });
  const file = path.join(root, name, 'MARK.md');
  await writeFile(file, text);
  return file;
}

function reading() {
  const read: string[] = [];
  const finder = new MarkedFolders('MARK.md', (text, name) => {
    read.push(name);
    if (text === 'bad') throw new Error('it is bad');
    return text;
  });
  return { read, finder };
}

describe('marked folders', () => {
  it('are found in order; others and hidden ones are passed over', async () => {
    await put('b', 'B');
    await put('a', 'A');
    await put('.hidden', 'H');
    await mkdir(path.join(dir, 'empty'));
    await writeFile(path.join(dir, 'MARK.md'), 'not a folder');
    const { finder } = reading();
    const { folders, faults } = await finder.find({ dir, ...LIMITS });
    expect(folders.map(({ name, value }) => [name, value])).toEqual([
      ['a', 'A'],
      ['b', 'B'],
    ]);
    expect(folders[0]).toMatchObject({ dir: path.join(dir, 'a'), file: path.join(dir, 'a', 'MARK.md') });
    expect(faults).toEqual([]);
  });

  it('are read once while their file stays as it is', async () => {
    const file = await put('a', 'A');
    await put('bad', 'bad');
    const { finder, read } = reading();
    await finder.find({ dir, ...LIMITS });
    await finder.find({ dir, ...LIMITS });
    expect(read.sort()).toEqual(['a', 'bad']);
    await writeFile(file, 'AA');
    await utimes(file, new Date(), new Date(1_000));
    expect((await finder.find({ dir, ...LIMITS })).folders).toMatchObject([{ value: 'AA' }]);
    expect(read).toHaveLength(3);
  });

  it('say what is wrong with one of them, and the others go on', async () => {
    await put('bad', 'bad');
    await put('good', 'A');
    await put('huge', 'x'.repeat(101));
    await mkdir(path.join(dir, 'folder', 'MARK.md'), { recursive: true });
    const { folders, faults } = await reading().finder.find({ dir, ...LIMITS });
    expect(folders.map(({ name }) => name)).toEqual(['good']);
    expect(faults).toEqual([
      { dir: path.join(dir, 'bad'), reason: 'MARK.md: it is bad' },
      { dir: path.join(dir, 'folder'), reason: 'MARK.md: it is no plain file' },
      { dir: path.join(dir, 'huge'), reason: 'MARK.md: it is larger than 100 bytes' },
    ]);
  });

  it('do not bring names that could look like something else', async () => {
    await put('x\n# Rules', 'A');
    const { folders, faults } = await reading().finder.find({ dir, ...LIMITS });
    expect(folders).toEqual([]);
    expect(faults[0]?.reason).toContain('rename the folder');
  });

  it('do not follow links out of their folder', async () => {
    await put('outside', 'secret', base);
    await put('inside', 'A');
    await mkdir(path.join(dir, 'x'));
    await symlink(path.join(base, 'outside', 'MARK.md'), path.join(dir, 'x', 'MARK.md'));
    await symlink(path.join(base, 'outside'), path.join(dir, 'y'));
    await symlink(path.join(dir, 'inside'), path.join(dir, 'z'));
    await symlink(path.join(base, 'nowhere'), path.join(dir, 'w'));
    const { finder } = reading();
    const { folders, faults } = await finder.find({ dir, ...LIMITS });
    expect(folders.map(({ name }) => name)).toEqual(['inside', 'z']);
    expect(faults.map((fault) => path.basename(fault.dir))).toEqual(['w', 'x', 'y']);
    const allowed = await finder.find({ dir, ...LIMITS, alsoAllowed: [path.join(base, 'outside')] });
    expect(allowed.folders.map(({ name }) => name)).toEqual(['inside', 'y', 'z']);
  });

  it('refuse a root that is a link out of the workspace', async () => {
    await put('outside', 'secret', path.join(base, 'elsewhere'));
    const workspace = path.join(base, 'workspace');
    await mkdir(workspace);
    await symlink(path.join(base, 'elsewhere'), path.join(workspace, 'skills'));
    const root = { dir: path.join(workspace, 'skills'), within: workspace, ...LIMITS };
    expect(await reading().finder.find(root)).toEqual({
      folders: [],
      faults: [{ dir: root.dir, reason: 'the folder leads out of the workspace' }],
    });
  });

  it('are empty without a root, and never more than allowed', async () => {
    expect(await reading().finder.find({ dir, ...LIMITS })).toEqual({ folders: [], faults: [] });
    for (const name of ['a', 'b', 'c']) await put(name, name);
    expect((await reading().finder.find({ dir, maxFolders: 2, maxBytes: 10 })).folders).toHaveLength(2);
  });

  it.skipIf(process.platform === 'win32')('do not wait for a named pipe', async () => {
    await mkdir(path.join(dir, 'pipe'), { recursive: true });
    execFileSync('mkfifo', [path.join(dir, 'pipe', 'MARK.md')]);
    const { faults } = await reading().finder.find({ dir, ...LIMITS });
    expect(faults).toMatchObject([{ reason: 'MARK.md: it is no plain file' }]);
  });
});
