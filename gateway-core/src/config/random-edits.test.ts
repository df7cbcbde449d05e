// The promise of the config file: however it is changed, and whenever the process dies, it loads, keeps the
// comments of every key that survives, and has every write that was acknowledged.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import JSON5 from 'json5';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAppError } from '../shared/app-error.js';
import { silentLogger } from '../shared/logger.js';
import { type ConfigEdit, editValue } from './edits.js';
import { isRecord, type JsonRecord } from './json-value.js';
import { membersOf, parseText, type TextNode } from './json5-text.js';
import { loadConfig } from './load.js';
import { mergePatch } from './merge-patch.js';
import { type ConfigOwner, createConfigOwner } from './owner.js';
import { resolveStatePaths } from './paths.js';
import { realConfigFiles } from './writer.js';

const STEPS = 1_000;
const SEED = Number(process.env.CONFIG_EDITS_SEED ?? 20261121);

function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const random = randomOf(SEED);
const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T;

/** Channels may hold anything, so they are where the random values go. */
const START = `{
  // the only section
  channels: {
    one: { enabled: true, list: [{ id: 'a', n: 1 }, { id: 'b' }] },
    two: {},
  },
}
`;

let base: string;
let configPath: string;
let owner: ConfigOwner;
/** What every acknowledged write adds up to. */
let model: JsonRecord;
/** Comment → the place it is about; items of lists by their id. */
let comments: Map<string, string[]>;
let counter: number;
let tally: { written: number; refused: number; killed: number };
let crash: 'never' | 'in backup' | 'before rename' | 'after rename';

const files = {
  backup: async (file: string) => {
    if (crash === 'in backup') throw new Error('killed');
    await realConfigFiles.backup(file);
  },
  replace: async (file: string, text: string) => {
    if (crash === 'before rename') {
      await writeFile(
        path.join(path.dirname(file), `.openclaw.json.${counter}.tmp`),
        text.slice(0, random(text.length)),
      );
      throw new Error('killed');
    }
    await realConfigFiles.replace(file, text);
    if (crash === 'after rename') throw new Error('killed');
  },
};

async function boot(): Promise<void> {
  const paths = resolveStatePaths({ HOME: base, OPENCLAW_STATE_DIR: path.dirname(configPath) });
  const load = { paths, env: {}, cwd: base };
  owner = createConfigOwner({ loaded: await loadConfig(load), load, log: silentLogger, files });
}

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'claw-random-'));
  configPath = path.join(base, 'state', 'openclaw.json');
  await mkdir(path.dirname(configPath));
  await writeFile(configPath, START);
  model = JSON5.parse(START);
  comments = new Map([['// the only section', ['channels']]]);
  counter = 0;
  tally = { written: 0, refused: 0, killed: 0 };
  crash = 'never';
  await boot();
});

afterEach(async () => {
  await owner.stop();
  await rm(base, { recursive: true, force: true });
});

function keyName(): string {
  return pick(['k1', 'k2', 'k3', 'deep', 'a b', 'é', 'list', `n${random(6)}`]);
}

function someValue(depth = 0): unknown {
  const kinds = [
    () => random(1000),
    () => `t${random(99)}`,
    () => random(2) === 0,
    () => 'it\'s // "not" a /* comment',
  ];
  const nested = [
    () => ({ [keyName()]: someValue(depth + 1), [keyName()]: someValue(depth + 1) }),
    () => Array.from({ length: random(4) }, () => someValue(depth + 2)),
    () => Array.from({ length: 1 + random(3) }, (_item, index) => ({ id: `i${index}`, v: random(9) })),
    () => ({}),
  ];
  return pick(depth > 2 ? kinds : [...kinds, ...nested])();
}

/** Every place in `value`, as a path of keys and indexes. */
function placesIn(value: unknown, at: string[] = []): string[][] {
  const inner = Array.isArray(value)
    ? value.map((item, index): [string, unknown] => [String(index), item])
    : Object.entries(isRecord(value) ? value : {});
  return [at, ...inner.flatMap(([key, item]) => placesIn(item, [...at, key]))];
}

const isIn = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (owned, key) => (Array.isArray(owned) ? owned[Number(key)] : isRecord(owned) ? owned[key] : undefined),
    value,
  );

function randomEdit(): ConfigEdit {
  const places = placesIn(model.channels, ['channels']).filter((place) => place.length > 2);
  const place = places.length > 0 ? pick(places) : ['channels', 'two', 'x'];
  const here = isIn(model, place);
  switch (random(5)) {
    case 0:
      return { op: 'delete', path: place };
    case 1:
      return { op: 'set', path: place, value: someValue() };
    case 2:
      return { op: 'set', path: ['channels', pick(['one', 'two', 'three']), keyName()], value: someValue() };
    case 3:
      if (Array.isArray(here))
        return { op: 'insert', path: [...place, String(random(here.length + 1))], value: someValue(2) };
      return { op: 'set', path: isRecord(here) ? [...place, keyName()] : place, value: someValue() };
    default:
      return { op: 'delete', path: ['channels', pick(['one', 'two', 'three']), keyName()] };
  }
}

function randomPatch(): JsonRecord {
  const inner = { [keyName()]: pick([null, someValue()]), [keyName()]: { [keyName()]: pick([null, 1]) } };
  return { channels: { [pick(['one', 'two', 'three'])]: inner } };
}

async function writeThroughOwner(): Promise<void> {
  const before = await readFile(configPath, 'utf8');
  const [wanted, change] = ((): [unknown, () => { edits: ConfigEdit[] } | { value: unknown }] => {
    if (random(3) === 0) {
      const patch = randomPatch();
      return [mergePatch(model, patch), () => ({ value: mergePatch(JSON5.parse(before), patch) })];
    }
    const edits = Array.from({ length: 1 + random(2) }, randomEdit);
    return [editValue(model, edits), () => ({ edits })];
  })();
  crash = random(6) === 0 ? pick(['in backup', 'before rename', 'after rename'] as const) : 'never';
  try {
    const result = await owner.write({ source: 'test', change });
    expect(result.commentsKept).toBe(true);
    model = wanted as JsonRecord;
    if (result.written) tally.written++;
  } catch (error) {
    if (isAppError(error, 'config.rejected')) {
      expect(await readFile(configPath, 'utf8')).toBe(before);
      tally.refused++;
      return;
    }
    if (crash === 'never') throw error;
    // Nobody was told that this write succeeded; both outcomes are right, anything between is not.
    const now = stateOf(await readFile(configPath, 'utf8'));
    expect([withoutMeta(model), withoutMeta(wanted as JsonRecord)].some((state) => isDeepStrictEqual(state, now))).toBe(
      true,
    );
    model = now;
    tally.killed++;
    await owner.stop();
    crash = 'never';
    await boot();
  }
}

function objectsIn(node: TextNode, at: string[] = []): Array<[string[], TextNode]> {
  const inner = membersOf(node).flatMap(([key, child]) => objectsIn(child, [...at, key]));
  return node.kind === 'object' ? [[at, node], ...inner] : inner;
}

/** Somebody writes a new key with a comment into the file, in an editor. */
async function editByHand(): Promise<void> {
  const text = await readFile(configPath, 'utf8');
  const root = parseText(text);
  if (!root) throw new Error('the file does not parse');
  const objects = objectsIn(root).filter(([at]) => at[0] === 'channels' && at.length > 1);
  if (objects.length === 0) return;
  const [at, node] = pick(objects);
  const id = ++counter;
  const key = `h${id}`;
  const [comment, written] = pick<[string, string]>([
    [`// #${id}#`, `\n// #${id}#\n${key}: ${id},`],
    [`// #${id}#`, `\n${key}: ${id}, // #${id}#\n`],
    [`/* #${id}# */`, ` /* #${id}# */ ${key}: ${id},`],
    [`/* #${id}# */`, ` ${key}: /* #${id}# */ ${id},`],
  ]);
  const edited = text.slice(0, node.start + 1) + written + text.slice(node.start + 1);
  JSON5.parse(edited);
  await writeFile(configPath, edited);
  comments.set(comment, [...placeById(model, at), key]);
  model = editValue(model, [{ op: 'set', path: [...at, key], value: id }]) as JsonRecord;
}

/** A path in which items of lists are named by their id where every item has one. */
function placeById(value: unknown, at: readonly string[]): string[] {
  return at.map((key, depth) => {
    const owned = isIn(value, at.slice(0, depth));
    const id = Array.isArray(owned) && isRecord(owned[Number(key)]) ? (owned[Number(key)] as JsonRecord).id : undefined;
    return typeof id === 'string' ? `#${id}` : key;
  });
}

function survives(place: readonly string[]): boolean {
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

function withoutMeta(value: JsonRecord): JsonRecord {
  const { meta: _stamp, ...others } = value;
  return others;
}

const stateOf = (text: string): JsonRecord => withoutMeta(JSON5.parse(text));

describe('a config that is changed at random', () => {
  it(`always loads, keeps the comments of surviving keys, and loses no acknowledged write (${STEPS} steps, seed ${SEED})`, async () => {
    let kept = 0;
    for (let step = 0; step < STEPS; step++) {
      const before = await readFile(configPath, 'utf8');
      if (random(3) === 0) await editByHand();
      else await writeThroughOwner();
      const text = await readFile(configPath, 'utf8');
      const where = `seed ${SEED}, step ${step}\n--- before\n${before}\n--- after\n${text}`;
      const loaded = await owner.read();
      expect(loaded.issues, where).toEqual([]);
      expect(stateOf(text), where).toEqual(withoutMeta(model));
      for (const [comment, place] of comments) {
        if (!survives(place)) comments.delete(comment);
        else expect(text.includes(comment), `${comment} of ${place.join('.')} is lost; ${where}`).toBe(true);
      }
      kept = Math.max(kept, comments.size);
    }
    // The promise is worth something only if all of it was tried.
    expect(kept).toBeGreaterThan(10);
    expect(tally.written).toBeGreaterThan(STEPS / 4);
    expect(tally.killed).toBeGreaterThan(STEPS / 50);
  }, 180_000);
});
