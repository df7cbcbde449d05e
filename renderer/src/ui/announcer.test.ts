import { describe, expect, it } from 'vitest';
import { createFrameBatch } from '../features/chat/frame-batch.js';
import { createAnnouncer } from './announcer.js';
import { formatAgo, formatClock } from './format-time.js';

describe('announcer', () => {
  it('speaks at most once every five seconds and then the newest', () => {
    let now = 0;
    const planned: Array<{ ms: number; run: () => void }> = [];
    const announcer = createAnnouncer({ now: () => now, after: (ms, run) => void planned.push({ ms, run }) });
    announcer.polite('one');
    now = 1_000;
    announcer.polite('two');
    announcer.polite('three');
    expect(announcer.store.getState().polite).toBe('one');
    expect(planned.map((entry) => entry.ms)).toEqual([4_000]);
    now = 5_000;
    planned[0]?.run();
    expect(announcer.store.getState().polite).toBe('three');
  });

  it('does not hold errors back', () => {
    const announcer = createAnnouncer({ now: () => 0, after: () => undefined });
    announcer.polite('one');
    announcer.assertive('broken');
    expect(announcer.store.getState().assertive).toBe('broken');
  });
});

describe('frame batch', () => {
  it('hands over everything of one frame at once, in order', () => {
    const frames: Array<() => void> = [];
    const got: number[][] = [];
    const batch = createFrameBatch<number>(
      (items) => got.push([...items]),
      (run) => void frames.push(run),
    );
    batch.add(1);
    batch.add(2);
    expect(frames).toHaveLength(1);
    frames[0]?.();
    batch.add(3);
    batch.flush();
    batch.flush();
    expect(got).toEqual([[1, 2], [3]]);
  });
});

describe('times', () => {
  it.each([
    [12_000, '0:12'],
    [65_000, '1:05'],
    [3_723_000, '1:02:03'],
  ])('clock %i → %s', (ms, text) => expect(formatClock(ms)).toBe(text));

  it.each([
    [30_000, 'now'],
    [5 * 60_000, '5 min'],
    [3 * 3_600_000, '3 h'],
    [2 * 86_400_000, '2 d'],
  ])('ago %i → %s', (ms, text) => expect(formatAgo(1_000_000_000_000 - ms, 1_000_000_000_000)).toBe(text));
});
