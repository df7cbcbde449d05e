import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import JSON5 from 'json5';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigSnapshot, REDACTED, fits } from '../protocol/index.js';
import { silentLogger } from '../shared/logger.js';
import { loadConfig } from './load.js';
import { createConfigMethods } from './methods.js';
import { resolveStatePaths } from './paths.js';
import { redactRaw, redactValue } from './redact.js';

let base: string;

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'claw-get-'));
});

afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

async function configGet(text: string | undefined, env: NodeJS.ProcessEnv = {}): Promise<ConfigSnapshot> {
  const configPath = path.join(base, 'openclaw.json');
  if (text !== undefined) await writeFile(configPath, text);
  const paths = resolveStatePaths({ HOME: base, OPENCLAW_CONFIG_PATH: configPath });
  const methods = createConfigMethods({ snapshot: () => loadConfig({ paths, env, cwd: base }) });
  return methods['config.get'](
    {},
    {
      caller: {
        connId: 'c',
        role: 'operator',
        scopes: [],
        caps: [],
        clientId: 'cli',
        clientMode: 'cli',
        isLocal: true,
        protocol: 3,
      },
      signal: new AbortController().signal,
      log: silentLogger,
      acknowledge: () => undefined,
    },
  );
}

describe('config.get', () => {
  it('shows the config without its secrets, in the text as well', async () => {
    const text = `{
      // token: "old-secret-1"
      gateway: { mode: 'local', auth: { token: 'gw-secret-12345', mode: "token" } },
      models: { providers: { p: { apiKey: "sk-model-secret", baseUrl: "https://u:pw-secret-9@h/v1", headers: { 'X-A': "hdr-secret-1" } } } },
      env: { vars: { KEY: "env-secret-1" }, DIRECT: 'env-secret-2' }, // gw-secret-12345
      hooks: { token: "\${HOOK}" },
      talk: { apiKey: { source: 'env', provider: 'default', id: 'TALK' } },
    }`;
    const result = await configGet(text, { HOOK: 'hook-secret-1', TALK: 'talk-secret-1' });
    expect(JSON.stringify(result)).not.toMatch(/secret-\d/);
    expect(JSON.stringify(result)).not.toContain('sk-model-secret');
    expect(result).toMatchObject({
      exists: true,
      valid: true,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      config: {
        gateway: { mode: 'local', auth: { token: REDACTED, mode: 'token' } },
        hooks: { token: REDACTED },
        talk: { apiKey: REDACTED },
      },
      parsed: { hooks: { token: '${HOOK}' }, talk: { apiKey: { id: 'TALK' } } },
      resolved: { hooks: { token: REDACTED } },
    });
    expect(result.raw).toContain(`token: '${REDACTED}'`);
    expect(JSON5.parse(result.raw ?? '')).toEqual(result.parsed);
    expect(fits(ConfigSnapshot, result)).toBe(true);
  });

  it('has the shape of the protocol without a file and with a broken one', async () => {
    const missing = await configGet(undefined);
    expect(missing).toMatchObject({ exists: false, raw: null, valid: true, issues: [] });
    expect(fits(ConfigSnapshot, missing)).toBe(true);
    const broken = await configGet('{ gateway: { auth: { token: "secret');
    expect(broken).toMatchObject({ exists: true, raw: null, valid: false, config: {} });
    expect(JSON.stringify(broken)).not.toContain('secret');
    expect(fits(ConfigSnapshot, broken)).toBe(true);
  });

  it('gives nothing but the fields of the protocol', async () => {
    expect(Object.keys(await configGet('{}')).sort()).toEqual(
      'config exists hash issues legacyIssues parsed path raw resolved valid warnings'.split(' '),
    );
  });
});

describe('redactValue', () => {
  it.each<[string, unknown, unknown]>([
    [
      'a key named like a secret',
      { botToken: 'x', signingSecret: 'x', serviceAccount: 'x' },
      { botToken: REDACTED, signingSecret: REDACTED, serviceAccount: REDACTED },
    ],
    [
      'names that only look alike',
      { maxTokens: 5, mainKey: 'main', sessionKey: 'k', keyPath: '/p', tokens: 1 },
      { maxTokens: 5, mainKey: 'main', sessionKey: 'k', keyPath: '/p', tokens: 1 },
    ],
    ['a list of secrets', { token: ['a', 'b'] }, { token: [REDACTED, REDACTED] }],
    ['a number', { password: 1234 }, { password: REDACTED }],
    ['an empty one', { token: '' }, { token: '' }],
    ['a bare variable', { token: '${TOKEN}' }, { token: '${TOKEN}' }],
    ['a variable with more around it', { token: 'a${TOKEN}' }, { token: REDACTED }],
    [
      'auth values',
      { request: { auth: { mode: 'header', value: 'x' } } },
      { request: { auth: { mode: 'header', value: REDACTED } } },
    ],
    [
      'credentials in an address',
      { url: 'wss://a:b@h/x', plain: 'https://h/@x' },
      { url: `wss://${REDACTED}@h/x`, plain: 'https://h/@x' },
    ],
    ['env tables', { docker: { env: { A: 'x' } } }, { docker: { env: { A: REDACTED } } }],
  ])('%s', (_what, value, expected) => {
    expect(redactValue(value)).toEqual(expected);
  });
});

describe('redactRaw', () => {
  it('finds a secret that is written with escapes', () => {
    expect(redactRaw('{ "tok\\u0065n": "a\\u0062c" }')).toBe(`{ "tok\\u0065n": "${REDACTED}" }`);
  });

  it('cleans comments', () => {
    expect(redactRaw('{ /* apiKey: sk-abcdefghijklmnop, note */ a: 1 } // password = "x y"')).toBe(
      `{ /* apiKey: "${REDACTED}", note */ a: 1 } // password = "${REDACTED}"`,
    );
  });

  it('leaves text that is no secret as it is', () => {
    const text = '{ a: "//token: x", b: [1, 2], /* plain */ }';
    expect(redactRaw(text)).toBe(text);
  });

  it('shows nothing of what it cannot read', () => {
    expect(redactRaw('{ token: "x')).toBeNull();
  });
});
