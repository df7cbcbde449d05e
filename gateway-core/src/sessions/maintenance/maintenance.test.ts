import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../../config/index.js';
import type { Clock } from '../../shared/clock.js';
import { silentLogger } from '../../shared/logger.js';
import type { StoredSession } from '../session-entry.js';
import { createSessionStore, type SessionStore } from '../session-store.js';
import { type SessionMaintenance, startSessionMaintenance } from './maintenance.js';
import { countActions, type PlanContext, planMaintenance } from './plan.js';
import { maintenanceSettings, type MaintenanceSettings } from './settings.js';
import { archiveStamp, readStoreFacts, type StoreFacts } from './store-facts.js';

const DAY = 24 * 60 * 60_000;
const NOW = Date.parse('2026-11-21T12:00:00Z');
const MAIN = 'agent:main:main';

const context: PlanContext = { agentId: 'main', now: NOW, isActive: (key) => key === 'agent:main:active' };

function entry(sessionId: string, ageDays: number, more: Partial<StoredSession> = {}): StoredSession {
  return { sessionId, updatedAt: NOW - ageDays * DAY, ...more };
}

function factsOf(entries: Array<[string, StoredSession, number?]>, more: Partial<StoreFacts> = {}): StoreFacts {
  const known = entries.map(([rest, stored, bytes = 100]) => ({ key: `agent:main:${rest}`, entry: stored, bytes }));
  return { indexBytes: 50, entries: known, archives: [], kept: [], backups: [], ...more };
}

const settings = (own: NonNullable<OpenClawConfig['session']>['maintenance'] = {}): MaintenanceSettings =>
  maintenanceSettings({ maintenance: own });

describe('the settings', () => {
  it('have the defaults of the reference', () => {
    expect(maintenanceSettings(undefined)).toEqual({
      mode: 'warn',
      pruneAfterMs: 30 * DAY,
      maxEntries: 500,
      rotateBytes: 10 * 1024 * 1024,
      resetArchiveMs: 30 * DAY,
    });
  });

  it.each([
    [{ pruneAfter: '12h' }, { pruneAfterMs: DAY / 2, resetArchiveMs: DAY / 2 }],
    [{ pruneAfter: '7' }, { pruneAfterMs: 7 * DAY }],
    [{ pruneAfter: 7 }, { pruneAfterMs: 7 * DAY }],
    [{ pruneDays: 3 }, { pruneAfterMs: 3 * DAY }],
    [{ resetArchiveRetention: '2d' }, { pruneAfterMs: 30 * DAY, resetArchiveMs: 2 * DAY }],
    [{ rotateBytes: '1.5kb' }, { rotateBytes: 1536 }],
    [{ maxDiskBytes: '1kb' }, { maxDiskBytes: 1024, highWaterBytes: 819.2 }],
    [
      { maxDiskBytes: 1000, highWaterBytes: 2000 },
      { maxDiskBytes: 1000, highWaterBytes: 1000 },
    ],
  ])('%j', (own, expected) => {
    expect(settings(own as Parameters<typeof settings>[0])).toMatchObject(expected);
  });

  it('keep archives for ever when told so', () => {
    expect(settings({ resetArchiveRetention: false }).resetArchiveMs).toBeUndefined();
  });
});

describe('the plan', () => {
  const actions = (facts: StoreFacts, own: Parameters<typeof settings>[0], more: Partial<PlanContext> = {}) =>
    Object.fromEntries(
      planMaintenance(facts, settings(own), { ...context, ...more }).entries.map(({ key, action }) => [
        key.slice('agent:main:'.length),
        action,
      ]),
    );

  it('prunes what is old, never the main conversation or one with a run', () => {
    const facts = factsOf([
      ['main', entry('m', 99)],
      ['global', entry('g', 99)],
      ['running', entry('r', 99, { status: 'running' })],
      ['active', entry('a', 99)],
      ['old', entry('o', 31)],
      ['new', entry('n', 29)],
    ]);
    expect(actions(facts, {})).toEqual({
      main: 'keep',
      global: 'keep',
      running: 'keep',
      active: 'keep',
      old: 'prune-stale',
      new: 'keep',
    });
  });

  it('keeps the latest of too many, protected ones beside them', () => {
    const facts = factsOf([
      ['main', entry('m', 20)],
      ['a', entry('a', 1)],
      ['b', entry('b', 2)],
      ['c', entry('c', 3)],
    ]);
    expect(actions(facts, { maxEntries: 2 })).toEqual({
      a: 'keep',
      b: 'cap-overflow',
      c: 'cap-overflow',
      main: 'keep',
    });
  });

  it('takes conversations without a transcript only when asked', () => {
    const facts = factsOf([['gone', entry('x', 1)]]);
    facts.entries = facts.entries.map(({ bytes: _bytes, ...rest }) => rest);
    expect(actions(facts, {})).toEqual({ gone: 'keep' });
    expect(actions(facts, {}, { fixMissing: true })).toEqual({ gone: 'prune-missing' });
  });

  it('removes archives by their kind and age, and copies of the index beyond three', () => {
    const file = (name: string, days: number, bytes = 10) => ({ name, at: NOW - days * DAY, bytes });
    const archives = [
      { ...file('r-old', 3), kind: 'reset' as const },
      { ...file('r-new', 1), kind: 'reset' as const },
      { ...file('d-new', 3), kind: 'deleted' as const },
      { ...file('d-old', 31), kind: 'deleted' as const },
      { ...file('b-old', 31), kind: 'bak' as const },
    ];
    const backups = [1, 2, 3, 4, 5].map((days) => file(`i${days}`, days));
    const facts = factsOf([], { archives, backups, kept: [file('wanted.jsonl', 400)] });
    const plan = planMaintenance(facts, settings({ resetArchiveRetention: '2d' }), context);
    expect(plan.files.toSorted()).toEqual(['b-old', 'd-old', 'i4', 'i5', 'r-old']);
    expect([plan.bytesBefore, plan.bytesAfter]).toEqual([50 + 50 + 50 + 10, 110]);
    const forEver = planMaintenance(facts, settings({ resetArchiveRetention: false }), context);
    expect(forEver.files).not.toContain('r-old');
  });

  it('makes room: old files first, then conversations, oldest first, down to the mark', () => {
    const archives = [{ name: 'r', at: NOW - DAY, bytes: 100, kind: 'reset' as const }];
    const facts = factsOf(
      [
        ['main', entry('m', 20), 500],
        ['a', entry('a', 1), 100],
        ['b', entry('b', 2), 100],
        ['c', entry('c', 3), 100],
      ],
      { archives },
    );
    const plan = planMaintenance(facts, settings({ maxDiskBytes: 900, highWaterBytes: 760 }), context);
    expect(plan.files).toEqual(['r']);
    expect(plan.entries.filter(({ action }) => action === 'evict-budget').map(({ key }) => key)).toEqual([
      'agent:main:c',
    ]);
    expect(plan).toMatchObject({ bytesBefore: 950, bytesAfter: 750 });
    expect(countActions(plan, 'keep')).toBe(3);
    const impossible = planMaintenance(facts, settings({ maxDiskBytes: 10 }), context);
    expect(impossible.entries.find(({ key }) => key === MAIN)?.action).toBe('keep');
    expect(countActions(planMaintenance(facts, settings({ maxDiskBytes: 950 }), context), 'evict-budget')).toBe(0);
  });

  it('copies a large index, once a day', () => {
    const large = factsOf([], { indexBytes: 2000 });
    const copies = (facts: StoreFacts) => planMaintenance(facts, settings({ rotateBytes: 1000 }), context).copiesIndex;
    expect(copies(large)).toBe(true);
    expect(copies({ ...large, backups: [{ name: 'b', at: NOW - DAY / 2, bytes: 1 }] })).toBe(false);
    expect(copies(factsOf([]))).toBe(false);
  });
});

class FakeClock implements Clock {
  readonly timers: Array<{ ms: number; run: () => void; isOn: boolean }> = [];
  now = () => NOW;
  after = (ms: number, run: () => void) => this.#add(ms, run);
  every = (ms: number, run: () => void) => this.#add(ms, run);

  #add(ms: number, run: () => void) {
    const timer = { ms, run, isOn: true };
    this.timers.push(timer);
    return { cancel: () => void (timer.isOn = false) };
  }
}

describe('maintenance of a store', () => {
  let stateDir = '';
  let folder = '';
  let store: SessionStore;
  let config: OpenClawConfig = {};
  let maintenance: SessionMaintenance;
  const clock = new FakeClock();
  const deleted: string[] = [];

  async function add(rest: string, stored: StoredSession, text = 'x'.repeat(100)): Promise<void> {
    (await store.index('main')).set(`agent:main:${rest}`, stored);
    await writeFile(path.join(folder, `${stored.sessionId}.jsonl`), text);
  }

  beforeEach(async () => {
    stateDir = await mkdtemp(path.join(tmpdir(), 'upkeep-'));
    folder = path.join(stateDir, 'agents', 'main', 'sessions');
    await mkdir(folder, { recursive: true });
    store = await createSessionStore({ stateDir, workspaceDir: () => stateDir, clock, log: silentLogger }, ['main']);
    config = { session: { maintenance: { mode: 'enforce' } } };
    deleted.length = 0;
    clock.timers.length = 0;
    maintenance = startSessionMaintenance({
      store,
      agents: { ids: () => ['main'] },
      config: () => config,
      clock,
      log: silentLogger,
      events: { changed: (key) => void deleted.push(key) },
      firstMs: 1000,
      everyMs: 5000,
    });
    await add('main', entry('m', 99));
    await add('old', entry('o', 40));
    await add('new', entry('n', 1));
    await writeFile(path.join(folder, `z.jsonl.reset.${archiveStamp(NOW - 40 * DAY)}`), 'old');
    await writeFile(path.join(folder, `y.jsonl.reset.${archiveStamp(NOW - DAY)}`), 'new');
  });

  afterEach(async () => {
    await maintenance.stop();
    await store.stop();
    await rm(stateDir, { recursive: true, force: true });
  });

  it('archives what goes, removes what was archived long ago, and tells', async () => {
    const [report] = await maintenance.runNow();
    expect(report?.removed).toEqual([{ key: 'agent:main:old', action: 'prune-stale' }]);
    expect(deleted).toEqual(['agent:main:old']);
    expect((await readdir(folder)).toSorted()).toEqual([
      'm.jsonl',
      'n.jsonl',
      `o.jsonl.deleted.${archiveStamp(NOW)}`,
      'sessions.json',
      `y.jsonl.reset.${archiveStamp(NOW - DAY)}`,
    ]);
    const index = await store.index('main');
    expect(index.keys().toSorted()).toEqual(['agent:main:main', 'agent:main:new']);
    expect((await maintenance.runNow())[0]?.removed).toEqual([]);
  });

  it('changes nothing in mode warn', async () => {
    config = {};
    const before = (await readdir(folder)).toSorted();
    const [report] = await maintenance.runNow();
    expect(report).toMatchObject({ mode: 'warn', removed: [], files: [] });
    expect(report && countActions(report.plan, 'prune-stale')).toBe(1);
    expect((await readdir(folder)).toSorted()).toEqual(before);
    expect((await store.index('main')).size).toBe(3);
  });

  it('leaves no archive of what goes for want of room', async () => {
    config = { session: { maintenance: { mode: 'enforce', maxDiskBytes: 150, highWaterBytes: 150 } } };
    await maintenance.runNow();
    expect((await readdir(folder)).toSorted()).toEqual(['m.jsonl', 'sessions.json']);
  });

  it('spares a conversation that was written to in between', async () => {
    const index = await store.index('main');
    const running = maintenance.runNow();
    index.set('agent:main:old', entry('o', 0));
    const [report] = await running;
    expect(report?.removed).toEqual([]);
    expect(index.get('agent:main:old')?.sessionId).toBe('o');
  });

  it('copies a large index aside before it changes it', async () => {
    config = { session: { maintenance: { mode: 'enforce', rotateBytes: 10 } } };
    await (await store.index('main')).flush();
    await maintenance.runNow();
    expect(await readdir(folder)).toContain(`sessions.json.bak.${archiveStamp(NOW)}`);
    const facts = await readStoreFacts(path.join(folder, 'sessions.json'), []);
    expect(facts.backups).toMatchObject([{ at: NOW }]);
  });

  it('runs a while after the start and then regularly, until it is stopped', async () => {
    expect(clock.timers.filter(({ ms }) => ms === 1000 || ms === 5000).map(({ ms }) => ms)).toEqual([1000, 5000]);
    clock.timers.find(({ ms }) => ms === 1000)?.run();
    await maintenance.stop();
    expect(deleted).toEqual(['agent:main:old']);
    expect(clock.timers.filter(({ ms, isOn }) => isOn && (ms === 1000 || ms === 5000))).toEqual([]);
  });
});
