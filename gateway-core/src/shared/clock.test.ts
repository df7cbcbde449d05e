import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from './clock.js';

const DAY = 24 * 60 * 60_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a timer of the real clock', () => {
  it.each([0, 5, 24 * DAY, 25 * DAY, 400 * DAY])('of %d ms fires once, and not before its time', (delayMs) => {
    let count = 0;
    systemClock.after(delayMs, () => (count += 1));
    vi.advanceTimersByTime(Math.max(0, delayMs - 1));
    expect(count).toBe(delayMs === 0 ? count : 0);
    vi.advanceTimersByTime(2);
    expect(count).toBe(1);
    vi.advanceTimersByTime(500 * DAY);
    expect(count).toBe(1);
  });

  it('can be cancelled at any time', () => {
    let count = 0;
    const timer = systemClock.after(100 * DAY, () => (count += 1));
    vi.advanceTimersByTime(60 * DAY);
    timer.cancel();
    vi.advanceTimersByTime(60 * DAY);
    expect(count).toBe(0);
  });
});
