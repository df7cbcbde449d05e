import { describe, expect, it } from 'vitest';
import type { SessionConfig } from './conversation-key.js';
import {
  hostOffset,
  lastDailyReset,
  resetPolicyFor,
  resetPolicyOf,
  staleReason,
  type ZoneOffset,
} from './reset-policy.js';

const HOUR = 3_600_000;

/** What Intl says, independent of the code that is tested. */
function zone(timeZone: string): ZoneOffset {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return (atMs) => Date.parse(`${format.format(atMs).replace(' ', 'T')}Z`) - Math.floor(atMs / 1000) * 1000;
}

const berlin = zone('Europe/Berlin');
const newYork = zone('America/New_York');
const at = (text: string) => Date.parse(text);

describe('the begin of a day', () => {
  it.each([
    ['after four', '2026-11-21T09:00:00Z', '2026-11-21T03:00:00Z'],
    ['before four', '2026-11-21T02:59:59Z', '2026-11-20T03:00:00Z'],
    ['at four sharp', '2026-11-21T03:00:00Z', '2026-11-21T03:00:00Z'],
    ['on the day the clocks go forward', '2026-03-29T12:00:00Z', '2026-03-29T02:00:00Z'],
    ['the night before that', '2026-03-29T01:59:59Z', '2026-03-28T03:00:00Z'],
    ['on the day the clocks go back', '2026-10-25T12:00:00Z', '2026-10-25T03:00:00Z'],
    ['the night before that, after 23 hours', '2026-10-25T02:30:00Z', '2026-10-24T02:00:00Z'],
  ])('%s', (_name, now, reset) => {
    expect(new Date(lastDailyReset(at(now), 4, berlin)).toISOString()).toBe(new Date(at(reset)).toISOString());
  });

  it('comes at the end of a jump over its hour', () => {
    // 02:00 to 03:00 does not exist in Berlin on this day.
    expect(lastDailyReset(at('2026-03-29T10:00:00Z'), 2, berlin)).toBe(at('2026-03-29T01:00:00Z'));
    expect(lastDailyReset(at('2026-03-08T20:00:00Z'), 2, newYork)).toBe(at('2026-03-08T07:00:00Z'));
    expect(lastDailyReset(at('2026-03-29T00:59:59Z'), 2, berlin)).toBe(at('2026-03-28T01:00:00Z'));
  });

  it('comes once where its hour comes twice: the first time', () => {
    expect(lastDailyReset(at('2026-10-25T00:30:00Z'), 2, berlin)).toBe(at('2026-10-25T00:00:00Z'));
    expect(lastDailyReset(at('2026-10-25T01:30:00Z'), 2, berlin)).toBe(at('2026-10-25T00:00:00Z'));
  });

  it.each([
    ['Europe/Berlin', berlin],
    ['America/New_York', newYork],
  ])('comes once on each day of a year in %s', (_name, offsetAt) => {
    const resets = new Set<number>();
    for (let now = at('2026-01-01T12:00:00Z'); now < at('2027-01-01T12:00:00Z'); now += HOUR / 2) {
      const reset = lastDailyReset(now, 4, offsetAt);
      expect(reset).toBeLessThanOrEqual(now);
      expect(now - reset).toBeLessThan(25 * HOUR);
      resets.add(reset);
    }
    expect(resets.size).toBe(366);
    for (const reset of resets) expect(new Date(reset + offsetAt(reset)).getUTCHours()).toBe(4);
  });

  it('is that of this computer unless told otherwise', () => {
    const now = at('2026-11-21T12:34:56Z');
    const reset = new Date(lastDailyReset(now, 4));
    expect([reset.getHours(), reset.getMinutes(), reset.getSeconds()]).toEqual([4, 0, 0]);
    expect(lastDailyReset(now, 4)).toBe(lastDailyReset(now, 4, hostOffset));
  });
});

const group = { chatType: 'group' } as const;
const direct = { chatType: 'direct' } as const;

describe('the rule for a conversation', () => {
  it.each<[string, SessionConfig | undefined, Parameters<typeof resetPolicyFor>[1], object]>([
    ['nothing set', undefined, direct, { atHour: 4 }],
    ['an hour', { reset: { atHour: 6 } }, direct, { atHour: 6 }],
    ['an hour that does not exist', { reset: { atHour: 99 } }, direct, { atHour: 23 }],
    ['daily and idle', { reset: { mode: 'daily', idleMinutes: 30 } }, direct, { atHour: 4, idleMinutes: 30 }],
    ['idle', { reset: { mode: 'idle', idleMinutes: 30 } }, direct, { idleMinutes: 30 }],
    ['idle without a number', { reset: { mode: 'idle' } }, direct, { idleMinutes: 60 }],
    ['the older setting alone', { idleMinutes: 90 }, direct, { idleMinutes: 90 }],
    [
      'the older setting beside rules',
      { idleMinutes: 90, reset: { atHour: 5 } },
      direct,
      { atHour: 5, idleMinutes: 90 },
    ],
    ['a type', { resetByType: { group: { mode: 'idle', idleMinutes: 5 } } }, group, { idleMinutes: 5 }],
    ['another type', { resetByType: { group: { mode: 'idle', idleMinutes: 5 } } }, direct, { atHour: 4 }],
    [
      'a type fills up the rest',
      { reset: { idleMinutes: 9 }, resetByType: { group: { atHour: 1 } } },
      group,
      { atHour: 1, idleMinutes: 9 },
    ],
    ['the older word for direct', { resetByType: { dm: { atHour: 2 } } }, direct, { atHour: 2 }],
    ['both words for direct', { resetByType: { dm: { atHour: 2 }, direct: { atHour: 3 } } }, direct, { atHour: 3 }],
    [
      'a thread',
      { resetByType: { thread: { mode: 'idle', idleMinutes: 7 } } },
      { chatType: 'thread' },
      { idleMinutes: 7 },
    ],
    ['a room counts as a group', { resetByType: { group: { atHour: 8 } } }, { chatType: 'channel' }, { atHour: 8 }],
    [
      'a channel',
      { resetByChannel: { Slack: { mode: 'idle', idleMinutes: 3 } } },
      { ...group, channel: 'slack' },
      { idleMinutes: 3 },
    ],
    [
      'a channel stands alone',
      { reset: { idleMinutes: 9 }, resetByChannel: { slack: { atHour: 1 } } },
      { ...group, channel: 'slack' },
      { atHour: 1 },
    ],
    ['another channel', { resetByChannel: { slack: { atHour: 1 } } }, { ...group, channel: 'signal' }, { atHour: 4 }],
  ])('%s', (_name, session, facts, policy) => {
    expect(resetPolicyFor(session, facts)).toEqual(policy);
  });

  it('is found by the key and by what is stored', () => {
    const session: SessionConfig = { resetByType: { group: { atHour: 8 } }, resetByChannel: { slack: { atHour: 1 } } };
    const entry = { sessionId: 's', updatedAt: 0 };
    expect(resetPolicyOf(session, 'agent:main:main', entry)).toEqual({ atHour: 4 });
    expect(resetPolicyOf(session, 'agent:main:telegram:group:g', entry)).toEqual({ atHour: 8 });
    expect(resetPolicyOf(session, 'agent:main:x', { ...entry, chatType: 'group' })).toEqual({ atHour: 8 });
    expect(resetPolicyOf(session, 'agent:main:x', { ...entry, channel: 'slack' })).toEqual({ atHour: 1 });
  });
});

describe('a conversation is over', () => {
  const now = at('2026-03-29T02:00:00Z');
  it.each([
    ['written before the day began', { updatedAt: now - 1 }, { atHour: 4 }, 'daily'],
    ['written since', { updatedAt: now }, { atHour: 4 }, undefined],
    ['idle for long enough', { updatedAt: now - 10 * 60_000 - 1 }, { idleMinutes: 10 }, 'idle'],
    ['idle for just that long', { updatedAt: now - 10 * 60_000 }, { idleMinutes: 10 }, undefined],
    ['whichever comes first: silence', { updatedAt: now - 11 * 60_000 }, { atHour: 3, idleMinutes: 10 }, 'idle'],
    ['whichever comes first: the day', { updatedAt: now - 5 * 60_000 }, { atHour: 4, idleMinutes: 10 }, 'daily'],
    ['neither', { updatedAt: now - 5 * 60_000 }, { atHour: 3, idleMinutes: 10 }, undefined],
    ['but never during a run', { updatedAt: 0, status: 'running' as const }, { atHour: 4, idleMinutes: 1 }, undefined],
    ['without a rule it never is', { updatedAt: 0 }, {}, undefined],
  ])('%s', (_name, entry, policy, why) => {
    expect(staleReason(entry, policy, now, berlin)).toBe(why);
  });
});
