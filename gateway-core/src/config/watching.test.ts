// What is read with the config – included files, `.env` files – is watched like the config itself.
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogHub, type LogRecord } from '../shared/logger.js';
import { type LoadedConfig, loadConfig } from './load.js';
import { type ConfigOwner, createConfigOwner } from './owner.js';
import { resolveStatePaths } from './paths.js';
import type { ReloadPlan } from './reload-plan.js';

interface Change {
  plan: ReloadPlan;
  next: LoadedConfig;
}

let base: string;
let state: string;
let work: string;
let owner: ConfigOwner;
let records: LogRecord[];
let changes: Change[];
let notices: string[];
let wake: () => void;

async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise<void>((resolve) => (wake = resolve));
}

const put = (folder: string, name: string, text: string) => writeFile(path.join(folder, name), text);
const config = (body: string) => `{ gateway: { reload: { debounceMs: 20 } }, ${body} }`;

async function open(text: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
  await put(state, 'openclaw.json', text);
  const hub = createLogHub();
  hub.addSink({ write: (record) => void records.push(record) });
  const paths = resolveStatePaths({ HOME: base, OPENCLAW_STATE_DIR: state });
  const load = { paths, env, cwd: work };
  owner = createConfigOwner({ loaded: await loadConfig(load), load, log: hub.logger('config'), settleMs: 20 });
  owner.onChange((plan, next) => {
    changes.push({ plan, next });
    wake();
  });
  owner.onInvalid((notice) => {
    notices.push(notice);
    wake();
  });
  await owner.start();
}

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'claw-watching-'));
  state = path.join(base, 'state');
  work = path.join(base, 'work');
  await mkdir(state);
  await mkdir(work);
  records = [];
  changes = [];
  notices = [];
  wake = () => undefined;
});

afterEach(async () => {
  await owner.stop();
  await rm(base, { recursive: true, force: true });
});

describe('an included file', () => {
  it('is watched wherever it is in the folder of the config, and so are the files it includes', async () => {
    await mkdir(path.join(state, 'parts', 'deep'), { recursive: true });
    await put(state, 'parts/ui.json5', '{ $include: "deep/color.json5" }');
    await put(state, 'parts/deep/color.json5', '{ seamColor: "#1" }');
    await open(config('ui: { $include: "parts/ui.json5" }'));
    await put(state, 'parts/deep/color.json5', '{ seamColor: "#2" }');
    await until(() => changes.length === 1);
    expect(changes[0]?.plan).toMatchObject({ changed: ['ui.seamColor'], restart: false });
    await put(state, 'parts/ui.json5', '{ seamColor: "#3" }');
    await until(() => changes.length === 2);
    expect(owner.current().config.ui?.seamColor).toBe('#3');
  });

  it('is watched from the moment that the config names it, and not any more when it does not', async () => {
    await mkdir(path.join(state, 'parts'));
    await put(state, 'parts/ui.json5', '{ seamColor: "#1" }');
    await open(config('hooks: { path: "/a" }'));
    await put(state, 'openclaw.json', config('ui: { $include: "parts/ui.json5" }'));
    await until(() => changes.length === 1);
    await put(state, 'parts/ui.json5', '{ seamColor: "#2" }');
    await until(() => changes.length === 2);
    expect(changes[1]?.plan.changed).toEqual(['ui.seamColor']);
    await put(state, 'openclaw.json', config('ui: { seamColor: "#3" }'));
    await until(() => changes.length === 3);
    await put(state, 'parts/ui.json5', '{ broken');
    await put(state, 'openclaw.json', config('ui: { seamColor: "#4" }'));
    await until(() => changes.length === 4);
    expect(notices).toEqual([]);
  });

  it('that breaks or goes away leaves the old config in use, and is taken again when it is back', async () => {
    await put(state, 'ui.json5', '{ seamColor: "#1" }');
    await open(config('ui: { $include: "ui.json5" }'));
    await rm(path.join(state, 'ui.json5'));
    await until(() => notices.length === 1);
    expect(notices[0]).toMatch(/^config reload skipped \(invalid config\): ui: Include "ui\.json5" cannot be read/);
    expect(owner.current().config.ui?.seamColor).toBe('#1');
    await put(state, 'ui.json5', '{ seamColor: "#2" }');
    await until(() => changes.length === 1);
    expect(owner.current().config.ui?.seamColor).toBe('#2');
  });

  it('may come in a folder that does not exist yet', async () => {
    await open(config('ui: { seamColor: "#1" }'));
    await put(state, 'openclaw.json', config('ui: { $include: "later/parts/ui.json5" }'));
    await until(() => notices.length === 1);
    await mkdir(path.join(state, 'later', 'parts'), { recursive: true });
    await put(state, 'later/parts/ui.json5', '{ seamColor: "#2" }');
    await until(() => changes.length === 1);
    expect(owner.current().config.ui?.seamColor).toBe('#2');
  });

  it('may be a link, which is followed when it points elsewhere', async () => {
    await mkdir(path.join(state, 'one'));
    await mkdir(path.join(state, 'two'));
    await put(state, 'one/ui.json5', '{ seamColor: "#1" }');
    await put(state, 'two/ui.json5', '{ seamColor: "#2" }');
    await symlink(path.join(state, 'one', 'ui.json5'), path.join(state, 'ui.json5'));
    await open(config('ui: { $include: "ui.json5" }'));
    await put(state, 'one/ui.json5', '{ seamColor: "#1b" }');
    await until(() => changes.length === 1);
    await symlink(path.join(state, 'two', 'ui.json5'), path.join(state, 'ui.new'));
    await rename(path.join(state, 'ui.new'), path.join(state, 'ui.json5'));
    await until(() => changes.length === 2);
    await put(state, 'two/ui.json5', '{ seamColor: "#2b" }');
    await until(() => changes.length === 3);
    expect(changes.map(({ next }) => next.config.ui?.seamColor)).toEqual(['#1b', '#2', '#2b']);
  });
});

describe('a .env file', () => {
  it.each([
    ['the state folder', () => state],
    ['the folder the gateway was started in', () => work],
  ])('in %s restarts when a variable changes, and its value stays out of the log', async (_where, folder) => {
    await open(config('ui: { seamColor: "${COLOR}" }'), { COLOR: '#0' });
    await put(folder(), '.env', 'PROVIDER_KEY=key-one\nCOLOR=ignored\n');
    await until(() => changes.length === 1);
    expect(changes[0]?.plan).toMatchObject({ changed: ['env.PROVIDER_KEY'], restart: true });
    expect(owner.current().env.PROVIDER_KEY).toBe('key-one');
    await put(folder(), '.env', 'PROVIDER_KEY=key-two\n');
    await until(() => changes.length === 2);
    await rm(path.join(folder(), '.env'));
    await until(() => changes.length === 3);
    expect(changes.map(({ next }) => next.env.PROVIDER_KEY)).toEqual(['key-one', 'key-two', undefined]);
    const log = records.map(({ message }) => message);
    expect(log).toContain('config change requires gateway restart (env.PROVIDER_KEY)');
    expect(log.join('\n')).not.toMatch(/key-one|key-two/);
  });

  it('changes what the config says by it', async () => {
    await put(state, '.env', 'COLOR="#1"\n');
    await open(config('ui: { seamColor: "${COLOR}" }'));
    await put(state, '.env', '# a comment\nCOLOR="#2"\n');
    await until(() => changes.length === 1);
    expect(changes[0]?.plan.changed).toEqual(['ui.seamColor', 'env.COLOR']);
    expect(owner.current().config.ui?.seamColor).toBe('#2');
  });

  it('that says the same in other words changes nothing', async () => {
    await put(work, '.env', 'A=1\n');
    await put(state, '.env', 'A=2\n');
    await open(config('ui: { seamColor: "#1" }'));
    await put(state, '.env', 'A=3\n');
    await put(work, '.env', '# same\nA="1"\n');
    await put(state, 'openclaw.json', config('ui: { seamColor: "#2" }'));
    await until(() => changes.length === 1);
    expect(changes[0]?.plan.changed).toEqual(['ui.seamColor']);
  });
});

describe('the start', () => {
  it('hears what was saved between the first reading and the watch', async () => {
    await put(state, 'openclaw.json', config('ui: { seamColor: "#1" }'));
    const paths = resolveStatePaths({ HOME: base, OPENCLAW_STATE_DIR: state });
    const load = { paths, env: {}, cwd: work };
    const loaded = await loadConfig(load);
    await put(state, 'openclaw.json', config('ui: { seamColor: "#2" }'));
    owner = createConfigOwner({ loaded, load, log: createLogHub().logger('config'), settleMs: 20 });
    owner.onChange((plan, next) => {
      changes.push({ plan, next });
      wake();
    });
    await owner.start();
    await until(() => changes.length === 1);
    expect(owner.current().config.ui?.seamColor).toBe('#2');
  });
});

describe('mode off', () => {
  it('tells nobody, and tells all of it when the mode is another', async () => {
    await open('{ gateway: { reload: { mode: "off", debounceMs: 20 } }, ui: { seamColor: "#1" } }');
    await put(
      state,
      'openclaw.json',
      '{ gateway: { reload: { mode: "off", debounceMs: 20 } }, ui: { seamColor: "#2" } }',
    );
    const noted = 'config reload disabled (gateway.reload.mode=off): ui.seamColor';
    // The log has no event; a look whenever the file system is done.
    while (!records.some(({ message }) => message === noted)) await new Promise((resolve) => setImmediate(resolve));
    expect(changes).toEqual([]);
    await put(state, 'openclaw.json', config('ui: { seamColor: "#2" }'));
    await until(() => changes.length === 1);
    expect(changes[0]?.plan).toMatchObject({ mode: 'hybrid', changed: ['gateway.reload.mode', 'ui.seamColor'] });
  });
});
