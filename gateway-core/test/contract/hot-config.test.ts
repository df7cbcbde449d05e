// Edits of the config file that a running gateway takes over: each part does what the change asks, and nobody is cut off.
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HealthSnapshot, HeartbeatEvent, StatusResult } from '../../src/protocol/index.js';
import { type GoldenStage, RECORDED, startGoldenStage } from './golden-stage.js';
import type { RawClient } from './raw-client.js';
import { createTestDevice, join } from './test-device.js';

const WAIT = { timeout: 30_000, interval: 50 };

type Config = Record<string, unknown>;

let stage: GoldenStage;
let client: RawClient;
let restarts = 0;

beforeAll(async () => {
  stage = await startGoldenStage((config) => ({
    ...config,
    gateway: { ...(config.gateway as Config), reload: { debounceMs: 50 } },
    logging: { ...(config.logging as Config), level: 'debug' },
  }));
  stage.gateway.onRestarted(() => (restarts += 1));
  const { token } = RECORDED;
  client = await join({ url: stage.gateway.url, device: createTestDevice(), auth: { token }, timeoutMs: 20_000 });
}, 60_000);
afterAll(async () => {
  await client.close();
  await stage.stop();
}, 60_000);

async function ok<T = Config>(method: string, params: unknown = {}): Promise<T> {
  const response = await client.call(method, params);
  if (!response.ok) throw new Error(`${method}: ${response.error?.message}`);
  return response.payload as T;
}

function withSetting(config: Config, [key = '', ...rest]: readonly string[], value: unknown): Config {
  if (rest.length > 0) return { ...config, [key]: withSetting((config[key] ?? {}) as Config, rest, value) };
  const { [key]: _old, ...others } = config;
  return value === undefined ? others : { ...others, [key]: value };
}

/** As an editor would: undefined takes a setting out. */
async function edit(changes: Record<string, unknown>): Promise<void> {
  const before = JSON.parse(await readFile(stage.gateway.configPath, 'utf8')) as Config;
  const after = Object.entries(changes).reduce(
    (config, [at, value]) => withSetting(config, at.split('.'), value),
    before,
  );
  await writeFile(stage.gateway.configPath, JSON.stringify(after, null, 2));
}

const log = () => readFile(stage.gateway.logFile, 'utf8');
const hook = async (path: string, token: string = RECORDED.hookToken) => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ text: 'x', mode: 'next-heartbeat' });
  return (await fetch(stage.gateway.httpUrl + path, { method: 'POST', headers, body })).status;
};
const pulse = async () => (await ok<StatusResult>('status')).heartbeat.agents[0]?.every;

describe('an edit of a running gateway', () => {
  it('heartbeat: agents look around at the new interval, and everybody hears of it', async () => {
    const mark = client.received.length;
    const events = (name: string) => client.received.slice(mark).filter(({ event }) => event === name);
    await edit({ 'agents.defaults.heartbeat': { every: '1s' } });
    await expect.poll(() => events('heartbeat').length, WAIT).toBeGreaterThan(1);
    expect(events('heartbeat').at(-1)?.payload as HeartbeatEvent).toMatchObject({ reason: 'empty-heartbeat-file' });
    const told = () => events('health').map(({ payload }) => (payload as HealthSnapshot).agents[0]?.heartbeat.every);
    await expect.poll(told, WAIT).toContain('1s');
    await edit({ 'agents.defaults.heartbeat': { every: '0m' } });
    await expect.poll(pulse, WAIT).toBe('disabled');
    await edit({ 'agents.defaults.heartbeat': undefined });
    await expect.poll(pulse, WAIT).toBe('30m');
  });

  it('heartbeat: the block of one agent counts too', async () => {
    await edit({
      'agents.list': [
        { id: 'main', default: true },
        { id: 'ops', heartbeat: { every: '1s' } },
      ],
    });
    const beats = () => client.received.filter(({ event }) => event === 'heartbeat').length;
    await expect.poll(async () => (await ok<StatusResult>('status')).heartbeat.agents.length, WAIT).toBe(2);
    const before = beats();
    await expect.poll(beats, WAIT).toBeGreaterThan(before);
    await edit({ 'agents.list': undefined });
    await expect.poll(async () => (await ok<StatusResult>('status')).heartbeat.agents.length, WAIT).toBe(1);
  });

  it('cron: the schedule stops and starts', async () => {
    const enabled = async () => (await ok<{ enabled: boolean }>('cron.status')).enabled;
    expect(await enabled()).toBe(true);
    await edit({ 'cron.enabled': false });
    await expect.poll(enabled, WAIT).toBe(false);
    await edit({ 'cron.enabled': true });
    await expect.poll(enabled, WAIT).toBe(true);
  });

  it('cron: jobs of another store take the place of those that were there', async () => {
    const names = async () => (await ok<{ jobs: Array<{ name: string }> }>('cron.list')).jobs.map(({ name }) => name);
    const payload = { kind: 'systemEvent', text: 'x' };
    const schedule = { kind: 'every', everyMs: 3_600_000 };
    await ok('cron.add', { name: 'first', schedule, payload, sessionTarget: 'main', wakeMode: 'next-heartbeat' });
    await edit({ 'cron.store': `${stage.home.dir}/other-jobs.json` });
    await expect.poll(names, WAIT).toEqual([]);
    await edit({ 'cron.store': undefined });
    await expect.poll(names, WAIT).toEqual(['first']);
  });

  it('hooks: the new path and the new token count, the old ones do not', async () => {
    expect(await hook('/hooks/wake')).toBe(200);
    await edit({ 'hooks.path': '/in' });
    await expect.poll(() => hook('/in/wake'), WAIT).toBe(200);
    expect(await hook('/hooks/wake')).not.toBe(200);
    await edit({ 'hooks.path': '/hooks', 'hooks.token': 'another-secret-123456' });
    await expect.poll(() => hook('/hooks/wake', 'another-secret-123456'), WAIT).toBe(200);
    expect(await hook('/hooks/wake')).toBe(401);
    await edit({ 'hooks.enabled': false });
    await expect.poll(() => hook('/hooks/wake', 'another-secret-123456'), WAIT).not.toBe(200);
  });

  it('hooks: settings that cannot be are told at once, not with the next request', async () => {
    await edit({ hooks: { enabled: true, token: 'hook-1', path: '/' } });
    await expect.poll(log, WAIT).toContain('Hooks are off.');
    await edit({ hooks: { enabled: true, token: RECORDED.hookToken } });
    await expect.poll(() => hook('/hooks/wake'), WAIT).toBe(200);
  });

  it('models: a new provider can be chosen, and a new usual model is the usual one', async () => {
    const usual = async () => (await ok<StatusResult>('status')).sessions.defaults.model;
    await edit({ 'models.providers.fake.models': [{ id: 'fake-1' }, { id: 'fake-2' }] });
    const ids = async () => (await ok<{ models: Array<{ id: string }> }>('models.list')).models.map(({ id }) => id);
    await expect.poll(ids, WAIT).toContain('fake-2');
    await edit({ 'agents.defaults.model': { primary: 'fake/fake-2' } });
    await expect.poll(usual, WAIT).toBe('fake-2');
  });

  it('browser: the next start has the new settings, and switched off it cannot be started', async () => {
    const facts = () => ok<{ enabled: boolean; color: string }>('browser.request', { method: 'GET', path: '/' });
    await edit({ 'browser.color': '#123456' });
    await expect.poll(async () => (await facts()).color, WAIT).toBe('#123456');
    await edit({ 'browser.enabled': false });
    await expect.poll(async () => (await facts()).enabled, WAIT).toBe(false);
    expect(await client.call('browser.request', { method: 'POST', path: '/start' })).toMatchObject({ ok: false });
    await expect.poll(log, WAIT).toContain('config reload: restart-browser-control');
  });

  it('claims nothing for parts that are not there', async () => {
    await edit({ 'gateway.channelHealthCheckMinutes': 7, 'channels.nobody': { note: 'x' } });
    await expect.poll(log, WAIT).toMatch(/config change noted.*channelHealthCheckMinutes/);
    await edit({ 'hooks.gmail': { label: 'work' } });
    await expect.poll(log, WAIT).toMatch(/hot reload applied \(hooks\.gmail/);
    await expect.poll(log, WAIT).toContain('config reload: reload-hooks');
    expect(await log()).not.toMatch(/config reload: restart-(health-monitor|gmail-watcher)/);
  });

  it('cut nobody off', async () => {
    expect(await ok('health')).toMatchObject({ ok: true });
    expect(restarts).toBe(0);
  });
});
