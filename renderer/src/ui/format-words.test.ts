import { describe, expect, it } from 'vitest';
import { formatShare } from './format-number.js';
import { formatShortSpan, formatTimeOfDay } from './format-time.js';

describe('figures', () => {
  it.each([
    [120, '120 ms'],
    [2_449, '2.4 s'],
    [12_900, '12 s'],
    [60_000, '1 min'],
    [312_400, '5 min 12 s'],
    [3_600_000, '1 h'],
    [11_100_000, '3 h 5 min'],
    [90_000_000, '1 d'],
  ])('%i ms took %s', (ms, words) => {
    expect(formatShortSpan(ms)).toBe(words);
  });

  it('a little of a window is not nothing', () => {
    expect([0, 0.001, 0.005, 0.5].map(formatShare)).toEqual(['0 %', '< 1 %', '1 %', '50 %']);
  });

  it('a message of another day says which', () => {
    const now = new Date(2026, 10, 21, 12).getTime();
    const at = (...parts: [number, number, number, number]) => formatTimeOfDay(new Date(...parts).getTime(), now);
    expect(at(2026, 10, 21, 9)).not.toMatch(/21/);
    expect(at(2026, 10, 19, 9)).toMatch(/19/);
    expect(at(2026, 10, 19, 9)).not.toMatch(/2026/);
    expect(at(2025, 10, 19, 9)).toMatch(/2025/);
  });
});
