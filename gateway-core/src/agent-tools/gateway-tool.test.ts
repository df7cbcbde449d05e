import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createConfigMethods,
  createConfigOwner,
  createConfigWriteMethods,
  createWriteBudget,
  loadConfig,
  resolveStatePaths,
} from '../config/index.js';
import { REDACTED } from '../protocol/index.js';
import { silentLogger } from '../shared/logger.js';
import type { Caller } from '../shared/wire.js';
import { checkPatch, PATCHABLE } from './patch-guard.js';
import { House, textOf } from './testing/house.js';

const TEXT = `{
  // mine
  gateway: { mode: 'local', auth: { mode: 'token', token: 'tok-secret-123456' } },
  tools: { deny: ['exec'] },
  agents: { defaults: { sandbox: { mode: 'all' } }, list: [{ id: 'main', tools: { deny: ['write'] } }, { id: 'b' }] },
}
`;

let base: string;
let file: string;
let house: House;
let close: () => Promise<void>;

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'gateway-tool-'));
  const stateDir = path.join(base, 'state');
  file = path.join(stateDir, 'openclaw.json');
  await mkdir(stateDir);
  await writeFile(file, TEXT);
  const paths = resolveStatePaths({ HOME: base, OPENCLAW_STATE_DIR: stateDir });
  const load = { paths, env: { SECRET: 'env-secret' }, cwd: base };
  const owner = createConfigOwner({ loaded: await loadConfig(load), load, log: silentLogger });
  const plan = { delayMs: 0, mode: 'hot', coalesced: false, cooldownMsApplied: 0 } as const;
  const methods: Record<string, (params: never, context: never) => unknown> = {
    ...createConfigMethods({ snapshot: () => owner.read() }),
    ...createConfigWriteMethods({
      owner,
      budget: createWriteBudget(() => Date.now()),
      requestRestart: ({ reason }) => ({ ok: true, pid: 1, signal: 'SIGUSR1', reason, ...plan }),
      stateDir,
      now: () => Date.now(),
    }),
    status: () => ({ version: '1' }),
  };
  const callMethod = async (method: string, params: unknown, scopes: readonly string[]): Promise<unknown> => {
    const caller: Partial<Caller> = { connId: 'tool', role: 'operator', scopes };
    return methods[method]?.(params as never, { caller, log: silentLogger } as never);
  };
  house = await House.open({ callMethod });
  close = () => owner.stop();
});

afterEach(async () => {
  await close();
  await house.remove();
  await rm(base, { recursive: true });
});

const call = (args: Record<string, unknown>, more = {}) => house.call('gateway', args, more);
const patch = (value: unknown) => call({ action: 'config.patch', patch: value });

describe('config.get', () => {
  it('shows no secret, whole or in part', async () => {
    const whole = textOf(await call({ action: 'config.get' }));
    expect(whole).not.toContain('tok-secret');
    expect(whole).toContain(REDACTED);
    for (const part of ['gateway.auth', 'gateway.auth.token']) {
      expect(textOf(await call({ action: 'config.get', path: part }))).not.toContain('tok-secret');
    }
    expect((await call({ action: 'config.get', path: 'agents.list[0].id' })).details).toMatchObject({ value: 'main' });
    expect((await call({ action: 'config.get', path: 'tools.__proto__' })).details).toMatchObject({ value: null });
  });
});

describe('config.patch', () => {
  it('changes what is harmless and keeps the comments of the file', async () => {
    const result = await patch({ agents: { defaults: { userTimezone: 'Europe/Berlin', heartbeat: { every: '1h' } } } });
    expect(result.details).toMatchObject({ ok: true });
    const text = await readFile(file, 'utf8');
    expect(text).toContain('Europe/Berlin');
    expect(text).toContain('// mine');
    expect((await patch(`{"agents":{"defaults":{"userTimezone":null}}}`)).details).toMatchObject({ ok: true });
  });

  it.each<[string, unknown]>([
    ['a list of tools', { tools: { deny: [] } }],
    ['all of the tools', { tools: null }],
    ['tools among harmless settings', { ui: { seamColor: '#fff' }, tools: { allow: ['*'] } }],
    ['an agent in the list', { agents: { list: [{ id: 'main', tools: { deny: [] } }] } }],
    ['a list that takes the place of the agents', { agents: { list: [{ id: 'main' }, { id: 'main' }] } }],
    ['the list as an object', { agents: { list: { 0: { tools: null } } } }],
    ['the sandbox', { agents: { defaults: { sandbox: { mode: 'off' } } } }],
    ['the parent of the sandbox', { agents: { defaults: null } }],
    ['an empty parent', { agents: { defaults: {} } }],
    ['a parent that is a list', { agents: { defaults: [] } }],
    ['helpers', { agents: { defaults: { subagents: { maxSpawnDepth: 9 } } } }],
    ['the workspace', { agents: { defaults: { workspace: '/' } } }],
    ['a program as model', { agents: { defaults: { cliBackends: { x: { command: 'sh' } } } } }],
    ['the sign-in', { gateway: { auth: { mode: 'none' } } }],
    ['the address', { gateway: { bind: 'lan' } }],
    ['tools over HTTP', { gateway: { tools: { allow: ['gateway'] } } }],
    ['commands of nodes', { gateway: { nodes: { allowCommands: ['system.run'] } } }],
    ['approvals', { approvals: { exec: { enabled: false } } }],
    ['hooks', { hooks: { enabled: true, token: 'x' } }],
    ['a server of tools', { mcp: { servers: { x: { command: 'sh' } } } }],
    ['the browser', { browser: { executablePath: '/bin/sh' } }],
    ['plugins', { plugins: { enabled: true } }],
    ['variables', { env: { vars: { PATH: '/tmp' } } }],
    ['the address of a provider', { models: { providers: { p: { baseUrl: 'http://evil.example' } } } }],
    ['a secret provider', { secrets: { providers: { x: { source: 'exec', command: '/bin/sh' } } } }],
    ['what may be restarted', { commands: { restart: true } }],
    ['the web address of jobs', { cron: { webhook: 'http://evil.example' } }],
    ['what one sees', { tools: { sessions: { visibility: 'all' } } }],
    ['the log', { logging: { level: 'silent' } }],
    ['a dotted key', { 'tools.deny': [] }],
    ['a dotted key inside', { agents: { 'defaults.sandbox.mode': 'off' } }],
    ['a dotted key that reads like a harmless one', { 'agents.defaults.userTimezone': 'UTC' }],
    ['a key with brackets', { 'agents[0]': {} }],
    ['a file', { $include: 'evil.json' }],
    ['a file deep inside', { agents: { defaults: { userTimezone: { $include: 'evil.json' } } } }],
    ['a file as the only key', { agents: { $include: ['evil.json'] } }],
    ['a variable as value', { ui: { seamColor: '${SECRET}' } }],
    ['a reference as value', { ui: { seamColor: { source: 'env', provider: 'x', id: 'SECRET' } } }],
    ['a list as value', { ui: { seamColor: ['x'] } }],
    ['a placeholder', { ui: { seamColor: REDACTED } }],
    ['nothing', {}],
    ['no object', ['tools']],
    ['text', '"tools"'],
    ['a prototype', '{"__proto__":{"tools":{"deny":[]}}}'],
    ['a prototype inside', '{"agents":{"defaults":{"__proto__":{"userTimezone":"UTC"}}}}'],
    ['a constructor', '{"constructor":{"prototype":{"x":1}}}'],
    ['a key twice', '{"ui":{"seamColor":"x"},"ui":{"assistant":{"name":"x"}}}'],
    ['no JSON', '{tools:{deny:[]}}'],
  ])('leaves %s to people', async (_what, value) => {
    await expect(patch(value)).rejects.toThrow(/Only a person may change|patch must be|patch is not JSON/);
    expect(await readFile(file, 'utf8')).toBe(TEXT);
    expect(({} as Record<string, unknown>).tools).toBeUndefined();
  });

  it('may change nothing in the parts that decide about power', () => {
    const closed = /^(tools|gateway|hooks|secrets|approvals|mcp|browser|plugins|env|models|channels|skills|auth|acp)\b/;
    expect(
      PATCHABLE.filter((name) => closed.test(name) || /tools|sandbox|subagents|workspace|model/.test(name)),
    ).toEqual([]);
    for (const name of PATCHABLE) {
      const value = name.split('.').reduceRight<unknown>((inside, key) => ({ [key]: inside }), 'x');
      expect(() => checkPatch(value)).not.toThrow();
    }
  });
});

describe('the rest', () => {
  it('reads the schema and the status', async () => {
    const looked = await call({ action: 'config.schema.lookup', path: 'session.reset' });
    expect(looked.details).toMatchObject({ path: 'session.reset' });
    expect((await call({ action: 'status' })).details).toEqual({ version: '1' });
  });

  it('restarts unless the config keeps that for people', async () => {
    await call({ action: 'restart', reason: 'new settings' });
    expect(house.restarts).toEqual(['new settings']);
    house.config.commands = { restart: false };
    await expect(call({ action: 'restart' })).rejects.toThrow('only a person may restart');
    expect(house.restarts).toHaveLength(1);
  });

  it.each([
    [{ isOwner: false }, 'owner of this gateway only'],
    [{ subagentDepth: 1 }, 'A helper may not'],
  ])('refuses %j', async (more, words) => {
    for (const action of ['status', 'config.get', 'restart']) {
      await expect(call({ action }, more)).rejects.toThrow(words);
    }
  });
});
