import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import { systemClock } from '../shared/clock.js';
import { silentLogger } from '../shared/logger.js';
import { renewIfStale } from './renew-session.js';
import type { SessionLife } from './session-life.js';
import { createSessionStore, type SessionStore } from './session-store.js';

const KEY = 'agent:main:main';
const HOUR = 3_600_000;

let stateDir = '';
let store: SessionStore;
let told: SessionLife[];
let stopHearing: () => void;

async function open(): Promise<SessionStore> {
  const options = { stateDir, workspaceDir: () => stateDir, clock: systemClock, log: silentLogger };
  return createSessionStore(options, ['main']);
}

const seen = () =>
  told.map(({ key, agentId, reason, ended, begun }) => ({
    ...{ key, agentId, reason },
    ...(ended && { ended: ended.sessionId }),
    ...(begun && { begun: begun.sessionId }),
  }));
const idOf = async (key = KEY) => (await store.find(key))?.entry.sessionId ?? 'none';

beforeEach(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'life-'));
  store = await open();
  told = [];
  stopHearing = store.onLife((life) => told.push(life));
});
afterEach(async () => {
  await store.stop();
  await rm(stateDir, { recursive: true, force: true });
});

describe('who listens for lives', () => {
  it('hears when a conversation is made, and not when it is found again or changes', async () => {
    const found = await store.findOrCreate(KEY, 'main');
    await store.findOrCreate(KEY, 'main');
    await store.update(found, (entry) => ({ ...entry, label: 'tea' }));
    expect(seen()).toEqual([{ key: KEY, agentId: 'main', reason: 'create', begun: found.entry.sessionId }]);
  });

  it('hears both ends of a reset, with its reason', async () => {
    const [first, second, third] = [
      (await store.findOrCreate(KEY, 'main')).entry.sessionId,
      (await store.reset(KEY, 'main')).sessionId,
      (await store.reset(KEY, 'main', 'new')).sessionId,
    ];
    expect(new Set([first, second, third]).size).toBe(3);
    expect(seen().slice(1)).toEqual([
      { key: KEY, agentId: 'main', reason: 'reset', ended: first, begun: second },
      { key: KEY, agentId: 'main', reason: 'new', ended: second, begun: third },
    ]);
  });

  it('hears a reset of nothing as a beginning', async () => {
    const { sessionId } = await store.reset(KEY, 'main', 'new');
    expect(seen()).toEqual([{ key: KEY, agentId: 'main', reason: 'new', begun: sessionId }]);
  });

  it.each([
    ['idle', { reset: { mode: 'idle', idleMinutes: 10 } }, 11 * 60_000],
    ['daily', {}, 26 * HOUR],
  ] as const)('hears that a reset rule said %s', async (reason, session, laterMs) => {
    const config = { session } as OpenClawConfig;
    const before = (await store.findOrCreate(KEY, 'main')).entry.sessionId;
    const now = () => Date.now() + laterMs;
    const renewed = await renewIfStale(
      { key: KEY, agentId: 'main', rest: 'main' },
      { config: () => config, store, events: { changed: () => undefined }, now },
    );
    expect(renewed).toBe(true);
    expect(seen().slice(1)).toEqual([{ key: KEY, agentId: 'main', reason, ended: before, begun: await idOf() }]);
  });

  it('hears of conversations that are deleted or tidied away, once', async () => {
    const keys = ['agent:main:a', 'agent:main:b', 'agent:main:c'] as const;
    const [a, b, c] = await Promise.all(keys.map((key) => store.findOrCreate(key, 'main')));
    if (!a || !b || !c) throw new Error('there are three');
    told = [];
    await Promise.all([store.delete(a, false), store.delete(a, false)]);
    await store.delete(b, true, { reason: 'prune' });
    await store.prune('main', [...keys], () => true);
    expect(seen()).toEqual([
      { key: keys[0], agentId: 'main', reason: 'delete', ended: a.entry.sessionId },
      { key: keys[1], agentId: 'main', reason: 'prune', ended: b.entry.sessionId },
      { key: keys[2], agentId: 'main', reason: 'prune', ended: c.entry.sessionId },
    ]);
  });

  it('hears nothing of a conversation that is to go untold', async () => {
    const found = await store.findOrCreate(KEY, 'main');
    told = [];
    await store.delete(found, false, { isTold: false });
    expect(seen()).toEqual([]);
    expect(await store.find(KEY)).toBeUndefined();
  });

  it('hears of all conversations of an agent that goes', async () => {
    const found = await store.findOrCreate('agent:work:main', 'work');
    told = [];
    await store.releaseAgent('work');
    expect(seen()).toEqual([
      { key: 'agent:work:main', agentId: 'work', reason: 'delete', ended: found.entry.sessionId },
    ]);
  });

  it('hears nothing of what is read from disk or mended, and nothing after it left', async () => {
    const found = await store.findOrCreate(KEY, 'main');
    const message = { role: 'user', content: [{ type: 'text', text: 'hello' }], timestamp: 1 } as const;
    await store.append(found, { ...message, content: [...message.content] });
    await store.stop();
    const file = path.join(stateDir, 'agents', 'main', 'sessions', 'sessions.json');
    expect(await readFile(file, 'utf8')).toContain(found.entry.sessionId);
    await writeFile(file, '{"half');
    const options = { stateDir, workspaceDir: () => stateDir, clock: systemClock, log: silentLogger };
    store = await createSessionStore(options, []);
    told = [];
    stopHearing = store.onLife((life) => told.push(life));
    expect((await store.find(KEY))?.entry.sessionId).toBe(found.entry.sessionId);
    expect(seen()).toEqual([]);
    stopHearing();
    await store.reset(KEY, 'main');
    expect(seen()).toEqual([]);
  });
});
