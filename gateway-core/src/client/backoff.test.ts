import { describe, expect, it } from 'vitest';
import { reconnectDelayMs } from './backoff.js';

const plain = { closeCode: 1006, minMs: 1_000, maxMs: 30_000, random: 0.5 };

describe('reconnectDelayMs', () => {
  it('doubles from one second to thirty', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 400].map((failures) => reconnectDelayMs({ ...plain, failures }));
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('spreads by a fifth and never passes the maximum', () => {
    expect(reconnectDelayMs({ ...plain, failures: 2, random: 0 })).toBe(1_600);
    expect(reconnectDelayMs({ ...plain, failures: 2, random: 0.999_999 })).toBe(2_400);
    expect(reconnectDelayMs({ ...plain, failures: 9, random: 0.999_999 })).toBe(30_000);
  });

  it('does not wait for the first try after a restart, but does for the second', () => {
    expect(reconnectDelayMs({ ...plain, failures: 0, closeCode: 1012 })).toBe(0);
    expect(reconnectDelayMs({ ...plain, failures: 1, closeCode: 1012 })).toBe(1_000);
    expect(reconnectDelayMs({ ...plain, failures: 0 })).toBe(1_000);
  });

  it('starts from the minimum of the host', () => {
    expect(reconnectDelayMs({ ...plain, failures: 1, minMs: 250 })).toBe(250);
  });
});
