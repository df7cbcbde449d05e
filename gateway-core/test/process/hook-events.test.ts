// Every lifecycle event of a real gateway, as a real hook program reads it.
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeModel, startFakeModel } from '../../../e2e/fixtures/fake-model.js';
import { fakeModelConfig, type Home, makeHome } from '../../../e2e/fixtures/home.js';
import { type RunningGateway, startGateway } from '../../src/index.js';
import { connectOperator, type RawOperator } from './operator.js';

interface Told {
  event: string;
  agentId: string;
  sessionKey?: string;
  sessionId?: string;
  workspaceDir: string;
  data: Record<string, unknown>;
}

const MAIN = 'agent:main:main';
const OLD = 'agent:main:old';
const WAIT = { timeout: 30_000, interval: 50 };
const HOSTILE = '"; rm -rf $HOME; `id` $(id)\n{"event":"gateway:startup"}\u2028\u0000 🦞';

let home: Home;
let model: FakeModel;
let gateway: RunningGateway;
let operator: RawOperator;

const out = () => path.join(home.dir, 'told.jsonl');
const pidFile = () => path.join(home.dir, 'stuck.pid');
const lines = async () => (await readFile(out(), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
const records = async () =>
  (await lines()).map((line) => JSON.parse(line) as { told: Told; argv: string[]; env: Record<string, string> });
const told = async () => (await records()).map((record) => record.told);
const brief = ({ event, sessionKey, sessionId, data }: Told) => ({ event, sessionKey, sessionId, data });

async function putHook(name: string, events: string, script: string): Promise<void> {
  const folder = path.join(home.stateDir, 'hooks', name);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'HOOK.md'), `---\nname: ${name}\nevents: ${events}\n---\n`);
  await writeFile(path.join(folder, 'handler'), `#!${process.execPath}\n${script}\n`);
  await chmod(path.join(folder, 'handler'), 0o755);
}

/** A conversation that was last written to three days ago. */
async function putOldConversation(): Promise<void> {
  const folder = path.join(home.stateDir, 'agents', 'main', 'sessions');
  await mkdir(folder, { recursive: true });
  const updatedAt = Date.now() - 3 * 86_400_000;
  await writeFile(path.join(folder, 'sessions.json'), JSON.stringify({ [OLD]: { sessionId: 'old-1', updatedAt } }));
}

const COPY = () => `
let text = '';
process.stdin.on('data', (part) => (text += part)).on('end', () => {
  const line = { told: JSON.parse(text), argv: process.argv.slice(2), env: process.env };
  require('fs').appendFileSync(${JSON.stringify(out())}, JSON.stringify(line) + '\\n');
});`;
const HANG = () => `
require('fs').writeFileSync(${JSON.stringify(pidFile())}, String(process.pid));
setInterval(() => {}, 1000);`;

async function say(message: string, runId: string, sessionKey = 'main'): Promise<void> {
  await operator.request('chat.send', { sessionKey, message, idempotencyKey: runId });
  expect(await operator.request('agent.wait', { runId, timeoutMs: 30_000 })).toMatchObject({ status: 'ok' });
}

/** Does it, and gives what the hook was told from then on until the answer to a message that comes after it. */
async function toldWhile(id: string, work: () => Promise<unknown>): Promise<Told[]> {
  const before = (await told()).length;
  await work();
  await say('and now?', id, 'barrier');
  const since = async () => (await told()).slice(before);
  const isEnd = ({ event, data }: Told) => event === 'message:sent' && data.runId === id;
  await expect.poll(async () => (await since()).some(isEnd), WAIT).toBe(true);
  return (await since()).filter(({ sessionKey }) => sessionKey !== 'agent:main:barrier');
}

beforeAll(async () => {
  model = await startFakeModel({ answer: () => ({ text: 'hello' }) });
  const internal = { enabled: true, entries: { 'session-memory': { enabled: false } } };
  home = await makeHome({ ...fakeModelConfig(model.url), hooks: { internal } });
  await putHook('copy', '[gateway, command, session, message, agent]', COPY());
  await putHook('stuck', '[message:received]', HANG());
  await putOldConversation();
  gateway = await startGateway({ env: home.env, cwd: home.dir });
  operator = await connectOperator(gateway);
}, 60_000);
afterAll(async () => {
  operator.close();
  await gateway.stop();
  await model.close();
  await home.remove();
}, 60_000);

describe.skipIf(process.platform === 'win32')('a hook hears', () => {
  it('a start, and a message from its arrival to its answer, though another hook hangs', async () => {
    await expect.poll(async () => (await told()).map(({ event }) => event), WAIT).toEqual(['gateway:startup']);
    const events = await toldWhile('b1', () => say('good morning', 'm1'));
    const sessionId = events[0]?.sessionId;
    expect(sessionId).toMatch(/^[0-9a-f-]{36}$/);
    const place = { sessionKey: MAIN, sessionId };
    const served = { provider: 'fake', model: 'fake-1', isMain: true, subagentDepth: 0 };
    expect(events.map(brief)).toEqual([
      { event: 'session:start', ...place, data: { reason: 'create' } },
      { event: 'message:received', ...place, data: { runId: 'm1', via: 'chat', text: 'good morning' } },
      { event: 'agent:bootstrap', ...place, data: expect.objectContaining({ runId: 'm1', ...served }) as unknown },
      { event: 'message:sent', ...place, data: { runId: 'm1', text: 'hello' } },
    ]);
    expect(events[0]).toMatchObject({ agentId: 'main', workspaceDir: path.join(home.stateDir, 'workspace') });
    await expect.poll(() => readFile(pidFile(), 'utf8').catch(() => ''), WAIT).toMatch(/^\d+$/);
  });

  it('a hostile message as data on its standard input, and nowhere else', async () => {
    const events = await toldWhile('b2', () => say(HOSTILE, 'm2'));
    const received = events.find(({ event }) => event === 'message:received');
    expect(received?.data.text).toBe(HOSTILE);
    expect((await told()).filter(({ event }) => event === 'gateway:startup')).toHaveLength(1);
    for (const { argv, env } of await records()) {
      expect(argv).toEqual([]);
      expect(JSON.stringify(env)).not.toContain('rm -rf');
      expect(JSON.stringify(env)).not.toContain('fake-key-0123456789');
    }
  });

  it('the end of a conversation and the start of the next one', async () => {
    const before = (await told()).findLast(({ sessionKey }) => sessionKey === MAIN)?.sessionId;
    const events = await toldWhile('b3', () =>
      operator.request('sessions.reset', { key: 'main', reason: 'new' }).then(() => say('/reset', 'm3')),
    );
    const [ended, begun, command, endedAgain, begunAgain] = events;
    expect(events.slice(0, 5).map(({ event, data: { reason } }) => [event, reason])).toEqual([
      ['session:end', 'new'],
      ['session:start', 'new'],
      ['command:reset', undefined],
      ['session:end', 'reset'],
      ['session:start', 'reset'],
    ]);
    expect(ended).toMatchObject({ sessionKey: MAIN, sessionId: before, data: { nextSessionId: begun?.sessionId } });
    expect(begun?.data).toEqual({ reason: 'new', previousSessionId: before });
    expect(command?.sessionId).toBe(begun?.sessionId);
    expect(endedAgain?.data).toEqual({ reason: 'reset', nextSessionId: begunAgain?.sessionId });
    expect(new Set([before, begun?.sessionId, begunAgain?.sessionId]).size).toBe(3);
  });

  it('that a new day began a conversation anew', async () => {
    const events = await toldWhile('b4', () => say('still there?', 'm4', OLD));
    expect(events.map(({ event }) => event)).toEqual([
      ...['session:end', 'session:start', 'message:received', 'agent:bootstrap', 'message:sent'],
    ]);
    const [ended, begun] = events;
    expect(ended).toMatchObject({ sessionId: 'old-1', data: { reason: 'daily', nextSessionId: begun?.sessionId } });
    expect(begun?.data).toEqual({ reason: 'daily', previousSessionId: 'old-1' });
  });

  it('of a conversation that is deleted, unless it is not to', async () => {
    const events = await toldWhile('b5', async () => {
      for (const key of ['agent:main:one', 'agent:main:two']) await operator.request('sessions.create', { key });
      await operator.request('sessions.delete', { key: 'agent:main:one' });
      await operator.request('sessions.delete', { key: 'agent:main:two', emitLifecycleHooks: false });
    });
    const [one, two] = events;
    expect(events.map(brief)).toEqual([
      { event: 'session:start', sessionKey: 'agent:main:one', sessionId: one?.sessionId, data: { reason: 'create' } },
      { event: 'session:start', sessionKey: 'agent:main:two', sessionId: two?.sessionId, data: { reason: 'create' } },
      { event: 'session:end', sessionKey: 'agent:main:one', sessionId: one?.sessionId, data: { reason: 'delete' } },
    ]);
  });

  it('of a job in a conversation of its own', async () => {
    const job = (await operator.request('cron.add', {
      name: 'job',
      schedule: { kind: 'every', everyMs: 86_400_000 },
      sessionTarget: 'isolated',
      payload: { kind: 'agentTurn', message: 'do it' },
      delivery: { mode: 'none' },
    })) as { id: string };
    const isSent = ({ event, sessionKey = '' }: Told) => event === 'message:sent' && sessionKey.includes(job.id);
    const events = await toldWhile('b6', async () => {
      await operator.request('cron.run', { id: job.id, mode: 'force' });
      await expect.poll(async () => (await told()).some(isSent), WAIT).toBe(true);
    });
    const starts = events.filter(({ event }) => event === 'session:start');
    expect(starts.length).toBeGreaterThan(0);
    for (const { sessionKey, data } of starts) {
      expect(sessionKey).toContain(`agent:main:cron:${job.id}`);
      expect(data).toEqual({ reason: 'create' });
    }
    const messages = events.filter(({ event }) => event.startsWith('message:'));
    expect(messages.map(({ event }) => event)).toEqual(['message:received', 'message:sent']);
    expect(messages[0]?.data).toMatchObject({ via: 'agent', text: expect.stringContaining('do it') as string });
  });

  it('nothing of a heartbeat', async () => {
    const events = await toldWhile('b7', async () => {
      await operator.request('wake', { mode: 'now', text: 'look at the build' });
      await expect.poll(() => operator.request('last-heartbeat'), WAIT).toMatchObject({ preview: 'hello' });
    });
    expect(events).toEqual([]);
  });

  it('nothing any more once the gateway stopped: a program that hangs ends with it', async () => {
    const pid = Number(await readFile(pidFile(), 'utf8'));
    await gateway.stop();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});
