import { beforeAll, describe, expect, it } from 'vitest';
import type { Schedule } from './job.js';
import { defaultStaggerMs, loadScheduleMaths, parseMoment, type ScheduleMaths, staggerOffsetMs } from './schedule.js';

const MINUTE = 60_000;
const time = (text: string) => Date.parse(text);
let maths: ScheduleMaths;

beforeAll(async () => {
  maths = await loadScheduleMaths('UTC');
});

function nexts(schedule: Schedule, from: string, count: number): string[] {
  const found: string[] = [];
  for (let after: number | undefined = time(from); found.length < count;) {
    after = maths.next({ id: 'j', schedule, createdAtMs: 0 }, after);
    if (after === undefined) break;
    found.push(new Date(after).toISOString().replace(':00.000Z', 'Z'));
  }
  return found;
}

const cron = (expr: string, tz?: string): Schedule => ({ kind: 'cron', expr, tz, staggerMs: 0 });

describe('a moment', () => {
  it.each([
    ['2026-11-21T02:00:00Z', '2026-11-21T02:00:00.000Z'],
    ['2026-11-21T02:00:00+01:00', '2026-11-21T01:00:00.000Z'],
    ['2026-11-21T02:00', '2026-11-21T02:00:00.000Z'],
    [' 2026-11-21 ', '2026-11-21T00:00:00.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(new Date(parseMoment(text)).toISOString()).toBe(expected);
  });

  it('is none when it cannot be read', () => {
    expect(parseMoment('tomorrow')).toBeNaN();
  });
});

describe('the next time', () => {
  it('of a moment is that moment, once', () => {
    const schedule: Schedule = { kind: 'at', at: '2026-11-21T02:00:00Z' };
    expect(nexts(schedule, '2026-11-20T00:00:00Z', 3)).toEqual(['2026-11-21T02:00Z']);
  });

  it('of an interval lies on the grid of its anchor, also before it', () => {
    const schedule: Schedule = { kind: 'every', everyMs: 10 * MINUTE, anchorMs: time('2026-01-01T00:03:00Z') };
    expect(nexts(schedule, '2026-01-01T00:13:00Z', 2)).toEqual(['2026-01-01T00:23Z', '2026-01-01T00:33Z']);
    expect(nexts(schedule, '2025-12-31T00:00:00Z', 1)).toEqual(['2026-01-01T00:03Z']);
  });

  it.each([
    ['5 fields', '30 9 * * *', ['2026-11-21T09:30Z', '2026-11-22T09:30Z']],
    ['6 fields, with seconds', '0 30 9 * * *', ['2026-11-21T09:30Z', '2026-11-22T09:30Z']],
    ['7 fields, with a year', '0 30 9 1 1 * 2028', ['2028-01-01T09:30Z']],
    ['the last day of the month', '0 9 L * *', ['2026-11-30T09:00Z', '2026-12-31T09:00Z']],
    ['a nickname', '@daily', ['2026-11-22T00:00Z', '2026-11-23T00:00Z']],
  ])('of an expression with %s', (_name, expr, expected) => {
    expect(nexts(cron(expr), '2026-11-21T00:00:01Z', 2)).toEqual(expected);
  });

  it.each([
    [
      'is left out by the clocks comes right after',
      '30 2 * * *',
      '2026-03-28T12:00:00Z',
      ['03-29T01:00Z', '03-30T00:30Z'],
    ],
    ['comes twice counts once', '30 2 * * *', '2026-10-24T12:00:00Z', ['10-25T00:30Z', '10-26T01:30Z']],
    [
      'comes twice, one of several, counts once',
      '30 2,5 * * *',
      '2026-10-24T12:00:00Z',
      ['10-25T00:30Z', '10-25T04:30Z'],
    ],
    [
      'recurs within the hour counts each time',
      '*/30 2 * * *',
      '2026-10-25T00:10:00Z',
      ['10-25T00:30Z', '10-25T01:00Z'],
    ],
  ])('that %s', (_name, expr, from, expected) => {
    expect(nexts(cron(expr, 'Europe/Berlin'), from, 2)).toEqual(expected.map((text) => `2026-${text}`));
  });

  it('is none for a day that does not exist', () => {
    expect(nexts(cron('0 9 30 2 *'), '2026-01-01T00:00:00Z', 1)).toEqual([]);
  });
});

describe('spreading', () => {
  it.each([
    ['0 * * * *', 5 * MINUTE],
    ['0 */2 * * *', 5 * MINUTE],
    ['0 0 * * * *', 5 * MINUTE],
    ['@hourly', 5 * MINUTE],
    ['0 9 * * *', undefined],
    ['5 * * * *', undefined],
    ['30 0 * * * *', undefined],
  ])('%s is spread over %s ms', (expr, expected) => {
    expect(defaultStaggerMs(expr)).toBe(expected);
  });

  it('moves a job by the same time each time, never beyond the limit', () => {
    const schedule = { kind: 'cron', expr: '0 * * * *' } as const;
    for (const id of ['a', 'b', 'c', 'd']) {
      const offset = staggerOffsetMs(id, schedule);
      expect(offset).toBe(staggerOffsetMs(id, schedule));
      expect(offset).toBeGreaterThanOrEqual(0);
      expect(offset).toBeLessThan(5 * MINUTE);
      const first = maths.next({ id, schedule, createdAtMs: 0 }, time('2026-11-21T02:30:00Z')) ?? 0;
      expect(first).toBe(time('2026-11-21T03:00:00Z') + offset);
      // Right after it has run, the next time is an hour away, not a moment.
      expect(maths.next({ id, schedule, createdAtMs: 0 }, first)).toBe(first + 60 * MINUTE);
      expect(maths.next({ id, schedule, createdAtMs: 0 }, first - 1)).toBe(first);
    }
  });
});
