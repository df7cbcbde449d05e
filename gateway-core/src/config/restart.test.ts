import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../shared/clock.js';
import { createRestartScheduler, type RestartScheduler } from './restart.js';

let restarts: Array<[string, number]>;
let scheduler: RestartScheduler;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  restarts = [];
  scheduler = createRestartScheduler({
    clock: systemClock,
    pid: 5,
    restart: (reason) => void restarts.push([reason, Date.now() - 1_000_000]),
  });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('createRestartScheduler', () => {
  it('restarts once, 2 s after it was asked', () => {
    expect(scheduler.request({ reason: 'config.patch' })).toEqual({
      ok: true,
      pid: 5,
      signal: 'SIGUSR1',
      delayMs: 2000,
      reason: 'config.patch',
      mode: 'emit',
      coalesced: false,
      cooldownMsApplied: 0,
    });
    vi.advanceTimersByTime(60_000);
    expect(restarts).toEqual([['config.patch', 2000]]);
  });

  it('joins what is planned, at the earlier time', () => {
    scheduler.request({ reason: 'a', delayMs: 5000 });
    vi.advanceTimersByTime(1000);
    expect(scheduler.request({ reason: 'b', delayMs: 9000 })).toMatchObject({ coalesced: true, delayMs: 4000 });
    expect(scheduler.request({ reason: 'c', delayMs: 500 })).toMatchObject({ coalesced: true, delayMs: 500 });
    vi.advanceTimersByTime(60_000);
    expect(restarts).toEqual([['a', 1500]]);
  });

  it('waits 30 s between two restarts', () => {
    scheduler.request({ reason: 'a', delayMs: 0 });
    vi.advanceTimersByTime(10_000);
    expect(scheduler.request({ reason: 'b', delayMs: 2000 })).toMatchObject({
      delayMs: 20_000,
      cooldownMsApplied: 18_000,
    });
    vi.advanceTimersByTime(20_000);
    expect(restarts).toEqual([
      ['a', 0],
      ['b', 30_000],
    ]);
  });

  it('caps the delay, and drops the plan when it is stopped', () => {
    expect(scheduler.request({ reason: 'a', delayMs: 10_000_000 }).delayMs).toBe(60_000);
    scheduler.stop();
    vi.advanceTimersByTime(100_000);
    expect(restarts).toEqual([]);
  });
});
