import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from './load.js';
import { resolveStatePaths } from './paths.js';

let base: string;

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'claw-legacy-'));
});

afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

async function loadText(text: string) {
  const configPath = path.join(base, 'openclaw.json');
  await writeFile(configPath, text);
  return loadConfig({ paths: resolveStatePaths({ HOME: base, OPENCLAW_CONFIG_PATH: configPath }), env: {}, cwd: base });
}

describe('older shapes', () => {
  const starter = `{
    identity: { name: "Clawd", theme: "helpful assistant", emoji: "🦞" },
    agent: { workspace: "~/.openclaw/workspace", model: { primary: "anthropic/claude-sonnet-4-5" } },
    channels: { whatsapp: { allowFrom: ["+15555550123"], groups: { "*": { requireMention: true } } } },
  }`;

  it('the recommended starter loads', async () => {
    const loaded = await loadText(starter);
    expect(loaded).toMatchObject({ valid: true, issues: [] });
    expect(loaded.config.agents).toEqual({
      list: [{ id: 'main', identity: { name: 'Clawd', theme: 'helpful assistant', emoji: '🦞' } }],
      defaults: { workspace: '~/.openclaw/workspace', model: { primary: 'anthropic/claude-sonnet-4-5' } },
    });
    expect(loaded.legacyIssues.map((issue) => issue.path)).toEqual(['identity', 'agent']);
    expect(loaded.raw).toBe(starter);
    expect(loaded.resolved).toHaveProperty('agent');
  });

  it.each([
    ['minimal', '{ agent: { workspace: "~/.openclaw/workspace" }, channels: { whatsapp: { allowFrom: ["+1"] } } }'],
    [
      'platforms',
      '{ agent: { workspace: "~/w" }, channels: { telegram: { enabled: true, botToken: "x" }, discord: { token: "x" } } }',
    ],
    ['heartbeat', '{ agent: { heartbeat: { every: "30m", target: "last" } } }'],
    [
      'local model',
      '{ agent: { model: { primary: "lmstudio/x" } }, models: { mode: "merge", providers: { lmstudio: { baseUrl: "http://127.0.0.1:1/v1" } } } }',
    ],
  ])('the starter "%s" loads', async (_what, text) => {
    expect(await loadText(text)).toMatchObject({ valid: true });
  });

  it('tool settings of agent become tools', async () => {
    const loaded = await loadText(
      '{ agent: { tools: { deny: ["browser"] }, elevated: { enabled: false }, exec: { timeoutSec: 5 }, sandbox: { mode: "all", tools: { allow: ["read"] } }, subagents: { tools: { deny: ["exec"] } } } }',
    );
    expect(loaded.issues).toEqual([]);
    expect(loaded.config).toEqual({
      agents: { defaults: { sandbox: { mode: 'all' } } },
      tools: {
        deny: ['browser'],
        elevated: { enabled: false },
        exec: { timeoutSec: 5 },
        sandbox: { tools: { allow: ['read'] } },
        subagents: { tools: { deny: ['exec'] } },
      },
    });
  });

  it('what stands in the new place wins', async () => {
    const loaded = await loadText(
      '{ agent: { workspace: "/old", model: "a/b" }, agents: { defaults: { workspace: "/new" } }, gateway: { token: "old", auth: { token: "new" } } }',
    );
    expect(loaded.config.agents?.defaults).toEqual({ workspace: '/new', model: 'a/b' });
    expect(loaded.config.gateway).toEqual({ auth: { token: 'new' } });
  });

  it('identity goes to the default agent', async () => {
    const loaded = await loadText(
      '{ identity: { name: "I" }, agents: { list: [{ id: "a" }, { id: "b", default: true }] } }',
    );
    expect(loaded.config.agents?.list).toEqual([{ id: 'a' }, { id: 'b', default: true, identity: { name: 'I' } }]);
  });

  it('gateway.token becomes gateway.auth.token', async () => {
    const loaded = await loadText('{ gateway: { token: "t" } }');
    expect(loaded.config.gateway).toEqual({ auth: { token: 't' } });
    expect(loaded.legacyIssues).toEqual([
      { path: 'gateway.token', message: expect.stringContaining('gateway.auth.token') },
    ]);
  });

  it.each([
    ['local', 'loopback'],
    ['localhost', 'loopback'],
    ['127.0.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['any', 'lan'],
    ['0.0.0.0', 'lan'],
    ['::', 'lan'],
    ['ANY', 'lan'],
  ])('bind "%s" is %s', async (alias, mode) => {
    const loaded = await loadText(`{ gateway: { bind: "${alias}" } }`);
    expect(loaded).toMatchObject({ valid: true, config: { gateway: { bind: mode } } });
    expect(loaded.legacyIssues.map((issue) => issue.path)).toEqual(['gateway.bind']);
  });

  it('an agent that is not an object is an unknown key', async () => {
    expect((await loadText('{ agent: "x" }')).issues[0]?.message).toContain('Unrecognized key: "agent"');
  });
});
