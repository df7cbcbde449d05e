import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ArchiveKind } from '../download-option.js';
import { entryParts } from './entry-name.js';
import { type MadeEntry, makeTar, makeTarGz, makeZip } from './testing.js';
import { unpack, type UnpackRequest } from './unpack.js';

let dir: string;
let rounds = 0;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'unpack-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const MAKERS: ReadonlyArray<[ArchiveKind, (entries: readonly MadeEntry[]) => Buffer]> = [
  ['tar', makeTar],
  ['tar.gz', makeTarGz],
  ['zip', makeZip],
];

/** Unpacks; the files with their contents. */
async function open(kind: ArchiveKind, bytes: Buffer, more: Partial<UnpackRequest> = {}) {
  const round = (rounds += 1);
  const [file, folder] = [path.join(dir, `archive-${round}`), path.join(dir, `to-${round}`)];
  await writeFile(file, bytes);
  const env = { PATH: process.env.PATH ?? '' };
  const signal = new AbortController().signal;
  const count = await unpack({ file, kind, folder, strip: 0, env, signal, ...more });
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const texts = files.map(async ({ parentPath, name }) => {
    const at = path.join(parentPath, name);
    return [path.relative(folder, at).split(path.sep).join('/'), await readFile(at, 'utf8')] as const;
  });
  return { count, folder, files: Object.fromEntries(await Promise.all(texts)) };
}

const TOOL: readonly MadeEntry[] = [
  { name: 'tool-1.0/', type: '5', mode: 0o755 },
  { name: 'tool-1.0/bin/tool', text: 'program', mode: 0o755 },
  { name: './tool-1.0/README', text: 'words' },
  { name: 'top', text: 'x' },
];

describe.each(MAKERS)('an archive (%s)', (kind, make) => {
  it('comes out with its folders, its contents and its programs', async () => {
    const { count, files, folder } = await open(kind, make(TOOL));
    expect(count).toBe(3);
    expect(files).toEqual({ 'tool-1.0/bin/tool': 'program', 'tool-1.0/README': 'words', top: 'x' });
    expect((await stat(path.join(folder, 'tool-1.0/bin/tool'))).mode & 0o777).toBe(0o700);
    expect((await stat(path.join(folder, 'tool-1.0/README'))).mode & 0o777).toBe(0o600);
  });

  it('leaves leading parts of names out, and what has no others', async () => {
    expect((await open(kind, make(TOOL), { strip: 1 })).files).toEqual({ 'bin/tool': 'program', README: 'words' });
    await expect(open(kind, make(TOOL), { strip: 9 })).rejects.toMatchObject({ code: 'skill.install_refused' });
  });

  it.each<[string, MadeEntry]>([
    ['leads up', { name: 'a/../../evil', text: 'x' }],
    ['begins at the root', { name: '/evil', text: 'x' }],
    ['is a drive', { name: 'C:/evil', text: 'x' }],
    ['is for Windows', { name: 'a\\..\\evil', text: 'x' }],
    ['is a device of Windows', { name: 'aux.txt', text: 'x' }],
    ['is a symbolic link', { name: 'a', type: '2', link: '/etc', text: kind === 'zip' ? '/etc' : '' }],
    ['is a device', { name: 'a', type: '3' }],
  ])('with an entry that %s is refused whole', async (_name, entry) => {
    await expect(open(kind, make([...TOOL, entry]))).rejects.toMatchObject({ code: 'skill.install_refused' });
    expect((await readdir(dir)).sort()).toEqual([`archive-${rounds}`, `to-${rounds}`]);
  });

  it('with a name twice is refused', async () => {
    const twice = make([TOOL[3]!, TOOL[3]!]);
    await expect(open(kind, twice)).rejects.toMatchObject({ message: expect.stringContaining('twice') });
  });

  it.each([
    ['entries', { maxEntries: 3 }],
    ['one file', { maxFileBytes: 6 }],
    ['all files', { maxBytes: 12 }],
  ])('is held to the limit of %s', async (_name, limits) => {
    await expect(open(kind, make(TOOL), { limits })).rejects.toMatchObject({ code: 'skill.install_refused' });
  });

  it('that is cut, or something else, is refused', async () => {
    const whole = make(TOOL);
    await expect(open(kind, whole.subarray(0, whole.length - (kind === 'tar' ? 1_300 : 60)))).rejects.toMatchObject({
      code: 'skill.install_refused',
    });
    await expect(open(kind, Buffer.from('<html>not here</html>'))).rejects.toMatchObject({
      code: 'skill.install_refused',
    });
  });

  it('is not touched once the signal has fired', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(open(kind, make(TOOL), { signal })).rejects.toThrow('enough');
  });
});

describe('a tar file', () => {
  it('with a hard link is refused', async () => {
    const entries: MadeEntry[] = [{ name: 'evil', type: '1', link: '../../secret' }];
    await expect(open('tar', makeTar(entries))).rejects.toMatchObject({ code: 'skill.install_refused' });
  });

  it('that packs emptiness without end is cut off, though it names no large file', async () => {
    const bomb = gzipSync(Buffer.concat([makeTar(TOOL), Buffer.alloc(64 * 1_048_576)]));
    // The bytes are counted where they are packed once more, too.
    for (const [twice, bytes] of [
      ['tar', bomb],
      ['tar.gz', gzipSync(bomb)],
    ] as const) {
      await expect(open(twice, bytes, { limits: { maxEntries: 10, maxBytes: 1_000_000 } })).rejects.toMatchObject({
        code: 'skill.install_refused',
      });
    }
    const limits = { maxEntries: 10, maxBytes: 1_000_000 };
    await expect(open('tar.gz', bomb, { limits })).rejects.toMatchObject({
      message: expect.stringContaining('too large'),
    });
  });

  it('that says less than it holds is read by what it says, and the rest is no file', async () => {
    const liar = makeTar([{ name: 'a', text: 'b'.repeat(2_000), size: 3 }]);
    await expect(open('tar', liar)).rejects.toMatchObject({ code: 'skill.install_refused' });
  });

  it('packed with bzip2 is read by the program of that name', async () => {
    const packed = execFileSync('bzip2', ['-c'], { input: makeTar(TOOL) });
    expect((await open('tar.bz2', packed, { strip: 1 })).files).toEqual({ 'bin/tool': 'program', README: 'words' });
    await expect(open('tar.bz2', Buffer.from('no bzip2'))).rejects.toMatchObject({ code: 'skill.install_refused' });
    const bomb = execFileSync('bzip2', ['-c'], { input: Buffer.alloc(64 * 1_048_576), maxBuffer: 1e8 });
    const limits = { maxEntries: 10, maxBytes: 1_000_000 };
    await expect(open('tar.bz2', Buffer.concat([packed, bomb]), { limits })).rejects.toMatchObject({
      message: expect.stringContaining('too large'),
    });
    await expect(open('tar.bz2', packed, { env: { PATH: dir } })).rejects.toMatchObject({
      code: 'skill.install_failed',
      message: expect.stringContaining('bzip2 is not on this computer'),
    });
  });
});

describe('names in archives', () => {
  it.each([
    ['a/./b//c', 0, ['a', 'b', 'c']],
    ['a/b/c', 2, ['c']],
    ['a/', 1, []],
    ['grün/ü.txt', 0, ['grün', 'ü.txt']],
    ['...', 0, undefined],
    ['a\u0000b', 0, undefined],
    ['../a', 1, undefined],
    ['a'.repeat(256), 0, undefined],
    ['a/'.repeat(65), 0, undefined],
  ])('%j without %i parts', (name, strip, expected) => {
    if (expected) expect(entryParts(name, strip)).toEqual(expected);
    else expect(() => entryParts(name, strip)).toThrow('not unpacked');
  });
});
