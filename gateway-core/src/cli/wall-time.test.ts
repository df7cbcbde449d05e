import { describe, expect, it } from 'vitest';
import { wallTimeMs } from './wall-time.js';

describe('a time as people write it', () => {
  it.each<[string, string | undefined, string]>([
    ['2026-12-24T18:00', undefined, '2026-12-24T18:00:00Z'],
    ['2026-12-24 18:00', undefined, '2026-12-24T18:00:00Z'],
    ['2026-12-24', undefined, '2026-12-24T00:00:00Z'],
    ['2026-12-24T18:00+01:00', 'America/New_York', '2026-12-24T17:00:00Z'],
    ['2026-12-24T18:00', 'America/New_York', '2026-12-24T23:00:00Z'],
    ['2026-12-24', 'Europe/Berlin', '2026-12-23T23:00:00Z'],
    ['2026-07-01T18:00', 'Europe/Berlin', '2026-07-01T16:00:00Z'],
    // The first hour after a change, the skipped hour, and the doubled one.
    ['2026-03-29T03:00', 'Europe/Berlin', '2026-03-29T01:00:00Z'],
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30:00Z'],
    ['2026-10-25T03:00', 'Europe/Berlin', '2026-10-25T02:00:00Z'],
  ])('%s in %s is %s', (text, zone, moment) => {
    expect(new Date(wallTimeMs(text, zone)).toISOString()).toBe(new Date(moment).toISOString());
  });

  it('is none when it is none, and needs a zone that exists', () => {
    expect(wallTimeMs('soon')).toBeNaN();
    expect(() => wallTimeMs('2026-12-24T18:00', 'Mars/Base')).toThrow(RangeError);
  });
});
