import { describe, expect, it } from 'vitest';
import type { Clock } from '../shared/clock.js';
import { RateLimiter } from './rate-limiter.js';

describe('RateLimiter', () => {
  const setUp = (settings = {}) => {
    const time = { now: 0 };
    const idle = () => ({ cancel: () => undefined });
    const clock: Clock = { now: () => time.now, after: idle, every: idle };
    return { time, limiter: new RateLimiter(clock, { maxAttempts: 3, windowMs: 1000, lockoutMs: 5000, ...settings }) };
  };

  it('locks an address out after too many failures, for its scope alone, for a while', () => {
    const { time, limiter } = setUp();
    for (let count = 0; count < 3; count += 1) limiter.failed('shared-secret', '203.0.113.1');
    expect(limiter.lockedForMs('shared-secret', '203.0.113.1')).toBe(5000);
    expect(limiter.lockedForMs('device-token', '203.0.113.1')).toBe(0);
    expect(limiter.lockedForMs('shared-secret', '203.0.113.2')).toBe(0);
    time.now = 5000;
    expect(limiter.lockedForMs('shared-secret', '203.0.113.1')).toBe(0);
  });

  it('forgets failures that are older than the window, and all of them after a success', () => {
    const { time, limiter } = setUp();
    limiter.failed('shared-secret', 'a');
    limiter.failed('shared-secret', 'a');
    time.now = 1001;
    limiter.failed('shared-secret', 'a');
    expect(limiter.lockedForMs('shared-secret', 'a')).toBe(0);
    limiter.failed('shared-secret', 'a');
    limiter.succeeded('shared-secret', 'a');
    limiter.failed('shared-secret', 'a');
    expect(limiter.lockedForMs('shared-secret', 'a')).toBe(0);
  });

  it('spares this computer unless told otherwise', () => {
    const spared = setUp().limiter;
    const strict = setUp({ exemptLoopback: false }).limiter;
    for (const limiter of [spared, strict]) {
      for (let count = 0; count < 3; count += 1) limiter.failed('shared-secret', '127.0.0.1');
    }
    expect(spared.lockedForMs('shared-secret', '127.0.0.1')).toBe(0);
    expect(strict.lockedForMs('shared-secret', '127.0.0.1')).toBe(5000);
  });

  it('stays small under a flood of addresses', () => {
    const { limiter } = setUp();
    for (let count = 0; count < 3; count += 1) limiter.failed('shared-secret', 'last');
    for (let count = 0; count < 9999; count += 1) limiter.failed('shared-secret', `flood-${count}`);
    expect(limiter.lockedForMs('shared-secret', 'last')).toBe(5000);
    for (let count = 0; count < 10_001; count += 1) limiter.failed('shared-secret', `more-${count}`);
    expect(limiter.lockedForMs('shared-secret', 'last')).toBe(0);
  });
});
