import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, resolveStatePaths } from '../config/index.js';
import { createSecretsSnapshot, prepareSecrets, type SecretsSource } from './snapshot.js';
import { createScratch, type Scratch } from './testing/scratch.js';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await createScratch();
});
afterEach(() => scratch.remove());

const env = (id: string) => ({ source: 'env', provider: 'default', id });

function snapshot(source: SecretsSource, learn?: (value: string) => void) {
  return createSecretsSnapshot(source, { ...scratch.context(), learn });
}

describe('a snapshot', () => {
  it('puts values in place of refs and leaves the source as it was', async () => {
    const config = {
      gateway: { auth: { token: env('TOKEN') }, port: 1 },
      models: { providers: { a: { apiKey: '${KEY}', headers: { 'x-api-key': env('KEY'), accept: 'json' } } } },
    };
    const before = structuredClone(config);
    const learned: string[] = [];
    const made = await snapshot({ config, env: { TOKEN: 't-1', KEY: 'k-1' } }, (value) => learned.push(value));
    expect(made.config).toEqual({
      gateway: { auth: { token: 't-1' }, port: 1 },
      models: { providers: { a: { apiKey: 'k-1', headers: { 'x-api-key': 'k-1', accept: 'json' } } } },
    });
    expect(config).toEqual(before);
    expect(new Set(learned)).toEqual(new Set(['t-1', 'k-1']));
    expect(made.diagnostics).toEqual([]);
  });

  it('reads values from a file and a command', async () => {
    const file = await scratch.write('s.json', '{"openai":{"apiKey":"sk-file"},"sa":{"private_key":"pk-canary"}}');
    const command = await scratch.script('op', 'console.log("sk-command")');
    const config = {
      secrets: {
        providers: {
          filemain: { source: 'file', path: file },
          op: { source: 'exec', command, jsonOnly: false },
        },
        defaults: { file: 'filemain' },
      },
      models: {
        providers: {
          a: { apiKey: { source: 'file', id: '/openai/apiKey' } },
          b: { apiKey: { source: 'exec', provider: 'op', id: 'value' } },
        },
      },
      channels: { googlechat: { serviceAccount: 'old', serviceAccountRef: { source: 'file', id: '/sa' } } },
    };
    const learned: string[] = [];
    const made = await snapshot({ config, env: {} }, (value) => learned.push(value));
    expect(made.config.models?.providers?.a?.apiKey).toBe('sk-file');
    expect(made.config.models?.providers?.b?.apiKey).toBe('sk-command');
    expect(made.config.channels?.googlechat).toEqual({ serviceAccount: { private_key: 'pk-canary' } });
    expect(made.diagnostics.map((entry) => entry.code)).toEqual(['SECRETS_REF_OVERRIDES_PLAINTEXT']);
    expect(learned).toContain('pk-canary');
  });

  it('fails as a whole, with the sentence clients know and every path', async () => {
    const config = {
      gateway: { auth: { token: env('X') } },
      cron: { webhookToken: env('Y') },
      talk: { apiKey: env('Z') },
    };
    const error: unknown = await snapshot({ config, env: { Z: 'here' } }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'secret.unavailable',
      message:
        'Startup failed: required secrets are unavailable. SecretRefResolutionError: Environment variable "X" is missing or empty.',
      hint: expect.stringContaining('gateway.auth.token, cron.webhookToken') as string,
    });
  });

  it('only warns of refs that nothing uses, and leaves them out', async () => {
    const config = {
      channels: { telegram: { enabled: false, botToken: env('NOPE') } },
      mcp: { list: [{ enabled: false, key: env('NOPE') }, 'kept', { enabled: false, key: env('NOPE') }] },
    };
    const made = await snapshot({ config, env: {} });
    expect(made.config).toEqual({
      channels: { telegram: { enabled: false } },
      mcp: { list: [{ enabled: false }, 'kept', { enabled: false }] },
    });
    expect(made.diagnostics[0]).toEqual({
      code: 'SECRETS_REF_IGNORED_INACTIVE_SURFACE',
      path: 'channels.telegram.botToken',
      message: 'channels.telegram.botToken: the reference was not read, since channels.telegram.enabled is false.',
    });
    expect(made.inactive.map((entry) => entry.path.join('.'))).toEqual([
      'channels.telegram.botToken',
      'mcp.list.0.key',
      'mcp.list.2.key',
    ]);
  });

  it('does not run the command of a ref that nothing uses', async () => {
    const config = {
      secrets: { providers: { x: { source: 'exec', command: '/does/not/exist' } } },
      hooks: { token: { source: 'exec', provider: 'x', id: 'a' } },
    };
    expect((await snapshot({ config, env: {} })).config.hooks).toEqual({});
  });

  it('refuses names that are not valid before anything is asked', async () => {
    const config = { talk: { apiKey: { source: 'exec', provider: 'x', id: '../../etc' } } };
    const made = await prepareSecrets({ config, env: {} }, scratch.context());
    expect(made).toMatchObject({ ok: false, failures: [{ path: 'talk.apiKey' }] });
  });
});

describe('together with the config loader', () => {
  async function load(text: string, variables: NodeJS.ProcessEnv): Promise<SecretsSource> {
    await scratch.write('openclaw.json', text);
    const own = { ...variables, OPENCLAW_STATE_DIR: scratch.folder };
    const loaded = await loadConfig({ paths: resolveStatePaths(own), env: own, cwd: scratch.folder });
    return { config: loaded.resolved, env: loaded.env, unavailable: loaded.unavailable };
  }

  it('counts a dropped ${VAR} as a missing secret where something needs it', async () => {
    const source = await load('{ gateway: { auth: { token: "${NOPE_TOKEN_X}" } } }', {});
    await expect(snapshot(source)).rejects.toThrow(
      'Startup failed: required secrets are unavailable. SecretRefResolutionError: Environment variable "NOPE_TOKEN_X" is missing or empty.',
    );
  });

  it('does not mind a dropped ${VAR} elsewhere or on an unused surface', async () => {
    const source = await load('{ ui: { seamColor: "${NOPE}" }, hooks: { enabled: false, token: "${NOPE}" } }', {});
    expect((await snapshot(source)).config).toEqual({ ui: {}, hooks: { enabled: false } });
  });

  it('resolves file refs that the loader leaves out', async () => {
    const file = await scratch.write('token', 'from-file\n');
    const source = await load(
      `{ secrets: { providers: { f: { source: "file", path: ${JSON.stringify(file)}, mode: "singleValue" } } },
         gateway: { auth: { token: { source: "file", provider: "f", id: "value" } } } }`,
      {},
    );
    expect((await snapshot(source)).config.gateway?.auth?.token).toBe('from-file');
  });
});
