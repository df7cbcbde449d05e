// Key presses → shortcuts. A shortcut is one chord (`mod+shift+o`, `?`) or several in a row (`g c`).

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

interface Chord {
  mod: boolean;
  shift: boolean;
  alt: boolean;
  key: string;
}

/** How long after the first key of a sequence the second may come. */
export const SEQUENCE_MS = 800;

function parseChord(text: string): Chord {
  const parts = text.split('+');
  const key = parts.at(-1) ?? '';
  return {
    mod: parts.includes('mod'),
    shift: parts.includes('shift'),
    alt: parts.includes('alt'),
    key: key.toLowerCase(),
  };
}

function isLetter(key: string): boolean {
  return key.length === 1 && key.toLowerCase() !== key.toUpperCase();
}

/** True when a press is this chord. `mod` is ⌘ on a Mac and Ctrl elsewhere. */
export function matchesChord(text: string, press: KeyPress, isMac: boolean): boolean {
  const chord = parseChord(text);
  const mod = isMac ? press.metaKey : press.ctrlKey;
  const other = isMac ? press.ctrlKey : press.metaKey;
  if (press.key.toLowerCase() !== chord.key || mod !== chord.mod || other || press.altKey !== chord.alt) return false;
  // Signs such as ? need Shift on one keyboard and not on the next.
  return !isLetter(chord.key) && chord.key.length === 1 ? true : press.shiftKey === chord.shift;
}

/** True for shortcuts that are plain letters or signs, which must not fire while somebody types. */
export function isPlain(shortcut: string): boolean {
  return shortcut.split(' ').every((chord) => !parseChord(chord).mod && !parseChord(chord).alt);
}

export interface ShortcutRow {
  id: string;
  shortcuts: readonly string[];
}

/** Makes a matcher that remembers the first key of a sequence. `isTyping`: the press went into a text field. */
export function createShortcutMatcher(rows: readonly ShortcutRow[], isMac: boolean) {
  let begun: { key: string; atMs: number } | undefined;
  const matches = (shortcut: string, press: KeyPress, previous: string | undefined) => {
    const [first = '', second] = shortcut.split(' ');
    if (second === undefined) return matchesChord(first, press, isMac);
    return previous === first && matchesChord(second, press, isMac);
  };
  return (press: KeyPress, at: { nowMs: number; isTyping: boolean }): string | undefined => {
    const previous = begun && at.nowMs - begun.atMs <= SEQUENCE_MS ? begun.key : undefined;
    begun = at.isTyping ? undefined : { key: press.key.toLowerCase(), atMs: at.nowMs };
    const fits = (shortcut: string) => !(at.isTyping && isPlain(shortcut)) && matches(shortcut, press, previous);
    const found = (isSequence: boolean) =>
      rows.find((row) => row.shortcuts.some((shortcut) => shortcut.includes(' ') === isSequence && fits(shortcut)))?.id;
    // `g c` must not be taken for `c`.
    return found(true) ?? found(false);
  };
}

const MAC_SIGNS: Record<string, string> = { mod: '⌘', shift: '⇧', alt: '⌥' };
const WORDS: Record<string, string> = { mod: 'Ctrl', shift: 'Shift', alt: 'Alt' };
const KEY_NAMES: Record<string, string> = { arrowup: '↑', arrowdown: '↓', escape: 'Esc', enter: 'Enter' };

/** The keys of a shortcut as shown: one list per chord. */
export function shownKeys(shortcut: string, isMac: boolean): string[][] {
  const signs = isMac ? MAC_SIGNS : WORDS;
  return shortcut
    .split(' ')
    .map((chord) =>
      chord.split('+').map((part) => signs[part] ?? KEY_NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part)),
    );
}
