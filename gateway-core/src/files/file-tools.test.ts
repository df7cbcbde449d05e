import { mkdir, readdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import { AppError } from '../shared/app-error.js';
import type { ToolResult, Workplace } from '../tools/index.js';
import { createFileTools } from './file-tools.js';
import {
  callContext,
  type FolderWorkplace,
  folderWorkplace,
  pick,
  resultText,
  SCOPE,
} from './testing/folder-workplace.js';
import type { FileToolsOptions } from './tool-options.js';

let place: FolderWorkplace;
let source = createFileTools({ config: () => ({}) });

beforeEach(async () => {
  place = await folderWorkplace();
  source = createFileTools({ config: () => ({}) });
});
afterEach(() => place.remove());

const inside = (name: string) => path.join(place.workdir, name);
const put = (name: string, content: string | Buffer) => writeFile(inside(name), content);
const get = (name: string) => readFile(inside(name), 'utf8');

async function call(
  name: string,
  args: Record<string, unknown>,
  options: { workplace?: Workplace; signal?: AbortSignal; tools?: Partial<FileToolsOptions> } = {},
): Promise<ToolResult> {
  const from = options.tools ? createFileTools({ config: () => ({}), ...options.tools }) : source;
  const tool = pick(await from.tools(SCOPE), name);
  return tool.execute(args, callContext(options.workplace ?? place, options.signal));
}

const PNG = Buffer.from('89504e470d0a1a0a0000000d494844520000000a00000014', 'hex');

describe('read', () => {
  it('shows text, and the part that was asked for', async () => {
    await put('a.txt', 'one\r\ntwo\r\nthree\r\n');
    expect(resultText(await call('read', { path: 'a.txt' }))).toBe('one\ntwo\nthree');
    const part = await call('read', { path: 'a.txt', offset: 2, limit: 1 });
    expect(resultText(part)).toBe('two\n\n(Lines 2-2 of 3. Go on with offset=3.)');
    expect(part.details).toMatchObject({ kind: 'text', first: 2, last: 2, totalLines: 3 });
  });

  it('gives a picture as a picture, whatever its name', async () => {
    await put('notes.txt', PNG);
    const result = await call('read', { path: 'notes.txt' });
    expect(result.content[1]).toEqual({ type: 'image', data: PNG.toString('base64'), mimeType: 'image/png' });
  });

  it('lists a folder', async () => {
    await mkdir(inside('sub/deep'), { recursive: true });
    await put('sub/b.txt', '');
    expect(resultText(await call('read', { path: 'sub' }))).toBe('sub is a folder:\nb.txt\ndeep/');
  });

  it('refuses binary files with what they are', async () => {
    await put('a.pdf', '%PDF-1.7\n\0\0');
    const result = await call('read', { path: 'a.pdf' });
    expect(result.isError).toBe(true);
    expect(resultText(result)).toMatch(/a PDF document of 11 bytes/);
  });

  it('says that a file is missing, and which name is meant', async () => {
    await put('README.md', 'x');
    await expect(call('read', { path: 'readme.MD' })).rejects.toMatchObject({
      code: 'tool.file_missing',
      hint: 'There is README.md.',
    });
  });

  it('passes on what the workplace refuses', async () => {
    const refuse = () => Promise.reject(new AppError('tool.path_outside'));
    const workplace = { ...place, files: { ...place.files, stat: refuse } };
    await expect(call('read', { path: '/etc/shadow' }, { workplace })).rejects.toMatchObject({
      code: 'tool.path_outside',
    });
  });
});

describe('write', () => {
  it('creates folders and says what it did', async () => {
    const result = await call('write', { path: 'a/b/c.txt', content: 'grün\n' });
    expect(resultText(result)).toBe('Created a/b/c.txt (6 bytes).');
    expect(await get('a/b/c.txt')).toBe('grün\n');
    expect(result.details).toMatchObject({ action: 'created', diff: { added: 1, removed: 0 } });
  });

  it('shows the difference when it overwrites', async () => {
    await put('a.txt', 'one\ntwo\n');
    const result = await call('write', { path: 'a.txt', content: 'one\nTWO\n' });
    expect(resultText(result)).toBe('Overwrote a.txt (8 bytes).');
    expect(result.details).toMatchObject({ action: 'overwritten', diff: { added: 1, removed: 1, isCut: false } });
    expect((result.details as { diff: { text: string } }).diff.text).toContain('-two\n+TWO\n');
  });

  it('cuts the difference of large changes at a line', async () => {
    const result = await call('write', { path: 'a.txt', content: `${'x'.repeat(99)}\n`.repeat(1000) });
    const { diff } = result.details as { diff: { text: string; isCut: boolean } };
    expect(diff.isCut).toBe(true);
    expect(diff.text.length).toBeLessThanOrEqual(20_000);
    expect(diff.text.endsWith('x\n')).toBe(true);
  });

  it.each(['write', 'edit', 'apply_patch'])('%s refuses where the workspace is read-only', async (name) => {
    const workplace = { ...place, isWritable: false };
    const input = '*** Begin Patch\n*** Add File: a\n+x\n*** End Patch';
    const result = await call(name, { path: 'a', content: 'x', oldText: 'a', newText: 'b', input }, { workplace });
    expect(result.isError).toBe(true);
    expect(await readdir(place.workdir)).toEqual([]);
  });

  it('refuses a folder', async () => {
    await mkdir(inside('sub'));
    expect((await call('write', { path: 'sub', content: 'x' })).isError).toBe(true);
  });
});

describe('edit', () => {
  it('keeps the byte order mark and the line ends', async () => {
    await put('a.txt', '\uFEFFone\r\ntwo\r\n');
    const result = await call('edit', { path: 'a.txt', oldText: 'one\ntwo', newText: '1\n2' });
    expect(resultText(result)).toBe('Edited a.txt in 1 place.');
    expect(await get('a.txt')).toBe('\uFEFF1\r\n2\r\n');
  });

  it('makes all edits or none', async () => {
    await put('a.txt', 'one two');
    const edits = [
      { oldText: 'one', newText: '1' },
      { oldText: 'three', newText: '3' },
    ];
    expect((await call('edit', { path: 'a.txt', edits })).isError).toBe(true);
    expect(await get('a.txt')).toBe('one two');
  });

  it('shows what it changed when it forgave a difference', async () => {
    await put('a.txt', 'say “hi”\n');
    const result = await call('edit', { path: 'a.txt', oldText: 'say "hi"', newText: 'say "bye"' });
    expect(resultText(result)).toMatch(/look-alike characters[^]*-say “hi”\n\+say "bye"/);
  });

  it('refuses text that it cannot write back', async () => {
    await put('a.txt', Buffer.from('gr\xfcn', 'latin1'));
    expect(resultText(await call('edit', { path: 'a.txt', oldText: 'gr', newText: 'x' }))).toMatch(/not UTF-8/);
  });

  it('loses nothing when several edits of one file run at once', async () => {
    const names = Array.from({ length: 20 }, (_value, index) => `<${index}>`);
    await put('a.txt', names.join('\n'));
    const edits = names.map((name) => call('edit', { path: 'a.txt', oldText: name, newText: `done ${name}` }));
    await Promise.all(edits);
    expect(await get('a.txt')).toBe(names.map((name) => `done ${name}`).join('\n'));
  });
});

const patch = (...lines: string[]) => ({ input: ['*** Begin Patch', ...lines, '*** End Patch'].join('\n') });
const CHANGE_ALL = patch(
  '*** Update File: a.txt',
  '-a',
  '+A',
  '*** Update File: m.txt',
  '*** Move to: sub/n.txt',
  '-m',
  '+M',
  '*** Add File: new.txt',
  '+new',
  '*** Delete File: old.txt',
);

async function putAll(): Promise<void> {
  await put('a.txt', 'a\n');
  await put('m.txt', 'm\n');
  await put('old.txt', 'old\n');
}

describe('apply_patch', () => {
  it('changes, moves, adds and deletes in one go', async () => {
    await putAll();
    const result = await call('apply_patch', CHANGE_ALL);
    expect(resultText(result)).toBe('Changed:\nM a.txt\nR m.txt -> sub/n.txt\nA new.txt\nD old.txt');
    expect((await readdir(place.workdir)).toSorted()).toEqual(['a.txt', 'new.txt', 'sub']);
    expect([await get('a.txt'), await get('sub/n.txt'), await get('new.txt')]).toEqual(['A\n', 'M\n', 'new\n']);
    expect(result.details).toMatchObject({ files: [{ diff: { added: 1 } }, {}, {}, { diff: { removed: 1 } }] });
  });

  it('neither deletes nor moves what a link leads to', async () => {
    const followed = (target: string) =>
      realpath(path.resolve(place.workdir, target)).catch(() => path.resolve(place.workdir, target));
    const workplace = { ...place, files: { ...place.files, resolve: followed } };
    await put('a.txt', 'a\n');
    await mkdir(inside('sub'));
    await symlink('a.txt', inside('link'));
    await symlink('sub', inside('way'));
    for (const lines of [['*** Delete File: link'], ['*** Update File: link', '*** Move to: b.txt', '-a', '+A']]) {
      await expect(call('apply_patch', patch(...lines), { workplace })).rejects.toThrow(/link is a link/);
    }
    expect((await readdir(place.workdir)).toSorted()).toEqual(['a.txt', 'link', 'sub', 'way']);
    await call('apply_patch', patch('*** Update File: link', '-a', '+A'), { workplace });
    expect(await get('a.txt')).toBe('A\n');
    await put('sub/b.txt', 'b\n');
    await call('apply_patch', patch('*** Delete File: way/b.txt'), { workplace });
    expect(await readdir(inside('sub'))).toEqual([]);
  });

  it('puts two parts about one file together', async () => {
    await put('a.txt', 'a\nb\n');
    await call('apply_patch', patch('*** Update File: a.txt', '-a', '+A', '*** Update File: a.txt', '-b', '+B'));
    expect(await get('a.txt')).toBe('A\nB\n');
  });

  it.each([
    ['a context that does not fit', ['*** Update File: a.txt', '-zzz', '+x'], /these lines were not found/],
    ['a file that is missing', ['*** Delete File: nope.txt'], /no file nope\.txt/],
    ['a file that exists already', ['*** Add File: old.txt', '+x'], /exists already/],
    ['a goal that exists already', ['*** Update File: m.txt', '*** Move to: old.txt'], /exists already/],
    ['a file named twice', ['*** Add File: x', '+x', '*** Delete File: x'], /names x twice/],
    ['a file named twice in different words', ['*** Add File: x', '+x', '*** Add File: ./x', '+x'], /names .*x twice/],
    ['a path outside', ['*** Add File: ../out.txt', '+x'], /outside the workspace/],
    ['an absolute path outside', ['*** Add File: /tmp-of-nobody/out.txt', '+x'], /outside the workspace/],
    ['a goal outside', ['*** Update File: m.txt', '*** Move to: ../out.txt'], /outside the workspace/],
  ])('changes nothing when it meets %s', async (_name, lines, reason) => {
    await putAll();
    const call_ = call('apply_patch', patch('*** Add File: first.txt', '+1', ...lines));
    await expect(call_).rejects.toThrow(reason);
    expect((await readdir(place.workdir)).toSorted()).toEqual(['a.txt', 'm.txt', 'old.txt']);
    expect(await get('a.txt')).toBe('a\n');
  });

  it('takes every change back when a later one fails', async () => {
    for (const broken of ['new.txt', 'old.txt']) {
      await putAll();
      const fail = (target: string) => target.endsWith(broken);
      const files = {
        ...place.files,
        write: (target: string, data: Buffer) =>
          fail(target) ? Promise.reject(new Error('disk full')) : place.files.write(target, data),
        remove: (target: string) =>
          fail(target) && broken === 'old.txt' ? Promise.reject(new Error('disk full')) : place.files.remove(target),
      };
      await expect(call('apply_patch', CHANGE_ALL, { workplace: { ...place, files } })).rejects.toThrow('disk full');
      const left = await readdir(place.workdir);
      expect(left.filter((name) => name.endsWith('.txt')).toSorted()).toEqual(['a.txt', 'm.txt', 'old.txt']);
      expect([await get('a.txt'), await get('m.txt'), await get('old.txt')]).toEqual(['a\n', 'm\n', 'old\n']);
    }
  });

  it('takes every change back when the run is stopped in the middle', async () => {
    await putAll();
    const stop = new AbortController();
    const files = {
      ...place.files,
      move: async (from: string, to: string) => {
        await place.files.move(from, to);
        stop.abort(new Error('stopped'));
      },
    };
    const stopped = call('apply_patch', CHANGE_ALL, { workplace: { ...place, files }, signal: stop.signal });
    await expect(stopped).rejects.toThrow('stopped');
    expect([await get('a.txt'), await get('m.txt')]).toEqual(['a\n', 'm\n']);
  });

  it('names the files that could not be put back', async () => {
    await putAll();
    let writes = 0;
    const files = {
      ...place.files,
      write: (target: string, data: Buffer) => {
        writes += 1;
        return writes > 1 ? Promise.reject(new Error('disk gone')) : place.files.write(target, data);
      },
    };
    const failed = call('apply_patch', CHANGE_ALL, { workplace: { ...place, files } });
    await expect(failed).rejects.toThrow(/could not be put back: .*a\.txt \(disk gone\)/);
  });

  it('follows tools.exec.applyPatch', async () => {
    const names = async (config: OpenClawConfig, scope: object = {}) =>
      (await createFileTools({ config: () => config }).tools({ ...SCOPE, ...scope })).map(({ name }) => name);
    const openai = { provider: 'openai', model: 'gpt-5.2' };
    const only = { tools: { exec: { applyPatch: { allowModels: ['openai/GPT-5.2', 'other'] } } } };
    expect(await names({})).toContain('apply_patch');
    expect(await names({ tools: { exec: { applyPatch: { enabled: false } } } })).not.toContain('apply_patch');
    expect(await names(only, openai)).toContain('apply_patch');
    expect(await names(only, { provider: 'x', model: 'other' })).toContain('apply_patch');
    expect(await names(only, { provider: 'x', model: 'gpt-5.2' })).not.toContain('apply_patch');
    const list = [{ id: 'main', tools: { exec: { applyPatch: { enabled: false } } } }];
    expect(await names({ agents: { list } })).not.toContain('apply_patch');
  });

  it('leaves the workspace when workspaceOnly is off', async () => {
    const config = () => ({ tools: { exec: { applyPatch: { workspaceOnly: false } } } });
    const out = path.join(path.dirname(place.workdir), `${path.basename(place.workdir)}-out`, 'x.txt');
    await call('apply_patch', patch(`*** Add File: ${out}`, '+x'), { tools: { config } });
    expect(await readFile(out, 'utf8')).toBe('x\n');
    await call('apply_patch', patch(`*** Delete File: ${out}`), { tools: { config } });
    expect(await readdir(path.dirname(out))).toEqual([]);
  });
});

describe('image', () => {
  it('gives a file as a picture together with the question', async () => {
    await put('a.png', PNG);
    const { content } = await call('image', { path: 'a.png', question: 'What colour?' });
    expect(content).toMatchObject([{ text: 'a.png (image/png, 10 x 20 pixels, 24 bytes)' }, { type: 'image' }, {}]);
    expect(resultText({ content })).toContain('Question: What colour?');
  });

  it('takes pictures from the web through what it was given', async () => {
    const fetchImage = async (url: string) => ({ data: PNG, url: `${url}?final` });
    const result = await call('image', { url: 'https://example.com/a.png' }, { tools: { fetchImage } });
    expect(result.details).toMatchObject({ path: 'https://example.com/a.png?final', width: 10 });
  });

  it.each([
    ['nothing', {}, /Give a `path` or a `url`/],
    ['both', { path: 'a', url: 'b' }, /not both/],
    ['the web where there is none', { url: 'https://example.com/' }, /not available here/],
    ['a file that is no picture', { path: 'a.svg' }, /not a PNG, JPEG, GIF or WebP/],
    ['a picture that is too large', { path: 'big.png' }, /models take up to/],
  ])('refuses %s', async (_name, args, reason) => {
    await put('a.svg', '<svg/>');
    await put('big.png', Buffer.concat([PNG, Buffer.alloc(4_000_000)]));
    const result = await call('image', args);
    expect(result.isError).toBe(true);
    expect(resultText(result)).toMatch(reason);
  });
});

describe('files that are no files', () => {
  it('does not read a broken link', async () => {
    await symlink(inside('nowhere'), inside('link'));
    await expect(call('read', { path: 'link' })).rejects.toMatchObject({ code: 'tool.file_missing' });
  });
});
