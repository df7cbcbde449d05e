// An agent whose usual model is paid by a sign-in with Anthropic looks around once an hour unless told otherwise.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { HealthSnapshot, StatusResult } from '../../src/protocol/index.js';
import { rest } from './cron-bench.js';
import { type GoldenStage, RECORDED, startGoldenStage } from './golden-stage.js';
import { HeartbeatBench } from './heartbeat-bench.js';
import type { RawClient } from './raw-client.js';
import { createTestDevice, join } from './test-device.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Profiles are looked at every few seconds. */
const WAIT = { timeout: 30_000, interval: 200 };

describe('the beat', () => {
  let bench: HeartbeatBench;
  afterEach(() => bench.heartbeat.stop());

  async function beatsIn(hours: number): Promise<number> {
    const before = bench.asked.length;
    for (let at = 0; at < hours * HOUR; at += MINUTE) await bench.pass(MINUTE);
    return bench.asked.length - before;
  }

  it('comes once an hour, and each half hour as soon as the sign-in is gone', async () => {
    let subscribes = true;
    bench = new HeartbeatBench({}, { subscribes: () => subscribes });
    bench.heartbeat.start();
    expect(await beatsIn(6)).toBe(6);
    subscribes = false;
    await bench.pass(MINUTE);
    expect(await beatsIn(6)).toBe(12);
    await rest();
  });

  it('comes as often as the config says', async () => {
    bench = new HeartbeatBench({ every: '20m' }, { subscribes: () => true });
    bench.heartbeat.start();
    expect(await beatsIn(2)).toBe(6);
  });
});

describe('a gateway', () => {
  let stage: GoldenStage;
  let client: RawClient;
  let profiles: string;
  beforeAll(async () => {
    stage = await startGoldenStage((config) => ({
      ...config,
      agents: { defaults: { model: { primary: 'anthropic/claude-opus-4-6' } } },
    }));
    profiles = path.join(stage.gateway.stateDir, 'agents', 'main', 'agent', 'auth-profiles.json');
    await mkdir(path.dirname(profiles), { recursive: true });
    const { token } = RECORDED;
    client = await join({ url: stage.gateway.url, device: createTestDevice(), auth: { token }, timeoutMs: 20_000 });
  }, 60_000);
  afterAll(async () => {
    await client.close();
    await stage.stop();
  }, 60_000);

  const keep = (rows: object) => writeFile(profiles, JSON.stringify({ version: 1, profiles: rows }));
  async function told() {
    const status = (await client.call('status', {})).payload as StatusResult;
    const health = (await client.call('health', { probe: true })).payload as HealthSnapshot;
    const { every, everyMs } = status.heartbeat.agents[0] ?? {};
    const { heartbeat } = health.agents[0] ?? {};
    return [every, everyMs, heartbeat?.every, heartbeat?.everyMs, health.heartbeatSeconds];
  }
  const HOURLY = ['1h', HOUR, '1h', HOUR, 3600];
  const USUAL = ['30m', 30 * MINUTE, '30m', 30 * MINUTE, 1800];

  it('tells the same in status and health, whatever the first credential is', async () => {
    const signIn = { type: 'oauth', provider: 'anthropic', access: 'a', refresh: 'r', expires: 5 };
    const key = { type: 'api_key', provider: 'anthropic', key: 'sk-ant-api-1' };
    expect(await told()).toEqual(USUAL);
    await keep({ 'anthropic:me': signIn });
    await expect.poll(told, WAIT).toEqual(HOURLY);
    await keep({ 'anthropic:key': key, 'anthropic:me': signIn });
    await expect.poll(told, WAIT).toEqual(USUAL);
    await keep({ 'anthropic:setup': { type: 'token', provider: 'anthropic', token: 'sk-ant-oat01-abc' } });
    await expect.poll(told, WAIT).toEqual(HOURLY);
  }, 120_000);

  it('tells what the config says, over the sign-in', async () => {
    const config = JSON.parse(await readFile(stage.gateway.configPath, 'utf8')) as { agents: { defaults: object } };
    Object.assign(config.agents.defaults, { heartbeat: { every: '45m' } });
    await writeFile(stage.gateway.configPath, JSON.stringify(config));
    await expect.poll(async () => (await told()).at(-1), WAIT).toBe(2700);
    Object.assign(config.agents.defaults, { heartbeat: {} });
    await writeFile(stage.gateway.configPath, JSON.stringify(config));
    await expect.poll(told, WAIT).toEqual(HOURLY);
    await rm(profiles);
    await expect.poll(told, WAIT).toEqual(USUAL);
  }, 120_000);
});
