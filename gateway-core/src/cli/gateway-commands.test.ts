import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exampleHealth, examplePresence, exampleStatus } from './example-payloads.js';
import { startTestGateway, TEST_TOKEN, type TestGateway } from './test-gateway.js';
import { makeTestHome, runTestCli, type TestHome } from './test-home.js';

const configSnapshot = {
  path: '/c',
  exists: true,
  raw: null,
  parsed: {},
  valid: true,
  config: { gateway: { mode: 'local', auth: { token: '__OPENCLAW_REDACTED__' } } },
  issues: [],
  warnings: [],
  legacyIssues: [],
};

let home: TestHome;
let gateway: TestGateway;

beforeEach(async () => {
  home = await makeTestHome();
  gateway = await startTestGateway({
    health: () => exampleHealth,
    status: () => exampleStatus,
    'system-presence': () => examplePresence,
    'config.get': () => configSnapshot,
  });
  await home.writeConfig({
    gateway: { mode: 'local', port: gateway.port, auth: { mode: 'token', token: TEST_TOKEN } },
  });
});

afterEach(async () => {
  await gateway.stop();
  await home.remove();
});

describe('gateway health, call and probe', () => {
  it('health is one line', async () => {
    expect(await runTestCli(home, ['gateway', 'health'])).toEqual({
      code: 0,
      stdout: 'Gateway Health\nOK (0ms)\n',
      stderr: '',
    });
  });

  it('call prints the method and the answer', async () => {
    gateway.answers.echo = (params) => params;
    const run = await runTestCli(home, ['gateway', 'call', 'echo', '--params', '{"limit":1}']);
    expect(run).toEqual({ code: 0, stdout: 'Gateway call: echo\n{\n  "limit": 1\n}\n', stderr: '' });
    expect((await runTestCli(home, ['gateway', 'call', 'echo', '--json'])).stdout).toBe('{}\n');
    expect(gateway.connects[0]).toMatchObject({
      client: { id: 'cli', mode: 'cli' },
      scopes: ['operator.admin', 'operator.read', 'operator.write', 'operator.approvals', 'operator.pairing'],
    });
  });

  it('call reports an error of the gateway', async () => {
    expect(await runTestCli(home, ['gateway', 'call', 'nope'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Gateway call failed: GatewayClientRequestError: unknown method: nope\n',
    });
  });

  it('call reports parameters that are not JSON', async () => {
    const { code, stderr } = await runTestCli(home, ['gateway', 'call', 'health', '--params', '{bad']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Gateway call failed: SyntaxError: /);
    expect(gateway.asked).toEqual([]);
  });

  it('call goes where --url says, with the given token', async () => {
    await home.writeConfig({});
    const { code, stdout } = await runTestCli(home, [
      'gateway',
      'call',
      'health',
      '--url',
      gateway.url,
      '--token',
      TEST_TOKEN,
    ]);
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toBe('Gateway call: health');
  });

  it('call names the source of a wrong address', async () => {
    const { code, stderr } = await runTestCli(home, [
      'gateway',
      'call',
      'health',
      '--url',
      'ws://127.0.0.1:1',
      '--token',
      'x',
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'Gateway call failed: Error: gateway closed (1006 abnormal closure (no close frame)): no close reason',
    );
    expect(stderr).toContain('Source: cli --url');
  });

  it('call refuses an address of the environment without credentials', async () => {
    await home.writeConfig({});
    const env = { ...home.env, OPENCLAW_GATEWAY_URL: gateway.url };
    const { code, stderr } = await runTestCli({ ...home, env }, ['gateway', 'call', 'health']);
    expect(code).toBe(1);
    expect(stderr).toContain('gateway url override requires explicit credentials');
  });

  it('probe lists the local gateway', async () => {
    const { code, stdout } = await runTestCli(home, ['gateway', 'probe']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(
        `^Gateway Status\nReachable: yes\nProbe budget: 3000ms\n\nTargets\nLocal loopback ${gateway.url}\n` +
          `  Connect: ok \\(\\d+ms\\) · RPC: ok\n  Gateway: vm \\(192\\.0\\.2\\.2\\) · linux 6\\.18\\.0 · app 2026\\.11\\.21\n`,
      ),
    );
    expect(gateway.connects[0]).toMatchObject({ client: { id: 'cli', mode: 'probe' }, scopes: ['operator.read'] });
  });

  it('probe --json has the recorded shape', async () => {
    const { stdout } = await runTestCli(home, [
      'gateway',
      'probe',
      '--url',
      gateway.url,
      '--token',
      TEST_TOKEN,
      '--json',
    ]);
    const report = JSON.parse(stdout) as { ok: boolean; targets: Array<Record<string, unknown>> };
    expect(report).toMatchObject({ ok: true, degraded: false, timeoutMs: 3000, primaryTargetId: 'explicit' });
    expect(report.targets).toHaveLength(1);
    expect(report.targets[0]).toMatchObject({
      id: 'explicit',
      active: true,
      connect: { ok: true, rpcOk: true, scopeLimited: false, error: null, close: null },
      self: { host: 'vm' },
      config: {
        path: '/c',
        valid: true,
        gateway: { mode: 'local', authTokenConfigured: true, authPasswordConfigured: false },
      },
      health: { ok: true },
      summary: { runtimeVersion: '2026.11.21' },
    });
  });

  it('probe exits with 1 when nothing is reachable', async () => {
    await gateway.stop();
    const { code, stdout } = await runTestCli(home, ['gateway', 'probe']);
    expect(code).toBe(1);
    expect(stdout).toContain('Reachable: no');
    expect(stdout).toContain('  Connect: failed - gateway closed (1006');
  });
});

describe('gateway status', () => {
  it('prints service, config, port and probe', async () => {
    const { code, stdout, stderr } = await runTestCli(home, ['gateway', 'status']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const line of [
      'Service: systemd (disabled)',
      `Config (cli): ${home.configPath}`,
      `Config (service): ${home.configPath}`,
      `Gateway: bind=loopback (127.0.0.1), port=${gateway.port} (env/config)`,
      `Probe target: ${gateway.url}`,
      `Dashboard: http://127.0.0.1:${gateway.port}/`,
      'Probe note: Loopback-only gateway; only local clients can connect.',
      'RPC probe: ok',
      `Listening: 127.0.0.1:${gateway.port}`,
      'Troubles: run openclaw status',
    ]) {
      expect(stdout.split('\n')).toContain(line);
    }
    expect(stdout).toMatch(/\nFile logs: \S+openclaw-\d{4}-\d\d-\d\d\.log\n/);
    expect(stdout).toMatch(/\nRuntime: running \(pid \d+\)\n/);
    expect(gateway.asked).toEqual([{ method: 'status', params: undefined }]);
  });

  it('exits with 0 when the probe fails, and with 1 when it was required', async () => {
    const argv = ['gateway', 'status', '--url', 'ws://127.0.0.1:1', '--token', 'x'];
    const { code, stdout, stderr } = await runTestCli(home, argv);
    expect(code).toBe(0);
    expect(stdout).not.toContain('RPC probe');
    expect(stdout).not.toContain('Probe note');
    expect(stderr).toContain(
      [
        'RPC probe: failed',
        'RPC target: ws://127.0.0.1:1',
        '  gateway closed (1006 abnormal closure (no close frame)): no close reason',
        '  Gateway target: ws://127.0.0.1:1',
        '  Source: cli --url',
        `  Config: ${home.configPath}`,
      ].join('\n'),
    );
    expect(stderr).toContain(`Port ${gateway.port} is already in use.`);
    expect((await runTestCli(home, [...argv, '--require-rpc'])).code).toBe(1);
  });

  it('leaves the probe out when told to', async () => {
    const { code, stdout } = await runTestCli(home, ['gateway', 'status', '--no-probe', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).not.toHaveProperty('rpc');
    expect(gateway.connects).toEqual([]);
  });

  it('says stopped when nothing has the port', async () => {
    await gateway.stop();
    const { stdout } = await runTestCli(home, ['gateway', 'status']);
    expect(stdout).toContain('\nRuntime: stopped\n');
    expect(stdout).not.toContain('Listening:');
  });

  it('prints the recorded JSON shape', async () => {
    const { stdout } = await runTestCli(home, ['gateway', 'status', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      service: { label: 'systemd', loaded: false, loadedText: 'enabled', notLoadedText: 'disabled', command: null },
      config: { cli: { path: home.configPath, exists: true, valid: true }, daemon: { valid: true } },
      gateway: {
        bindMode: 'loopback',
        bindHost: '127.0.0.1',
        port: gateway.port,
        portSource: 'env/config',
        probeUrl: gateway.url,
      },
      port: { port: gateway.port, status: 'busy', hints: [expect.any(String)] },
      rpc: { ok: true, url: gateway.url },
      extraServices: [],
    });
  });

  it('probes this computer although the config is remote', async () => {
    await home.writeConfig({
      gateway: {
        mode: 'remote',
        port: gateway.port,
        auth: { token: TEST_TOKEN },
        remote: { url: 'wss://far.example', token: 'x' },
      },
    });
    expect((await runTestCli(home, ['gateway', 'status'])).stdout).toContain('RPC probe: ok');
  });
});
