import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Refusal, startTestGateway, TEST_TOKEN, type TestGateway } from './test-gateway.js';
import { makeTestHome, runTestCli, type TestHome } from './test-home.js';

let home: TestHome;
let gateway: TestGateway;

beforeEach(async () => {
  home = await makeTestHome();
  gateway = await startTestGateway({});
  await home.writeConfig({
    gateway: { mode: 'local', port: gateway.port, auth: { mode: 'token', token: TEST_TOKEN } },
  });
});

afterEach(async () => {
  await gateway.stop();
  await home.remove();
});

const run = (...argv: string[]) => runTestCli(home, argv);

describe('system', () => {
  it('event is a wake', async () => {
    gateway.answers.wake = () => ({ ok: true });
    expect(await run('system', 'event', '--text', 'look', '--mode', 'now')).toEqual({
      code: 0,
      stdout: 'ok\n',
      stderr: '',
    });
    expect((await run('system', 'event', '--text', 'look', '--json')).stdout).toBe('{\n  "ok": true\n}\n');
    expect(gateway.asked.map(({ params }) => params)).toEqual([
      { mode: 'now', text: 'look' },
      { mode: 'next-heartbeat', text: 'look' },
    ]);
  });

  it('event refuses an unknown mode without asking', async () => {
    expect(await run('system', 'event', '--text', 'x', '--mode', 'zzz')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error: --mode must be now or next-heartbeat\n',
    });
    expect(gateway.connects).toEqual([]);
  });

  it('heartbeat and presence print what the gateway says', async () => {
    gateway.answers['last-heartbeat'] = () => null;
    gateway.answers['set-heartbeats'] = ({ enabled }) => ({ ok: true, enabled });
    gateway.answers['system-presence'] = () => [];
    expect((await run('system', 'heartbeat', 'last')).stdout).toBe('null\n');
    expect((await run('system', 'heartbeat', 'disable')).stdout).toBe('{\n  "ok": true,\n  "enabled": false\n}\n');
    expect((await run('system', 'presence')).stdout).toBe('[]\n');
  });
});

describe('cron', () => {
  const status = { enabled: true, storePath: '/s', jobs: 0, nextWakeAtMs: null };

  it('list reads every page', async () => {
    const job = (id: string) => ({ id, name: id, enabled: true, schedule: { kind: 'every', everyMs: 60_000 } });
    gateway.answers['cron.list'] = ({ offset }) =>
      offset === 0 ? { jobs: [job('a')], nextOffset: 200 } : { jobs: [job('b')], nextOffset: null };
    const { stdout } = await run('cron', 'list');
    expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(['ID', 'a', 'b', '']);
  });

  it('list says when there is no job', async () => {
    gateway.answers['cron.list'] = () => ({ jobs: [], nextOffset: null });
    expect((await run('cron', 'list')).stdout).toBe('No cron jobs.\n');
  });

  it('add prints the job, and warns when none would run', async () => {
    gateway.answers['cron.add'] = (params) => ({ id: 'j1', ...params });
    gateway.answers['cron.status'] = () => ({ ...status, enabled: false });
    const { code, stdout, stderr } = await run('cron', 'add', '--name', 'n', '--every', '1h', '--message', 'hi');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ id: 'j1', payload: { message: 'hi' }, delivery: { mode: 'announce' } });
    expect(stderr).toContain('switched off');
  });

  it('add refuses a job without schedule, and runs need an id', async () => {
    expect(await run('cron', 'add', '--name', 'bad')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error: Choose exactly one schedule: --at, --every, or --cron\n',
    });
    expect((await run('cron', 'runs')).stderr).toBe("error: required option '--id <id>' not specified\n");
  });

  it('edit, enable and disable are patches', async () => {
    gateway.answers['cron.update'] = (params) => params;
    gateway.answers['cron.status'] = () => status;
    await run('cron', 'edit', 'j1', '--name', 'renamed');
    await run('cron', 'disable', 'j1');
    const patches = gateway.asked.filter(({ method }) => method === 'cron.update').map(({ params }) => params);
    expect(patches).toEqual([
      { id: 'j1', patch: { name: 'renamed' } },
      { id: 'j1', patch: { enabled: false } },
    ]);
  });

  it('run exits with 1 when nothing ran', async () => {
    gateway.answers['cron.run'] = ({ mode }) =>
      mode === 'due' ? { ok: true, ran: false, reason: 'not-due' } : { ok: true, enqueued: true, runId: 'r' };
    gateway.answers['cron.remove'] = () => ({ ok: true, removed: false });
    expect((await run('cron', 'run', 'j1')).code).toBe(0);
    expect((await run('cron', 'run', 'j1', '--due')).code).toBe(1);
    expect(await run('cron', 'rm', 'nope')).toMatchObject({
      code: 0,
      stdout: '{\n  "ok": true,\n  "removed": false\n}\n',
    });
  });
});

describe('devices', () => {
  const device = { deviceId: 'abc', publicKey: 'k', displayName: 'mac', role: 'operator', scopes: ['operator.read'] };
  const paired = {
    ...device,
    createdAtMs: 1,
    approvedAtMs: 1,
    tokens: [{ role: 'operator', scopes: [], createdAtMs: 1 }],
  };
  const pending = { ...device, requestId: 'r1', ts: 1 };

  it('list shows requests and paired devices', async () => {
    gateway.answers['device.pair.list'] = () => ({ pending: [pending], paired: [paired] });
    const { stdout } = await run('devices', 'list');
    expect(stdout).toContain('Pending (1)\n┌');
    expect(stdout).toContain('Paired (1)\n┌');
    expect(stdout).toMatch(/│ mac +│ operator │ operator\.read │ operator │/);
    expect(JSON.parse((await run('devices', 'list', '--json')).stdout)).toEqual({
      pending: [pending],
      paired: [paired],
    });
  });

  it('approve takes the latest request unless one is named', async () => {
    gateway.answers['device.pair.list'] = () => ({
      pending: [pending, { ...pending, requestId: 'r2', ts: 2 }],
      paired: [],
    });
    gateway.answers['device.pair.approve'] = ({ requestId }) => ({ requestId, device: paired });
    expect((await run('devices', 'approve')).stdout).toBe('Approved abc (r2)\n');
    expect((await run('devices', 'approve', 'r1')).stdout).toBe('Approved abc (r1)\n');
  });

  it('approve says when there is nothing to approve', async () => {
    gateway.answers['device.pair.list'] = () => ({ pending: [], paired: [] });
    expect(await run('devices', 'approve', '--latest')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'No pending device pairing requests to approve\n',
    });
  });

  it('approve reports an unknown request', async () => {
    gateway.answers['device.pair.approve'] = () => {
      throw new Refusal({ code: 'INVALID_REQUEST', message: 'unknown requestId' });
    };
    expect(await run('devices', 'approve', 'nope')).toMatchObject({
      code: 1,
      stderr: 'GatewayClientRequestError: unknown requestId\n',
    });
  });

  it('rotate and revoke name device and role', async () => {
    gateway.answers['device.token.rotate'] = (params) => params;
    gateway.answers['device.token.revoke'] = (params) => params;
    await run('devices', 'rotate', '--device', 'abc', '--role', 'operator', '--scope', 'operator.read');
    await run('devices', 'revoke', '--device', 'abc', '--role', 'operator');
    expect(gateway.asked.map(({ params }) => params)).toEqual([
      { deviceId: 'abc', role: 'operator', scopes: ['operator.read'] },
      { deviceId: 'abc', role: 'operator' },
    ]);
  });

  it('clear does nothing without --yes', async () => {
    gateway.answers['device.pair.list'] = () => ({ pending: [pending], paired: [paired] });
    gateway.answers['device.pair.remove'] = (params) => params;
    expect((await run('devices', 'clear')).code).toBe(1);
    expect(gateway.connects).toEqual([]);
    expect((await run('devices', 'clear', '--yes')).stdout).toBe('Removed 1 devices, rejected 0 requests.\n');
  });
});

describe('nodes', () => {
  const node = {
    nodeId: '3fe3cfeb5ab3',
    displayName: 'node one',
    caps: [],
    commands: [],
    paired: true,
    connected: false,
  };

  it('status counts and lists', async () => {
    gateway.answers['node.list'] = () => ({ ts: 1, nodes: [node] });
    expect((await run('nodes', 'status')).stdout).toMatch(/^Known: 1 · Paired: 1 · Connected: 0\n┌/);
  });

  it('list shows pairings', async () => {
    gateway.answers['node.list'] = () => ({ ts: 1, nodes: [] });
    gateway.answers['node.pair.list'] = () => ({
      pending: [],
      paired: [{ nodeId: 'legacy1', displayName: 'renamed', createdAtMs: 1, approvedAtMs: 1 }],
    });
    expect((await run('nodes', 'list')).stdout).toMatch(
      /^Pending: 0 · Paired: 1\n\nPaired\n┌[^]*│ renamed │ legacy1 │ +│ unknown +│/,
    );
  });

  it('invoke finds the node by name and passes the parameters on', async () => {
    gateway.answers['node.list'] = () => ({ ts: 1, nodes: [node] });
    gateway.answers['node.invoke'] = (params) => params;
    const { stdout } = await run(
      'nodes',
      'invoke',
      '--node',
      'Node One',
      '--command',
      'system.which',
      '--params',
      '{"bins":["ls"]}',
    );
    expect(JSON.parse(stdout)).toMatchObject({
      nodeId: node.nodeId,
      command: 'system.which',
      params: { bins: ['ls'] },
    });
  });

  it('invoke refuses parameters that are not JSON', async () => {
    const { code, stderr } = await run('nodes', 'invoke', '--node', 'n', '--command', 'c', '--params', '{');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^nodes invoke failed: SyntaxError/) as string,
    });
  });
});

describe('channels, secrets, approvals', () => {
  it('channels status lists accounts', async () => {
    const account = { accountId: 'default', enabled: true, configured: true, running: true, probe: { ok: true } };
    gateway.answers['channels.status'] = () => ({
      channelOrder: ['telegram'],
      channelLabels: { telegram: 'Telegram' },
      channelAccounts: { telegram: [account] },
    });
    expect(await run('channels', 'status', '--probe')).toEqual({
      code: 0,
      stdout:
        'Checking channel status (probe)…\nGateway reachable.\n- Telegram default: enabled, configured, running, works\n',
      stderr: '',
    });
  });

  it('channels status shows the config when the gateway is away', async () => {
    await gateway.stop();
    const { code, stdout, stderr } = await run('channels', 'status');
    expect(code).toBe(0);
    expect(stdout).toContain('Gateway not reachable; showing config-only status.');
    expect(stderr).toMatch(/^Gateway not reachable: gateway closed \(1006/);
  });

  it('secrets reload counts warnings', async () => {
    gateway.answers['secrets.reload'] = () => ({ ok: true, warningCount: 0 });
    expect((await run('secrets', 'reload')).stdout).toBe('Secrets reloaded.\n');
    gateway.answers['secrets.reload'] = () => ({ ok: true, warningCount: 2 });
    expect((await run('secrets', 'reload')).stdout).toBe('Secrets reloaded with 2 warning(s).\n');
  });

  it('secrets audit finds the token in the config', async () => {
    const { code, stdout } = await run('secrets', 'audit');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Secrets audit: findings\. plaintext=1, unresolved=0, shadowed=0, legacy=0\.\n/);
    expect(stdout).toContain(
      `- [PLAINTEXT_FOUND] ${home.configPath}:gateway.auth.token gateway.auth.token is stored as plaintext.`,
    );
    expect((await run('secrets', 'audit', '--check')).code).toBe(1);
    expect(JSON.parse((await run('secrets', 'audit', '--json')).stdout)).toMatchObject({
      version: 1,
      status: 'findings',
    });
  });

  it('secrets audit exits with 2 for a reference that leads nowhere', async () => {
    await home.writeConfig({
      gateway: { auth: { token: { source: 'env', provider: 'default', id: 'NOT_SET_ANYWHERE' } } },
    });
    expect((await run('secrets', 'audit')).code).toBe(2);
  });

  it('approvals get shows the list', async () => {
    const file = { version: 1, socket: { path: `${home.dir}/.openclaw/exec-approvals.sock` } };
    gateway.answers['exec.approvals.get'] = () => ({
      path: `${home.dir}/.openclaw/exec-approvals.json`,
      exists: true,
      hash: 'h',
      file,
    });
    const { stdout } = await run('approvals', 'get', '--gateway');
    expect(stdout).toMatch(/│ Path +│ ~\/\.openclaw\/exec-approvals\.json/);
    expect(stdout).toContain('\nNo allowlist entries.\n');
  });
});
