import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Message, messageText } from '../protocol/index.js';
import { type Clock, systemClock } from '../shared/clock.js';
import { silentLogger } from '../shared/logger.js';
import { recentStatusRows } from './list-sessions.js';
import type { StoredSession } from './session-entry.js';
import { createSessionStore, type SessionStore } from './session-store.js';

let stateDir = '';
let folder = '';
const KEY = 'agent:main:main';

/** A clock whose timers never run: what is not flushed by name stays unwritten, as in a crash. */
const frozenTimers: Clock = { ...systemClock, after: () => ({ cancel: () => undefined }) };

beforeEach(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'store-'));
  folder = path.join(stateDir, 'agents', 'main', 'sessions');
});

afterEach(() => rm(stateDir, { recursive: true, force: true }));

const stores: SessionStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.stop();
});

async function open(clock: Clock = systemClock): Promise<SessionStore> {
  const options = { stateDir, workspaceDir: () => stateDir, clock, log: silentLogger };
  const store = await createSessionStore(options, ['main']);
  stores.push(store);
  return store;
}

const message = (role: 'user' | 'assistant', text: string, more: Partial<Message> = {}): Message => ({
  role,
  content: [{ type: 'text', text }],
  timestamp: Date.now(),
  ...more,
});

const readIndex = async () =>
  JSON.parse(await readFile(path.join(folder, 'sessions.json'), 'utf8')) as Record<string, StoredSession>;

describe('the index', () => {
  it('is an object by session key, indented as the reference writes it', async () => {
    const store = await open();
    await store.findOrCreate(KEY, 'main');
    await store.findOrCreate('agent:main:b', 'main');
    await (await store.index('main')).flush();
    const text = await readFile(path.join(folder, 'sessions.json'), 'utf8');
    expect(text).toBe(`${JSON.stringify(JSON.parse(text), null, 2)}\n`);
    expect(Object.keys(await readIndex())).toEqual([KEY, 'agent:main:b']);
  });

  it('is written once for many changes', async () => {
    const timers: Array<() => void> = [];
    const clock: Clock = {
      ...systemClock,
      after: (_ms, run) => {
        timers.push(run);
        return { cancel: () => undefined };
      },
    };
    const store = await open(clock);
    for (let index = 0; index < 50; index += 1) await store.findOrCreate(`agent:main:${index}`, 'main');
    expect(timers).toHaveLength(1);
  });

  it('keeps fields it does not know', async () => {
    await mkdir(folder, { recursive: true });
    const entry = { sessionId: 's', updatedAt: 5, skillsSnapshot: { a: 1 } };
    await writeFile(path.join(folder, 'sessions.json'), JSON.stringify({ [KEY]: entry }));
    const store = await open();
    await store.update({ key: KEY, agentId: 'main' }, (before) => ({ ...before, label: 'x' }));
    await (await store.index('main')).flush();
    expect((await readIndex())[KEY]).toEqual({ ...entry, label: 'x' });
  });

  it('lists the latest first and sums up', async () => {
    const store = await open();
    for (const key of ['agent:main:a', 'agent:main:b', 'agent:main:c']) await store.findOrCreate(key, 'main');
    const index = await store.index('main');
    let at = Date.now() + 1000;
    for (const key of ['agent:main:b', 'agent:main:a']) {
      at += 1000;
      await store.update({ key, agentId: 'main' }, (entry) => ({ ...entry, updatedAt: at }));
      index.keys();
    }
    expect(index.keys()).toEqual(['agent:main:a', 'agent:main:b', 'agent:main:c']);
    const defaults = () => ({ provider: 'p', model: 'm', contextTokens: 100 });
    await store.update({ key: 'agent:main:a', agentId: 'main' }, (entry) => ({ ...entry, totalTokens: 25 }));
    expect(recentStatusRows('main', 1, { store, defaults, now: at + 5 })).toMatchObject([
      {
        agentId: 'main',
        key: 'agent:main:a',
        age: 5,
        totalTokens: 25,
        remainingTokens: 75,
        percentUsed: 25,
        model: 'm',
      },
    ]);
    expect(store.summary('main', 1)).toEqual({
      path: path.join(folder, 'sessions.json'),
      count: 3,
      recent: [{ key: 'agent:main:a', updatedAt: at, age: 0 }],
    });
  });
});

describe('after a crash', () => {
  it('finds conversations that the index never saw, with their unanswered message failed', async () => {
    const store = await open(frozenTimers);
    const found = await store.findOrCreate(KEY, 'main');
    await store.append(found, message('user', 'still here'), { runId: 'r1' });
    const again = await open();
    const recovered = await again.find(KEY);
    expect(recovered?.entry).toMatchObject({
      sessionId: found.entry.sessionId,
      status: 'failed',
      abortedLastRun: true,
    });
    expect(recovered && (await again.tail(recovered, 5)).map((entry) => messageText(entry.message))).toEqual([
      'still here',
    ]);
  });

  it('shows a run that was under way as failed', async () => {
    const store = await open(frozenTimers);
    const found = await store.findOrCreate(KEY, 'main');
    await store.append(found, message('user', 'x'));
    await store.update(found, (entry) => ({ ...entry, status: 'running', startedAt: Date.now() }));
    await (await store.index('main')).flush();
    const long = new Date(Date.now() - 60_000);
    await utimes(path.join(folder, `${found.entry.sessionId}.jsonl`), long, long);
    expect((await (await open()).find(KEY))?.entry).toMatchObject({ status: 'failed', abortedLastRun: true });
  });

  it('takes usage and result of an answer from the transcript', async () => {
    const store = await open(frozenTimers);
    const found = await store.findOrCreate(KEY, 'main');
    await (await store.index('main')).flush();
    await store.append(found, message('user', 'x'));
    const usage = { input: 7, output: 3, cacheRead: 1, cacheWrite: 0, totalTokens: 11 };
    await store.append(found, message('assistant', 'y', { usage, provider: 'p', model: 'm', stopReason: 'stop' }));
    const entry = (await (await open()).find(KEY))?.entry;
    expect(entry).toMatchObject({
      status: 'done',
      inputTokens: 7,
      outputTokens: 3,
      totalTokens: 8,
      modelProvider: 'p',
    });
  });

  it('rebuilds a broken index and keeps the broken one', async () => {
    const store = await open();
    const found = await store.findOrCreate(KEY, 'main');
    await store.append(found, message('user', 'x'));
    await store.stop();
    await writeFile(path.join(folder, 'sessions.json'), '{"half');
    const again = await open();
    expect((await again.find(KEY))?.entry.sessionId).toBe(found.entry.sessionId);
    expect((await readdir(folder)).some((name) => name.startsWith('sessions.json.broken.'))).toBe(true);
  });

  it('leaves deleted and reset conversations gone', async () => {
    const store = await open();
    for (const key of ['agent:main:gone', 'agent:main:kept']) {
      const found = await store.findOrCreate(key, 'main');
      await store.append(found, message('user', 'x'));
      const archived = await store.delete(found, key.endsWith('kept'));
      expect(archived).toHaveLength(key.endsWith('kept') ? 0 : 1);
    }
    const found = await store.findOrCreate('agent:main:reset', 'main');
    await store.append(found, message('user', 'old'));
    const entry = await store.reset('agent:main:reset', 'main');
    expect(entry.sessionId).not.toBe(found.entry.sessionId);
    const again = await open();
    expect((await again.index('main')).keys()).toEqual(['agent:main:reset']);
    const names = await readdir(folder);
    expect(names.filter((name) => /\.jsonl\.deleted\.\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z$/.test(name))).toHaveLength(
      1,
    );
    expect(names.filter((name) => /\.jsonl\.reset\.\d{4}-/.test(name))).toHaveLength(1);
  });
});

describe('many conversations', () => {
  it('at once share few open files and lose nothing', async () => {
    const store = await open();
    const founds = await Promise.all(
      Array.from({ length: 120 }, (_, index) => store.findOrCreate(`agent:main:${index}`, 'main')),
    );
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(founds.map((found) => store.append(found, message('user', `${round}`))));
    }
    for (const found of founds) {
      expect((await store.tail(found, 10)).map((entry) => entry.seq)).toEqual([1, 2, 3]);
    }
  });

  it('never reads outside the folder, whatever the index says', async () => {
    const store = await open();
    const entry = { sessionId: '../../../etc/x', sessionFile: '/etc/passwd', updatedAt: 1 };
    expect(await store.transcriptFile({ agentId: 'main', entry })).toBe(path.join(folder, 'x.jsonl'));
    const named = { sessionId: 's', sessionFile: '/elsewhere/s-topic.jsonl', updatedAt: 1 };
    expect(await store.transcriptFile({ agentId: 'main', entry: named })).toBe(path.join(folder, 's-topic.jsonl'));
  });
});
