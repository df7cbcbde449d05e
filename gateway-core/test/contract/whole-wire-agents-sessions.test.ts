// Agents, their files, and the upkeep and usage of conversations, over real files.
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AgentConfigEdit,
  agentWorkspaceDir,
  createAgentsEditMethods,
  listAgents,
} from '../../src/agents/index.js';
import type { OpenClawConfig } from '../../src/config/index.js';
import type { Message } from '../../src/protocol/index.js';
import {
  createSessionStore,
  createSessionUpkeepMethods,
  createUsageMethods,
  type SessionAbort,
  SessionEvents,
  type SessionRuns,
  type SessionSend,
  type SessionStore,
} from '../../src/sessions/index.js';
import { silentLogger } from '../../src/shared/logger.js';
import { exchanges, readGolden, shapeFaults } from './golden.js';
import { ManualClock } from './manual-clock.js';
import { call, EventLog, settle, withTempDir } from './wire-bench.js';

const NOW = Date.parse('2026-11-21T02:16:18.838Z');
const recorded = exchanges(readGolden('04b-agents-usage'));
const goldenOf = (method: string) =>
  recorded.find(({ request }) => request.method === method)?.responses.at(-1)?.payload;

/** Config edits as the config room does them, on a plain value. */
function applyEdits(config: OpenClawConfig, edits: readonly AgentConfigEdit[]): OpenClawConfig {
  const copy = structuredClone(config) as Record<string, unknown>;
  for (const edit of edits) {
    let owner: Record<string, unknown> = copy;
    for (const step of edit.path.slice(0, -1)) owner = (owner[step] ??= {}) as Record<string, unknown>;
    const key = edit.path.at(-1) ?? '';
    if (edit.op === 'set') owner[key] = edit.value;
    else if (Array.isArray(owner))
      owner.splice(Number(key), edit.op === 'delete' ? 1 : 0, ...('value' in edit ? [edit.value] : []));
    else delete owner[key];
  }
  return copy as OpenClawConfig;
}

describe('agents', () => {
  let temp: Awaited<ReturnType<typeof withTempDir>>;
  let config: OpenClawConfig;
  let released: string[];
  const stateDir = () => path.join(temp.dir, '.openclaw');
  const paths = () => ({
    home: temp.dir,
    stateDir: stateDir(),
    defaultWorkspaceDir: path.join(stateDir(), 'workspace'),
  });
  const workspaceOf = (agentId: string) => agentWorkspaceDir(config, paths(), agentId);
  const ask = (method: string, params: unknown = {}) =>
    call(
      createAgentsEditMethods({
        config: () => config,
        paths: paths(),
        writeConfig: (plan) => {
          config = applyEdits(config, plan(config));
          return Promise.resolve();
        },
        releaseAgent: (agentId) => {
          released.push(agentId);
          return Promise.resolve();
        },
        clock: new ManualClock(NOW),
        log: silentLogger,
      }),
      method,
      params,
    );
  beforeEach(async () => {
    temp = await withTempDir();
    config = {};
    released = [];
    await mkdir(path.join(stateDir(), 'workspace'), { recursive: true });
  });
  afterEach(() => temp.remove());

  it('are made with a workspace and a face, beside main, once', async () => {
    const workspace = path.join(stateDir(), 'workspace-ops');
    const made = await ask('agents.create', { name: 'Ops Bot', workspace, emoji: '🦞' });
    expect(made.payload).toEqual({ ok: true, agentId: 'ops-bot', name: 'Ops Bot', workspace });
    expect(listAgents(config).map(({ id, isDefault }) => [id, isDefault])).toEqual([
      ['main', true],
      ['ops-bot', false],
    ]);
    expect(await readFile(path.join(workspace, 'IDENTITY.md'), 'utf8')).toMatch(
      /- Name: Ops Bot\n[\s\S]*- Emoji: 🦞\n/,
    );
    const again = await ask('agents.create', { name: 'Ops Bot', workspace });
    expect(again.error?.message).toBe('agent "ops-bot" already exists');
    expect((await ask('agents.create', { name: 'Main', workspace })).error?.message).toBe('"main" is reserved');
    expect((await ask('agents.create', { name: '???', workspace })).error?.code).toBe('INVALID_REQUEST');
    expect((await ask('agent.identity.get', { agentId: 'ops-bot' })).payload).toEqual({
      agentId: 'ops-bot',
      name: 'Ops Bot',
      avatar: '🦞',
      emoji: '🦞',
    });
  });

  it('are changed in the config', async () => {
    await ask('agents.create', { name: 'Ops Bot', workspace: path.join(stateDir(), 'w') });
    const change = { agentId: 'ops-bot', name: 'Ops2', model: 'fake/fake-1', avatar: 'https://x.example/a.png' };
    expect((await ask('agents.update', change)).payload).toEqual({ ok: true, agentId: 'ops-bot' });
    expect(config.agents?.list?.[1]).toMatchObject({
      name: 'Ops2',
      model: 'fake/fake-1',
      identity: { avatar: change.avatar },
    });
    expect((await ask('agents.update', { agentId: 'nope', name: 'x' })).error?.message).toBe('agent "nope" not found');
  });

  it('can be changed even when the config names none', async () => {
    expect((await ask('agents.update', { agentId: 'main', name: 'Home' })).ok).toBe(true);
    expect(config.agents?.list).toEqual([{ id: 'main', name: 'Home' }]);
  });

  it('go with their bindings; their files move to the trash', async () => {
    const workspace = path.join(stateDir(), 'workspace-ops');
    await ask('agents.create', { name: 'ops', workspace });
    await mkdir(path.join(stateDir(), 'agents', 'ops', 'sessions'), { recursive: true });
    const match = { channel: 'telegram' };
    config = { ...config, bindings: ['ops', 'main', 'OPS'].map((agentId) => ({ agentId, match })) };
    expect((await ask('agents.delete', { agentId: 'ops' })).payload).toEqual({
      ok: true,
      agentId: 'ops',
      removedBindings: 2,
    });
    expect(released).toEqual(['ops']);
    expect(config.bindings).toEqual([{ agentId: 'main', match }]);
    expect(listAgents(config).map(({ id }) => id)).toEqual(['main']);
    await expect(stat(workspace)).rejects.toMatchObject({ code: 'ENOENT' });
    const [trash = ''] = await readdir(path.join(stateDir(), 'trash'));
    expect((await readdir(path.join(stateDir(), 'trash', trash))).sort()).toEqual(['agent', 'workspace']);
    expect((await ask('agents.delete', { agentId: 'main' })).error?.message).toBe('"main" cannot be deleted');
    expect((await ask('agents.delete', { agentId: 'nope' })).error?.message).toBe('agent "nope" not found');
  });

  it.each([
    ['a folder of the user', () => path.join(temp.dir, 'Documents')],
    ['the folder of another agent', () => path.join(stateDir(), 'workspace')],
    ['a folder that holds the state folder', () => temp.dir],
  ])('leave %s alone when they go', async (_name, folder) => {
    await ask('agents.create', { name: 'ops', workspace: folder() });
    expect((await ask('agents.delete', { agentId: 'ops' })).ok).toBe(true);
    expect((await stat(folder())).isDirectory()).toBe(true);
  });

  it('have files that clients may list, read and write', async () => {
    const missing = [
      'AGENTS.md',
      'SOUL.md',
      'TOOLS.md',
      'IDENTITY.md',
      'USER.md',
      'HEARTBEAT.md',
      'BOOTSTRAP.md',
      'MEMORY.md',
    ];
    const listed = (await ask('agents.files.list', { agentId: 'main' })).payload as {
      files: object[];
      workspace: string;
    };
    expect(listed.workspace).toBe(workspaceOf('main'));
    expect(listed.files).toEqual(
      missing.map((name) => ({ name, path: path.join(listed.workspace, name), missing: true })),
    );
    const set = await ask('agents.files.set', { agentId: 'main', name: 'HEARTBEAT.md', content: '# hb\n' });
    expect(set.payload).toMatchObject({ ok: true, file: { missing: false, size: 5, content: '# hb\n' } });
    const got = (await ask('agents.files.get', { agentId: 'main', name: 'HEARTBEAT.md' })).payload;
    expect(got).toEqual({ ...(set.payload as object), ok: undefined });
    await writeFile(path.join(listed.workspace, 'memory.md'), 'm');
    const after = (await ask('agents.files.list', { agentId: 'main' })).payload as { files: Array<{ name: string }> };
    expect(after.files.map(({ name }) => name)).toContain('memory.md');
    expect((await ask('agents.files.get', { agentId: 'nope', name: 'SOUL.md' })).error?.message).toBe(
      'unknown agent id',
    );
  });

  it.each(['evil/../x', '../SOUL.md', 'soul.md', '.env', 'SOUL.md\u0000', '/etc/passwd'])(
    'have no file %j',
    async (name) => {
      for (const method of ['agents.files.get', 'agents.files.set']) {
        const params = { agentId: 'main', name, ...(method.endsWith('set') && { content: 'x' }) };
        expect((await ask(method, params)).error?.message).toBe(`unsupported file "${name}"`);
      }
    },
  );

  it('have no files outside their workspace, by link or folder', async () => {
    const workspace = workspaceOf('main');
    await writeFile(path.join(temp.dir, 'secret'), 'top');
    await symlink(path.join(temp.dir, 'secret'), path.join(workspace, 'SOUL.md'));
    await symlink(path.join(temp.dir, 'not-there'), path.join(workspace, 'USER.md'));
    await mkdir(path.join(workspace, 'TOOLS.md'));
    for (const name of ['SOUL.md', 'USER.md', 'TOOLS.md']) {
      const expected = `unsafe workspace file "${name}"`;
      expect((await ask('agents.files.get', { agentId: 'main', name })).error?.message).toBe(expected);
      expect((await ask('agents.files.set', { agentId: 'main', name, content: 'x' })).error?.message).toBe(expected);
    }
    expect(await readFile(path.join(temp.dir, 'secret'), 'utf8')).toBe('top');
    await writeFile(path.join(workspace, 'real.md'), 'inside');
    await symlink('real.md', path.join(workspace, 'MEMORY.md'));
    await ask('agents.files.set', { agentId: 'main', name: 'MEMORY.md', content: 'new' });
    expect(await readFile(path.join(workspace, 'real.md'), 'utf8')).toBe('new');
  });

  it('have files of at most two mebibytes', async () => {
    const name = 'SOUL.md';
    const content = 'x'.repeat(2 * 1024 * 1024 + 1);
    expect((await ask('agents.files.set', { agentId: 'main', name, content })).error?.message).toContain('too large');
    await writeFile(path.join(workspaceOf('main'), name), content);
    expect((await ask('agents.files.get', { agentId: 'main', name })).error?.message).toContain('too large');
  });

  it('are called Assistant until somebody names them', async () => {
    expect((await ask('agent.identity.get')).payload).toEqual({ agentId: 'main', name: 'Assistant', avatar: 'A' });
    await writeFile(path.join(workspaceOf('main'), 'IDENTITY.md'), '# x\n- **Name:** Claw\n- Emoji: 🦀\n- Avatar:\n');
    expect((await ask('agent.identity.get', { sessionKey: 'agent:main:x' })).payload).toMatchObject({
      name: 'Claw',
      emoji: '🦀',
    });
    config = { agents: { list: [{ id: 'main', identity: { name: 'Set' } }, { id: 'ops' }] } };
    expect((await ask('agent.identity.get')).payload).toMatchObject({ name: 'Set' });
    const { error } = await ask('agent.identity.get', { agentId: 'main', sessionKey: 'agent:ops:x' });
    expect(error?.message).toContain('does not match session key agent "ops"');
  });
});

const COST = { input: 0.1, output: 0.2, cacheRead: 0, cacheWrite: 0, total: 0.3 };
const at = (minutes: number) => NOW - minutes * 60_000;
const user = (text: string, timestamp: number): Message => ({
  role: 'user',
  content: [{ type: 'text', text }],
  timestamp,
});
const answer = (text: string, timestamp: number, more: Partial<Message> = {}): Message => ({
  role: 'assistant',
  content: [{ type: 'text', text }],
  provider: 'fake',
  model: 'fake-1',
  usage: { input: 10, output: 5, cacheRead: 0, cacheWrite: 0, totalTokens: 15, cost: COST },
  stopReason: 'stop',
  timestamp,
  ...more,
});

describe('conversations', () => {
  let temp: Awaited<ReturnType<typeof withTempDir>>;
  let store: SessionStore;
  let log: EventLog;
  let running: string[];
  let known: Set<string>;
  let sent: SessionSend[];
  const clock = new ManualClock(NOW);
  const agents = { ids: () => ['main'], defaultId: () => 'main' };
  const defaults = () => ({ provider: 'fake', model: 'fake-1', contextTokens: 1000 });
  const runs: SessionRuns = {
    send: (request) => {
      sent.push(request);
      return Promise.resolve({ runId: 'run-2', status: 'started', messageSeq: 3 });
    },
    abort: (_request: SessionAbort) => Promise.resolve(running.splice(0)),
    find: (runId) => (known.has(runId) ? {} : undefined),
  };
  const fill = async (key: string, ...messages: Message[]) => {
    const found = await store.findOrCreate(key, 'main');
    for (const message of messages) await store.append(found, message);
    return found;
  };
  const ask = (method: string, params: unknown = {}) => {
    const events = new SessionEvents({
      broadcast: log.broadcast,
      onConnectionClosed: () => undefined,
      defaults,
      clock,
    });
    events.watchAll('c1');
    const upkeep = createSessionUpkeepMethods({ store, events, runs, agents });
    return call({ ...upkeep, ...createUsageMethods({ store, agents, clock }) }, method, params);
  };
  beforeEach(async () => {
    temp = await withTempDir();
    log = new EventLog();
    [running, known, sent] = [[], new Set(), []];
    const options = { stateDir: temp.dir, workspaceDir: () => temp.dir, clock, log: silentLogger };
    store = await createSessionStore(options, ['main']);
  });
  afterEach(async () => {
    await store.stop();
    await temp.remove();
  });

  it('are read as recorded', async () => {
    await fill(
      'agent:main:main',
      user('[Sat 2026-11-21 02:15 UTC] one', at(3)),
      answer('two', at(2)),
      user('three', at(1)),
    );
    const { payload } = await ask('sessions.get', { key: 'main', limit: 2 });
    const { messages } = payload as { messages: Message[] };
    expect(messages.map(({ __openclaw }) => __openclaw?.seq)).toEqual([2, 3]);
    const whole = (await ask('sessions.get', { key: 'main' })).payload as { messages: Message[] };
    expect(whole.messages[0]?.content).toEqual([{ type: 'text', text: 'one' }]);
    expect((await ask('sessions.get', { key: 'nope' })).payload).toEqual({ messages: [] });
  });

  it('are steered: what runs is stopped first, a repeat stops nothing', async () => {
    await fill('agent:main:x', user('one', at(1)));
    running = ['run-1'];
    const steered = await ask('sessions.steer', { key: 'agent:main:x', message: 'steer' });
    expect(steered.payload).toEqual({ runId: 'run-2', status: 'started', messageSeq: 3, interruptedActiveRun: true });
    expect(sent[0]).toMatchObject({ message: 'steer', rawKey: 'agent:main:x' });
    expect((await ask('sessions.steer', { key: 'agent:main:x', message: 'b' })).payload).toEqual(goldenWithIds());
    known.add('again');
    running = ['run-3'];
    await ask('sessions.steer', { key: 'agent:main:x', message: 'c', idempotencyKey: 'again' });
    expect(running).toEqual(['run-3']);
    expect((await ask('sessions.steer', { key: 'gone', message: 'x' })).error?.message).toBe(
      'session not found: agent:main:gone',
    );
  });
  const goldenWithIds = () => ({ ...(goldenOf('sessions.steer') as object), runId: 'run-2' });

  it('are shortened: the old file is kept, the conversation goes on', async () => {
    const key = 'agent:main:main';
    const found = await fill(key, ...Array.from({ length: 10 }, (_, index) => user(`m${index}`, at(20 - index))));
    await store.update(found, (entry) => ({ ...entry, totalTokens: 99, totalTokensFresh: true }));
    const { payload } = await ask('sessions.compact', { key: 'main', maxLines: 3 });
    expect(shapeFaults(goldenOf('sessions.compact'), payload)).toEqual([]);
    const { archived, kept } = payload as { archived: string; kept: number };
    expect(kept).toBe(3);
    expect(path.basename(archived)).toMatch(/\.jsonl\.bak\.2026-11-21T02-16-18\.838Z$/);
    expect((await readFile(archived, 'utf8')).trim().split('\n')).toHaveLength(11);
    await store.append(found, user('after', at(0)));
    const entries = await store.tail(found, 50);
    expect(entries.map(({ message, seq }) => [(message.content as Array<{ text: string }>)[0]?.text, seq])).toEqual([
      ['m7', 8],
      ['m8', 9],
      ['m9', 10],
      ['after', 11],
    ]);
    const lines = (await readFile(await store.transcriptFile(found), 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(5);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ type: 'session', sessionKey: key });
    await settle();
    expect(log.last('sessions.changed')?.payload).toMatchObject({ sessionKey: key, reason: 'compact' });
    expect((await store.find(key))?.entry).toMatchObject({ totalTokensFresh: false });
  });

  it('lose nothing that is said while they are shortened', async () => {
    const found = await fill('agent:main:main', ...Array.from({ length: 50 }, (_, index) => user(`m${index}`, at(1))));
    const before = Array.from({ length: 10 }, (_, index) => store.append(found, user(`b${index}`, at(0))));
    const shortened = ask('sessions.compact', { key: 'main', maxLines: 5 });
    const after = Array.from({ length: 10 }, (_, index) => store.append(found, user(`a${index}`, at(0))));
    await Promise.all([...before, shortened, ...after]);
    const { archived } = (await shortened).payload as { archived: string };
    await store.stop();
    const texts = (await readFile(archived, 'utf8')) + (await readFile(await store.transcriptFile(found), 'utf8'));
    for (let index = 0; index < 10; index += 1) {
      expect(texts).toContain(`"b${index}"`);
      expect(texts).toContain(`"a${index}"`);
    }
  });

  it('are left alone when they are short, empty or not there', async () => {
    await fill('agent:main:main', user('one', at(1)));
    expect((await ask('sessions.compact', { key: 'main' })).payload).toMatchObject({ compacted: false, kept: 1 });
    await store.findOrCreate('agent:main:empty', 'main');
    expect((await ask('sessions.compact', { key: 'empty' })).payload).toMatchObject({ reason: 'no transcript' });
    expect((await ask('sessions.compact', { key: 'gone' })).payload).toMatchObject({ reason: 'no sessionId' });
  });

  it('tell what they cost, in the recorded shape', async () => {
    const call1: Partial<Message> = { content: [{ type: 'toolCall', id: '1', name: 'exec', arguments: {} }] };
    await fill('agent:main:main', user('a', at(10)), answer('', at(9), call1));
    await fill('agent:main:main', { role: 'toolResult', toolName: 'exec', content: 'tool-out', timestamp: at(8) });
    await fill(
      'agent:main:main',
      answer('b', at(7)),
      user('c', at(5)),
      answer('', at(3), { stopReason: 'error', usage: undefined }),
    );
    await store.reset('agent:main:main', 'main');
    await fill(
      'agent:main:other',
      user('old', at(60 * 24 * 40)),
      answer('x', at(60 * 24 * 40)),
      user('n', at(2)),
      answer('y', at(1)),
    );
    const { payload } = await ask('sessions.usage', { limit: 10 });
    const optional = ['sessions.*.label'];
    expect(shapeFaults(goldenOf('sessions.usage'), payload, optional)).toEqual([]);
    const { sessions, totals, aggregates, startDate, endDate } = payload as {
      sessions: Array<{ key: string; usage: Record<string, unknown> }>;
      totals: Record<string, number>;
      aggregates: Record<string, unknown>;
      startDate: string;
      endDate: string;
    };
    expect([startDate, endDate]).toEqual(['2026-10-23', '2026-11-21']);
    expect(sessions).toHaveLength(2);
    expect(totals).toMatchObject({ input: 30, output: 15, totalTokens: 45, missingCostEntries: 0 });
    expect(totals.totalCost).toBeCloseTo(0.9);
    expect(aggregates).toMatchObject({
      messages: { total: 7, user: 3, assistant: 4, toolCalls: 1, toolResults: 1, errors: 1 },
      tools: { totalCalls: 1, uniqueTools: 1, tools: [{ name: 'exec', count: 1 }] },
      byModel: [{ provider: 'fake', model: 'fake-1', count: 3 }],
      latency: { count: 3, minMs: 60_000, maxMs: 120_000 },
    });
    const cost = await ask('usage.cost');
    expect(cost.payload).toMatchObject({ days: 31, daily: [{ date: '2026-11-21', totalTokens: 45 }] });
    const wide = await ask('usage.cost', { startDate: '2026-10-01', endDate: '2026-10-31' });
    expect(wide.payload).toMatchObject({
      daily: [{ date: '2026-10-12', totalTokens: 15 }],
      totals: { totalTokens: 15 },
    });
    expect((await ask('sessions.usage', { key: 'agent:main:other' })).payload).toMatchObject({
      sessions: [{ key: 'agent:main:other' }],
    });
    expect((await ask('usage.status')).payload).toEqual({ updatedAt: NOW, providers: [] });
  });

  it('count days in the zone that is asked for', async () => {
    await fill('agent:main:main', user('a', at(60)), answer('b', at(60)));
    const east = await ask('usage.cost', { mode: 'specific', utcOffset: 'UTC-5' });
    expect(east.payload).toMatchObject({ daily: [{ date: '2026-11-20' }] });
    expect((await ask('usage.cost', { utcOffset: '5' })).error?.message).toContain('at /utcOffset: must match pattern');
    expect((await ask('usage.cost', { mode: 'gateway' })).ok).toBe(true);
  });

  it('show their cost over time and step by step', async () => {
    await fill('agent:main:tool1', user('q', at(5)), answer('a', at(4)));
    await fill('agent:main:tool1', {
      role: 'toolResult',
      toolName: 'exec',
      content: [{ type: 'text', text: 'tool-out' }],
      timestamp: at(3),
    });
    await fill('agent:main:tool1', answer('Hello from fake model.', at(2)));
    const series = await ask('sessions.usage.timeseries', { key: 'agent:main:tool1' });
    expect(shapeFaults(goldenOf('sessions.usage.timeseries'), series.payload)).toEqual([]);
    expect(series.payload).toMatchObject({ points: [{ cumulativeTokens: 15 }, { cumulativeTokens: 30 }] });
    expect((await ask('sessions.usage.timeseries', { key: 'agent:main:tool1', limit: 1 })).payload).toMatchObject({
      points: [{ cumulativeTokens: 30 }],
    });
    const { payload } = await ask('sessions.usage.logs', { key: 'agent:main:tool1', limit: 2 });
    expect(shapeFaults(goldenOf('sessions.usage.logs'), payload)).toEqual([]);
    expect((payload as { logs: Array<{ content: string }> }).logs.map(({ content }) => content)).toEqual([
      '[Tool: exec]\n[Tool Result]\ntool-out',
      'Hello from fake model.',
    ]);
    expect((await ask('sessions.usage.logs', { key: 'gone' })).payload).toEqual({ logs: [] });
    expect((await ask('sessions.usage.timeseries', { key: 'gone' })).error?.message).toBe(
      'No transcript found for session: gone',
    );
  });

  it('of an agent can be let go, and found again', async () => {
    const found = await fill('agent:main:main', user('one', at(1)));
    await store.releaseAgent('main');
    expect((await store.find('agent:main:main'))?.entry.sessionId).toBe(found.entry.sessionId);
  });
});
