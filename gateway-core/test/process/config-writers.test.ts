// Two processes write the config at the same moment, neither knowing of the other: what each was told is written is there.
import { readFile, writeFile } from 'node:fs/promises';
import JSON5 from 'json5';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeHome, type Home } from '../../../e2e/fixtures/home.js';
import { loadConfig } from '../../src/config/load.js';
import { createConfigOwner } from '../../src/config/owner.js';
import { resolveStatePaths } from '../../src/config/paths.js';
import { isAppError } from '../../src/shared/app-error.js';
import { silentLogger } from '../../src/shared/logger.js';
import { type Bundle, bundle } from './bundle.js';
import { KillStage } from './kill-stage.js';

const WRITES = 60;

let home: Home;
let programs: Bundle;
let stage: KillStage;

beforeAll(async () => {
  programs = await bundle({ worker: 'gateway-core/test/process/cli-worker.ts' });
  home = await makeHome({});
  await writeFile(
    home.configPath,
    "{\n  // both write here\n  gateway: { mode: 'local' },\n  channels: { ours: {}, theirs: {} },\n}\n",
  );
  stage = new KillStage(home, programs);
}, 60_000);

afterAll(async () => {
  await stage?.end();
  await home?.remove();
  await programs?.remove();
});

/** What an owner, as the gateway has it, was told is written. */
async function writeAsOwner(): Promise<string[]> {
  const load = { paths: resolveStatePaths(home.env), env: home.env, cwd: home.dir };
  const owner = createConfigOwner({ loaded: await loadConfig(load), load, log: silentLogger });
  const written: string[] = [];
  for (let number = 0; number < WRITES; number += 1) {
    const edit = { op: 'set' as const, path: ['channels', 'ours', `k${number}`], value: number };
    try {
      await owner.write({ source: 'test', change: () => ({ edits: [edit] }) });
      written.push(`k${number}`);
    } catch (error) {
      // The other was faster too often; nobody was told that it is written.
      if (!isAppError(error, 'config.stale')) throw error;
    }
  }
  await owner.stop();
  return written;
}

async function writeAsCommand(): Promise<string[]> {
  const written: string[] = [];
  for (let number = 0; number < WRITES; number += 1) {
    try {
      await stage.command(['config', 'set', `channels.theirs.k${number}`, String(number)]);
      written.push(`k${number}`);
    } catch (error) {
      if (!String(error).includes('changed since last load')) throw error;
    }
  }
  return written;
}

it('two processes that write at once lose nothing that was acknowledged', async () => {
  const [ours, theirs] = await Promise.all([writeAsOwner(), writeAsCommand()]);
  const text = await readFile(home.configPath, 'utf8');
  const { channels } = JSON5.parse<{ channels: Record<'ours' | 'theirs', object> }>(text);
  expect(Object.keys(channels.ours)).toEqual(expect.arrayContaining(ours));
  expect(Object.keys(channels.theirs)).toEqual(expect.arrayContaining(theirs));
  expect(text).toContain('// both write here');
  // The promise is worth something only if both could write.
  expect(Math.min(ours.length, theirs.length)).toBeGreaterThan(WRITES / 3);
}, 120_000);
