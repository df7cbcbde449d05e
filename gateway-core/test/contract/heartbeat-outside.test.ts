// What heartbeats make of a clock that is set, a model that fails, and reminders that say the same.
import { describe, expect, it } from 'vitest';
import { heartbeatAgents } from '../../src/heartbeat/settings.js';
import { HeartbeatBench, MAIN } from './heartbeat-bench.js';
import { ManualClock } from './manual-clock.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('a clock that is set back', () => {
  it('delays no heartbeat by more than an interval', async () => {
    const real = new ManualClock(12 * HOUR);
    let setMs = 0;
    const clock = {
      now: () => real.now() + setMs,
      after: real.after.bind(real),
      every: real.every.bind(real),
    };
    const bench = new HeartbeatBench({ every: '10m' }, { clock });
    bench.heartbeat.start();
    setMs = -6 * HOUR;
    for (let minute = 0; minute < 12; minute += 1) {
      real.advance(MINUTE);
      await bench.pass(0);
    }
    expect(bench.asked.length).toBeGreaterThan(0);
    await bench.heartbeat.stop();
  });

  it('does not make an alert a repetition of one to come', async () => {
    const bench = new HeartbeatBench();
    bench.alerts.set(MAIN, { text: 'same', atMs: 365 * 24 * HOUR });
    bench.answers = ['same'];
    await bench.wake();
    expect(bench.fates).toEqual(['shown']);
  });
});

describe('a reminder', () => {
  it('of the schedule is told each time, also in the same words', async () => {
    const bench = new HeartbeatBench();
    bench.answers = ['Drink water.', 'Drink water.', 'Drink water.'];
    for (let count = 0; count < 2; count += 1) {
      bench.pending = ['drink water'];
      await bench.wake('cron:j1');
    }
    expect(bench.fates).toEqual(['shown', 'shown']);
    bench.pending = [];
    await bench.wake('wake');
    expect(bench.fates.at(-1)).toBe('taken back');
  });
});

describe('news', () => {
  it('that a failed heartbeat had taken waits for the next one', async () => {
    const restored: Array<[string, readonly string[]]> = [];
    const bench = new HeartbeatBench(
      { isolatedSession: true },
      { restoreEvents: (key, lines) => void restored.push([key, [...lines]]) },
    );
    bench.pending = ['the kettle boils'];
    bench.answers = [{ status: 'failed', text: '', error: 'The provider is overloaded.' }];
    expect(await bench.wake()).toMatchObject({ status: 'failed' });
    expect(restored).toEqual([[MAIN, ['the kettle boils']]]);
  });
});

describe('a heartbeat that a stop cuts off', () => {
  it('leaves no question without an answer', async () => {
    const bench = new HeartbeatBench();
    bench.answers = [{ status: 'interrupted', text: '' }];
    await bench.wake();
    expect(bench.fates).toEqual(['taken back']);
    expect(bench.published()).toEqual([]);
  });
});

describe('a time limit', () => {
  it('of years is no limit of a moment', () => {
    const [agent] = heartbeatAgents({ agents: { defaults: { heartbeat: { timeoutSeconds: 1e9 } } } });
    expect(agent?.timeoutMs).toBe(2 ** 31 - 1);
  });
});
