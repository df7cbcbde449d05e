import { describe, expect, it } from 'vitest';
import { backoffMs, failureClass, runBegan, runEnded, runInterrupted } from './after-run.js';
import type { Job, Outcome } from './job.js';

const job = (more: Partial<Job> = {}): Job => ({
  id: 'a',
  name: 'a',
  enabled: true,
  createdAtMs: 0,
  updatedAtMs: 0,
  schedule: { kind: 'every', everyMs: 1000, anchorMs: 0 },
  sessionTarget: 'isolated',
  wakeMode: 'now',
  payload: { kind: 'agentTurn', message: 'm' },
  state: { nextRunAtMs: 1000 },
  ...more,
});
const outcome = (more: Partial<Outcome> = {}): Outcome => ({
  status: 'ok',
  startedAtMs: 1000,
  endedAtMs: 1500,
  deliveryStatus: 'not-requested',
  ...more,
});

describe('the class of a failure', () => {
  it.each([
    ['HTTP 429', 'rate_limit'],
    ['Too many requests', 'rate_limit'],
    ['overloaded_error', 'overloaded'],
    ['HTTP 529', 'overloaded'],
    ['the request timed out', 'timeout'],
    ['read ECONNRESET', 'network'],
    ['fetch failed', 'network'],
    ['HTTP 503', 'server_error'],
    ['invalid api key', undefined],
    [undefined, undefined],
  ])('of "%s" is %s', (text, expected) => {
    expect(failureClass(text)).toBe(expected);
  });
});

describe('the pause after failures in a row', () => {
  it.each([
    [1, 30_000],
    [2, 60_000],
    [5, 3_600_000],
    [99, 3_600_000],
  ])('%s → %s ms', (failures, expected) => {
    expect(backoffMs(failures)).toBe(expected);
  });
});

describe('a run that begins', () => {
  it('moves the next time on, unless it lies ahead already', () => {
    expect(runBegan(job(), 1000, 2000).state).toEqual({ nextRunAtMs: 2000, runningAtMs: 1000 });
    expect(runBegan(job({ state: { nextRunAtMs: 9000 } }), 1000, 2000).state.nextRunAtMs).toBe(9000);
  });

  it('is the only one of a one-shot, and no reason to wake a disabled job', () => {
    const once = job({ schedule: { kind: 'at', at: '1970-01-01T00:00:01Z' } });
    expect(runBegan(once, 1000, undefined).state).toEqual({ runningAtMs: 1000 });
    expect(runBegan(job({ enabled: false, state: {} }), 1000, 2000).state).toEqual({ runningAtMs: 1000 });
  });
});

describe('a run that ended', () => {
  it('leaves nothing of an earlier failure when it worked', () => {
    const before = job({ state: { runningAtMs: 1000, lastError: 'x', lastErrorReason: 'y', consecutiveErrors: 3 } });
    expect(runEnded(before, outcome(), { naturalNextMs: 2000, begun: before }, undefined).job?.state).toEqual({
      nextRunAtMs: 2000,
      lastRunAtMs: 1000,
      lastRunStatus: 'ok',
      lastStatus: 'ok',
      lastDurationMs: 500,
      lastDeliveryStatus: 'not-requested',
      consecutiveErrors: 0,
    });
  });

  it('keeps a disabled job disabled, without a next time', () => {
    expect(
      runEnded(job({ enabled: false }), outcome(), { naturalNextMs: 2000, begun: job() }, undefined),
    ).toMatchObject({ nextRunAtMs: undefined });
  });

  it('waits for the later of its time and the pause when it failed', () => {
    const failed = outcome({ status: 'error', error: 'x' });
    expect(runEnded(job(), failed, { naturalNextMs: 2000, begun: job() }, undefined).nextRunAtMs).toBe(31_500);
    expect(runEnded(job(), failed, { naturalNextMs: 90_000, begun: job() }, undefined).nextRunAtMs).toBe(90_000);
  });
});

describe('a run that was cut off', () => {
  it('is an error without a pause', () => {
    const cut = runInterrupted(job({ state: { runningAtMs: 1000, nextRunAtMs: 2000, consecutiveErrors: 1 } }), 5000);
    expect(cut.enabled).toBe(true);
    expect(cut.state).toMatchObject({
      nextRunAtMs: 2000,
      lastRunAtMs: 1000,
      lastStatus: 'error',
      consecutiveErrors: 1,
    });
    expect(cut.state).not.toHaveProperty('runningAtMs');
  });
});
