import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultAgentId, describeAgent, listAgents } from './agent-list.js';
import { agentWorkspaceDir, BootstrapReader, ensureWorkspace } from './workspace.js';

describe('agents', () => {
  it('are main alone when the config names none', () => {
    expect(listAgents({})).toEqual([{ id: 'main', isDefault: true }]);
    expect(defaultAgentId({})).toBe('main');
  });

  it('are those of the config; the marked one, else the first, is the default', () => {
    const list = [{ id: 'Main' }, { id: 'ops-bot', name: 'Ops2', default: true }, { id: 'ops-bot' }, { id: '../x' }];
    expect(listAgents({ agents: { list } }).map(describeAgent)).toEqual([
      { id: 'main' },
      { id: 'ops-bot', name: 'Ops2' },
    ]);
    expect(defaultAgentId({ agents: { list } })).toBe('ops-bot');
    expect(defaultAgentId({ agents: { list: list.slice(0, 1) } })).toBe('main');
  });

  it('live in their own folder, the default one in the shared default', () => {
    const paths = {
      home: '/home/u',
      stateDir: '/home/u/.openclaw',
      defaultWorkspaceDir: '/home/u/.openclaw/workspace',
    };
    const list = [{ id: 'main' }, { id: 'ops' }, { id: 'own', workspace: '~/own' }];
    const config = { agents: { list } };
    expect(agentWorkspaceDir(config, paths, 'main')).toBe('/home/u/.openclaw/workspace');
    expect(agentWorkspaceDir(config, paths, 'ops')).toBe('/home/u/.openclaw/workspace-ops');
    expect(agentWorkspaceDir(config, paths, 'own')).toBe('/home/u/own');
    const shared = { agents: { list, defaults: { workspace: '~' } } };
    expect(agentWorkspaceDir(shared, paths, 'main')).toBe('/home/u');
  });
});

describe('a workspace', () => {
  let home = '';
  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'workspace-'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('is made with starter files once, and left alone when it exists, even empty', async () => {
    const folder = path.join(home, 'a', 'workspace');
    expect(await ensureWorkspace(folder)).toBe(true);
    expect((await readdir(folder)).sort()).toEqual([
      'AGENTS.md',
      'BOOTSTRAP.md',
      'HEARTBEAT.md',
      'IDENTITY.md',
      'MEMORY.md',
      'SOUL.md',
      'TOOLS.md',
      'USER.md',
    ]);
    await writeFile(path.join(folder, 'SOUL.md'), 'mine');
    expect(await ensureWorkspace(folder)).toBe(false);
    expect(await readFile(path.join(folder, 'SOUL.md'), 'utf8')).toBe('mine');
    const empty = path.join(home, 'empty');
    await mkdir(empty);
    expect(await ensureWorkspace(empty)).toBe(false);
    expect(await readdir(empty)).toEqual([]);
  });

  it('that cannot be made is a clear error', async () => {
    await writeFile(path.join(home, 'file'), '');
    await expect(ensureWorkspace(path.join(home, 'file', 'workspace'))).rejects.toMatchObject({
      code: 'state.unwritable',
    });
  });

  it('is read without leaving it: a link out of it, a pipe or a folder is no file', async () => {
    const folder = path.join(home, 'workspace');
    const outside = path.join(home, 'outside.md');
    await writeFile(outside, 'the keys of the house');
    await mkdir(path.join(folder, 'notes'), { recursive: true });
    await writeFile(path.join(folder, 'notes', 'me.md'), 'I like tea.');
    await symlink(outside, path.join(folder, 'AGENTS.md'));
    await symlink(path.join('..', 'outside.md'), path.join(folder, 'SOUL.md'));
    await symlink(path.join('notes', 'me.md'), path.join(folder, 'USER.md'));
    await symlink('TOOLS.md', path.join(folder, 'TOOLS.md'));
    await mkdir(path.join(folder, 'IDENTITY.md'));
    if (process.platform !== 'win32') execFileSync('mkfifo', [path.join(folder, 'MEMORY.md')]);
    const files = await new BootstrapReader().read(folder);
    expect(files).toEqual([{ name: 'USER.md', text: 'I like tea.', isCut: false }]);
  });

  it('is read again only where time or size changed, and cut where it is long', async () => {
    let nowMs = 0;
    const reader = new BootstrapReader(() => (nowMs += 1_000));
    const soul = path.join(home, 'SOUL.md');
    const at = new Date(1_700_000_000_000);
    await writeFile(soul, 'first');
    await utimes(soul, at, at);
    await writeFile(path.join(home, 'TOOLS.md'), '  \n');
    expect(await reader.read(home)).toEqual([{ name: 'SOUL.md', text: 'first', isCut: false }]);
    await writeFile(soul, 'other');
    await utimes(soul, at, at);
    expect((await reader.read(home))[0]?.text).toBe('first');
    await writeFile(soul, 'changed');
    expect((await reader.read(home))[0]?.text).toBe('changed');
    await writeFile(soul, 'x'.repeat(30_000));
    expect((await reader.read(home))[0]).toMatchObject({ isCut: true, text: 'x'.repeat(20_000) });
    await rm(soul);
    expect(await reader.read(home)).toEqual([]);
  });
});
