import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestGateway, TEST_TOKEN, type TestGateway } from './test-gateway.js';
import { makeTestHome, runTestCli, type TestHome } from './test-home.js';

const DAY = 24 * 60 * 60_000;
const NOW = Date.parse('2026-11-21T12:00:00Z');
const now = () => NOW;
const MAIN = 'agent:main:main';
const OLD = 'agent:main:dashboard:11111111-2222';
const NEW = 'agent:main:new';

let home: TestHome;
let folder = '';
let gateway: TestGateway | undefined;

const STORED = {
  [MAIN]: { sessionId: 'm', updatedAt: NOW - 90 * DAY, model: 'fake-1', thinkingLevel: 'low', systemSent: true },
  [OLD]: { sessionId: 'o', updatedAt: NOW - 40 * DAY, model: 'fake-1' },
  [NEW]: { sessionId: 'n', updatedAt: NOW - 1000 },
};

const indexFile = () => path.join(folder, 'sessions.json');
const names = async () => (await readdir(folder)).toSorted();
const keys = async () => Object.keys(JSON.parse(await readFile(indexFile(), 'utf8')) as object).toSorted();

beforeEach(async () => {
  home = await makeTestHome();
  folder = path.join(home.stateDir, 'agents', 'main', 'sessions');
  await mkdir(folder, { recursive: true });
  await writeFile(indexFile(), JSON.stringify(STORED));
  for (const id of ['m', 'o']) await writeFile(path.join(folder, `${id}.jsonl`), '{}\n');
  await writeFile(path.join(folder, 'x.jsonl.reset.2026-01-01T00-00-00.000Z'), '{}\n');
});

afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
  await home.remove();
});

/** A config that leads to `port`; nothing listens on port 1. */
async function configure(port: number, session: object = {}): Promise<void> {
  const auth = { mode: 'token', token: TEST_TOKEN };
  await home.writeConfig({ gateway: { mode: 'local', port, auth }, session });
}

describe('sessions cleanup', () => {
  it('says what would go and changes nothing', async () => {
    await configure(1);
    const before = await names();
    expect(await runTestCli(home, ['sessions', 'cleanup', '--dry-run'], { now })).toEqual({
      code: 0,
      stdout: [
        `Session store: ${indexFile()}`,
        'Maintenance mode: warn',
        'Entries: 3 -> 2 (remove 1)',
        'Would prune missing transcripts: 0',
        'Would prune stale: 1',
        'Would cap overflow: 0',
        'Would remove old files: 1',
        '',
        'Planned session actions:',
        'Action       Key                        Age       Model          Flags',
        'keep         agent:main:new             just now  -              id:n',
        'prune        agent:main:dashb...1-2222  40d ago   fake-1         id:o',
        'keep         agent:main:main            90d ago   fake-1         think:low system id:m',
        '',
      ].join('\n'),
      stderr: '',
    });
    expect(await names()).toEqual(before);
  });

  it('prints the same as JSON', async () => {
    await configure(1, { maintenance: { maxEntries: 1 } });
    const run = await runTestCli(home, ['sessions', 'cleanup', '--dry-run', '--fix-missing', '--json'], { now });
    expect(run.stderr).toBe('');
    expect(JSON.parse(run.stdout)).toMatchObject({
      agentId: 'main',
      storePath: indexFile(),
      mode: 'warn',
      dryRun: true,
      beforeCount: 3,
      afterCount: 1,
      missing: 1,
      pruned: 1,
      capped: 0,
      wouldMutate: true,
    });
    const all = await runTestCli(home, ['sessions', 'cleanup', '--dry-run', '--json', '--all-agents'], { now });
    expect(JSON.parse(all.stdout)).toMatchObject({ allAgents: true, stores: [{ agentId: 'main' }] });
  });

  it('removes nothing in mode warn, and says how to', async () => {
    await configure(1);
    const run = await runTestCli(home, ['sessions', 'cleanup'], { now });
    expect(run.stderr).toBe('Nothing was removed: the maintenance mode is warn. Add --enforce to remove.\n');
    expect(await keys()).toHaveLength(3);
  });

  it('removes in the files when no gateway runs', async () => {
    await configure(1);
    const run = await runTestCli(home, ['sessions', 'cleanup', '--enforce'], { now });
    expect(run).toEqual({
      code: 0,
      stdout: [
        `Session store: ${indexFile()}`,
        'Maintenance mode: enforce',
        'Entries: 3 -> 2 (removed 1)',
        'Files removed: 1',
        '',
      ].join('\n'),
      stderr: '',
    });
    expect(await keys()).toEqual([MAIN, NEW]);
    expect(await names()).toEqual(['m.jsonl', 'o.jsonl.deleted.2026-11-21T12-00-00.000Z', 'sessions.json']);
  });

  it('lets a running gateway remove, which has the index open', async () => {
    const asked: unknown[] = [];
    const rows = Object.entries(STORED).map(([key, entry]) => ({ key, kind: 'direct' as const, ...entry }));
    gateway = await startTestGateway({
      'sessions.list': () => ({
        ts: NOW,
        path: indexFile(),
        count: rows.length,
        defaults: { modelProvider: null, model: null, contextTokens: null },
        sessions: rows,
      }),
      'sessions.delete': (params: unknown) => {
        asked.push(params);
        return { ok: true, key: OLD, deleted: true, archived: [] };
      },
    });
    await configure(gateway.port, { maintenance: { mode: 'enforce' } });
    const run = await runTestCli(home, ['sessions', 'cleanup'], { now });
    expect(run.stdout).toContain('Entries: 3 -> 2 (removed 1)');
    expect(asked).toEqual([{ key: OLD, deleteTranscript: true }]);
    // The index is the gateway's; old files are nobody's.
    expect(await keys()).toHaveLength(3);
    expect(await names()).not.toContain('x.jsonl.reset.2026-01-01T00-00-00.000Z');
  });

  it('spares what a running gateway knows better', async () => {
    const asked: unknown[] = [];
    gateway = await startTestGateway({
      'sessions.list': () => ({
        ts: NOW,
        path: indexFile(),
        count: 1,
        defaults: { modelProvider: null, model: null, contextTokens: null },
        sessions: [{ key: OLD, kind: 'direct' as const, sessionId: 'o', updatedAt: NOW }],
      }),
      'sessions.delete': (params: unknown) => {
        asked.push(params);
        return { ok: true, key: OLD, deleted: true, archived: [] };
      },
    });
    await configure(gateway.port);
    const run = await runTestCli(home, ['sessions', 'cleanup', '--enforce'], { now });
    expect(run.stdout).toContain('Entries: 3 -> 3 (removed 0)');
    expect(asked).toEqual([]);
  });
});
