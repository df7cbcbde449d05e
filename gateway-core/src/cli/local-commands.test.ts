import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { phoneUrl, type QrOptions } from './commands/qr.js';
import { writeTextDurably } from '../shared/json-file.js';
import { startTestGateway, TEST_TOKEN, type TestGateway } from './test-gateway.js';
import { makeTestHome, runTestCli, type TestHome } from './test-home.js';

let home: TestHome;

beforeEach(async () => {
  home = await makeTestHome();
});

afterEach(() => home.remove());

const fake = {
  baseUrl: 'http://127.0.0.1:1/v1',
  apiKey: 'sk-fake-key-ke',
  api: 'openai-completions',
  models: [{ id: 'fake-1', name: 'Fake One', contextWindow: 128_000, input: ['text'] }],
};

describe('agents list', () => {
  it('shows the default agent', async () => {
    await home.writeConfig({ agents: { defaults: { model: 'fake/fake-1' } } });
    const { stdout } = await runTestCli(home, ['agents', 'list']);
    expect(stdout.split('\n').slice(0, 6)).toEqual([
      'Agents:',
      '- main (default)',
      `  Workspace: ${home.stateDir}/workspace`,
      `  Agent dir: ${home.stateDir}/agents/main/agent`,
      '  Model: fake/fake-1',
      '  Routing rules: 0',
    ]);
  });

  it('prints the recorded JSON shape', async () => {
    await home.writeConfig({
      agents: {
        list: [
          { id: 'main', default: true },
          { id: 'work', workspace: '~/work' },
        ],
      },
    });
    const { stdout } = await runTestCli(home, ['agents', 'list', '--json']);
    expect(JSON.parse(stdout)).toMatchObject([
      { id: 'main', bindings: 0, isDefault: true, routes: ['default (no explicit rules)'] },
      { id: 'work', workspace: path.join(home.dir, 'work'), isDefault: false, routes: [] },
    ]);
  });
});

describe('models', () => {
  beforeEach(() =>
    home.writeConfig({ models: { providers: { fake } }, agents: { defaults: { model: 'fake/fake-1' } } }),
  );

  it('list shows what the config offers', async () => {
    const { stdout } = await runTestCli(home, ['models', 'list']);
    expect(stdout).toBe(
      'Model                                      Input      Ctx      Local Auth  Tags\n' +
        'fake/fake-1                                text       125k     yes   yes   default\n',
    );
    const json = JSON.parse((await runTestCli(home, ['models', 'list', '--json'])).stdout) as object;
    expect(json).toEqual({
      count: 1,
      models: [
        {
          key: 'fake/fake-1',
          name: 'Fake One',
          input: 'text',
          contextWindow: 128_000,
          local: true,
          available: true,
          tags: ['default'],
          missing: false,
        },
      ],
    });
  });

  it('status hides the key', async () => {
    const { stdout } = await runTestCli(home, ['models', 'status']);
    expect(stdout).toContain('Default       : fake/fake-1');
    expect(stdout).toContain('- fake effective=models.json:sk...ke');
    expect(stdout).not.toContain(fake.apiKey);
    const json = JSON.parse((await runTestCli(home, ['models', 'status', '--json'])).stdout) as object;
    expect(json).toMatchObject({ resolvedDefault: 'fake/fake-1', fallbacks: [], auth: { missingProvidersInUse: [] } });
  });

  it('status --check exits with 1 when a key is missing', async () => {
    expect((await runTestCli(home, ['models', 'status', '--check'])).code).toBe(0);
    await home.writeConfig({ agents: { defaults: { model: 'anthropic/claude' } } });
    const { code, stdout } = await runTestCli(home, ['models', 'status', '--check']);
    expect(code).toBe(1);
    expect(stdout).toContain('Missing auth\n- anthropic');
  });
});

describe('models status with stored credentials', () => {
  const HOUR_MS = 3_600_000;
  const store = (agent: string, profiles: unknown) =>
    writeTextDurably(
      path.join(home.stateDir, 'agents', agent, 'agent', 'auth-profiles.json'),
      JSON.stringify({ version: 1, profiles }),
    );
  const KEY = { type: 'api_key', provider: 'anthropic', key: 'sk-ant-stored-key' };

  beforeEach(() => home.writeConfig({ agents: { defaults: { model: 'anthropic/claude' } } }));

  it('knows a key that is only there, and does not show it', async () => {
    await store('main', { 'anthropic:work': KEY });
    const { code, stdout } = await runTestCli(home, ['models', 'status', '--check']);
    expect(code).toBe(0);
    expect(stdout).toContain('- anthropic effective=profiles:');
    expect(stdout).not.toContain('Missing auth');
    expect(stdout).not.toContain('sk-ant');
    const { auth } = JSON.parse((await runTestCli(home, ['models', 'status', '--json'])).stdout) as {
      auth: { providers: unknown[] };
    };
    expect(auth.providers).toMatchObject([
      { provider: 'anthropic', profiles: { count: 1, apiKey: 1, oauth: 0, token: 0, labels: ['anthropic:work'] } },
    ]);
  });

  it.each([
    [-1, 1, 'expired'],
    [1, 2, 'expiring'],
    [48, 0, 'ok'],
  ])('--check with a token that ends in %s hours exits with %s', async (hours, wanted, state) => {
    const token = {
      type: 'token',
      provider: 'anthropic',
      token: 'secret-token',
      expires: Date.now() + hours * HOUR_MS,
    };
    await store('main', { 'anthropic:t': token, 'anthropic:work': KEY });
    const { code, stdout } = await runTestCli(home, ['models', 'status', '--check']);
    expect(code).toBe(wanted);
    expect(stdout).toContain('Providers w/ OAuth/tokens (1): anthropic (1)');
    expect(stdout).toContain(`- anthropic:t (anthropic, token): ${state}, until `);
    expect(stdout).not.toContain('secret-token');
  });

  it('does not take a sign-in for a key', async () => {
    await store('main', { 'anthropic:me': { type: 'oauth', provider: 'anthropic', access: 'a', refresh: 'r' } });
    const { code, stdout } = await runTestCli(home, ['models', 'status', '--check']);
    expect(code).toBe(1);
    expect(stdout).toContain('Missing auth\n- anthropic');
  });

  it('passes over a file that cannot be read', async () => {
    await writeTextDurably(path.join(home.stateDir, 'agents', 'main', 'agent', 'auth-profiles.json'), '{ broken');
    expect((await runTestCli(home, ['models', 'status'])).code).toBe(0);
  });

  it('names the model that answers when nobody chose one', async () => {
    await home.writeConfig({ models: { providers: { fake } } });
    expect((await runTestCli(home, ['models', 'status', '--plain'])).stdout).toBe('fake/fake-1\n');
  });
});

describe('qr', () => {
  const decode = (code: string) =>
    JSON.parse(Buffer.from(code, 'base64url').toString()) as { url: string; bootstrapToken: string };

  it('refuses when only this computer can reach the gateway', async () => {
    await home.writeConfig({});
    expect(await runTestCli(home, ['qr'])).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'Error: Gateway is only bound to loopback. Set gateway.bind=lan, enable tailscale serve, or configure plugins.entries.device-pair.config.publicUrl.\n',
    });
  });

  it('writes the token into the state folder and prints the code', async () => {
    await home.writeConfig({});
    const argv = ['qr', '--url', 'wss://gateway.example', '--json'];
    const shown = JSON.parse((await runTestCli(home, argv)).stdout) as Record<string, string>;
    expect(shown).toMatchObject({ gatewayUrl: 'wss://gateway.example', auth: 'token', urlSource: '--url' });
    const { url, bootstrapToken } = decode(shown.setupCode ?? '');
    expect(url).toBe('wss://gateway.example');
    const stored = await readFile(path.join(home.stateDir, 'devices', 'bootstrap.json'), 'utf8');
    expect(JSON.parse(stored)).toHaveProperty([bootstrapToken]);
  });

  it('draws a picture unless told not to', async () => {
    await home.writeConfig({});
    const { stdout } = await runTestCli(home, ['qr', '--url', 'wss://gateway.example']);
    expect(stdout).toMatch(
      /^Pairing QR\n[^]*▄[^]*\nSetup code: \S+\nGateway: wss:\/\/gateway\.example\nAuth: token\nSource: --url\n/,
    );
    const plain = await runTestCli(home, ['qr', '--url', 'wss://gateway.example', '--no-ascii']);
    expect(plain.stdout).not.toContain('▄');
  });

  it('takes the token of a running gateway', async () => {
    const bootstrapToken = 't'.repeat(43);
    const setupCode = Buffer.from(JSON.stringify({ url: 'ws://127.0.0.1:1', bootstrapToken })).toString('base64url');
    const gateway: TestGateway = await startTestGateway({
      'desktop.setupCode': () => ({ setupCode, url: 'ws://127.0.0.1:1', expiresAtMs: 1 }),
    });
    await home.writeConfig({ gateway: { port: gateway.port, auth: { token: TEST_TOKEN } } });
    const { stdout } = await runTestCli(home, ['qr', '--url', 'wss://gateway.example', '--setup-code-only']);
    await gateway.stop();
    expect(decode(stdout.trim())).toEqual({ url: 'wss://gateway.example', bootstrapToken });
  });

  it('finds the address that the bind mode gives', () => {
    const addresses = [
      { address: '127.0.0.1', internal: true, family: 'IPv4' },
      { address: '192.168.1.20', internal: false, family: 'IPv4' },
      { address: '100.70.1.2', internal: false, family: 'IPv4' },
    ];
    const find = (bind: 'lan' | 'tailnet', options: Partial<QrOptions> = {}) =>
      phoneUrl({ ascii: true, ...options }, { config: { gateway: { bind } }, port: 18_789, addresses });
    expect(find('lan')).toEqual({ url: 'ws://192.168.1.20:18789', source: 'gateway.bind=lan' });
    expect(find('tailnet').url).toBe('ws://100.70.1.2:18789');
    expect(find('lan', { publicUrl: 'https://gateway.example' }).url).toBe('wss://gateway.example');
  });
});
