// Jobs and heartbeats in a whole gateway with a fake model: what people see of them, and what they do not.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type HeartbeatEvent, type Message, messageText } from '../../src/protocol/index.js';
import { type AnyJob, type CronPage, turnJob } from './cron-bench.js';
import { type GoldenStage, RECORDED, startGoldenStage } from './golden-stage.js';
import type { RawClient, WireFrame } from './raw-client.js';
import { createTestDevice, join } from './test-device.js';

const MAIN = 'agent:main:main';
const WAIT = { timeout: 20_000, interval: 50 };

let stage: GoldenStage;
let client: RawClient;

beforeAll(async () => {
  stage = await startGoldenStage((config) => config);
  const { token } = RECORDED;
  client = await join({ url: stage.gateway.url, device: createTestDevice(), auth: { token }, timeoutMs: 20_000 });
  await ok('sessions.subscribe');
}, 60_000);
afterAll(async () => {
  await client.close();
  await stage.stop();
}, 60_000);

async function ok<T = Record<string, unknown>>(method: string, params: unknown = {}): Promise<T> {
  const response = await client.call(method, params);
  if (!response.ok) throw new Error(`${method}: ${response.error?.message}`);
  return response.payload as T;
}

const seen = (event: string): WireFrame[] => client.received.filter((frame) => frame.event === event);
const heartbeats = () => seen('heartbeat').map(({ payload }) => payload as HeartbeatEvent);

async function history(sessionKey = 'main'): Promise<string[]> {
  const { messages } = await ok<{ messages: Message[] }>('chat.history', { sessionKey });
  return messages.map((message) => `${message.role}: ${messageText(message)}`);
}

async function sessionRow(key: string) {
  const { sessions } = await ok<{ sessions: Array<{ key: string; updatedAt: number; status?: string }> }>(
    'sessions.list',
  );
  return sessions.find((row) => row.key === key);
}

async function say(text: string): Promise<void> {
  stage.model.push({ parts: [{ text: 'hello' }] });
  const before = seen('chat').length;
  await ok('chat.send', { sessionKey: 'main', message: text, idempotencyKey: `say-${text}` });
  const ended = () =>
    seen('chat')
      .slice(before)
      .some(({ payload }) => (payload as { state: string }).state === 'final');
  await expect.poll(ended, WAIT).toBe(true);
}

/** Wakes the agent, which says `answer`; the event that follows. */
async function wake(text: string, answer: string): Promise<HeartbeatEvent> {
  const before = heartbeats().length;
  stage.model.push({ parts: [{ text: answer }] });
  await ok('wake', { mode: 'now', text });
  await expect.poll(() => heartbeats().length, WAIT).toBe(before + 1);
  return heartbeats().at(-1) as HeartbeatEvent;
}

describe('a heartbeat', () => {
  it('where all is well leaves no trace: not in the history, the list, or the events', async () => {
    await say('hi');
    const before = await history();
    const row = await sessionRow(MAIN);
    const mark = client.received.length;
    const event = await wake('look at the build', 'HEARTBEAT_OK');
    expect(event).toMatchObject({ status: 'ok-token', reason: 'wake', silent: true, indicatorType: 'ok' });
    expect(await history()).toEqual(before);
    expect(await sessionRow(MAIN)).toEqual(row);
    const names = client.received.slice(mark).map((frame) => frame.event);
    expect(
      names.filter((name) => ['chat', 'agent', 'session.message', 'sessions.changed'].includes(name ?? '')),
    ).toEqual([]);
    expect(await ok('last-heartbeat')).toEqual(event);
  });

  it('told the model what came in', async () => {
    const asked = JSON.stringify(stage.model.requests.at(-1)?.body);
    expect(asked).toContain('look at the build');
    expect(asked).toContain('HEARTBEAT_OK');
  });

  it('with something to say says it in the conversation, without moving it up', async () => {
    const row = await sessionRow(MAIN);
    const mark = client.received.length;
    const event = await wake('the disk', 'The disk is nearly full.');
    expect(event).toMatchObject({ status: 'skipped', reason: 'no-target', preview: 'The disk is nearly full.' });
    expect((await history()).at(-1)).toBe('assistant: The disk is nearly full.');
    expect((await sessionRow(MAIN))?.updatedAt).toBe(row?.updatedAt);
    const after = client.received.slice(mark);
    const finals = after.filter(
      ({ event: name, payload }) => name === 'chat' && (payload as { state: string }).state === 'final',
    );
    expect(finals.length).toBe(1);
    expect(after.some(({ event: name }) => name === 'session.message')).toBe(true);
  });

  it('says the same only once a day', async () => {
    const before = await history();
    expect(await wake('the disk again', 'The disk is nearly full.')).toMatchObject({
      status: 'skipped',
      reason: 'duplicate',
    });
    expect(await history()).toEqual(before);
  });

  it('with a light context reads HEARTBEAT.md alone', async () => {
    const state = path.join(stage.home.dir, '.openclaw');
    const file = path.join(state, 'openclaw.json');
    const before = await readFile(file, 'utf8');
    await writeFile(path.join(state, 'workspace', 'HEARTBEAT.md'), 'Feed the cat.');
    const config = JSON.parse(before) as { agents?: { defaults?: object } };
    const defaults = { ...config.agents?.defaults, heartbeat: { lightContext: true } };
    await writeFile(file, JSON.stringify({ ...config, agents: { ...config.agents, defaults } }, null, 2));
    const asked = async () => {
      await wake('light', 'HEARTBEAT_OK');
      return JSON.stringify(stage.model.requests.at(-1)?.body);
    };
    let prompt = '';
    await expect.poll(async () => (prompt = await asked()), WAIT).not.toContain('## AGENTS.md');
    expect(prompt).toContain('Feed the cat.');
    await writeFile(file, before);
    await expect.poll(asked, WAIT).toContain('## AGENTS.md');
  });

  it('does not happen while heartbeats are off; what came in waits for the next turn', async () => {
    await ok('set-heartbeats', { enabled: false });
    const asked = stage.model.requests.length;
    await ok('wake', { mode: 'now', text: 'the kettle boils' });
    await say('anything new?');
    expect(stage.model.requests.length).toBe(asked + 1);
    expect(JSON.stringify(stage.model.requests.at(-1)?.body)).toContain('the kettle boils');
    await ok('set-heartbeats', { enabled: true });
  });
});

describe('a job', () => {
  const ids: string[] = [];
  const add = async (more: Record<string, unknown>) => {
    const job = await ok<AnyJob>('cron.add', turnJob(more));
    ids.push(job.id);
    return job.id;
  };
  const lastRun = async (id: string) => {
    const entries = async () => (await ok<CronPage>('cron.runs', { id })).entries;
    await expect.poll(async () => (await entries()).length, WAIT).toBe(1);
    return (await entries())[0] ?? {};
  };
  afterEach(async () => {
    for (const id of ids.splice(0)) await ok('cron.remove', { id });
  });

  it('works in a conversation of its own and announces its result in the main one', async () => {
    const id = await add({ name: 'report', delivery: { mode: 'announce' } });
    stage.model.push({ parts: [{ text: 'Three mails came in.' }] });
    await ok('cron.run', { id });
    const run = await lastRun(id);
    expect(run).toMatchObject({
      status: 'ok',
      summary: 'Three mails came in.',
      deliveryStatus: 'delivered',
      provider: 'fake',
      model: 'fake-1',
      usage: { total_tokens: expect.any(Number) },
    });
    expect((await history()).at(-1)).toBe('assistant: Three mails came in.');
    expect(await history(String(run.sessionKey))).toEqual([
      `user: [cron:${id} report] do it`,
      'assistant: Three mails came in.',
    ]);
  });

  it('for the main conversation wakes the agent, which passes the reminder on', async () => {
    const payload = { kind: 'systemEvent', text: 'drink water' };
    const id = await add({ sessionTarget: 'main', payload, delivery: undefined });
    stage.model.push({ parts: [{ text: 'Time to drink some water.' }] });
    await ok('cron.run', { id });
    expect(await lastRun(id)).toMatchObject({ status: 'ok', summary: 'drink water', deliveryStatus: 'not-requested' });
    expect(JSON.stringify(stage.model.requests.at(-1)?.body)).toContain('drink water');
    expect((await history()).at(-1)).toBe('assistant: Time to drink some water.');
  });

  it('tries its fallbacks, and names the class of a failure that stays', async () => {
    const payload = { kind: 'agentTurn', message: 'm', model: 'nobody/none', fallbacks: ['fake/fake-1'] };
    const good = await add({ payload });
    await ok('cron.run', { id: good });
    expect(await lastRun(good)).toMatchObject({ status: 'ok', model: 'fake-1' });
    const bad = await add({ payload: { kind: 'agentTurn', message: 'm', model: 'nobody/none' } });
    await ok('cron.run', { id: bad });
    expect(await lastRun(bad)).toMatchObject({ status: 'error' });
    const { jobs } = await ok<CronPage>('cron.list');
    expect(jobs.find(({ id }) => id === bad)?.state.lastErrorReason).toMatch(/^model\./);
  });

  it('with a light context reads no workspace files', async () => {
    const system = async (lightContext: boolean) => {
      stage.model.push({ parts: [{ text: 'ok' }] });
      const id = await add({ payload: { kind: 'agentTurn', message: 'm', lightContext } });
      await ok('cron.run', { id });
      await lastRun(id);
      return JSON.stringify(stage.model.requests.at(-1)?.body);
    };
    expect(await system(false)).toContain('# Workspace files');
    expect(await system(true)).not.toContain('# Workspace files');
  });

  it('runs no more when the config switches the scheduler off, at once', async () => {
    const file = path.join(stage.home.dir, '.openclaw', 'openclaw.json');
    const before = await readFile(file, 'utf8');
    const enabled = async () => (await ok<{ enabled: boolean }>('cron.status')).enabled;
    await writeFile(file, JSON.stringify({ ...JSON.parse(before), cron: { enabled: false } }, null, 2));
    await expect.poll(enabled, WAIT).toBe(false);
    await writeFile(file, before);
    await expect.poll(enabled, WAIT).toBe(true);
  });
});
