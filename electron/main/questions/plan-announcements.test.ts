import { describe, expect, it } from 'vitest';
import type { WaitingQuestion } from '../../contract/desktop.js';
import { announcementTexts, type Known, MOST_ANNOUNCED, planAnnouncements, WITHIN_MS } from './plan-announcements.js';

const NOTHING: Known = { ids: new Set(), announcedAtMs: [] };
const away = { isInFront: false, nowMs: 1_000_000 };

const list = (...ids: string[]): WaitingQuestion[] => ids.map((id) => ({ id, title: 'Claw asks', body: `run ${id}` }));
const announced = (known: Known, waiting: WaitingQuestion[], moment = away) =>
  planAnnouncements(known, waiting, moment).announce.map(({ id }) => id);

describe('what is announced', () => {
  it('is every new question, once, while nobody looks at the window', () => {
    const first = planAnnouncements(NOTHING, list('a', 'b'), away);
    expect(first.announce.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(announced(first.known, list('a', 'b', 'c'))).toEqual(['c']);
  });

  it('is nothing that came before the eyes of the person', () => {
    const seen = planAnnouncements(NOTHING, list('a'), { ...away, isInFront: true });
    expect(seen.announce).toEqual([]);
    expect(announced(seen.known, list('a'))).toEqual([]);
  });

  it('is one question of an id that is given twice', () => {
    expect(announced(NOTHING, list('a', 'a'))).toEqual(['a']);
  });

  it('is withdrawn when it no longer waits, and new when it comes back', () => {
    const first = planAnnouncements(NOTHING, list('a', 'b'), away);
    const second = planAnnouncements(first.known, list('b'), away);
    expect([second.announce, second.withdraw]).toEqual([[], ['a']]);
    expect(announced(second.known, list('a', 'b'))).toEqual(['a']);
  });

  it('is no flood: a few in a minute, then some again', () => {
    const many = Array.from({ length: 50 }, (_, at) => `q${at}`);
    const flood = planAnnouncements(NOTHING, list(...many), away);
    expect(flood.announce).toHaveLength(MOST_ANNOUNCED);
    const soon = planAnnouncements(flood.known, list('x'), { ...away, nowMs: away.nowMs + WITHIN_MS - 1 });
    expect(soon.announce).toEqual([]);
    const later = { ...away, nowMs: away.nowMs + WITHIN_MS };
    expect(announced(soon.known, list('x', 'y'), later)).toEqual(['y']);
    expect(soon.known.announcedAtMs).toHaveLength(MOST_ANNOUNCED);
  });
});

describe('its texts', () => {
  const texts = (body: string, platform: NodeJS.Platform = 'darwin') =>
    announcementTexts({ title: 'Claw asks', body }, platform).body;

  it.each([
    ['ls\n  -l\t/tmp\r\n', 'ls -l /tmp'],
    ['echo \u202Etxt.exe\u202C\u2066x\u2069', 'echo txt.exex'],
    ['a\u0000b\u001B[31mc\u2028d', 'a b [31mc d'],
    ['half \uD83D of a sign', 'half  of a sign'],
    ['\u200B\uFEFF', ''],
  ])('of %j is one line of what can be seen: %j', (body, shown) => {
    expect(texts(body)).toBe(shown);
  });

  it('are short, and cut between characters', () => {
    const { title, body } = announcementTexts({ title: '🦞'.repeat(200), body: '🦞'.repeat(500) }, 'win32');
    expect(title).toBe(`${'🦞'.repeat(79)}…`);
    expect(body).toBe(`${'🦞'.repeat(159)}…`);
  });

  it('hold no markup on desktops that would read it', () => {
    expect(texts('cat <b>x</b> && rm', 'linux')).toBe('cat ‹b›x‹/b› ＆＆ rm');
    expect(texts('cat <a && rm', 'win32')).toBe('cat <a && rm');
  });
});
