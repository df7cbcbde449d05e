import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import { silentLogger } from '../shared/logger.js';
import type { Workplace } from '../tools/index.js';
import { createSandboxes, type Sandboxes } from './sandboxes.js';

let dir: string;
let asked: string[];
let config: OpenClawConfig;
let sandboxes: Sandboxes;

const scope = { agentId: 'main', sessionKey: 'agent:main:x', isMain: false };

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'hq-sandboxes-'));
  asked = [];
  config = {};
  sandboxes = createSandboxes({
    config: () => config,
    paths: { stateDir: path.join(dir, 'state'), home: dir },
    env: { PATH: dir },
    log: silentLogger,
    host: ({ sessionKey }) => {
      asked.push(sessionKey);
      return { kind: 'host' } as Workplace;
    },
  });
});
afterEach(async () => {
  await sandboxes.stop();
  await rm(dir, { recursive: true, force: true });
});

const open = () => sandboxes.workplaceOf({ ...scope, workspaceDir: dir });

describe('a conversation', () => {
  it('without a sandbox gets the host', async () => {
    expect((await open()).kind).toBe('host');
    expect(asked).toEqual(['agent:main:x']);
  });

  it.each([
    ['docker', {}, 'sandbox.unavailable'],
    ['bubblewrap', {}, 'sandbox.unavailable'],
    ['ssh', { ssh: { target: 'nobody@127.0.0.1:1' } }, 'sandbox.unavailable'],
    ['openshell', {}, 'sandbox.refused'],
    ['docker', { docker: { network: 'host' } }, 'sandbox.refused'],
  ])('that must be sandboxed never gets the host: %s %o', async (backend, more, code) => {
    config = { agents: { defaults: { sandbox: { mode: 'all', backend, ...more } } } };
    await expect(open()).rejects.toMatchObject({ code });
    expect(asked).toEqual([]);
    expect(await sandboxes.list()).toEqual([]);
  });

  it('hears the config of the moment', async () => {
    await open();
    config = { agents: { defaults: { sandbox: { mode: 'all' } } } };
    await expect(open()).rejects.toMatchObject({ code: 'sandbox.unavailable' });
    config = { agents: { defaults: { sandbox: { mode: 'non-main' } } } };
    expect((await sandboxes.workplaceOf({ ...scope, workspaceDir: dir, isMain: true })).kind).toBe('host');
  });
});

describe('pruning', () => {
  it('happens soon after the start and then each hour, while it is not stopped', async () => {
    const timers: Array<{ ms: number; run: () => void; isCancelled: boolean }> = [];
    const timer = (ms: number, run: () => void) => {
      const made = { ms, run, isCancelled: false };
      timers.push(made);
      return { cancel: () => void (made.isCancelled = true) };
    };
    const logged: unknown[] = [];
    const warned: unknown[] = [];
    const stateDir = path.join(dir, 'state');
    await mkdir(path.join(stateDir, 'sandbox'), { recursive: true });
    const base = { backendId: 'bubblewrap', sessionKey: 'agent:main', agentId: 'main', image: 'x', configHash: 'h' };
    const entries = [
      // Nothing answers for these: the one engine is away, the other is not known here.
      { ...base, containerName: 'away', backendId: 'docker', createdAtMs: 0, lastUsedAtMs: 0 },
      { ...base, containerName: 'strange', backendId: 'openshell', createdAtMs: 0, lastUsedAtMs: 0 },
      { ...base, containerName: 'unused', createdAtMs: 0, lastUsedAtMs: 0 },
      { ...base, containerName: 'used', createdAtMs: 0, lastUsedAtMs: 25 * 3_600_000 },
    ];
    await writeFile(path.join(stateDir, 'sandbox', 'containers.json'), JSON.stringify({ entries }));
    const house = createSandboxes({
      config: () => ({}),
      paths: { stateDir, home: dir },
      env: {},
      log: {
        ...silentLogger,
        warn: (_message, fields) => void warned.push(fields?.name),
        info: (_message, fields) => void logged.push(fields?.name),
      },
      clock: { now: () => 25 * 3_600_000, after: timer, every: timer },
      host: () => ({ kind: 'host' }) as Workplace,
    });
    expect(timers.map(({ ms }) => ms)).toEqual([5_000, 3_600_000]);
    timers[0]?.run();
    await house.stop();
    expect(logged).toEqual(['unused']);
    expect(warned).toEqual(['away', 'strange']);
    expect((await house.list()).map(({ containerName }) => containerName)).toEqual(['away', 'strange', 'used']);
    expect(timers.every(({ isCancelled }) => isCancelled)).toBe(true);
  });
});
