// The config changes while clients are connected: hot paths keep them, restart paths restart once.
import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startGatewayProcess } from '../../../e2e/fixtures/gateway.js';
import { makeHome, type Home } from '../../../e2e/fixtures/home.js';
import { type RunningGateway, startGateway } from '../../src/index.js';
import { connectOperator, type RawOperator } from './operator.js';

describe('a config that changes under a running gateway', () => {
  let home: Home;
  let gateway: RunningGateway;
  let operator: RawOperator;

  beforeEach(async () => {
    home = await makeHome({ gateway: { mode: 'local', reload: { debounceMs: 50 } } });
    gateway = await startGateway({ env: home.env, cwd: home.dir });
    operator = await connectOperator(gateway);
  });
  afterEach(async () => {
    operator.close();
    await gateway.stop();
    await home.remove();
  });

  async function edit(change: (config: Record<string, unknown>) => void): Promise<void> {
    const config = JSON.parse(await readFile(home.configPath, 'utf8')) as Record<string, unknown>;
    change(config);
    await writeFile(home.configPath, JSON.stringify(config, null, 2));
  }

  it('takes over a new agent without dropping the connection', async () => {
    await edit((config) => (config.agents = { list: [{ id: 'main', default: true }, { id: 'ops' }] }));
    await expect
      .poll(async () => ((await operator.request('agents.list')) as { agents: unknown[] }).agents.length, {
        timeout: 3000,
      })
      .toBe(2);
    expect(operator.closed()).toBeUndefined();
  });

  it('restarts once for a path that needs it, tells clients, and comes back with the same token', async () => {
    let restarts = 0;
    const restarted = new Promise<void>((resolve) => {
      gateway.onRestarted(() => {
        restarts += 1;
        resolve();
      });
    });
    const token = gateway.token;
    await edit((config) => (config.discovery = { mdns: { mode: 'off' } }));
    await restarted;
    expect((await operator.untilClosed()).code).toBe(1012);
    expect(operator.events.find(({ event }) => event === 'shutdown')?.payload).toEqual({
      reason: 'gateway restarting',
      restartExpectedMs: 1500,
    });
    expect(gateway.token).toBe(token);
    operator = await connectOperator(gateway);
    expect(await operator.request('health')).toMatchObject({ ok: true });
    expect(restarts).toBe(1);
  });

  it('does not end itself for an address that cannot be', async () => {
    const before = gateway.port;
    await edit((config) => ((config.gateway as Record<string, unknown>).bind = 'custom'));
    await expect.poll(() => readFile(gateway.logFile, 'utf8'), { timeout: 3000 }).toContain('cannot start with it');
    expect(await operator.request('health')).toMatchObject({ ok: true });
    expect(gateway.port).toBe(before);
  });

  it('keeps the old config, and says so, when the new one is broken', async () => {
    await writeFile(home.configPath, '{ gateway: ');
    await expect.poll(() => readFile(gateway.logFile, 'utf8'), { timeout: 3000 }).toContain('config reload skipped');
    expect(await operator.request('health')).toMatchObject({ ok: true });
    expect(operator.closed()).toBeUndefined();
  });
});

it('the command line restarts its gateway on SIGUSR1 and stays the same process', async () => {
  const home = await makeHome({ gateway: { mode: 'local' } });
  const gateway = await startGatewayProcess(home, []);
  gateway.child.kill('SIGUSR1');
  await expect.poll(() => gateway.output(), { timeout: 5000 }).toContain('The gateway restarted: ws://127.0.0.1');
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  expect(await gateway.stop()).toBe(0);
  await home.remove();
});
