import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Message, messageText } from '../protocol/index.js';
import { type Clock, systemClock } from '../shared/clock.js';
import { silentLogger } from '../shared/logger.js';
import type { StoredSession } from './session-entry.js';
import { createSessionStore, type FoundSession, type SessionStore } from './session-store.js';

const KEY = 'agent:main:main';
/** A clock whose timers never run: what is not flushed by name stays unwritten, as in a crash. */
const frozenTimers: Clock = { ...systemClock, after: () => ({ cancel: () => undefined }) };

let stateDir = '';
let folder = '';
let store: SessionStore;

beforeEach(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'races-'));
  folder = path.join(stateDir, 'agents', 'main', 'sessions');
  const options = { stateDir, workspaceDir: () => stateDir, clock: frozenTimers, log: silentLogger };
  store = await createSessionStore(options, ['main']);
});

afterEach(async () => {
  await store.stop();
  await rm(stateDir, { recursive: true, force: true });
});

const said = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }], timestamp: 1 });
const files = async () => (await readdir(folder)).filter((name) => name.includes('.jsonl')).sort();
const readIndex = async () =>
  JSON.parse(await readFile(path.join(folder, 'sessions.json'), 'utf8')) as Record<string, StoredSession>;

const countMessages = async (file: string) =>
  (await readFile(path.join(folder, file), 'utf8')).split('{"type":"message"').length - 1;

/** How many messages a conversation takes in until it is gone. */
async function appendUntilRefused(found: FoundSession): Promise<number> {
  for (let count = 0; ; count += 1) {
    try {
      await store.append(found, said('meanwhile'), { durable: false });
    } catch (error) {
      expect(error).toMatchObject({ code: 'session.not_found' });
      return count;
    }
  }
}

describe('writing the index', () => {
  it('resolves for everybody only when it is on disk', async () => {
    const index = await store.index('main');
    await store.findOrCreate(KEY, 'main');
    const [, second] = [index.flush(), index.flush()];
    await second;
    expect(Object.keys(await readIndex())).toEqual([KEY]);
  });

  it('includes what was set while another write was under way', async () => {
    const index = await store.index('main');
    await store.findOrCreate(KEY, 'main');
    const first = index.flush();
    await Promise.resolve();
    await store.findOrCreate('agent:main:b', 'main');
    const [, third] = [index.flush(), index.flush()];
    await third;
    expect(Object.keys(await readIndex())).toEqual([KEY, 'agent:main:b']);
    await first;
  });
});

describe('a conversation that begins anew', () => {
  it('begins anew once for those who find it over at the same moment, however they ask', async () => {
    const { entry: old } = await store.findOrCreate(KEY, 'main');
    const whyOver = (entry: StoredSession) => (entry.sessionId === old.sessionId ? ('daily' as const) : undefined);
    const [fresh, ...others] = await Promise.all([
      store.reset(KEY, 'main', 'new'),
      store.resetIf(KEY, 'main', whyOver),
      store.resetIf(KEY, 'main', whyOver),
    ]);
    expect(others).toEqual([undefined, undefined]);
    expect((await store.find(KEY))?.entry.sessionId).toBe(fresh.sessionId);
    expect((await readIndex())[KEY]?.sessionId).toBe(fresh.sessionId);
  });

  it('takes nothing in that was meant for the one before, and leaves no file behind', async () => {
    const { created: _created, ...old } = await store.findOrCreate(KEY, 'main');
    await store.append(old, said('one'));
    const resetting = store.reset(KEY, 'main');
    const taken = await appendUntilRefused(old);
    const fresh = await resetting;
    await expect(store.append(old, said('too late'))).rejects.toMatchObject({ code: 'session.not_found' });
    const [file = '', ...others] = await files();
    expect(others).toEqual([]);
    expect(file).toContain(`${old.entry.sessionId}.jsonl.reset.`);
    expect(await countMessages(file)).toBe(1 + taken);
    const now = { key: KEY, agentId: 'main', entry: fresh };
    await store.append(now, said('new'));
    expect((await store.tail(now, 10)).map(({ message }) => messageText(message))).toEqual(['new']);
  });

  it('keeps its settings from a run of the one before', async () => {
    const { created: _created, ...old } = await store.findOrCreate(KEY, 'main');
    await store.reset(KEY, 'main');
    expect(await store.update(old, (entry) => ({ ...entry, status: 'failed' }))).toBeUndefined();
    expect((await store.find(KEY))?.entry.status).toBeUndefined();
  });
});

describe('a conversation that is removed', () => {
  it.each([false, true])('takes in nothing more (transcript kept: %s)', async (isKept) => {
    const { created: _created, ...old } = await store.findOrCreate(KEY, 'main');
    await store.append(old, said('one'));
    const removing = store.delete(old, isKept);
    const taken = await appendUntilRefused(old);
    await removing;
    await expect(store.append(old, said('too late'))).rejects.toMatchObject({ code: 'session.not_found' });
    const [file = '', ...others] = await files();
    expect(others).toEqual([]);
    expect(file).toMatch(isKept ? /\.jsonl$/ : /\.jsonl\.deleted\./);
    expect(await countMessages(file)).toBe(1 + taken);
  });
});
