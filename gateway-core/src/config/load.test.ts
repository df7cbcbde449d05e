import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assertValidConfig, describeInvalidConfig, loadConfig } from './load.js';
import { resolveStatePaths } from './paths.js';
import { unavailableAt, unavailableError } from './secrets.js';
import { missingVariableLine } from './substitute.js';

let base: string;
let stateDir: string;
let cwd: string;

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'claw-config-'));
  stateDir = path.join(base, '.openclaw');
  cwd = path.join(base, 'cwd');
  await mkdir(stateDir);
  await mkdir(cwd);
});

afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

const put = (name: string, text: string) => writeFile(path.join(stateDir, name), text);
const load = (env: NodeJS.ProcessEnv = {}, dev = false) => {
  const paths = { ...resolveStatePaths({ HOME: base, OPENCLAW_STATE_DIR: stateDir }), dev };
  return loadConfig({ paths, env, cwd });
};
const loadText = async (text: string, env: NodeJS.ProcessEnv = {}) => {
  await put('openclaw.json', text);
  return load(env);
};

describe('loadConfig', () => {
  it('takes a missing file for an empty config', async () => {
    expect(await load()).toMatchObject({ exists: false, raw: null, parsed: {}, config: {}, valid: true, issues: [] });
  });

  it('reads JSON5 with comments and trailing commas, and hashes the raw text', async () => {
    const text = "{ // mine\n gateway: { port: 0x1388, mode: 'local', }, }";
    const loaded = await loadText(text);
    expect(loaded).toMatchObject({
      exists: true,
      raw: text,
      valid: true,
      config: { gateway: { port: 5000, mode: 'local' } },
    });
    expect(loaded.hash).toBe(createHash('sha256').update(text).digest('hex'));
  });

  it('says where the text breaks', async () => {
    const loaded = await loadText('{ gateway: ');
    expect(loaded.valid).toBe(false);
    expect(loaded.issues).toEqual([
      { path: '<root>', message: 'JSON5 parse failed: SyntaxError: JSON5: invalid end of input at 1:12' },
    ]);
    expect(loaded.config).toEqual({});
  });

  it('keeps an invalid config out of the gateway and lists each problem for a person', async () => {
    const loaded = await loadText('{ nope: 1, identity: { name: "x" } }');
    expect(loaded).toMatchObject({ valid: false, config: {} });
    const text = describeInvalidConfig(loaded);
    expect(text.split('\n').slice(0, 4)).toEqual([
      'Config invalid',
      `File: ${loaded.path}`,
      'Problem:',
      '  - <root>: Unrecognized key: "nope"',
    ]);
    expect(text).toContain('Legacy config keys detected:\n  - identity: ');
    expect(text.endsWith('\n\nRun: openclaw doctor --fix')).toBe(true);
    expect(() => assertValidConfig(loaded)).toThrow(expect.objectContaining({ code: 'config.invalid', message: text }));
  });

  it('says that a file cannot be read', async () => {
    await mkdir(path.join(stateDir, 'openclaw.json'));
    await expect(load()).rejects.toMatchObject({
      code: 'config.unreadable',
      message: expect.stringContaining('openclaw.json cannot be read'),
    });
  });

  it('does not let a key called __proto__ reach objects', async () => {
    const loaded = await loadText('{ "__proto__": { "polluted": 1 }, gateway: { "__proto__": { port: 1 } } }');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(loaded.valid).toBe(false);
  });

  it('gives models the api of their provider', async () => {
    const loaded = await loadText(
      '{ models: { providers: { p: { api: "openai-completions", models: [{ id: "a" }, { id: "b", api: "x" }] } } } }',
    );
    expect(loaded.config.models?.providers?.p?.models).toEqual([
      { api: 'openai-completions', id: 'a' },
      { api: 'x', id: 'b' },
    ]);
  });
});

describe('the environment', () => {
  it('takes the process first, then .env here, then .env of the state folder, then the config', async () => {
    await writeFile(path.join(cwd, '.env'), 'B=here\nC=here\n');
    await writeFile(path.join(stateDir, '.env'), 'C=state\nD="sta te"\n');
    const env = { A: 'process', B: 'process' };
    const loaded = await loadText('{ env: { D: "config", E: "config", vars: { F: "config ${A}" } } }', env);
    expect(loaded.env).toEqual({
      A: 'process',
      B: 'process',
      C: 'here',
      D: 'sta te',
      E: 'config',
      F: 'config process',
    });
    expect(env).toEqual({ A: 'process', B: 'process' });
  });

  it('an empty variable is set and stays', async () => {
    await writeFile(path.join(stateDir, '.env'), 'A=x\n');
    expect((await load({ A: '' })).env.A).toBe('');
  });

  it('--dev sets the port when it is not set', async () => {
    expect((await load({}, true)).env.OPENCLAW_GATEWAY_PORT).toBe('19001');
    expect((await load({ OPENCLAW_GATEWAY_PORT: '7' }, true)).env.OPENCLAW_GATEWAY_PORT).toBe('7');
  });

  it('a folder called .env is ignored', async () => {
    await mkdir(path.join(cwd, '.env'));
    expect((await load({ A: '1' })).env).toEqual({ A: '1' });
  });

  it('process.env is never changed', async () => {
    await writeFile(path.join(stateDir, '.env'), 'OPENCLAW_TEST_ONLY_HERE=1\n');
    const loaded = await load(process.env);
    expect(loaded.env.OPENCLAW_TEST_ONLY_HERE).toBe('1');
    expect(process.env.OPENCLAW_TEST_ONLY_HERE).toBeUndefined();
  });
});

describe('variables', () => {
  it('are put into strings anywhere; $${…} stays as text', async () => {
    const loaded = await loadText(
      '{ agents: { defaults: { workspace: "${ROOT}/a-${ROOT}" }, list: [{ id: "${ID}", name: "$${ID} ${lower} $ID" }] } }',
      { ROOT: '/r', ID: 'main' },
    );
    expect(loaded.config.agents).toEqual({
      defaults: { workspace: '/r/a-/r' },
      list: [{ id: 'main', name: '${ID} ${lower} $ID' }],
    });
    expect(loaded.parsed).toMatchObject({ agents: { list: [{ id: '${ID}' }] } });
  });

  it('can come from the config itself', async () => {
    const loaded = await loadText('{ env: { vars: { ROOT: "/r" } }, agents: { defaults: { workspace: "${ROOT}" } } }');
    expect(loaded.config.agents?.defaults?.workspace).toBe('/r');
  });

  it('a missing one is warned about and its value is left out', async () => {
    const loaded = await loadText(
      '{ gateway: { auth: { token: "${NOPE_TOKEN_X}" }, trustedProxies: ["${NOPE}", "10.0.0.1"] } }',
    );
    expect(loaded.valid).toBe(true);
    expect(loaded.config.gateway).toEqual({ auth: {}, trustedProxies: ['10.0.0.1'] });
    expect(loaded.warnings[0]).toEqual({
      path: 'gateway.auth.token',
      message: 'Missing env var "NOPE_TOKEN_X" — feature using this value will be unavailable',
    });
    expect(missingVariableLine('/c.json', loaded.warnings[0] ?? { path: '', message: '' })).toBe(
      'Config (/c.json): missing env var "NOPE_TOKEN_X" at gateway.auth.token — feature using this value will be unavailable',
    );
    expect(unavailableAt(loaded.unavailable, 'gateway.auth.token')?.reason).toBe(
      'Environment variable "NOPE_TOKEN_X" is missing or empty.',
    );
  });
});

describe('secrets', () => {
  const withKey = (ref: object, more = '') =>
    `{ models: { providers: { p: { apiKey: ${JSON.stringify(ref)} } } }${more} }`;

  it('an env reference becomes its value', async () => {
    const ref = { source: 'env', provider: 'default', id: 'KEY' };
    const loaded = await loadText(withKey(ref), { KEY: 'value' });
    expect(loaded.config.models?.providers?.p?.apiKey).toBe('value');
    expect(loaded.unavailable).toEqual([]);
  });

  it.each([
    [
      'a missing variable',
      { source: 'env', provider: 'default', id: 'NOPE' },
      '',
      'Environment variable "NOPE" is missing or empty.',
    ],
    [
      'a file',
      { source: 'file', provider: 'filemain', id: '/a' },
      '',
      'models.providers.p.apiKey is a secret from the file provider "filemain"; it is read when the gateway starts.',
    ],
    [
      'a command',
      { source: 'exec', provider: 'vault', id: 'a' },
      '',
      'models.providers.p.apiKey is a secret from the exec provider "vault"; it is read when the gateway starts.',
    ],
    [
      'an unknown provider',
      { source: 'env', provider: 'other', id: 'KEY' },
      '',
      'models.providers.p.apiKey: there is no secret provider "other" in secrets.providers.',
    ],
    [
      'a variable outside the list',
      { source: 'env', provider: 'default', id: 'KEY' },
      ', secrets: { providers: { default: { source: "env", allowlist: ["OTHER"] } } }',
      'models.providers.p.apiKey: environment variable "KEY" is not in secrets.providers.default.allowlist.',
    ],
    [
      'a provider of another kind',
      { source: 'env', provider: 'f', id: 'KEY' },
      ', secrets: { providers: { f: { source: "file", path: "/x" } } }',
      'models.providers.p.apiKey: the secret provider "f" has the source "file", not "env".',
    ],
  ])('%s leaves the value out and says why', async (_what, ref, more, reason) => {
    const loaded = await loadText(withKey(ref, more), { KEY: 'value' });
    expect(loaded.valid).toBe(true);
    expect(loaded.config.models?.providers?.p).toEqual({});
    const entry = unavailableAt(loaded.unavailable, 'models.providers.p.apiKey');
    expect(entry?.reason).toBe(reason);
    if (entry) expect(unavailableError(entry)).toMatchObject({ code: 'secret.unavailable' });
    if (entry) expect(unavailableError(entry).message).toContain('models.providers.p.apiKey');
  });
});

describe('$include', () => {
  it('merges files in order, keys beside it win, lists are joined', async () => {
    await mkdir(path.join(stateDir, 'parts'));
    await put('parts/a.json5', '{ port: 1000, bind: "lan", trustedProxies: ["1"], auth: { token: "a" } }');
    await put('parts/b.json5', '{ port: 2000, trustedProxies: ["2"], auth: { mode: "token" } }');
    const loaded = await loadText('{ gateway: { $include: ["./parts/a.json5", "parts/b.json5"], bind: "loopback" } }');
    expect(loaded.issues).toEqual([]);
    expect(loaded.config.gateway).toEqual({
      port: 2000,
      bind: 'loopback',
      trustedProxies: ['1', '2'],
      auth: { token: 'a', mode: 'token' },
    });
    expect(loaded.parsed).toMatchObject({ gateway: { bind: 'loopback', $include: expect.any(Array) } });
  });

  it('may bring a list, and may include further files from where it is', async () => {
    await mkdir(path.join(stateDir, 'agents'));
    await put('agents/all.json5', '[{ $include: "main.json5" }]');
    await put('agents/main.json5', '{ id: "main" }');
    const loaded = await loadText('{ agents: { list: { $include: "agents/all.json5" } } }');
    expect(loaded.config.agents?.list).toEqual([{ id: 'main' }]);
  });

  it('variables work inside an included file', async () => {
    await put('a.json', '{ "port": 1, "auth": { "token": "${T}" } }');
    expect((await loadText('{ gateway: { $include: "a.json" } }', { T: 'x' })).config.gateway?.auth?.token).toBe('x');
  });

  const faults: Array<[string, Record<string, string>, string, [string, RegExp]]> = [
    ['a file outside', {}, '{ gateway: { $include: "../x.json" } }', ['gateway', /leaves the config folder/]],
    [
      'an absolute file outside',
      {},
      '{ gateway: { $include: "/etc/hostname" } }',
      ['gateway', /leaves the config folder/],
    ],
    [
      'a missing file',
      {},
      '{ gateway: { $include: "nope.json" } }',
      ['gateway', /Include "nope\.json" cannot be read: ENOENT/],
    ],
    [
      'a broken file',
      { 'a.json': '{' },
      '{ gateway: { $include: "a.json" } }',
      ['gateway', /JSON5: invalid end of input/],
    ],
    ['a number', {}, '{ gateway: { $include: 5 } }', ['gateway.$include', /expected a file name or a list/]],
    [
      'a circle',
      { 'a.json': '{ "auth": { "$include": "b.json" } }', 'b.json': '{ "$include": "a.json" }' },
      '{ gateway: { $include: "a.json" } }',
      ['gateway.auth', /goes in a circle: a\.json → b\.json → a\.json/],
    ],
    ['itself', {}, '{ gateway: { $include: "openclaw.json" } }', ['gateway', /goes in a circle/]],
    [
      'a list with keys beside it',
      { 'a.json': '[]' },
      '{ gateway: { $include: "a.json", port: 1 } }',
      ['gateway', /must bring an object/],
    ],
  ];
  it.each(faults)('reports %s', async (_what, files, text, [at, message]) => {
    for (const [name, content] of Object.entries(files)) await put(name, content);
    const loaded = await loadText(text);
    expect(loaded).toMatchObject({ valid: false, config: {} });
    expect(loaded.issues).toEqual([{ path: at, message: expect.stringMatching(message) }]);
  });

  it('does not follow a link out of the folder', async () => {
    await writeFile(path.join(base, 'secret.json'), '{ "port": 1 }');
    await symlink(path.join(base, 'secret.json'), path.join(stateDir, 'link.json'));
    const loaded = await loadText('{ gateway: { $include: "link.json" } }');
    expect(loaded.issues[0]?.message).toMatch(/leaves the config folder .* through a link/);
  });

  it.each([
    [10, true],
    [11, false],
  ])('%i files deep: %s', async (depth, valid) => {
    for (let level = 1; level < depth; level++) await put(`f${level}.json`, `{ "$include": "f${level + 1}.json" }`);
    await put(`f${depth}.json`, '{ "port": 1 }');
    const loaded = await loadText('{ gateway: { $include: "f1.json" } }');
    expect(loaded.valid).toBe(valid);
    if (!valid) expect(loaded.issues[0]?.message).toContain('nested deeper than 10 files');
  });
});

describe('permissions', () => {
  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
    'a file without read permission is said so',
    async () => {
      await put('openclaw.json', '{}');
      await chmod(path.join(stateDir, 'openclaw.json'), 0);
      await expect(load()).rejects.toMatchObject({ code: 'config.unreadable' });
    },
  );
});
