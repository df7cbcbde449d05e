// Test support: random edits of a config file, and what the file must say after them.
import { isDeepStrictEqual } from 'node:util';
import JSON5 from 'json5';
import { type ConfigEdit, editValue } from './edits.js';
import { isRecord, type JsonRecord } from './json-value.js';
import { membersOf, parseText, type TextNode } from './json5-text.js';

export interface Random {
  /** A whole number from 0, below `limit`. */
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
}

/** Small and the same on every machine, so that a seed tells a whole run. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  return { below, pick: <T>(items: readonly T[]) => items[below(items.length)] as T };
}

/** Every place in `value`, as a path of keys and indexes. */
function placesIn(value: unknown, at: string[] = []): string[][] {
  const inner = Array.isArray(value)
    ? value.map((item, index): [string, unknown] => [String(index), item])
    : Object.entries(isRecord(value) ? value : {});
  return [at, ...inner.flatMap(([key, item]) => placesIn(item, [...at, key]))];
}

function valueIn(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (owned, key) => (Array.isArray(owned) ? owned[Number(key)] : isRecord(owned) ? owned[key] : undefined),
    value,
  );
}

function objectsIn(node: TextNode, at: string[] = []): Array<[string[], TextNode]> {
  const inner = membersOf(node).flatMap(([key, child]) => objectsIn(child, [...at, key]));
  return node.kind === 'object' ? [[at, node], ...inner] : inner;
}

/** A path in which items of lists are named by their id where they have one. */
function placeById(value: unknown, at: readonly string[]): string[] {
  return at.map((key, depth) => {
    const owned = valueIn(value, at.slice(0, depth));
    const item = Array.isArray(owned) ? (owned[Number(key)] as unknown) : undefined;
    return isRecord(item) && typeof item.id === 'string' ? `#${item.id}` : key;
  });
}

function survives(model: unknown, place: readonly string[]): boolean {
  let value: unknown = model;
  for (const key of place) {
    if (Array.isArray(value)) {
      const ids = value.map((item) => (isRecord(item) ? item.id : undefined));
      // Items without ids cannot be told apart when a list changes; their comments are not promised.
      if (!key.startsWith('#') || new Set(ids).size !== ids.length) return false;
      value = value.find((item) => isRecord(item) && `#${String(item.id)}` === key) as unknown;
    } else if (isRecord(value)) value = value[key];
    else return false;
    if (value === undefined) return false;
  }
  return true;
}

/** What a text of the file says, without the stamp that every write leaves. */
export function stateOf(text: string): JsonRecord {
  const { meta: _stamp, ...others } = JSON5.parse<JsonRecord>(text);
  return others;
}

const ROOMS = ['one', 'two', 'three'];

/** Makes random edits below `channels`, which may hold anything, and knows what they add up to. */
export class ConfigOracle {
  readonly #random: Random;
  /** What every acknowledged write adds up to. */
  model: JsonRecord;
  /** Comment → the place it is about; items of lists by their id. */
  readonly comments = new Map<string, string[]>();
  #counter = 0;

  constructor(random: Random, model: JsonRecord) {
    this.#random = random;
    this.model = model;
  }

  #key(): string {
    return this.#random.pick(['k1', 'k2', 'k3', 'deep', 'a b', 'é', 'list', `n${this.#random.below(6)}`]);
  }

  #value(depth = 0): unknown {
    const { below, pick } = this.#random;
    const kinds = [() => below(1000), () => `t${below(99)}`, () => below(2) === 0, () => 'it\'s // "not" a /* comment'];
    const nested = [
      () => ({ [this.#key()]: this.#value(depth + 1), [this.#key()]: this.#value(depth + 1) }),
      () => Array.from({ length: below(4) }, () => this.#value(depth + 2)),
      () => Array.from({ length: 1 + below(3) }, (_item, index) => ({ id: `i${index}`, v: below(9) })),
      () => ({}),
    ];
    return pick(depth > 2 ? kinds : [...kinds, ...nested])();
  }

  #places(): string[][] {
    return placesIn(this.model.channels, ['channels']).filter((place) => place.length > 2);
  }

  /** A set, as `config set` takes it. */
  set(): ConfigEdit & { op: 'set' } {
    const { below, pick } = this.#random;
    const places = this.#places();
    if (places.length > 0 && below(2) === 0) return { op: 'set', path: pick(places), value: this.#value() };
    return { op: 'set', path: ['channels', pick(ROOMS), this.#key()], value: this.#value() };
  }

  /** A delete of something that is there, or undefined when there is nothing. */
  unset(): (ConfigEdit & { op: 'delete' }) | undefined {
    const places = this.#places();
    return places.length > 0 ? { op: 'delete', path: this.#random.pick(places) } : undefined;
  }

  edit(): ConfigEdit {
    const places = this.#places();
    const place = places.length > 0 ? this.#random.pick(places) : ['channels', 'two', 'x'];
    const here = valueIn(this.model, place);
    switch (this.#random.below(5)) {
      case 0:
        return { op: 'delete', path: place };
      case 1:
        return { op: 'delete', path: ['channels', this.#random.pick(ROOMS), this.#key()] };
      case 2:
        if (!Array.isArray(here)) return { op: 'set', path: [...place, this.#key()], value: this.#value() };
        return { op: 'insert', path: [...place, String(this.#random.below(here.length + 1))], value: this.#value(2) };
      default:
        return this.set();
    }
  }

  /** A merge patch. */
  patch(): JsonRecord {
    const { pick } = this.#random;
    const inner = { [this.#key()]: pick([null, this.#value()]), [this.#key()]: { [this.#key()]: pick([null, 1]) } };
    return { channels: { [pick(ROOMS)]: inner } };
  }

  /** `text` as somebody leaves it who writes a new key with a comment into it; the model knows of it. */
  byHand(text: string): string | undefined {
    const root = parseText(text);
    if (!root) throw new Error(`the file does not parse:\n${text}`);
    const objects = objectsIn(root).filter(([at]) => at[0] === 'channels' && at.length > 1);
    if (objects.length === 0) return undefined;
    const [at, node] = this.#random.pick(objects);
    const id = ++this.#counter;
    const key = `h${id}`;
    const [comment, written] = this.#random.pick<[string, string]>([
      [`// #${id}#`, `\n// #${id}#\n${key}: ${id},`],
      [`// #${id}#`, `\n${key}: ${id}, // #${id}#\n`],
      [`/* #${id}# */`, ` /* #${id}# */ ${key}: ${id},`],
      [`/* #${id}# */`, ` ${key}: /* #${id}# */ ${id},`],
    ]);
    this.comments.set(comment, [...placeById(this.model, at), key]);
    this.model = editValue(this.model, [{ op: 'set', path: [...at, key], value: id }]) as JsonRecord;
    return text.slice(0, node.start + 1) + written + text.slice(node.start + 1);
  }

  /** After a crash: the file says one of `allowed`, and that is the model from now on. Throws when it says anything else. */
  settle(text: string, allowed: readonly JsonRecord[]): void {
    const now = stateOf(text);
    if (!allowed.some((state) => isDeepStrictEqual(state, now))) {
      const shown = allowed.map((state) => JSON.stringify(state)).join('\n');
      throw new Error(`after a crash the file says\n${JSON.stringify(now)}\nand not one of\n${shown}`);
    }
    this.model = now;
  }

  /** What is wrong with the file, in a sentence; undefined when it says what it must. */
  fault(text: string): string | undefined {
    if (!isDeepStrictEqual(stateOf(text), this.model)) {
      return `the file says\n${JSON.stringify(stateOf(text))}\nand not\n${JSON.stringify(this.model)}`;
    }
    for (const [comment, place] of this.comments) {
      if (!survives(this.model, place)) this.comments.delete(comment);
      else if (!text.includes(comment)) return `${comment} of ${place.join('.')} is lost`;
    }
    return undefined;
  }
}
