import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import JSON5 from 'json5';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConfigSnapshot, configWriteMethods, fits, REDACTED } from '../protocol/index.js';
import { systemClock } from '../shared/clock.js';
import { createLogHub, type LogRecord, silentLogger } from '../shared/logger.js';
import type { RequestContext } from '../shared/wire.js';
import { configAuditFile } from './audit.js';
import { loadConfig } from './load.js';
import { publicSnapshot } from './methods.js';
import { type ConfigOwner, createConfigOwner } from './owner.js';
import { resolveStatePaths } from './paths.js';
import { createRestartScheduler, restartSentinelFile, takeRestartSentinel } from './restart.js';
import { createWriteBudget } from './write-budget.js';
import { type ConfigWriteHandlers, createConfigWriteMethods } from './write-methods.js';

const TEXT = `// my gateway
{
  gateway: {
    mode: 'local', // here
    auth: { mode: 'token', token: 'tok-secret-123456' }, // token: "old-secret"
  },
  hooks: { token: '\${HOOK}' },
  models: {
    providers: {
      p: { baseUrl: 'https://u:pw-secret@h.example/v1', apiKey: 'sk-secret-1', models: [{ id: 'm' }] },
    },
  },
  agents: { list: [{ id: 'a', memorySearch: { remote: { apiKey: 'key-a' } } }, { id: 'b', memorySearch: { remote: { apiKey: 'key-b' } } }] },
}
`;

let base: string;
let configPath: string;
let owner: ConfigOwner;
let methods: ConfigWriteHandlers;
let restarts: string[];
let nowMs: number;
let scheduler: ReturnType<typeof createRestartScheduler>;
const records: LogRecord[] = [];
const hub = createLogHub();
hub.addSink({ write: (record) => void records.push(record) });

function context(connId = 'c1', deviceId: string | undefined = 'dev-1'): RequestContext {
  return {
    caller: {
      connId,
      role: 'operator',
      scopes: ['operator.admin'],
      caps: [],
      clientId: 'cli',
      clientMode: 'cli',
      isLocal: true,
      protocol: 3,
      ...(deviceId !== undefined && { deviceId }),
    },
    signal: new AbortController().signal,
    log: silentLogger,
    acknowledge: () => undefined,
  };
}

async function open(text: string | undefined): Promise<void> {
  const stateDir = path.join(base, 'state');
  configPath = path.join(stateDir, 'openclaw.json');
  await mkdir(stateDir, { recursive: true });
  if (text !== undefined) await writeFile(configPath, text);
  const paths = resolveStatePaths({ HOME: base, OPENCLAW_STATE_DIR: stateDir });
  const load = { paths, env: { HOOK: 'hook-secret-value' }, cwd: base };
  const clock = { ...systemClock, now: () => nowMs };
  owner = createConfigOwner({
    loaded: await loadConfig(load),
    load,
    log: hub.logger('config'),
    version: '9.9.9',
    clock,
  });
  scheduler = createRestartScheduler({ clock, pid: 77, restart: (reason) => void restarts.push(reason) });
  methods = createConfigWriteMethods({
    owner,
    budget: createWriteBudget(() => nowMs),
    requestRestart: (request) => scheduler.request(request),
    stateDir,
    now: () => nowMs,
  });
}

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'claw-write-'));
  nowMs = Date.parse('2026-11-21T10:00:00Z');
  restarts = [];
  records.length = 0;
  await open(TEXT);
});

afterEach(async () => {
  scheduler.stop();
  await owner.stop();
  await rm(base, { recursive: true, force: true });
});

const hash = async (): Promise<string> => (await owner.read()).hash;
const onDisk = (): Promise<string> => readFile(configPath, 'utf8');
const get = async (): Promise<ConfigSnapshot> => publicSnapshot(await owner.read());
const set = (raw: string, baseHash?: string) =>
  methods['config.set']({ raw, ...(baseHash && { baseHash }) }, context());
const patch = async (value: unknown, more: object = {}, who = context()) =>
  methods['config.patch']({ raw: JSON.stringify(value), baseHash: await hash(), ...more }, who);

describe('refusals', () => {
  it('asks for the base hash, and refuses one that is not of the file', async () => {
    await expect(set('{}')).rejects.toThrow('config base hash required; re-run config.get and retry');
    await expect(set('{}', 'bad')).rejects.toThrow('config changed since last load; re-run config.get and retry');
    await expect(methods['config.patch']({ raw: '{}' }, context())).rejects.toMatchObject({
      code: 'config.base_required',
    });
    await expect(methods['config.apply']({ raw: '{}', baseHash: 'x' }, context())).rejects.toMatchObject({
      code: 'config.stale',
    });
    expect(await onDisk()).toBe(TEXT);
  });

  it('repeats what the JSON5 reader says', async () => {
    await expect(set('not json', await hash())).rejects.toThrow("SyntaxError: JSON5: invalid character 'o' at 1:2");
  });

  it('names the settings that are not valid, three at most', async () => {
    await expect(patch({ nope: 1 })).rejects.toMatchObject({
      message: 'invalid config: <root>: Unrecognized key: "nope"',
      details: { issues: [{ path: '', message: 'Unrecognized key: "nope"' }] },
    });
    const many = { gateway: { port: 'x', mode: 'y', tls: 1 }, ui: 2, cron: 3 };
    await expect(set(JSON.stringify(many), await hash())).rejects.toMatchObject({
      message: expect.stringMatching(
        /^invalid config: gateway\.port: [^;]+; gateway\.mode: [^;]+; gateway\.tls: [^;]+ \(\+2 more issues\)$/,
      ),
      details: { issues: expect.objectContaining({ length: 5 }) },
    });
  });

  it('takes an object only as a patch', async () => {
    await expect(patch([1])).rejects.toThrow('config.patch raw must be an object');
  });

  it('does not patch what it cannot read, but lets it be replaced', async () => {
    await writeFile(configPath, '{ broken');
    await expect(patch({ ui: {} })).rejects.toThrow('invalid config; fix before patching');
    await set('{ gateway: { mode: "local" } }', await hash());
    expect((await owner.read()).valid).toBe(true);
  });

  it('refuses a placeholder that stands for nothing', async () => {
    await expect(patch({ talk: { apiKey: REDACTED } })).rejects.toMatchObject({
      code: 'config.rejected',
      details: { issues: [{ path: 'talk.apiKey', message: expect.stringContaining(REDACTED) }] },
    });
    await expect(
      patch({ models: { providers: { p: { baseUrl: `https://${REDACTED}@evil.example/v1` } } } }),
    ).rejects.toMatchObject({ code: 'config.rejected' });
  });
});

describe('config.set', () => {
  it('keeps the text as it was sent, adds its stamp, and restarts nothing', async () => {
    const raw = "{\n  // new\n  gateway: { mode: 'local', /* p */ port: 0x10, },\n}\n";
    const result = await set(raw, await hash());
    expect(fits(configWriteMethods['config.set'].result, result)).toBe(true);
    expect(result).toMatchObject({ ok: true, path: configPath, config: { gateway: { mode: 'local', port: 16 } } });
    const text = await onDisk();
    expect(text.startsWith(raw.slice(0, raw.lastIndexOf('}')).trimEnd())).toBe(true);
    expect(JSON5.parse(text)).toMatchObject({
      meta: { lastTouchedVersion: '9.9.9', lastTouchedAt: '2026-11-21T10:00:00.000Z' },
    });
    expect(restarts).toEqual([]);
    if (process.platform !== 'win32') expect((await stat(configPath)).mode & 0o777).toBe(0o600);
    expect(await readFile(`${configPath}.bak`, 'utf8')).toBe(TEXT);
  });

  it('takes back what config.get has shown without losing a secret or a comment', async () => {
    const shown = await get();
    expect(shown.raw).not.toMatch(/secret-\d|pw-secret|key-a|old-secret/);
    await set(`${shown.raw ?? ''}`, shown.hash);
    expect(await onDisk()).toBe(TEXT);
    await set((shown.raw ?? '').replace("mode: 'local', // here", "mode: 'local', port: 1, // here"), shown.hash);
    const text = await onDisk();
    for (const part of [
      'token: \'tok-secret-123456\' }, // token: "old-secret"',
      'u:pw-secret@',
      'sk-secret-1',
      'key-b',
      '${HOOK}',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('finds the secrets of list items by their id', async () => {
    const shown = await get();
    const value = shown.parsed as { agents: { list: unknown[] } };
    value.agents.list.reverse();
    await set(JSON.stringify(value), shown.hash);
    expect((await owner.read()).config.agents?.list).toMatchObject([
      { id: 'b', memorySearch: { remote: { apiKey: 'key-b' } } },
      { id: 'a', memorySearch: { remote: { apiKey: 'key-a' } } },
    ]);
  });

  it('writes a first file without a base hash', async () => {
    await rm(configPath);
    await set("{ gateway: { mode: 'local' } } // first");
    expect(await onDisk()).toContain('// first');
  });
});

describe('config.patch', () => {
  it('answers as the recorded gateway does, keeps comments, and leaves a note for the next run', async () => {
    const result = await patch(
      { messages: { ackReactionScope: 'all' } },
      { note: 'n1', restartDelayMs: 1000, sessionKey: 's' },
    );
    expect(fits(configWriteMethods['config.patch'].result, result)).toBe(true);
    expect(result).toMatchObject({
      ok: true,
      path: configPath,
      config: {
        messages: { ackReactionScope: 'all' },
        gateway: { auth: { token: REDACTED } },
        hooks: { token: REDACTED },
      },
      restart: {
        ok: true,
        pid: 77,
        signal: 'SIGUSR1',
        delayMs: 1000,
        reason: 'config.patch',
        mode: 'emit',
        coalesced: false,
        cooldownMsApplied: 0,
      },
      sentinel: {
        path: restartSentinelFile(path.join(base, 'state')),
        payload: {
          kind: 'config-patch',
          status: 'ok',
          ts: nowMs,
          sessionKey: 's',
          message: 'n1',
          doctorHint: 'Run: openclaw doctor --non-interactive',
          stats: { mode: 'config.patch', root: configPath },
        },
      },
    });
    expect(await takeRestartSentinel(path.join(base, 'state'), silentLogger)).toEqual(result.sentinel?.payload);
    expect(await takeRestartSentinel(path.join(base, 'state'), silentLogger)).toBeUndefined();
    const text = await onDisk();
    for (const comment of ['// my gateway', '// here', '// token: "old-secret"']) expect(text).toContain(comment);
    expect(text).toContain("token: '${HOOK}'");
  });

  it('deletes with null and merges lists by id', async () => {
    await patch({
      hooks: null,
      agents: { list: [{ id: 'b', name: 'Bee' }, { id: 'c' }] },
      models: { providers: { p: { models: [{ id: 'm', name: 'Em' }] } } },
    });
    const { config } = await owner.read();
    expect(config.hooks).toBeUndefined();
    expect(config.agents?.list).toEqual([
      { id: 'a', memorySearch: { remote: { apiKey: 'key-a' } } },
      { id: 'b', memorySearch: { remote: { apiKey: 'key-b' } }, name: 'Bee' },
      { id: 'c' },
    ]);
    expect(config.models?.providers?.p?.models).toEqual([{ id: 'm', name: 'Em' }]);
  });

  it('writes and restarts nothing when nothing differs', async () => {
    const result = await patch({ gateway: { mode: 'local' } });
    expect(result).toMatchObject({ ok: true, noop: true });
    expect(result.restart).toBeUndefined();
    expect(await onDisk()).toBe(TEXT);
  });

  it('joins a restart that is planned already', async () => {
    await patch({ ui: { seamColor: '#111' } });
    expect((await patch({ ui: { seamColor: '#222' } })).restart).toMatchObject({ coalesced: true, delayMs: 2000 });
  });
});

describe('config.apply', () => {
  it('replaces the file and restarts', async () => {
    const result = await methods['config.apply'](
      { raw: "{ gateway: { mode: 'local' } } // all of it", baseHash: await hash() },
      context(),
    );
    expect(result).toMatchObject({
      restart: { reason: 'config.apply' },
      sentinel: { payload: { kind: 'config-apply', message: null } },
    });
    expect(await onDisk()).toContain('// all of it');
  });
});

describe('the budget', () => {
  it('is spent by failures too, is shared by patch and apply, and is not asked by set', async () => {
    for (const raw of ['{', '[]']) {
      await expect(methods['config.patch']({ raw, baseHash: 'bad' }, context())).rejects.toThrow('config changed');
    }
    await expect(methods['config.apply']({ raw: '{}' }, context())).rejects.toThrow('base hash required');
    nowMs += 55;
    await expect(methods['config.patch']({ raw: '{}' }, context())).rejects.toMatchObject({
      code: 'config.rate_limited',
      message: 'rate limit exceeded for config.patch; retry after 60s',
      retryable: true,
      retryAfterMs: 59_945,
      details: { method: 'config.patch', limit: '3 per 60s' },
    });
    await expect(methods['config.apply']({ raw: '{}' }, context())).rejects.toThrow(
      'rate limit exceeded for config.apply',
    );
    await expect(set('{}')).rejects.toThrow('base hash required');
    await expect(methods['config.patch']({ raw: '{}' }, context('c2', 'dev-2'))).rejects.toThrow('base hash required');
    nowMs += 60_000;
    await expect(methods['config.patch']({ raw: '{}' }, context())).rejects.toThrow('base hash required');
  });
});

describe('writing', () => {
  it('does one write after the other: of two with the same base the second fails', async () => {
    const baseHash = await hash();
    const both = await Promise.allSettled([
      methods['config.patch']({ raw: '{"ui":{"seamColor":"#1"}}', baseHash }, context('a', 'a')),
      methods['config.patch']({ raw: '{"ui":{"seamColor":"#2"}}', baseHash }, context('b', 'b')),
    ]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect((await owner.read()).config.ui?.seamColor).toBe('#1');
    expect(owner.current().config.ui?.seamColor).toBe('#1');
  });

  it('notes each write without its values', async () => {
    const before = await hash();
    await patch({ gateway: { auth: { token: 'brand-new-token' } } });
    const audit = await readFile(configAuditFile(path.join(base, 'state')), 'utf8');
    const lines = audit
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      expect.objectContaining({
        event: 'config.write',
        source: 'config.patch',
        configPath,
        previousHash: before,
        nextHash: await hash(),
        changedPaths: ['gateway.auth.token', 'meta.lastTouchedVersion', 'meta.lastTouchedAt'],
        commentsKept: true,
      }),
    ]);
    expect(audit).not.toContain('brand-new-token');
  });

  it('says loudly when comments went to the backup only', async () => {
    const result = await owner.write({
      source: 'test',
      // A boxed text reads back as a plain one, so no edit in place can give what was meant.
      change: (file) => ({ value: { ...(file.parsed as object), env: { vars: { X: new String('x') } } } }),
    });
    expect(result).toMatchObject({ written: true, commentsKept: false, backup: `${configPath}.bak` });
    expect(records.some(({ level, message }) => level === 'warn' && message.includes('.bak'))).toBe(true);
    expect(await readFile(`${configPath}.bak`, 'utf8')).toBe(TEXT);
  });
});
