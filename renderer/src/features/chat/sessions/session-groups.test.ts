import { describe, expect, it } from 'vitest';
import type { SessionRow } from '../../../../../gateway-core/src/protocol/index.js';
import type { SessionsState } from '../../../data/sessions.js';
import { groupSessions, orderedKeys } from './session-groups.js';

const row = (key: string, more: Partial<SessionRow> = {}): SessionRow => ({
  key,
  kind: 'direct',
  updatedAt: 10,
  ...more,
});
const state = (more: Partial<SessionsState>): SessionsState => ({
  agents: [
    { id: 'main', name: 'Claw' },
    { id: 'scout', identity: { name: 'Scout', emoji: '🔭' } },
  ],
  sessions: [],
  models: [],
  loaded: true,
  isCurrent: true,
  runs: {},
  seen: {},
  seenSinceMs: 5,
  ...more,
});

describe('list of chats', () => {
  it('names a chat of a schedule by the schedule, and shows words without their markup', () => {
    const sessions = [
      row('agent:main:cron:1', {
        derivedTitle: '[cron:7b7c10a8-dd40 Look at the mail…',
        lastMessagePreview: '## Done\n\nIt has **one** page, see `notes.md`.',
      }),
    ];
    const [item] = groupSessions(state({ sessions }))[0]?.items ?? [];
    expect(item).toMatchObject({ title: 'Look at the mail…', preview: 'Done It has one page, see notes.md.' });
  });

  it('orders agents and their sessions by recency', () => {
    const sessions = [
      row('agent:main:a', { updatedAt: 1 }),
      row('agent:main:b', { updatedAt: 3 }),
      row('agent:scout:c', { updatedAt: 9 }),
    ];
    expect(orderedKeys(state({ sessions }))).toEqual(['agent:scout:c', 'agent:main:b', 'agent:main:a']);
    expect(groupSessions(state({ sessions })).map((group) => `${group.emoji}${group.name}`)).toEqual([
      '🔭Scout',
      'Claw',
    ]);
  });

  it('names a session by its label, else by how it began, else plainly', () => {
    const sessions = [
      row('agent:main:a', { label: 'Mine', derivedTitle: 'x', updatedAt: 4 }),
      row('agent:main:b', { derivedTitle: '[Sat 2026-11-21 02:15 UTC] Hello', updatedAt: 3 }),
      row('agent:main:main', { updatedAt: 2 }),
      row('agent:main:c', { updatedAt: 1 }),
    ];
    expect(groupSessions(state({ sessions }))[0]?.items.map((item) => item.title)).toEqual([
      'Mine',
      'Hello',
      'Main chat',
      'New chat',
    ]);
  });

  it.each([
    ['an answer that ended since it was looked at', { endedAt: 20 }, 10, true],
    ['nothing new', { endedAt: 20 }, 30, false],
    ['an ending from before the list was first seen', { endedAt: 4 }, 0, false],
  ])('marks as unread: %s', (_, more, seenMs, expected) => {
    const sessions = [row('agent:main:a', more)];
    const groups = groupSessions(state({ sessions, seen: { 'agent:main:a': seenMs } }));
    expect(groups[0]?.items[0]?.isUnread).toBe(expected);
  });

  it('never marks the open chat as unread, and lists it before anything was said', () => {
    const sessions = [row('agent:main:a', { endedAt: 20 })];
    expect(groupSessions(state({ sessions }), { openKey: 'agent:main:a' })[0]?.items[0]?.isUnread).toBe(false);
    const fresh = groupSessions(state({ sessions }), { openKey: 'agent:main:new' })[0]?.items[0];
    expect(fresh).toMatchObject({ key: 'agent:main:new', title: 'New chat', isStored: false });
  });

  it('searches titles and last messages for all words', () => {
    const sessions = [
      row('agent:main:a', { label: 'Launch post' }),
      row('agent:scout:b', { label: 'Feed', lastMessagePreview: 'post is out' }),
    ];
    const find = (search: string) =>
      groupSessions(state({ sessions }), { search }).flatMap((group) => group.items.map((item) => item.title));
    expect(find('POST')).toEqual(['Launch post', 'Feed']);
    expect(find('launch post')).toEqual(['Launch post']);
    expect(find('nothing')).toEqual([]);
  });

  it('shows which sessions are working', () => {
    const sessions = [row('agent:main:a')];
    expect(groupSessions(state({ sessions, runs: { 'agent:main:a': ['r'] } }))[0]?.items[0]?.isWorking).toBe(true);
  });
});
