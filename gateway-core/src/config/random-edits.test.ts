// The promise of the config file: however it is changed, and whenever the process dies, it loads, keeps the
// comments of every key that survives, and has every write that was acknowledged. The same with real processes
// and real kills: gateway-core/test/process/config-kills.test.ts
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import JSON5 from 'json5';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAppError } from '../shared/app-error.js';
import { silentLogger } from '../shared/logger.js';
import { editValue } from './edits.js';
import type { JsonRecord } from './json-value.js';
import { loadConfig } from './load.js';
import { mergePatch } from './merge-patch.js';
import { type ConfigOwner, createConfigOwner } from './owner.js';
import { resolveStatePaths } from './paths.js';
import { ConfigOracle, randomOf } from './test-random-edits.js';
import { type ConfigChange, realConfigFiles } from './writer.js';

const STEPS = 1_000;
const SEED = Number(process.env.CONFIG_EDITS_SEED ?? 20261121);
const random = randomOf(SEED);

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
let oracle: ConfigOracle;
let tally: { written: number; refused: number; killed: number };
let crash: 'never' | 'in backup' | 'before rename' | 'after rename';

const files = {
  backup: async (file: string) => {
    if (crash === 'in backup') throw new Error('killed');
    await realConfigFiles.backup(file);
  },
  replace: async (file: string, text: string) => {
    if (crash === 'before rename') {
      const leftover = path.join(path.dirname(file), `.openclaw.json.${tally.killed}.tmp`);
      await writeFile(leftover, text.slice(0, random.below(text.length)));
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
  oracle = new ConfigOracle(random, JSON5.parse(START));
  oracle.comments.set('// the only section', ['channels']);
  tally = { written: 0, refused: 0, killed: 0 };
  crash = 'never';
  await boot();
});

afterEach(async () => {
  await owner.stop();
  await rm(base, { recursive: true, force: true });
});

/** A change, and what it makes of the model. */
function someChange(before: string): { wanted: JsonRecord; change: () => ConfigChange } {
  if (random.below(3) === 0) {
    const patch = oracle.patch();
    const wanted = mergePatch(oracle.model, patch) as JsonRecord;
    return { wanted, change: () => ({ value: mergePatch(JSON5.parse(before), patch) }) };
  }
  const edits = Array.from({ length: 1 + random.below(2) }, () => oracle.edit());
  return { wanted: editValue(oracle.model, edits) as JsonRecord, change: () => ({ edits }) };
}

async function writeThroughOwner(): Promise<void> {
  const before = await readFile(configPath, 'utf8');
  const { wanted, change } = someChange(before);
  crash = random.below(6) === 0 ? random.pick(['in backup', 'before rename', 'after rename'] as const) : 'never';
  try {
    const result = await owner.write({ source: 'test', change });
    expect(result.commentsKept).toBe(true);
    oracle.model = wanted;
    if (result.written) tally.written++;
  } catch (error) {
    if (isAppError(error, 'config.rejected')) {
      expect(await readFile(configPath, 'utf8')).toBe(before);
      tally.refused++;
      return;
    }
    if (crash === 'never') throw error;
    // Nobody was told that this write succeeded; both outcomes are right, anything between is not.
    oracle.settle(await readFile(configPath, 'utf8'), [oracle.model, wanted]);
    tally.killed++;
    await owner.stop();
    crash = 'never';
    await boot();
  }
}

async function editByHand(): Promise<void> {
  const text = oracle.byHand(await readFile(configPath, 'utf8'));
  if (text !== undefined) await writeFile(configPath, text);
}

describe('a config that is changed at random', () => {
  it(`always loads, keeps the comments of surviving keys, and loses no acknowledged write (${STEPS} steps, seed ${SEED})`, async () => {
    let kept = 0;
    for (let step = 0; step < STEPS; step++) {
      const before = await readFile(configPath, 'utf8');
      if (random.below(3) === 0) await editByHand();
      else await writeThroughOwner();
      const text = await readFile(configPath, 'utf8');
      const where = `seed ${SEED}, step ${step}\n--- before\n${before}\n--- after\n${text}`;
      const loaded = await owner.read();
      expect(loaded.issues, where).toEqual([]);
      expect(oracle.fault(text), where).toBeUndefined();
      kept = Math.max(kept, oracle.comments.size);
    }
    // The promise is worth something only if all of it was tried.
    expect(kept).toBeGreaterThan(10);
    expect(tally.written).toBeGreaterThan(STEPS / 4);
    expect(tally.killed).toBeGreaterThan(STEPS / 50);
  }, 180_000);
});
