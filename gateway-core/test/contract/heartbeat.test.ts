// What heartbeats ask, when they do not ask, and what becomes of the answers.
import { describe, expect, it } from 'vitest';
import { nextBeatMs } from '../../src/heartbeat/index.js';
import { rest } from './cron-bench.js';
import { HeartbeatBench, MAIN } from './heartbeat-bench.js';

const MINUTE = 60_000;
const TELEGRAM = { channel: 'telegram', to: '42', isDirect: true };

describe('an interval', () => {
  it('wakes the default agent every thirty minutes, also one that comes just with the start', async () => {
    const due = nextBeatMs('main', 30 * MINUTE, 0);
    for (const [startMs, expected] of [
      [due - 1, 3],
      [due, 3],
      [due + 1, 2],
    ] as const) {
      const bench = new HeartbeatBench({}, {}, startMs);
      bench.heartbeat.start();
      await bench.pass(1);
      for (let minute = 0; minute <= 60; minute += 1) await bench.pass(MINUTE);
      expect(bench.asked.length, String(startMs - due)).toBe(expected);
    }
  });

  it('belongs to the agents with a block of their own, if any has one', async () => {
    const bench = new HeartbeatBench({ every: '10' });
    bench.config = {
      agents: {
        defaults: { heartbeat: { every: '10', prompt: 'look' } },
        list: [
          { id: 'main' },
          { id: 'ops', heartbeat: { every: '5m', session: 'watch' } },
          { id: 'idle', heartbeat: { every: '0m' } },
        ],
      },
    };
    bench.heartbeat.start();
    await bench.pass(20 * MINUTE);
    expect(bench.asked.length).toBe(1);
    for (let step = 0; step < 4; step += 1) await bench.pass(5 * MINUTE);
    expect(new Set(bench.asked.map(({ agentId, sessionKey, prompt }) => `${agentId} ${sessionKey} ${prompt}`))).toEqual(
      new Set(['ops agent:ops:watch look']),
    );
    expect(bench.asked.length).toBeGreaterThanOrEqual(4);
  });

  it('that did not change keeps its times when the config does', async () => {
    const bench = new HeartbeatBench({ every: '60m' });
    bench.heartbeat.start();
    await bench.pass(60 * MINUTE);
    const first = bench.published()[0]?.ts ?? 0;
    bench.config = { agents: { defaults: { heartbeat: { every: '60m', prompt: 'other' } } } };
    bench.heartbeat.reload();
    await bench.pass(60 * MINUTE);
    expect(bench.published()[1]?.ts).toBe(first + 60 * MINUTE);
    bench.config = { agents: { defaults: { heartbeat: { every: '0m' } } } };
    bench.heartbeat.reload();
    await bench.pass(600 * MINUTE);
    expect(bench.asked.map(({ prompt }) => prompt).slice(1)).toEqual(['other']);
  });

  it('is given up with a stop', async () => {
    const bench = new HeartbeatBench();
    bench.heartbeat.start();
    const waiting = bench.heartbeat.wake({ agentId: 'main', reason: 'wake' });
    await bench.heartbeat.stop();
    expect(await waiting).toMatchObject({ status: 'skipped' });
    await bench.pass(600 * MINUTE);
    expect(bench.asked).toEqual([]);
  });
});

describe('a wake', () => {
  it('comes a quarter of a second later, together with all others of that time', async () => {
    const bench = new HeartbeatBench();
    const woken = [1, 2, 3].map((count) => bench.heartbeat.wake({ agentId: 'main', reason: `r${count}` }));
    await bench.pass(249);
    expect(bench.asked.length).toBe(0);
    await bench.pass(1);
    expect(await Promise.all(woken)).toEqual([{ status: 'ran' }, { status: 'ran' }, { status: 'ran' }]);
    expect(bench.published()).toMatchObject([{ status: 'ok-token', reason: 'r3' }]);
  });

  it('waits for a busy conversation, looking again every second', async () => {
    const bench = new HeartbeatBench();
    bench.busy = true;
    const woken = bench.heartbeat.wake({ agentId: 'main', reason: 'cron:1' });
    for (let second = 0; second < 5; second += 1) await bench.pass(1000);
    expect(bench.published()).toEqual([]);
    bench.busy = false;
    await bench.pass(1000);
    expect(await woken).toEqual({ status: 'ran' });
    expect(bench.published()).toMatchObject([{ reason: 'cron:1' }]);
  });

  it('does not wait when the config says so', async () => {
    const bench = new HeartbeatBench({ skipWhenBusy: true });
    bench.busy = true;
    expect(await bench.wake()).toEqual({ status: 'skipped', reason: 'requests-in-flight' });
  });

  it('during a heartbeat makes one more after it', async () => {
    const bench = new HeartbeatBench();
    let go: () => void = () => undefined;
    bench.hold = new Promise((resolve) => (go = resolve));
    const first = bench.heartbeat.wake({ agentId: 'main', reason: 'one' });
    await bench.pass(250);
    const second = bench.heartbeat.wake({ agentId: 'main', reason: 'two' });
    await bench.pass(5000);
    expect(bench.asked.length).toBe(1);
    go();
    await rest();
    expect(await first).toEqual({ status: 'ran' });
    await bench.pass(250);
    expect(await second).toEqual({ status: 'ran' });
    expect(bench.asked.length).toBe(2);
  });

  it('is skipped for an agent without heartbeat, and while heartbeats are off', async () => {
    const bench = new HeartbeatBench({ every: '0m' });
    expect(await bench.wake()).toEqual({ status: 'skipped', reason: 'disabled' });
    bench.config = {};
    bench.isEnabled = false;
    expect(await bench.wake()).toEqual({ status: 'skipped', reason: 'disabled' });
    expect(bench.published()).toEqual([]);
  });

  it('outside the active hours is skipped without a word', async () => {
    const bench = new HeartbeatBench({ activeHours: { start: '08:00', end: '20:00', timezone: 'UTC' } });
    expect(await bench.wake()).toEqual({ status: 'skipped', reason: 'quiet-hours' });
    await bench.pass(9 * 60 * MINUTE);
    expect(await bench.wake()).toEqual({ status: 'ran' });
    expect(bench.published().length).toBe(1);
  });
});

describe('HEARTBEAT.md', () => {
  it('that asks for nothing spares the model call', async () => {
    const bench = new HeartbeatBench();
    bench.file = '# Checks\n\n';
    expect(await bench.wake('interval')).toEqual({ status: 'skipped', reason: 'empty-heartbeat-file' });
    expect(bench.published()).toEqual([{ ts: 250, status: 'skipped', reason: 'empty-heartbeat-file', durationMs: 0 }]);
    expect(bench.asked).toEqual([]);
    bench.file = '- look at the mail';
    expect(await bench.wake('interval')).toEqual({ status: 'ran' });
  });

  it('has nothing to say about news: lines that wait are always looked at', async () => {
    const bench = new HeartbeatBench({ prompt: 'look' });
    bench.file = '';
    bench.pending = ['the build broke'];
    expect(await bench.wake()).toEqual({ status: 'ran' });
    expect(bench.asked[0]?.prompt).toMatch(/^look\n\nSomething new came in/);
    // The turn of the conversation takes the lines itself.
    expect(bench.asked[0]?.prompt).not.toContain('the build broke');
    expect(bench.taken).toEqual([]);
  });
});

describe('what is asked', () => {
  it('follows the settings', async () => {
    const bench = new HeartbeatBench({ prompt: 'p', model: 'a/b', lightContext: true, timeoutSeconds: 9 });
    await bench.wake();
    expect(bench.asked).toEqual([
      {
        agentId: 'main',
        sessionKey: MAIN,
        isIsolated: false,
        prompt: 'p',
        model: 'a/b',
        lightContext: true,
        timeoutMs: 9000,
      },
    ]);
  });

  it('may have a conversation of its own, with the lines that wait in the other', async () => {
    const bench = new HeartbeatBench({ prompt: 'p', isolatedSession: true });
    bench.pending = ['the build broke'];
    await bench.wake();
    expect(bench.asked[0]).toMatchObject({ sessionKey: `${MAIN}:heartbeat`, isIsolated: true });
    expect(bench.asked[0]?.prompt).toContain('- the build broke');
    expect(bench.taken).toEqual(['the build broke']);
  });

  it('goes to the conversation that was named', async () => {
    const bench = new HeartbeatBench();
    await bench.wake('cron:1', 'agent:main:work');
    expect(bench.asked[0]?.sessionKey).toBe('agent:main:work');
  });
});

describe('an answer', () => {
  it('that all is well leaves no trace', async () => {
    const bench = new HeartbeatBench();
    await bench.wake();
    expect(bench.fates).toEqual(['taken back']);
    expect(bench.published()).toEqual([
      { ts: 250, status: 'ok-token', reason: 'wake', durationMs: 0, silent: true, indicatorType: 'ok' },
    ]);
    bench.answers = [''];
    await bench.wake();
    expect(bench.published()[1]).toMatchObject({ status: 'ok-empty' });
    expect(bench.delivered).toEqual([]);
  });

  it('that says something stays in the conversation, also when nobody is written to', async () => {
    const bench = new HeartbeatBench({ target: 'last' });
    bench.answers = ['The disk is full.'];
    expect(await bench.wake()).toEqual({ status: 'ran', reason: 'no-target' });
    expect(bench.fates).toEqual(['shown']);
    expect(bench.published()).toEqual([
      { ts: 250, status: 'skipped', reason: 'no-target', preview: 'The disk is full.', durationMs: 0, hasMedia: false },
    ]);
  });

  it('goes where the conversation came from', async () => {
    const bench = new HeartbeatBench({ target: 'last', includeReasoning: true });
    bench.channels = ['telegram'];
    bench.route = TELEGRAM;
    bench.answers = [{ status: 'ok', text: 'The disk is full.', reasoning: 'df says so' }];
    await bench.wake();
    expect(bench.delivered).toEqual([
      { channel: 'telegram', to: '42', text: 'Reasoning:\ndf says so' },
      { channel: 'telegram', to: '42', text: 'The disk is full.' },
    ]);
    expect(bench.published()).toMatchObject([
      {
        status: 'sent',
        channel: 'telegram',
        to: '42',
        preview: 'The disk is full.',
        indicatorType: 'alert',
        hasMedia: false,
      },
    ]);
  });

  it('is not repeated within a day', async () => {
    const bench = new HeartbeatBench();
    bench.answers = ['same', 'same', 'other', 'same', 'same'];
    for (let count = 0; count < 4; count += 1) await bench.wake();
    expect(bench.fates).toEqual(['shown', 'taken back', 'shown', 'shown']);
    expect(bench.published()[1]).toMatchObject({ status: 'skipped', reason: 'duplicate', preview: 'same' });
    await bench.pass(24 * 60 * MINUTE);
    await bench.wake();
    expect(bench.fates.at(-1)).toBe('shown');
  });

  it('that never came is a failure', async () => {
    const bench = new HeartbeatBench();
    bench.answers = [{ status: 'failed', text: '', error: 'The provider is overloaded.' }];
    expect(await bench.wake()).toEqual({ status: 'failed', reason: 'The provider is overloaded.' });
    expect(bench.fates).toEqual(['taken back']);
    expect(bench.published()).toMatchObject([
      { status: 'failed', reason: 'The provider is overloaded.', indicatorType: 'error' },
    ]);
  });

  it('that could not be delivered is a failure too, and is not held for sent', async () => {
    const bench = new HeartbeatBench({ target: 'telegram', to: '7' });
    bench.channels = ['telegram'];
    bench.deliveryError = 'chat not found';
    bench.answers = ['x'];
    expect(await bench.wake()).toEqual({ status: 'failed', reason: 'chat not found' });
    expect([bench.fates, bench.alerts.size]).toEqual([['shown'], 0]);
  });

  it('of a conversation with one person is kept from them where the config says so', async () => {
    const bench = new HeartbeatBench({ target: 'last', directPolicy: 'block' });
    bench.channels = ['telegram'];
    bench.route = TELEGRAM;
    bench.answers = ['x'];
    expect(await bench.wake()).toEqual({ status: 'ran', reason: 'dm-blocked' });
    expect(bench.delivered).toEqual([]);
  });
});

describe('visibility', () => {
  const hidden = { showOk: false, showAlerts: false, useIndicator: false };
  const withDefaults = (heartbeat: Record<string, boolean>) => {
    const bench = new HeartbeatBench({ target: 'last' });
    bench.config = { ...bench.config, channels: { defaults: { heartbeat } } };
    bench.channels = ['telegram'];
    bench.route = TELEGRAM;
    return bench;
  };

  it('of nothing at all spares the model call', async () => {
    const bench = withDefaults(hidden);
    expect(await bench.wake()).toEqual({ status: 'skipped', reason: 'alerts-disabled' });
    expect(bench.asked).toEqual([]);
  });

  it('without alerts drops them', async () => {
    const bench = withDefaults({ ...hidden, useIndicator: true });
    bench.answers = ['x'];
    await bench.wake();
    expect([bench.fates, bench.delivered]).toEqual([['taken back'], []]);
    expect(bench.published()).toMatchObject([{ status: 'skipped', reason: 'alerts-disabled', preview: 'x' }]);
  });

  it('of the good news sends them', async () => {
    const bench = withDefaults({ showOk: true, useIndicator: false });
    await bench.wake();
    expect(bench.delivered).toEqual([{ channel: 'telegram', to: '42', text: 'HEARTBEAT_OK' }]);
    expect(bench.published()[0]).toMatchObject({ status: 'ok-token', silent: false, channel: 'telegram' });
    expect(bench.published()[0]).not.toHaveProperty('indicatorType');
  });
});
