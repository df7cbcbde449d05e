// Damages frames: in their structure, and in their text.
import type { Seeded } from '../seeded.js';

const BAD_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  '\u0000',
  'id',
  'type',
  'a'.repeat(300),
];
const BAD_TEXTS = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\udfff\ud800',
  '\ufeff',
  '\u202e\u2066',
  'e\u0301'.repeat(50),
  '💥'.repeat(64),
  '../../etc/passwd',
  '%00',
  '${HOME}',
  '__proto__',
  'a'.repeat(5000),
  '\r\n\r\n',
  '"}]',
  'null',
  'NaN',
  '1e999',
];
const BAD_NUMBERS = [0, -0, -1, 0.1, 1e308, -1e308, 2 ** 53, -(2 ** 53) - 2, 2 ** 31, 1e-320, Number.MAX_SAFE_INTEGER];
const RAW_NUMBERS = ['1e999', '-1e999', '9007199254740993', `${'9'.repeat(400)}`, '0e0', '-0', '1E+400'];

type Json = unknown;
type Box = Record<string, Json> | Json[];

export function deep(random: Seeded, levels: number): Json {
  let value: Json = random.pick<Json>([null, 1, 'x', {}]);
  for (let level = 0; level < levels; level += 1) value = random.chance(0.5) ? [value] : { a: value };
  return value;
}

export function oddValue(random: Seeded): Json {
  switch (random.below(9)) {
    case 0:
      return null;
    case 1:
      return random.pick(BAD_NUMBERS);
    case 2:
    case 3:
      return random.pick(BAD_TEXTS);
    case 4:
      return random.chance(0.5);
    case 5:
      return [];
    case 6:
      return JSON.parse(`{"${random.pick(['__proto__', 'constructor', 'x'])}":{"isAdmin":true}}`);
    case 7:
      return Array.from({ length: random.below(40) }, () => random.pick<Json>([1, 'a', null, {}]));
    default:
      return deep(random, random.chance(0.02) ? 300 : random.below(30));
  }
}

function isBox(value: Json): value is Box {
  return value !== null && typeof value === 'object';
}

/** Some object or array inside `root`, the root included. */
function someBox(random: Seeded, root: Box): Box {
  let at = root;
  for (;;) {
    const inside = Object.values(at).filter(isBox);
    if (inside.length === 0 || random.chance(0.4)) return at;
    at = random.pick(inside);
  }
}

function setOwn(box: Box, key: string, value: Json): void {
  // A plain assignment to `__proto__` would be lost.
  Object.defineProperty(box, key, { value, enumerable: true, configurable: true, writable: true });
}

function damage(random: Seeded, root: Box): void {
  const box = someBox(random, root);
  const keys = Object.keys(box);
  const key = keys.length > 0 ? random.pick(keys) : 'x';
  switch (random.below(6)) {
    case 0:
      delete (box as Record<string, Json>)[key];
      break;
    case 1:
    case 2:
      setOwn(box, key, oddValue(random));
      break;
    case 3:
      setOwn(box, random.pick(BAD_KEYS), oddValue(random));
      break;
    case 4:
      setOwn(box, key, [(box as Record<string, Json>)[key]]);
      break;
    default:
      setOwn(box, key, JSON.stringify((box as Record<string, Json>)[key] ?? null));
  }
}

function damageText(random: Seeded, text: string): string {
  const at = random.below(text.length + 1);
  switch (random.below(6)) {
    case 0:
      return text.slice(0, at);
    case 1: {
      const bytes = Buffer.from(text);
      if (bytes.length > 0) {
        const index = random.below(bytes.length);
        bytes[index] = (bytes[index] ?? 0) ^ (1 << random.below(8));
      }
      return bytes.toString();
    }
    case 2:
      return text.slice(0, at) + random.pick(BAD_TEXTS) + text.slice(at);
    case 3:
      return text.slice(0, at) + text.slice(at + 1 + random.below(8));
    case 4:
      return text.replace(/\d+/, () => random.pick(RAW_NUMBERS));
    default:
      return text + text.slice(at);
  }
}

/** The frame as text, damaged now and then more than once; about one in ten is left whole. */
export function mutate(random: Seeded, frame: object): string {
  if (random.chance(0.1)) return JSON.stringify(frame);
  const copy = structuredClone(frame) as Box;
  const isStructural = random.chance(0.7);
  if (isStructural) for (let times = 1 + random.below(3); times > 0; times -= 1) damage(random, copy);
  const text = JSON.stringify(copy);
  return isStructural && random.chance(0.8) ? text : damageText(random, text);
}

/** Damages a raw HTTP request. */
export function mutateRequest(random: Seeded, request: string): Buffer {
  if (random.chance(0.3)) return Buffer.from(request);
  let text = request;
  for (let times = 1 + random.below(2); times > 0; times -= 1) text = damageText(random, text);
  const bytes = Buffer.from(text, random.chance(0.5) ? 'utf8' : 'latin1');
  for (let flips = random.chance(0.3) ? 1 : 0; flips > 0 && bytes.length > 0; flips -= 1) {
    const index = random.below(bytes.length);
    bytes[index] = (bytes[index] ?? 0) ^ (1 << random.below(8));
  }
  return bytes;
}
