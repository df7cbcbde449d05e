import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ToolContext } from '../tools/index.js';
import { excerpt, isMemoryFile, memoryPath } from './memory-files.js';
import { createMemoryTools, type FoundMemory, readWorkspaceFile } from './index.js';

let dir: string;
beforeEach(async () => {
  dir = await realpath(await mkdtemp(path.join(tmpdir(), 'memory-')));
  await mkdir(path.join(dir, 'memory'));
  await writeFile(path.join(dir, 'MEMORY.md'), '# People\nAda likes tea.\nBob likes coffee.\n');
});
afterEach(() => rm(dir, { recursive: true }));

const FOUND: FoundMemory[] = [
  { file: 'MEMORY.md', line: 2, text: 'Ada likes tea.\nBob likes coffee.', coverage: 0.9 },
  { file: 'memory/old.md', line: 5, text: 'Something else.', coverage: 0.1 },
];

function run(name: string, args: Record<string, unknown>, found = FOUND) {
  const asked: string[] = [];
  const source = createMemoryTools({
    search: (agentId, question, keep) => {
      asked.push(`${agentId}: ${question}`);
      return Promise.resolve(found.filter(({ file }) => keep(file)));
    },
    read: readWorkspaceFile,
  });
  const context: ToolContext = {
    ...{ agentId: 'main', sessionKey: 'agent:main:main', sessionId: 's', runId: 'r', workspaceDir: dir },
    ...{ isMain: true, subagentDepth: 0, toolCallId: 'c', signal: new AbortController().signal },
    onUpdate: () => undefined,
    workplace: () => Promise.reject(new Error('not needed')),
  };
  const tool = [...(source.tools(context) as readonly { name: string; execute: CallableFunction }[])].find(
    (candidate) => candidate.name === name,
  );
  return { asked, result: tool?.execute(args, context) as Promise<unknown> };
}

describe('memory_search', () => {
  it('names the place of what fits well enough', async () => {
    const { asked, result } = run('memory_search', { query: 'tea' });
    expect(await result).toMatchObject({
      content: [{ text: 'MEMORY.md#L2-L3\nAda likes tea.\nBob likes coffee.' }],
      details: { results: [{ path: 'MEMORY.md', startLine: 2, endLine: 3, score: 0.9 }] },
    });
    expect(asked).toEqual(['main: tea']);
  });

  it('says when nothing fits', async () => {
    expect(await run('memory_search', { query: 'x' }, []).result).toMatchObject({
      content: [{ text: 'Nothing in the memory fits.' }],
    });
  });
});

describe('memory_get', () => {
  it('reads lines', async () => {
    expect(await run('memory_get', { path: './MEMORY.md', from: 2, lines: 1 }).result).toMatchObject({
      content: [{ text: 'Ada likes tea.' }],
      details: { path: 'MEMORY.md', from: 2, to: 2, totalLines: 4 },
    });
    expect(await run('memory_get', { path: 'memory/none.md' }).result).toMatchObject({ isError: true });
  });

  it.each([
    '../secret.md',
    'memory/../../secret.md',
    '/etc/passwd',
    'memory/.hidden.md',
    'AGENTS.md',
    'memory//x.md',
    'memory\\..\\x.md',
  ])('does not read %s', async (file) => {
    await expect(run('memory_get', { path: file }).result).rejects.toMatchObject({ code: 'tool.path_outside' });
  });

  it('does not follow a link out of the workspace', async () => {
    await symlink('/etc/hostname', path.join(dir, 'memory', 'link.md'));
    await expect(run('memory_get', { path: 'memory/link.md' }).result).rejects.toMatchObject({
      code: 'tool.path_outside',
    });
  });
});

describe('a file of the workspace', () => {
  it('that is a folder or a pipe is no file, and holds nobody up', async () => {
    expect(await readWorkspaceFile(dir, 'memory')).toBeUndefined();
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [path.join(dir, 'HEARTBEAT.md')]);
    expect(await readWorkspaceFile(dir, 'HEARTBEAT.md')).toBeUndefined();
  });
});

describe('memory files', () => {
  it.each([
    ['MEMORY.md', true],
    ['memory.md', true],
    ['memory/2026-01-02.md', true],
    ['memory/a/b.txt', true],
    ['notes/MEMORY.md', false],
    ['memory/x.bin', false],
  ])('%s → %s', (file, is) => expect(isMemoryFile(file)).toBe(is));

  it('keeps excerpts inside the file', () => {
    expect(excerpt('a\nb\nc', 9, 5)).toEqual({ text: 'c', from: 3, to: 3, total: 3 });
    expect(memoryPath('memory/a.md')).toBe('memory/a.md');
  });
});
