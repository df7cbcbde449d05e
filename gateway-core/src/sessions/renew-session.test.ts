import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import { systemClock } from '../shared/clock.js';
import { silentLogger } from '../shared/logger.js';
import { renewIfStale, resetTriggers } from './renew-session.js';
import { requireSessionKey } from './session-key.js';
import { createSessionStore, type SessionStore } from './session-store.js';

const KEY = requireSessionKey('main', 'main');
const MINUTE = 60_000;

describe('a message for a conversation', () => {
  let stateDir = '';
  let store: SessionStore;
  let now = Date.parse('2026-11-21T12:00:00Z');
  const changes: string[] = [];
  let config: OpenClawConfig = {};

  beforeEach(async () => {
    stateDir = await mkdtemp(path.join(tmpdir(), 'renew-'));
    now = Date.parse('2026-11-21T12:00:00Z');
    config = { session: { reset: { mode: 'idle', idleMinutes: 10 } } };
    changes.length = 0;
    const clock = { ...systemClock, now: () => now };
    store = await createSessionStore({ stateDir, workspaceDir: () => stateDir, clock, log: silentLogger }, ['main']);
  });

  afterEach(async () => {
    await store.stop();
    await rm(stateDir, { recursive: true, force: true });
  });

  const renew = () =>
    renewIfStale(KEY, {
      config: () => config,
      store,
      events: { changed: (key, reason) => void changes.push(`${key} ${reason}`) },
      now: () => now,
      offsetAt: () => 0,
    });

  async function begin() {
    const found = await store.findOrCreate(KEY.key, 'main');
    await store.append(found, { role: 'user', content: [{ type: 'text', text: 'hello' }], timestamp: now });
    await store.update(found, (entry) => ({ ...entry, updatedAt: now, thinkingLevel: 'low' }));
    return found.entry.sessionId;
  }

  it('starts it anew when it is over, keeps its settings and archives what was said', async () => {
    const sessionId = await begin();
    now += 11 * MINUTE;
    expect(await renew()).toBe(true);
    const entry = (await store.find(KEY.key))?.entry;
    expect(entry?.sessionId).not.toBe(sessionId);
    expect(entry?.thinkingLevel).toBe('low');
    const names = await readdir(path.join(stateDir, 'agents', 'main', 'sessions'));
    expect(names).toContain(`${sessionId}.jsonl.reset.2026-11-21T12-11-00.000Z`);
    await new Promise((resolve) => setImmediate(resolve));
    expect(changes).toEqual(['agent:main:main reset']);
  });

  it('leaves one that goes on, one with a run, and one that is not there', async () => {
    expect(await renew()).toBe(false);
    await begin();
    now += 9 * MINUTE;
    expect(await renew()).toBe(false);
    now += 9 * MINUTE;
    const found = await store.find(KEY.key);
    if (found) await store.update(found, (entry) => ({ ...entry, status: 'running' }));
    expect(await renew()).toBe(false);
    expect(changes).toEqual([]);
  });

  it('begins it once for messages that come together', async () => {
    await begin();
    now += 11 * MINUTE;
    expect((await Promise.all([renew(), renew(), renew()])).filter(Boolean)).toHaveLength(1);
    const names = await readdir(path.join(stateDir, 'agents', 'main', 'sessions'));
    expect(names.filter((name) => name.includes('.reset.'))).toHaveLength(1);
  });

  it('begins a day at four unless the config says otherwise', async () => {
    config = {};
    await begin();
    now = Date.parse('2026-11-22T03:59:00Z');
    expect(await renew()).toBe(false);
    now = Date.parse('2026-11-22T04:01:00Z');
    expect(await renew()).toBe(true);
  });
});

describe('the words that start a conversation anew', () => {
  it('are /new and /reset, or those of the config', () => {
    expect(resetTriggers(undefined)).toEqual(['/new', '/reset']);
    expect(resetTriggers({ resetTriggers: [' Fresh Start ', ''] })).toEqual(['fresh start']);
    expect(resetTriggers({ resetTriggers: [] })).toEqual([]);
  });
});
