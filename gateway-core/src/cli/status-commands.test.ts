import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exampleHealth, examplePresence, exampleStatus } from './example-payloads.js';
import { startTestGateway, TEST_TOKEN, type TestGateway } from './test-gateway.js';
import { makeTestHome, runTestCli, type TestHome } from './test-home.js';

let home: TestHome;
let gateway: TestGateway;

beforeEach(async () => {
  home = await makeTestHome();
  gateway = await startTestGateway({
    health: () => exampleHealth,
    status: () => exampleStatus,
    'system-presence': () => examplePresence,
  });
  await home.writeConfig({
    gateway: { mode: 'local', port: gateway.port, auth: { mode: 'token', token: TEST_TOKEN } },
  });
});

afterEach(async () => {
  await gateway.stop();
  await home.remove();
});

const target = () => [
  `Gateway target: ${gateway.url}`,
  'Source: local loopback',
  `Config: ${home.configPath}`,
  'Bind: loopback',
];

async function writeIndex(where: TestHome, index: unknown): Promise<string> {
  const file = path.join(where.stateDir, 'agents', 'main', 'sessions', 'sessions.json');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(index));
  return file;
}

describe('health', () => {
  it('prints agents, heartbeat and sessions', async () => {
    expect(await runTestCli(home, ['health'])).toEqual({
      code: 0,
      stdout: [
        'Agents: main (default)',
        'Heartbeat interval: 30m (main)',
        'Session store (main): /home/user/.openclaw/agents/main/sessions/sessions.json (20 entries)',
        '- agent:main:main (0m ago)',
        '- agent:main:hook:f8bd7139-28d4-4387-9bcf-824e846b5946 (4m ago)',
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  it('prints the snapshot as JSON', async () => {
    const { code, stdout } = await runTestCli(home, ['health', '--json']);
    expect(code).toBe(0);
    expect(stdout).toBe(`${JSON.stringify(exampleHealth, null, 2)}\n`);
  });

  it('shows the connection with --verbose', async () => {
    const { stdout } = await runTestCli(home, ['health', '--verbose']);
    expect(stdout.split('\n').slice(0, 5)).toEqual(['Gateway connection:', ...target().map((line) => `  ${line}`)]);
  });

  it('signs in as a backend client with a device that signs', async () => {
    await runTestCli(home, ['health']);
    expect(gateway.connects).toHaveLength(1);
    expect(gateway.connects[0]).toMatchObject({
      minProtocol: 3,
      maxProtocol: 4,
      client: { id: 'gateway-client', mode: 'backend', platform: 'linux' },
      role: 'operator',
      scopes: ['operator.read'],
      caps: [],
      auth: { token: TEST_TOKEN },
      device: { id: expect.stringMatching(/^[0-9a-f]{64}$/), signedAt: 1_795_000_000_000 },
    });
    expect(gateway.asked).toEqual([{ method: 'health', params: undefined }]);
  });

  it('says where it went when nothing listens', async () => {
    await gateway.stop();
    const { code, stdout, stderr } = await runTestCli(home, ['health']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      'gateway closed (1006 abnormal closure (no close frame)): no close reason',
      ...target(),
      'Start it with `openclaw gateway`. [gateway.unreachable]',
      '',
    ]);
  });

  it('says that the gateway did not answer in time', async () => {
    gateway.answers.health = () => undefined;
    const { code, stderr } = await runTestCli(home, ['health', '--timeout', '200']);
    expect(code).toBe(1);
    expect(stderr).toContain('gateway timeout after 200ms\nGateway target: ');
  });

  it('says that the token is wrong', async () => {
    await home.writeConfig({ gateway: { port: gateway.port, auth: { token: 'wrong' } } });
    const { code, stderr } = await runTestCli(home, ['health']);
    const message = 'unauthorized: gateway token mismatch (set gateway.remote.token to match gateway.auth.token)';
    expect(code).toBe(1);
    expect(stderr).toContain(`gateway connect failed: GatewayClientRequestError: ${message}\n`);
    expect(stderr).toContain(`gateway closed (1008): ${message}\n`);
    expect(stderr).toContain('[gateway.refused]');
  });

  it('works although the config is broken', async () => {
    await home.writeConfig('{ gateway: ');
    const { stdout } = await runTestCli(
      {
        ...home,
        env: { ...home.env, OPENCLAW_GATEWAY_PORT: String(gateway.port), OPENCLAW_GATEWAY_TOKEN: TEST_TOKEN },
      },
      ['health'],
    );
    expect(stdout).toContain('Agents: main (default)');
  });
});

describe('status', () => {
  it('shows gateway, agents and sessions in tables', async () => {
    const { code, stdout, stderr } = await runTestCli(home, ['status']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('OpenClaw status\n\nOverview\n┌');
    expect(stdout).toMatch(
      /│ Gateway +│ local · ws:\/\/127\.0\.0\.1:\d+ \(local loopback\) · reachable \d+ms · auth token · vm/,
    );
    expect(stdout).toMatch(/│ Heartbeat +│ 30m \(main\)/);
    expect(stdout).toMatch(/│ Sessions +│ 20 active · default fake-1 \(128k ctx\)/);
    expect(stdout).toMatch(/│ agent:main:main +│ direct │ 3m ago │ fake-1 │ 0\.0k\/128k \(0%\) │/);
    expect(stdout).not.toContain('Health\n');
  });

  it('adds health with --deep', async () => {
    const { stdout } = await runTestCli(home, ['status', '--deep']);
    expect(stdout).toMatch(/Health\n[^\n]+\n[^\n]+\n[^\n]+\n│ Gateway │ reachable │ 0ms +│/);
    expect(gateway.asked).toContainEqual({ method: 'health', params: { probe: true } });
  });

  it('prints the recorded JSON keys', async () => {
    const { stdout } = await runTestCli(home, ['status', '--json', '--deep']);
    expect(JSON.parse(stdout)).toMatchObject({
      runtimeVersion: '2026.11.21',
      heartbeat: exampleStatus.heartbeat,
      channelSummary: [],
      queuedSystemEvents: [],
      sessions: { count: 20, paths: exampleStatus.sessions.paths },
      os: { platform: 'linux' },
      gateway: {
        mode: 'local',
        url: gateway.url,
        urlSource: 'local loopback',
        misconfigured: false,
        reachable: true,
        error: null,
      },
      gatewayService: { label: 'systemd', installed: false },
      agents: { defaultId: 'main', totalSessions: 20 },
      secretDiagnostics: [],
      health: { ok: true },
    });
  });

  it('exits with 0 and reads the files when the gateway is away', async () => {
    await gateway.stop();
    await writeIndex(home, { 'agent:main:main': { sessionId: 's', updatedAt: Date.now() - 120_000, model: 'm' } });
    const { code, stdout } = await runTestCli(home, ['status', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      heartbeat: null,
      gateway: { reachable: false, error: expect.stringContaining('1006') },
      sessions: { count: 1, recent: [{ key: 'agent:main:main', agentId: 'main' }] },
    });
    expect((await runTestCli(home, ['status'])).stdout).toContain('unreachable (gateway closed');
  });
});

describe('sessions', () => {
  const row = {
    key: 'agent:main:openai:58734a72-bb93-4533-b1e2-e22aaf2724ac',
    kind: 'direct',
    sessionId: 'id-1',
    thinkingLevel: 'low',
    systemSent: true,
    model: 'fake-1',
    totalTokens: 10,
    contextTokens: 128_000,
  };

  it('lists what the gateway knows', async () => {
    gateway.answers['sessions.list'] = () => ({
      ts: 1,
      path: '/s.json',
      count: 1,
      defaults: {},
      sessions: [{ ...row, updatedAt: Date.now() - 65_000 }],
    });
    const { code, stdout } = await runTestCli(home, ['sessions', '--active', '30', '--agent', 'main']);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'Session store: /s.json',
      'Sessions listed: 1',
      'Kind   Key                        Age       Model          Tokens (ctx %)       Flags',
      'direct agent:main:opena...2724ac  1m ago    fake-1         0.0k/128k (0%)       think:low system id:id-1',
      '',
    ]);
    expect(gateway.asked).toEqual([{ method: 'sessions.list', params: { activeMinutes: 30, agentId: 'main' } }]);
  });

  it('prints the recorded JSON shape', async () => {
    gateway.answers['sessions.list'] = () => ({
      ts: 1,
      path: '/s.json',
      count: 1,
      defaults: {},
      sessions: [{ ...row, updatedAt: 5 }],
    });
    const { stdout } = await runTestCli(home, ['sessions', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      path: '/s.json',
      count: 1,
      activeMinutes: null,
      sessions: [{ key: row.key, agentId: 'main', kind: 'direct', ageMs: expect.any(Number) }],
    });
  });

  it('reads the index when the gateway is away', async () => {
    await gateway.stop();
    const file = await writeIndex(home, {
      'agent:main:main': { sessionId: 'new', updatedAt: Date.now() },
      'agent:main:old': { sessionId: 'old', updatedAt: 5 },
    });
    const all = await runTestCli(home, ['sessions', '--json']);
    expect(all.code).toBe(0);
    expect(all.stderr).toBe('The gateway is not running; this list comes from the files.\n');
    expect(JSON.parse(all.stdout)).toMatchObject({
      path: file,
      count: 2,
      sessions: [{ key: 'agent:main:main' }, { key: 'agent:main:old' }],
    });
    const active = await runTestCli(home, ['sessions', '--json', '--active', '10']);
    expect(JSON.parse(active.stdout)).toMatchObject({ count: 1, activeMinutes: 10 });
  });

  it('stops at a broken config', async () => {
    await home.writeConfig('{ gateway: { nope: 1 } }');
    const { code, stderr } = await runTestCli(home, ['sessions']);
    expect(code).toBe(1);
    expect(stderr).toContain(`Config invalid\nFile: ${home.configPath}\nProblem:\n  - gateway`);
    expect(stderr).toContain('\n\nRun: openclaw doctor --fix\n');
  });
});
