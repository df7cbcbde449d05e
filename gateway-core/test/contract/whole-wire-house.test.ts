// System events, voice, channels, tools and skills of a gateway that has none of the later capabilities.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createChannelsMethods } from '../../src/channels/index.js';
import { createWriteBudget, type OpenClawConfig } from '../../src/config/index.js';
import {
  createSystemMethods,
  createTalkMethods,
  Heartbeats,
  type PresenceNote,
  presenceOf,
  SystemEventQueue,
  WakeWords,
} from '../../src/system/index.js';
import { CATALOGUE, createToolsMethods, decideTools } from '../../src/tools/index.js';
import { silentLogger } from '../../src/shared/logger.js';
import { ManualClock } from './manual-clock.js';
import { ADMIN, call, EventLog, withTempDir } from './wire-bench.js';

const NOW = Date.parse('2026-11-21T02:16:18.838Z');
const MAIN = 'agent:main:main';
const agents = { ids: () => ['main', 'ops'], defaultId: () => 'main' };

describe('system-event, wake and their kin', () => {
  let queue: SystemEventQueue;
  let noted: PresenceNote[];
  let woken: string[];
  const clock = new ManualClock(NOW);
  const heartbeats = new Heartbeats();
  const handlers = () =>
    createSystemMethods({
      queue,
      heartbeats,
      mainSessionKey: () => MAIN,
      defaultAgentId: () => 'main',
      notePresence: (note) => void noted.push(note),
      wakeNow: (key) => void woken.push(key),
      writeBudget: createWriteBudget(() => clock.now()),
    });
  const ask = (method: string, params: unknown = {}) => call(handlers(), method, params);
  beforeEach(() => {
    queue = new SystemEventQueue(() => clock.now());
    noted = [];
    woken = [];
  });

  it('queues words for the main conversation and notes who said them', async () => {
    expect((await ask('system-event', { text: 'test system event' })).payload).toEqual({ ok: true });
    expect(queue.peek(MAIN).map(({ text }) => text)).toEqual(['test system event']);
    expect(noted).toEqual([{ text: 'test system event' }]);
    expect((await ask('system-event', { text: ' ' })).error?.message).toBe('text required');
  });

  it('takes a presence line as presence alone', async () => {
    const text = 'Node: desk (192.0.2.9) · app 1.2 · last input 7s ago · mode ui · reason periodic';
    await ask('system-event', { text, instanceId: 'i1' });
    expect(queue.peek(MAIN)).toEqual([]);
    expect(noted).toEqual([
      {
        text,
        instanceId: 'i1',
        host: 'desk',
        ip: '192.0.2.9',
        version: '1.2',
        lastInputSeconds: 7,
        mode: 'ui',
        reason: 'periodic',
      },
    ]);
  });

  it('reads odd presence lines without guessing', () => {
    expect(presenceOf({ text: 'Node:' })).toEqual({ text: 'Node:' });
    expect(presenceOf({ text: 'Node: a · b · mode' })).toEqual({ text: 'Node: a · b · mode', host: 'a' });
    expect(presenceOf({ text: 'Node: a (x) · last input soon', host: 'own' })).toMatchObject({ host: 'own', ip: 'x' });
  });

  it('wakes only with words, now only when asked', async () => {
    expect((await ask('wake', { mode: 'now', text: 'hello wake' })).payload).toEqual({ ok: true });
    expect(woken).toEqual([MAIN]);
    expect((await ask('wake', { mode: 'next-heartbeat', text: 'hello later' })).payload).toEqual({ ok: true });
    expect(woken).toEqual([MAIN]);
    expect(queue.peek(MAIN).map(({ text }) => text)).toEqual(['hello wake', 'hello later']);
    expect((await ask('wake', { mode: 'now', text: '  ' })).payload).toEqual({ ok: false });
    expect(woken).toEqual([MAIN]);
    expect((await ask('wake', { mode: 'bad', text: 'x' })).error?.message).toBe(
      'invalid wake params: at /mode: must be equal to constant; at /mode: must match a schema in anyOf',
    );
  });

  it('keeps the last twenty lines, each once in a row, and of one source the newest', () => {
    for (let index = 0; index < 25; index += 1) queue.add('k', `line ${index}`);
    expect(queue.add('k', 'line 24')).toBe(true);
    queue.add('k', 'first', 'c');
    queue.add('k', 'second', 'c');
    const texts = queue.drain('k').map(({ text }) => text);
    expect(texts).toHaveLength(20);
    expect(texts.slice(-2)).toEqual(['line 24', 'second']);
    expect(queue.peek('k')).toEqual([]);
  });

  it('answers about heartbeats, memory, wizard, browser and push without pretending', async () => {
    expect((await ask('last-heartbeat')).payload).toBeNull();
    expect((await ask('set-heartbeats', { enabled: false })).payload).toEqual({ ok: true, enabled: false });
    expect(heartbeats.isEnabled).toBe(false);
    expect((await ask('set-heartbeats', {})).error?.message).toContain("must have required property 'enabled'");
    expect((await ask('doctor.memory.status')).payload).toMatchObject({ agentId: 'main', embedding: { ok: false } });
    for (const method of ['wizard.status', 'wizard.cancel', 'wizard.next']) {
      expect((await ask(method, { sessionId: 'nope' })).error?.message).toBe('wizard not found');
    }
    expect((await ask('wizard.start')).error?.code).toBe('UNAVAILABLE');
    expect((await ask('push.test', { nodeId: 'x' })).error?.message).toBe(
      'node x has no APNs registration (connect iOS node first)',
    );
  });

  it('takes update.run from the budget of config writes before it says no', async () => {
    const own = handlers();
    for (let times = 0; times < 3; times += 1) {
      expect((await call(own, 'update.run')).error).toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('not part of'),
      });
    }
    expect((await call(own, 'update.run')).error).toMatchObject({
      message: 'rate limit exceeded for update.run; retry after 60s',
      retryable: true,
      retryAfterMs: 60_000,
    });
    expect((await call(own, 'update.run', { timeoutMs: 0 })).error?.code).toBe('INVALID_REQUEST');
  });
});

describe('talk.*, tts.* and voicewake.*', () => {
  let temp: Awaited<ReturnType<typeof withTempDir>>;
  let log: EventLog;
  let wakeWords: WakeWords;
  let config: OpenClawConfig;
  const clock = new ManualClock(NOW);
  const ask = (method: string, params: unknown = {}, caller = ADMIN) =>
    call(
      createTalkMethods({
        config: () => config,
        env: {},
        stateDir: temp.dir,
        wakeWords,
        broadcast: log.broadcast,
        clock,
      }),
      method,
      params,
      caller,
    );
  beforeEach(async () => {
    temp = await withTempDir();
    log = new EventLog();
    config = {};
    wakeWords = await WakeWords.load(temp.dir, silentLogger);
  });
  afterEach(() => temp.remove());

  it('keeps wake words across a restart and tells everybody', async () => {
    expect((await ask('voicewake.get')).payload).toEqual({ triggers: ['openclaw', 'claude', 'computer'] });
    expect((await ask('voicewake.set', { triggers: [' claw ', '', 'lobster'] })).payload).toEqual({
      triggers: ['claw', 'lobster'],
    });
    expect(log.seen).toEqual([{ event: 'voicewake.changed', payload: { triggers: ['claw', 'lobster'] } }]);
    expect((await WakeWords.load(temp.dir, silentLogger)).list()).toEqual(['claw', 'lobster']);
    const many = Array.from({ length: 40 }, () => 'x'.repeat(80));
    const { triggers } = (await ask('voicewake.set', { triggers: many })).payload as { triggers: string[] };
    expect(triggers).toHaveLength(32);
    expect(triggers[0]).toHaveLength(64);
    expect((await ask('voicewake.set', { triggers: [] })).payload).toEqual({
      triggers: ['openclaw', 'claude', 'computer'],
    });
  });

  it('starts with the usual words when the file is broken', async () => {
    await mkdir(path.join(temp.dir, 'settings'), { recursive: true });
    await writeFile(path.join(temp.dir, 'settings', 'voicewake.json'), '{');
    expect((await WakeWords.load(temp.dir, silentLogger)).list()).toContain('openclaw');
  });

  it('tells the mode of talking to everybody', async () => {
    const { payload } = await ask('talk.mode', { enabled: true });
    expect(payload).toEqual({ enabled: true, phase: null, ts: NOW });
    expect(log.last('talk.mode')?.payload).toEqual(payload);
  });

  it('shows secrets of the config only to those who may have them', async () => {
    expect((await ask('talk.config')).payload).toEqual({ config: {} });
    config = {
      talk: { apiKey: 'sk-1', voiceId: 'v', providers: { a: { apiKey: 'sk-2' } } },
      ui: { seamColor: '#fff' },
    };
    const masked = JSON.stringify((await ask('talk.config')).payload);
    expect(masked).not.toMatch(/sk-\d/);
    expect(masked).toContain('seamColor');
    const reader = { ...ADMIN, scopes: ['operator.read'] };
    expect((await ask('talk.config', { includeSecrets: true }, reader)).error?.message).toBe(
      'missing scope: operator.talk.secrets',
    );
    expect(JSON.stringify((await ask('talk.config', { includeSecrets: true })).payload)).toContain('sk-2');
  });

  it('has no voice and says so', async () => {
    expect((await ask('tts.status')).payload).toMatchObject({ enabled: false, auto: 'off', provider: null });
    expect((await ask('tts.providers')).payload).toEqual({ providers: [], active: null });
    expect((await ask('tts.disable')).payload).toEqual({ enabled: false });
    const refused = [
      await ask('tts.enable'),
      await ask('tts.convert', { text: 'hi' }),
      await ask('tts.setProvider', { provider: 'x' }),
      await ask('talk.speak', { text: 'hi' }),
    ];
    for (const { error } of refused) expect(error).toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('channels and tools', () => {
  const clock = new ManualClock(NOW);
  const channels = createChannelsMethods({ clock });

  it('has no channels', async () => {
    expect((await call(channels, 'channels.status', { probe: true, timeoutMs: 2000 })).payload).toEqual({
      ts: NOW,
      channelOrder: [],
      channelLabels: {},
      channelDetailLabels: {},
      channelSystemImages: {},
      channelMeta: [],
      channels: {},
      channelAccounts: {},
      channelDefaultAccountId: {},
    });
    expect((await call(channels, 'channels.logout', { channel: 'telegram' })).ok).toBe(false);
    expect((await call(channels, 'web.login.start')).error?.message).toBe('web login provider is not available');
    expect((await call(channels, 'web.login.wait')).error?.message).toBe('web login provider is not available');
  });

  it.each([
    [
      'send',
      { to: '+1555', message: 'x', idempotencyKey: 's1' },
      'Error: Channel is required (no configured channels detected).',
    ],
    ['send', { to: '+1555', message: 'x', channel: 'telegram', idempotencyKey: 's2' }, 'unsupported channel: telegram'],
    ['send', { to: '+1555', idempotencyKey: 's3' }, 'invalid send params: text or media is required'],
    [
      'poll',
      { to: 'x', question: 'q', options: ['a', 'b'], idempotencyKey: 'p1' },
      'Error: Channel is required (no configured channels detected).',
    ],
  ])('%s %j is refused: %s', async (method, params, message) => {
    expect((await call(channels, method, params)).error).toMatchObject({ code: 'INVALID_REQUEST', message });
  });

  it('lists the tools that exist, by profile', async () => {
    let config: OpenClawConfig = {};
    const agentOfSession = (key: string) => Promise.resolve(key === MAIN ? 'main' : undefined);
    const scope = { agentId: 'main', isSandboxed: false, subagentDepth: 0 };
    const explain = () =>
      Promise.resolve(
        decideTools(config, scope, CATALOGUE).map((decision, index) => ({
          ...decision,
          tool: { ...CATALOGUE[index]!, parameters: {}, execute: () => Promise.reject(new Error('not called')) },
        })),
      );
    const tools = createToolsMethods({ config: () => config, agents, agentOfSession, explain });
    const { payload } = await call(tools, 'tools.catalog');
    const ids = (payload as { groups: Array<{ tools: Array<{ id: string }> }> }).groups.flatMap((row) =>
      row.tools.map(({ id }) => id),
    );
    expect(ids).toEqual(CATALOGUE.map(({ name }) => name));
    expect((await call(tools, 'tools.catalog', { agentId: 'nope' })).error?.message).toBe('unknown agent id "nope"');
    expect((await call(tools, 'tools.effective', { sessionKey: MAIN })).payload).toMatchObject({ profile: 'full' });
    config = { tools: { profile: 'minimal' } };
    const minimal = (await call(tools, 'tools.effective', { sessionKey: MAIN, agentId: 'main' })).payload as {
      groups: unknown[];
    };
    expect(minimal).toMatchObject({
      agentId: 'main',
      profile: 'minimal',
      groups: [{ tools: [{ id: 'session_status' }] }],
    });
    expect(minimal.groups).toHaveLength(1);
    expect((await call(tools, 'tools.effective', { sessionKey: MAIN, agentId: 'ops' })).ok).toBe(false);
    expect((await call(tools, 'tools.effective', { sessionKey: 'gone' })).error?.message).toBe(
      'unknown session key "gone"',
    );
    expect((await call(tools, 'tools.effective', {})).error?.message).toContain("required property 'sessionKey'");
  });
});
