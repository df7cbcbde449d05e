import { describe, expect, it } from 'vitest';
import { CRASH_WINDOW_MS, decideRestart } from './restart-policy.js';

const MINUTE = 60_000;

describe('decideRestart', () => {
  it.each([
    ['waits a second after the first crash', [0], { kind: 'wait', delayMs: 1_000 }],
    ['waits two seconds after the second', [0, 5_000], { kind: 'wait', delayMs: 2_000 }],
    ['waits five seconds after the third', [0, 5_000, 9_000], { kind: 'wait', delayMs: 5_000 }],
    ['waits ten seconds after the fourth', [0, 5_000, 9_000, 20_000], { kind: 'wait', delayMs: 10_000 }],
    ['gives up at the fifth in ten minutes', [0, 1_000, 2_000, 3_000, 4_000], { kind: 'give-up', crashes: 5 }],
    ['starts anew after ten quiet minutes', [0, 1_000, 12 * MINUTE], { kind: 'wait', delayMs: 1_000 }],
    [
      'waits thirty seconds when crashes come slowly but do not end',
      [0, 4 * MINUTE, 8 * MINUTE, 12 * MINUTE, 16 * MINUTE, 20 * MINUTE],
      { kind: 'wait', delayMs: 30_000 },
    ],
  ])('%s', (_name, crashTimesMs, expected) => {
    expect(decideRestart(crashTimesMs, crashTimesMs.at(-1)!)).toEqual(expected);
  });

  it('forgets a crash that is exactly ten minutes old', () => {
    const times = [0, 1, 2, 3, CRASH_WINDOW_MS];
    expect(decideRestart(times, CRASH_WINDOW_MS)).toEqual({ kind: 'wait', delayMs: 30_000 });
  });
});
