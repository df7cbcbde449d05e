import { describe, expect, it } from 'vitest';
import { t } from '../../i18n/t.js';
import { availableCommands, COMMANDS, findCommand } from './commands.js';
import { createShortcutMatcher, isPlain, matchesChord, SEQUENCE_MS, shownKeys } from './shortcuts.js';

const press = (key: string, more = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});

describe('command registry', () => {
  it('has each id once', () => {
    const ids = COMMANDS.map((command) => command.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has each shortcut once', () => {
    const shortcuts = COMMANDS.flatMap((command) => command.shortcuts);
    expect(new Set(shortcuts).size).toBe(shortcuts.length);
  });

  it('gives every command a title', () => {
    for (const command of COMMANDS) expect(t(command.title)).not.toBe('');
  });

  it.each(['app.settings', 'app.palette', 'app.sidebar', 'chat.new', 'logs.open'])(
    'knows what the desktop menu sends: %s',
    (id) => {
      expect(findCommand(id)).toBeDefined();
    },
  );

  it('offers only verbs that fit the state', () => {
    const ids = (facts: Parameters<typeof availableCommands>[0]) =>
      availableCommands(facts).map((command) => command.id);
    const stopped = ids({ hasDesktop: true, status: 'stopped', isAnswering: false, isInChat: false, isAsked: false });
    expect(stopped).toContain('gateway.start');
    expect(stopped).not.toContain('gateway.stop');
    const browser = ids({ hasDesktop: false, status: 'ready', isAnswering: true, isInChat: true, isAsked: false });
    expect(browser).toContain('chat.stop');
    expect(browser).toContain('app.signOut');
    expect(browser).not.toContain('approvals.show');
    expect(browser).not.toContain('chat.compact');
    expect(browser.filter((id) => id.startsWith('gateway.'))).toEqual([]);
  });
});

describe('shortcuts', () => {
  it('take Ctrl, and ⌘ on a Mac', () => {
    expect(matchesChord('mod+k', press('k', { ctrlKey: true }), false)).toBe(true);
    expect(matchesChord('mod+k', press('k', { metaKey: true }), false)).toBe(false);
    expect(matchesChord('mod+k', press('k', { metaKey: true }), true)).toBe(true);
    expect(matchesChord('mod+shift+o', press('O', { ctrlKey: true, shiftKey: true }), false)).toBe(true);
    expect(matchesChord('mod+n', press('N', { ctrlKey: true, shiftKey: true }), false)).toBe(false);
  });

  it('find signs that need Shift on some keyboards', () => {
    expect(matchesChord('?', press('?', { shiftKey: true }), false)).toBe(true);
    expect(matchesChord('?', press('?'), false)).toBe(true);
  });

  it('do not fire for plain letters while somebody types', () => {
    const match = createShortcutMatcher(COMMANDS, false);
    expect(match(press('c'), { nowMs: 0, isTyping: true })).toBeUndefined();
    expect(match(press('k', { ctrlKey: true }), { nowMs: 1, isTyping: true })).toBe('app.palette');
    expect(isPlain('alt+arrowup')).toBe(false);
  });

  it('know sequences, and do not take their last key for a shortcut of its own', () => {
    const match = createShortcutMatcher(COMMANDS, false);
    expect(match(press('g'), { nowMs: 0, isTyping: false })).toBeUndefined();
    expect(match(press('c'), { nowMs: SEQUENCE_MS, isTyping: false })).toBe('nav.chat');
    expect(match(press('g'), { nowMs: 5_000, isTyping: false })).toBeUndefined();
    expect(match(press('c'), { nowMs: 5_001 + SEQUENCE_MS, isTyping: false })).toBe('chat.new');
  });

  it('are shown as keys of this computer', () => {
    expect(shownKeys('mod+shift+o', false)).toEqual([['Ctrl', 'Shift', 'O']]);
    expect(shownKeys('mod+k', true)).toEqual([['⌘', 'K']]);
    expect(shownKeys('g c', false)).toEqual([['G'], ['C']]);
  });
});
