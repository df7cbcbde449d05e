// The promise of the config file with real processes: a thousand random edits by `config set`, config.patch and by
// hand, while the gateway and the commands are ended with SIGKILL. It always loads, keeps the comments of every key
// that survives, and has every write that was acknowledged.
import { createHash } from 'node:crypto';
import { watch } from 'node:fs';
import { readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import JSON5 from 'json5';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeHome, type Home } from '../../../e2e/fixtures/home.js';
import { editValue } from '../../src/config/edits.js';
import type { JsonRecord } from '../../src/config/json-value.js';
import { loadConfig } from '../../src/config/load.js';
import { mergePatch } from '../../src/config/merge-patch.js';
import { resolveStatePaths } from '../../src/config/paths.js';
import { ConfigOracle, randomOf, stateOf } from '../../src/config/test-random-edits.js';
import { type Bundle, bundle } from './bundle.js';
import { KillStage, type Outcome } from './kill-stage.js';

const EDITS = 1_000;
const SEED = Number(process.env.CONFIG_EDITS_SEED ?? 20261121);
const START_KILLS = 6;
const ROUNDS = 30;
/** Edits of a round with the gateway, and of one without. */
const WITH = 21;
const WITHOUT = 13;
/** Every so many commands one is a process of its own. */
const OWN_PROCESS_EVERY = 24;

const random = randomOf(SEED);
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** One edit on its way: what it makes of the model, and how it is made. */
interface Edit {
  how: 'set' | 'patch';
  after(model: JsonRecord): JsonRecord;
  make(): Promise<Outcome>;
}

let home: Home;
let programs: Bundle;
let stage: KillStage;
let oracle: ConfigOracle;
let token: string;
let commands = 0;
/** Kills come at random, or when one of these appears in the folder of the config: the moments of a write. */
const MOMENTS = [/\.lock$/, /\.bak/, /^\.openclaw\.json\.\w+\.tmp$/, /^openclaw\.json$/, undefined];
const RANDOM_MOMENT_MS = 40;
const tally = { set: 0, patch: 0, hand: 0, program: 0, refused: 0, kills: 0, cutOff: 0, cutOffDone: 0, comments: 0 };

const text = (): Promise<string> => readFile(home.configPath, 'utf8');
const auditText = (): Promise<string> => readFile(path.join(home.stateDir, 'logs', 'config-audit.jsonl'), 'utf8');

function start(): string {
  return `// mine
{
  // the address
  gateway: { mode: 'local', reload: { debounceMs: 50 } }, // stays
  logging: { file: ${JSON.stringify(path.join(home.dir, 'gateway.log'))} },
  /* what is edited */
  channels: {
    one: { enabled: true, list: [{ id: 'a', n: 1 }, { id: 'b' }] },
    two: {},
  },
}
`;
}

beforeAll(async () => {
  programs = await bundle({
    openclaw: 'gateway-core/src/cli/bin.ts',
    worker: 'gateway-core/test/process/cli-worker.ts',
  });
  home = await makeHome({});
  await writeFile(home.configPath, start());
  stage = new KillStage(home, programs);
}, 60_000);

afterAll(async () => {
  await stage?.end();
  await home?.remove();
  await programs?.remove();
});

async function assertSound(where: string): Promise<void> {
  const paths = resolveStatePaths(home.env);
  const { issues } = await loadConfig({ paths, env: home.env, cwd: home.dir });
  expect(issues, where).toEqual([]);
  const now = await text();
  expect(oracle.fault(now), `${where}\n${now}`).toBeUndefined();
  tally.comments = Math.max(tally.comments, oracle.comments.size);
}

/** Every backup is a whole config, and every line of the audit log a whole line. */
async function assertTrail(where: string): Promise<void> {
  const names = (await readdir(home.stateDir)).filter((name) => /^openclaw\.json\.bak(\.\d)?$/.test(name));
  for (const name of names) {
    const backup = await readFile(path.join(home.stateDir, name), 'utf8');
    expect(() => JSON5.parse(backup), `${name}; ${where}\n${backup}`).not.toThrow();
  }
  expect(names.length, where).toBeLessThanOrEqual(5);
  const lines = (await auditText()).trimEnd().split('\n');
  for (const line of lines) expect(JSON.parse(line), where).toMatchObject({ event: 'config.write' });
}

/** An acknowledged write leaves the version before it as the backup, and a line with its hash in the audit log. */
async function assertNoted(before: string, where: string): Promise<void> {
  const now = await text();
  if (now === before) return;
  expect(await readFile(`${home.configPath}.bak`, 'utf8'), where).toBe(before);
  expect(await auditText(), where).toContain(`"nextHash":"${hashOf(now)}"`);
  expect((await stat(home.configPath)).mode & 0o777, where).toBe(0o600);
}

function viaCommand(): Edit {
  const edit = (random.below(4) === 0 ? oracle.unset() : undefined) ?? oracle.set();
  const at = edit.path.join('.');
  const argv =
    edit.op === 'set' ? ['config', 'set', at, JSON.stringify(edit.value), '--strict-json'] : ['config', 'unset', at];
  commands += 1;
  const inOwn = commands % OWN_PROCESS_EVERY === 0;
  if (inOwn) tally.program += 1;
  return {
    how: 'set',
    after: (model) => editValue(model, [edit]) as JsonRecord,
    make: () => (inOwn ? stage.program(argv) : stage.command(argv)),
  };
}

function viaPatch(patch = oracle.patch()): Edit {
  return {
    how: 'patch',
    after: (model) => mergePatch(model, patch) as JsonRecord,
    make: () => stage.patch(token, patch),
  };
}

/** Somebody saves the file from an editor: in place, or by putting a new file there. */
async function byHand(): Promise<void> {
  const edited = oracle.byHand(await text());
  if (edited === undefined) return;
  tally.hand += 1;
  if (random.below(2) === 0) {
    await writeFile(home.configPath, edited);
    return;
  }
  await writeFile(`${home.configPath}~`, edited, { mode: 0o644 });
  await rename(`${home.configPath}~`, home.configPath);
}

async function calmEdit(withGateway: boolean, where: string): Promise<void> {
  if (random.below(3) === 0) {
    await byHand();
  } else {
    const edit = withGateway && random.below(4) < 3 ? viaPatch() : viaCommand();
    if (edit.how === 'patch') await stage.connect(token);
    const before = await text();
    const outcome = await edit.make();
    tally[edit.how] += 1;
    expect(outcome, where).not.toBe('unknown');
    if (outcome === 'refused') {
      tally.refused += 1;
      expect(await text(), where).toBe(before);
    } else {
      oracle.model = edit.after(oracle.model);
      await assertNoted(before, where);
    }
  }
  await assertSound(where);
}

/** Two writers at the same moment, on different keys: both are there in the end. */
async function twoAtOnce(withGateway: boolean, where: string): Promise<void> {
  const number = tally.set + tally.patch;
  const set = (key: string) => ['config', 'set', `channels.one.${key}`, String(number), '--strict-json'];
  const other = { channels: { two: { [`q${number % 7}`]: number } } };
  const edits = withGateway
    ? [stage.command(set(`p${number % 5}`)), stage.patch(token, other)]
    : [stage.command(set(`p${number % 5}`)), stage.program(set(`r${number % 5}`))];
  expect(await Promise.all(edits), where).toEqual(['done', 'done']);
  oracle.model = editValue(oracle.model, [
    { op: 'set', path: ['channels', 'one', `p${number % 5}`], value: number },
    ...(withGateway ? [] : [{ op: 'set' as const, path: ['channels', 'one', `r${number % 5}`], value: number }]),
  ]) as JsonRecord;
  if (withGateway) oracle.model = mergePatch(oracle.model, other) as JsonRecord;
  tally.set += withGateway ? 1 : 2;
  tally.program += withGateway ? 0 : 1;
  tally.patch += withGateway ? 1 : 0;
  await assertSound(where);
}

/** Resolves when a name that fits appears in the folder of the config, or when the edit has ended. */
async function untilTouched(moment: RegExp, ended: Promise<unknown>): Promise<void> {
  const watcher = watch(home.stateDir);
  const touched = new Promise<void>((resolve) => {
    watcher.on('change', (_event, name) => {
      if (moment.test(String(name))) resolve();
    });
  });
  await Promise.race([ended, touched]);
  watcher.close();
}

/** Kills `victim` at some moment of an edit. Unless it was acknowledged before, both outcomes are right. */
async function killedEdit(edit: Edit, victim: () => Promise<void>, where: string): Promise<void> {
  if (edit.how === 'patch') await stage.connect(token);
  const before = oracle.model;
  const moment = random.pick(MOMENTS);
  const delayMs = random.below(RANDOM_MOMENT_MS);
  const outcome = edit.make();
  await (moment ? untilTouched(moment, outcome) : new Promise((resolve) => setTimeout(resolve, delayMs)));
  await victim();
  tally.kills += 1;
  tally[edit.how] += 1;
  const ended = await outcome;
  const wanted = edit.after(before);
  oracle.settle(await text(), ended === 'done' ? [wanted] : ended === 'refused' ? [before] : [before, wanted]);
  if (ended === 'unknown') {
    tally.cutOff += 1;
    if (isDeepStrictEqual(oracle.model, wanted)) tally.cutOffDone += 1;
  }
  await assertSound(where);
  await assertTrail(where);
}

async function firstStarts(): Promise<void> {
  for (let attempt = 0; attempt < START_KILLS; attempt += 1) {
    stage.spawnGateway();
    await new Promise((resolve) => setTimeout(resolve, random.below(600)));
    await stage.endGateway();
    tally.kills += 1;
    const now = await text();
    const { auth, ...gateway } = (JSON5.parse<JsonRecord>(now).gateway ?? {}) as JsonRecord;
    expect(gateway, now).toEqual({ mode: 'local', reload: { debounceMs: 50 } });
    for (const comment of ['// mine', '// the address', '// stays', '/* what is edited */']) {
      expect(now).toContain(comment);
    }
    const made = (auth as { token?: string } | undefined)?.token;
    if (token) expect(made).toBe(token);
    token = made ?? token;
  }
}

async function round(number: number): Promise<void> {
  const where = `seed ${SEED}, round ${number}`;
  for (let step = 0; step < WITH - 3; step += 1) await calmEdit(true, `${where}, step ${step} with the gateway`);
  await twoAtOnce(true, `${where}, two at once with the gateway`);
  const edit = random.below(3) < 2 ? viaPatch() : viaCommand();
  await killedEdit(edit, () => stage.endGateway(), `${where}, the gateway killed`);
  for (let step = 0; step < WITHOUT - 4; step += 1) await calmEdit(false, `${where}, step ${step} without`);
  await twoAtOnce(false, `${where}, two at once without`);
  await killedEdit(viaCommandInWorker(), () => stage.endWorker(), `${where}, the command killed`);
  await stage.ageCommandLock();
  // A command that runs into the start of the gateway writes by itself or through it.
  stage.spawnGateway();
  const during = viaCommand();
  const [outcome] = await Promise.all([during.make(), stage.untilListening()]);
  if (outcome === 'done') oracle.model = during.after(oracle.model);
  tally.set += 1;
  await assertSound(`${where}, started again`);
  const operator = await stage.connect(token);
  const seen = (await operator.request('config.get')) as { valid: boolean; hash: string };
  expect(seen, where).toMatchObject({ valid: true, hash: hashOf(await text()) });
}

/** Only a command in the worker can be killed without waiting for it. */
function viaCommandInWorker(): Edit {
  if ((commands + 1) % OWN_PROCESS_EVERY === 0) commands += 1;
  return viaCommand();
}

describe('a config that is changed at random by processes that are killed', () => {
  it(`always loads, keeps the comments of surviving keys, and loses no acknowledged write (${EDITS} edits, seed ${SEED})`, async () => {
    await firstStarts();
    stage.spawnGateway();
    await stage.untilListening();
    const first = await text();
    token = JSON5.parse<{ gateway: { auth: { token: string } } }>(first).gateway.auth.token;
    oracle = new ConfigOracle(random, stateOf(first));
    oracle.comments.set('// the address', ['gateway']);
    oracle.comments.set('// stays', ['gateway']);
    oracle.comments.set('/* what is edited */', ['channels']);
    const startedMs = performance.now();
    let rounds = 0;
    while (rounds < ROUNDS || tally.set + tally.patch + tally.hand < EDITS) await round((rounds += 1));
    const seconds = (performance.now() - startedMs) / 1000;
    const edits = tally.set + tally.patch + tally.hand;
    process.stdout.write(`seed ${SEED}: ${edits} edits in ${seconds.toFixed(1)} s, ${JSON.stringify(tally)}\n`);
    await assertLeftoversGo();
    // The promise is worth something only if all of it was tried.
    expect(tally.kills).toBeGreaterThanOrEqual(60);
    expect(tally.cutOff).toBeGreaterThan(10);
    expect(tally.cutOffDone).toBeGreaterThan(0);
    expect(Math.min(tally.set, tally.patch, tally.hand)).toBeGreaterThan(EDITS / 8);
    expect(tally.program).toBeGreaterThanOrEqual(36);
    expect(tally.comments).toBeGreaterThan(10);
  }, 300_000);
});

/** What killed writers left beside the config is gone after the next start. */
async function assertLeftoversGo(): Promise<void> {
  const leftovers = async () => (await readdir(home.stateDir)).filter((name) => /^\.openclaw\.json\..*tmp$/.test(name));
  await stage.endGateway('SIGTERM');
  const then = new Date(Date.now() - 120_000);
  for (const name of await leftovers()) await utimes(path.join(home.stateDir, name), then, then);
  stage.spawnGateway();
  await stage.untilListening();
  await expect.poll(leftovers, { timeout: 10_000 }).toEqual([]);
}
