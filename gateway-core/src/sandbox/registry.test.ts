import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type SandboxEntry, SandboxRegistry } from './registry.js';

let dir: string;
const entry = (containerName: string, lastUsedAtMs = 0): SandboxEntry => ({
  containerName,
  backendId: 'docker',
  sessionKey: 'agent:main:x',
  agentId: 'main',
  createdAtMs: 0,
  lastUsedAtMs,
  image: 'i',
  configHash: 'h',
  isSetUp: true,
});

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'hq-registry-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

it('keeps changes that come at once, and shares them through the file', async () => {
  const registry = new SandboxRegistry(dir);
  expect(await registry.list()).toEqual([]);
  await Promise.all(['a', 'b', 'c'].map((name) => registry.put(entry(name))));
  await new SandboxRegistry(dir).drop('b');
  await registry.put({ ...entry('a'), configHash: 'new' });
  expect((await registry.list()).map(({ containerName, configHash }) => [containerName, configHash])).toEqual([
    ['c', 'h'],
    ['a', 'new'],
  ]);
  const text = await readFile(path.join(dir, 'sandbox', 'containers.json'), 'utf8');
  expect(JSON.parse(text)).toHaveProperty('entries.length', 2);
});

it('notes a use at most once a minute', async () => {
  const registry = new SandboxRegistry(dir);
  await registry.put(entry('a'));
  await registry.touch('a', 30_000);
  expect((await registry.get('a'))?.lastUsedAtMs).toBe(0);
  await registry.touch('a', 95_000);
  expect((await registry.get('a'))?.lastUsedAtMs).toBe(95_000);
  await registry.touch('unknown', 999_999);
  expect(await registry.list()).toHaveLength(1);
});

it('reads what the reference wrote, and skips what is no entry', async () => {
  await mkdir(path.join(dir, 'sandbox'));
  const old = { containerName: 'x', sessionKey: 'agent:ops:main', createdAtMs: 1, lastUsedAtMs: 2, image: 'i' };
  await writeFile(path.join(dir, 'sandbox', 'containers.json'), JSON.stringify({ entries: [old, null, 7, {}] }));
  expect(await new SandboxRegistry(dir).list()).toEqual([
    { ...old, agentId: 'ops', backendId: 'docker', isSetUp: false },
  ]);
});
