// Pure: names of keys as the bytes that a terminal sends for them.

const ESC = '\u001b';

const NAMED: Readonly<Record<string, string>> = {
  enter: '\r',
  return: '\r',
  tab: '\t',
  space: ' ',
  escape: ESC,
  esc: ESC,
  backspace: '\u007f',
  bspace: '\u007f',
  delete: `${ESC}[3~`,
  dc: `${ESC}[3~`,
  insert: `${ESC}[2~`,
  ic: `${ESC}[2~`,
  pageup: `${ESC}[5~`,
  ppage: `${ESC}[5~`,
  pagedown: `${ESC}[6~`,
  npage: `${ESC}[6~`,
  btab: `${ESC}[Z`,
  f1: `${ESC}OP`,
  f2: `${ESC}OQ`,
  f3: `${ESC}OR`,
  f4: `${ESC}OS`,
  f5: `${ESC}[15~`,
  f6: `${ESC}[17~`,
  f7: `${ESC}[18~`,
  f8: `${ESC}[19~`,
  f9: `${ESC}[20~`,
  f10: `${ESC}[21~`,
  f11: `${ESC}[23~`,
  f12: `${ESC}[24~`,
};

/** Keys whose last letter stays when others are held with them. */
const MOVES: Readonly<Record<string, string>> = { up: 'A', down: 'B', right: 'C', left: 'D', end: 'F', home: 'H' };
const HELD = /^([CMS])-(.+)$/i;

interface Held {
  ctrl: boolean;
  alt: boolean;
  shift: boolean;
}

function controlByte(key: string): string | undefined {
  if (key === '?') return '\u007f';
  if (key.toLowerCase() === 'space' || key === '@') return '\u0000';
  const code = key.toUpperCase().charCodeAt(0);
  return key.length === 1 && code >= 0x41 && code <= 0x5f ? String.fromCharCode(code - 0x40) : undefined;
}

function moveBytes(letter: string, held: Held, hasOtherArrows: boolean): string {
  const sum = 1 + (held.shift ? 1 : 0) + (held.alt ? 2 : 0) + (held.ctrl ? 4 : 0);
  if (sum > 1) return `${ESC}[1;${sum}${letter}`;
  return `${ESC}${hasOtherArrows ? 'O' : '['}${letter}`;
}

function bytesOf(name: string, hasOtherArrows: boolean): string | undefined {
  const held: Held = { ctrl: false, alt: false, shift: false };
  let key = /^\^.$/.test(name) ? `C-${name.charAt(1)}` : name;
  for (let match = HELD.exec(key); match; match = HELD.exec(key)) {
    const [, sign = '', rest = ''] = match;
    held.ctrl ||= sign.toUpperCase() === 'C';
    held.alt ||= sign.toUpperCase() === 'M';
    held.shift ||= sign.toUpperCase() === 'S';
    key = rest;
  }
  const lower = key.toLowerCase();
  const move = Object.hasOwn(MOVES, lower) ? MOVES[lower] : undefined;
  if (move !== undefined) return moveBytes(move, held, hasOtherArrows);
  const front = held.alt ? ESC : '';
  if (held.ctrl) {
    const control = controlByte(key);
    return control === undefined ? undefined : front + control;
  }
  if (held.shift && lower === 'tab') return front + NAMED.btab;
  if (Object.hasOwn(NAMED, lower)) return front + NAMED[lower];
  if ([...key].length !== 1) return undefined;
  return front + (held.shift ? key.toUpperCase() : key);
}

export type KeyBytes = { data: string } | { unknown: string };

/** `C-c`, `M-x`, `S-Tab`, `Enter`, `Up`, `F5`, `^D`, or one character. */
export function keyBytes(names: readonly string[], hasOtherArrows: boolean): KeyBytes {
  let data = '';
  for (const name of names) {
    const bytes = bytesOf(name, hasOtherArrows);
    if (bytes === undefined) return { unknown: name };
    data += bytes;
  }
  return { data };
}

/** `1b 5b 41` or `0x1b`; undefined for anything else. */
export function hexBytes(hex: readonly string[]): Buffer | undefined {
  const pairs = hex
    .join(' ')
    .replace(/0x/gi, '')
    .split(/[\s,]+/)
    .filter(Boolean);
  if (!pairs.every((pair) => /^([0-9a-f]{2})+$/i.test(pair))) return undefined;
  return Buffer.from(pairs.join(''), 'hex');
}

const PASTE_BEGIN = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;

/** Text as if it were pasted; the program cannot be made to take part of it for typing. */
export function pasteBytes(text: string, isBracketed: boolean): string {
  return isBracketed ? PASTE_BEGIN + text.replaceAll(PASTE_END, '') + PASTE_END : text;
}
