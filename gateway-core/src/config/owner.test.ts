import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogHub, type LogRecord } from '../shared/logger.js';
import { type LoadedConfig, loadConfig } from './load.js';
import { type ConfigOwner, createConfigOwner } from './owner.js';
import { resolveStatePaths } from './paths.js';
import type { ReloadPlan } from './reload-plan.js';

const DEBOUNCE_MS = 20;
const config = (body: string) => `{ gateway: { reload: { debounceMs: ${DEBOUNCE_MS} } }, ${body} }`;

interface Change {
  plan: ReloadPlan;
  next: LoadedConfig;
  previous: LoadedConfig;
  atMs: number;
}

let base: string;
let configPath: string;
let owner: ConfigOwner;
let records: LogRecord[];
let changes: Change[];
let notices: string[];
let wake: () => void;

async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise<void>((resolve) => (wake = resolve));
}

async function open(text: string | undefined, settleMs = 20): Promise<void> {
  if (text !== undefined) await writeFile(configPath, text);
  const hub = createLogHub();
  hub.addSink({ write: (record) => void records.push(record) });
  const paths = resolveStatePaths({ HOME: base, OPENCLAW_STATE_DIR: path.dirname(configPath) });
  const load = { paths, env: {}, cwd: base };
  owner = createConfigOwner({ loaded: await loadConfig(load), load, log: hub.logger('config'), settleMs });
  owner.onChange((plan, next, previous) => {
    changes.push({ plan, next, previous, atMs: performance.now() });
    wake();
  });
  owner.onInvalid((notice) => {
    notices.push(notice);
    wake();
  });
  await owner.start();
}

async function replaceAsEditorsDo(text: string): Promise<void> {
  await writeFile(`${configPath}~`, text);
  await rename(`${configPath}~`, configPath);
}

const setColor = (color: string) =>
  owner.write({ source: 'test', change: () => ({ edits: [{ op: 'set', path: ['ui', 'seamColor'], value: color }] }) });

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'claw-owner-'));
  configPath = path.join(base, 'state', 'openclaw.json');
  await mkdir(path.dirname(configPath));
  records = [];
  changes = [];
  notices = [];
  wake = () => undefined;
});

afterEach(async () => {
  await owner.stop();
  await rm(base, { recursive: true, force: true });
});

describe('changes from outside', () => {
  it.each([
    ['a plain save', (text: string) => writeFile(configPath, text)],
    ['a save that replaces the file', replaceAsEditorsDo],
  ])('notices %s, twice in a row', async (_how, save) => {
    await open(config('hooks: { path: "/a" }'));
    await save(config('hooks: { path: "/b" }'));
    await until(() => changes.length === 1);
    expect(changes[0]).toMatchObject({
      plan: { changed: ['hooks.path'], actions: ['reload-hooks'], restart: false },
      previous: { config: { hooks: { path: '/a' } } },
      next: { config: { hooks: { path: '/b' } } },
    });
    expect(owner.current().config.hooks?.path).toBe('/b');
    expect(records.map(({ message }) => message)).toContain('config hot reload applied (hooks.path)');
    await save(config('hooks: { path: "/c" }'));
    await until(() => changes.length === 2);
    expect(changes[1]?.plan.changed).toEqual(['hooks.path']);
  });

  it('keeps the old config while the file is broken, tells it once, and goes on when it is mended', async () => {
    await open(config('ui: { seamColor: "#1" }'));
    await replaceAsEditorsDo('{ broken');
    await until(() => notices.length === 1);
    expect(notices[0]).toMatch(/^config reload skipped \(invalid config\): .*JSON5/);
    expect(owner.current().config.ui?.seamColor).toBe('#1');
    expect((await owner.read()).valid).toBe(false);
    await replaceAsEditorsDo(config('nope: 1'));
    await until(() => notices.length === 2);
    expect(notices[1]).toContain('Unrecognized key: "nope"');
    await replaceAsEditorsDo(config('ui: { seamColor: "#2" }'));
    await until(() => changes.length === 1);
    expect(changes[0]?.plan.changed).toEqual(['ui.seamColor']);
    expect(notices).toHaveLength(2);
  });

  it('says so when the file is gone, keeps its config, and takes the new file', async () => {
    await open(config('ui: { seamColor: "#1" }'));
    await rm(configPath);
    await until(() => notices.length === 1);
    expect(notices[0]).toMatch(/^config reload skipped \(config file not found\)/);
    expect(owner.current().config.ui?.seamColor).toBe('#1');
    await writeFile(configPath, config('ui: { seamColor: "#2" }'));
    await until(() => changes.length === 1);
  });

  it('notices a first file', async () => {
    await open(undefined);
    await writeFile(configPath, '{ ui: { seamColor: "#1" } }');
    await until(() => changes.length === 1);
    expect(owner.current().exists).toBe(true);
  });

  it.skipIf(process.platform === 'win32')('follows a link, also to another file', async () => {
    for (const name of ['one', 'two']) await mkdir(path.join(base, name));
    const files = ['one', 'two'].map((name) => path.join(base, name, 'real.json'));
    const [one = '', two = ''] = files;
    await writeFile(one, config('ui: { seamColor: "#1" }'));
    await writeFile(two, config('ui: { seamColor: "#2" }'));
    await symlink(one, configPath);
    await open(undefined);
    await writeFile(one, config('ui: { seamColor: "#1b" }'));
    await until(() => changes.length === 1);
    await symlink(two, `${configPath}.new`);
    await rename(`${configPath}.new`, configPath);
    await until(() => changes.length === 2);
    await writeFile(two, config('ui: { seamColor: "#2b" }'));
    await until(() => changes.length === 3);
    expect(changes.map(({ next }) => next.config.ui?.seamColor)).toEqual(['#1b', '#2', '#2b']);
  });

  it('reports several saves in a row as one change', async () => {
    await open(config('ui: { seamColor: "#0" }'), 60);
    for (const color of ['#1', '#2', '#3']) await replaceAsEditorsDo(config(`ui: { seamColor: "${color}" }`));
    await until(() => changes.length === 1);
    expect(changes[0]?.next.config.ui?.seamColor).toBe('#3');
  });
});

describe('own writes', () => {
  it('are there at once, are reported once, and not again by the watcher', async () => {
    await open(config('ui: { seamColor: "#0" }'));
    await setColor('#1');
    expect(owner.current().config.ui?.seamColor).toBe('#1');
    await until(() => changes.length === 1);
    expect(changes[0]?.plan.changed).toEqual(['ui.seamColor', 'meta.lastTouchedVersion', 'meta.lastTouchedAt']);
    // Had the watcher reported the write as well, its report would come before that of this save.
    await replaceAsEditorsDo((await readFile(configPath, 'utf8')).replace('#1', '#2'));
    await until(() => changes.length === 2);
    expect(changes[1]?.plan.changed).toEqual(['ui.seamColor']);
  });

  it('keep what was saved by hand a moment before', async () => {
    await open(config('ui: { seamColor: "#0" }'));
    await writeFile(configPath, config('ui: { seamColor: "#0" }, hooks: { path: "/hand" }, // by hand\n'));
    await setColor('#1');
    expect((await owner.read()).config).toMatchObject({ ui: { seamColor: '#1' }, hooks: { path: '/hand' } });
    expect(await readFile(configPath, 'utf8')).toContain('// by hand');
    await until(() => changes.length === 1);
    expect(changes[0]?.plan.changed).toEqual(expect.arrayContaining(['ui.seamColor', 'hooks.path']));
  });

  it('take effect within 150 ms after the debounce', async () => {
    await open(config('ui: { seamColor: "#0" }'));
    const delays: number[] = [];
    for (let round = 1; round <= 10; round++) {
      const started = performance.now();
      await setColor(`#${round}`);
      await until(() => changes.length === round);
      delays.push((changes.at(-1)?.atMs ?? 0) - started - DEBOUNCE_MS);
    }
    const typical = delays.sort((a, b) => a - b)[5] ?? Number.NaN;
    expect(typical).toBeLessThan(150);
  });

  it('fail as a whole when the disk refuses', async () => {
    await open(config('ui: { seamColor: "#0" }'));
    const before = await readFile(configPath, 'utf8');
    await rm(path.join(base, 'state', 'logs'), { recursive: true, force: true });
    const failing = createConfigOwner({
      loaded: owner.current(),
      load: {
        paths: resolveStatePaths({ HOME: base, OPENCLAW_STATE_DIR: path.dirname(configPath) }),
        env: {},
        cwd: base,
      },
      log: createLogHub().logger('config'),
      files: { backup: async () => undefined, replace: () => Promise.reject(new Error('disk full')) },
    });
    const write = failing.write({
      source: 'test',
      change: () => ({ edits: [{ op: 'set', path: ['ui'], value: {} }] }),
    });
    await expect(write).rejects.toMatchObject({
      code: 'config.unwritable',
      message: expect.stringContaining('disk full'),
    });
    expect(await readFile(configPath, 'utf8')).toBe(before);
    await failing.stop();
  });
});

describe('reload', () => {
  it('reports at once, and says why it does not', async () => {
    await open(config('ui: { seamColor: "#0" }'), 60_000);
    await writeFile(configPath, config('gateway2: 1'));
    expect((await owner.reload()).valid).toBe(false);
    expect(notices).toHaveLength(1);
    await writeFile(configPath, config('ui: { seamColor: "#1" }'));
    await owner.reload();
    expect(changes).toHaveLength(1);
  });

  it('passes a failing listener over, with a line in the log', async () => {
    await open(config('ui: { seamColor: "#0" }'));
    owner.onChange(() => {
      throw new Error('not me');
    });
    let reached = false;
    owner.onChange(() => {
      reached = true;
    });
    await setColor('#1');
    await owner.reload();
    expect(reached).toBe(true);
    await until(() => records.some(({ level }) => level === 'error') || (setImmediate(() => wake()), false));
  });
});
