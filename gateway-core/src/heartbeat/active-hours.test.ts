import { describe, expect, it } from 'vitest';
import { type ActiveHours, createWallClock, isActive } from './active-hours.js';

const wall = createWallClock();
const active = (hours: ActiveHours | undefined, at: string, zones = { user: undefined, host: 'UTC' } as const) =>
  isActive(hours, Date.parse(at), zones, wall);

describe('active hours', () => {
  it.each([
    ['begin with their start', '08:00', '20:00', '08:00', true],
    ['have not begun a minute before', '08:00', '20:00', '07:59', false],
    ['are over at their end', '08:00', '20:00', '20:00', false],
    ['last until a minute before', '08:00', '20:00', '19:59', true],
    ['may last until midnight', '08:00', '24:00', '23:59', true],
    ['that last until midnight do not begin there', '08:00', '24:00', '00:00', false],
    ['may be the whole day', '00:00', '24:00', '03:00', true],
    ['may cross midnight, before it', '22:00', '06:00', '23:30', true],
    ['may cross midnight, after it', '22:00', '06:00', '05:59', true],
    ['that cross midnight leave the day out', '22:00', '06:00', '12:00', false],
    ['that end as they begin are never', '09:00', '09:00', '09:00', false],
  ])('%s', (...row) => {
    const [, start, end, time, expected] = row;
    expect(active({ start, end }, `2026-11-21T${time}:00Z`)).toBe(expected);
  });

  it('are always without both ends', () => {
    expect(active(undefined, '2026-11-21T03:00:00Z')).toBe(true);
    expect(active({ start: '08:00' }, '2026-11-21T03:00:00Z')).toBe(true);
    expect(active({ start: '25:00', end: '26:00' }, '2026-11-21T03:00:00Z')).toBe(true);
  });

  it.each([
    ['the zone that is named', { timezone: 'Asia/Tokyo' }, {}, true],
    ['the zone of the user', { timezone: 'user' }, { user: 'Asia/Tokyo' }, true],
    ['the zone of the user, unless told otherwise', {}, { user: 'Asia/Tokyo' }, true],
    ['the zone of the host', { timezone: 'local' }, { user: 'Asia/Tokyo', host: 'UTC' }, false],
    ['the zone of the host without one of the user', { timezone: 'user' }, { host: 'UTC' }, false],
  ])('are read in %s', (_name, hours, zones, expected) => {
    // 08:30 in Tokyo.
    const at = Date.parse('2026-11-20T23:30:00Z');
    expect(isActive({ start: '08:00', end: '09:00', ...hours }, at, zones, wall)).toBe(expected);
  });

  it('follow the clocks when they change', () => {
    const hours = { start: '02:30', end: '03:30', timezone: 'Europe/Berlin' };
    const within = (at: string) => active(hours, at);
    // 03:00 comes right after 01:59, and 02:30 comes twice.
    expect([within('2026-03-29T00:59:00Z'), within('2026-03-29T01:00:00Z')]).toEqual([false, true]);
    expect([within('2026-10-25T00:30:00Z'), within('2026-10-25T01:00:00Z'), within('2026-10-25T01:30:00Z')]).toEqual([
      true,
      false,
      true,
    ]);
  });
});
