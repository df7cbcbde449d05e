// A write never says that it did what an included file keeps it from, and never copies that file into the config.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import JSON5 from 'json5';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../shared/logger.js';
import type { ConfigEdit } from './edits.js';
import { loadConfig } from './load.js';
import { mergePatch } from './merge-patch.js';
import { type ConfigOwner, createConfigOwner } from './owner.js';
import { resolveStatePaths } from './paths.js';
import type { ConfigChange } from './writer.js';

const MAIN = `{
  // who works here
  agents: { $include: 'parts/agents.json5', defaults: { workspace: '/w' } },
  ui: { $include: ['parts/ui.json5'] },
  hooks: { path: '/a' },
}
`;
const AGENTS = '{ list: [{ id: "main", default: true }, { $include: "ops.json5" }] } // mine\n';
const OPS = '{ id: "ops", name: "Ops" }';

let base: string;
let configPath: string;
let owner: ConfigOwner;

const read = (name = 'openclaw.json') => readFile(path.join(base, name), 'utf8');

async function open(main = MAIN): Promise<void> {
  await mkdir(path.join(base, 'parts'), { recursive: true });
  await writeFile(path.join(base, 'parts', 'agents.json5'), AGENTS);
  await writeFile(path.join(base, 'parts', 'ops.json5'), OPS);
  await writeFile(path.join(base, 'parts', 'ui.json5'), '{ seamColor: "#1" }');
  await writeFile(configPath, main);
  const paths = resolveStatePaths({ HOME: base, OPENCLAW_STATE_DIR: base });
  const load = { paths, env: {}, cwd: base };
  owner = createConfigOwner({ loaded: await loadConfig(load), load, log: silentLogger });
}

const write = (change: ConfigChange) => owner.write({ source: 'test', change: () => change });
const edit = (...edits: ConfigEdit[]) => write({ edits });
const patch = (value: object) =>
  owner.write({
    source: 'test',
    change: (file) => ({ value: mergePatch(file.parsed, value), meant: mergePatch(file.included, value) }),
  });

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'claw-included-'));
  configPath = path.join(base, 'openclaw.json');
});

afterEach(async () => {
  const parts = [await read('parts/agents.json5'), await read('parts/ops.json5')];
  await owner.stop();
  await rm(base, { recursive: true, force: true });
  // Whatever a test does: the included files are their author's.
  if (parts.join() !== [AGENTS, OPS].join()) throw new Error(`an included file was written: ${parts.join()}`);
});

describe('a write of what an included file has', () => {
  it.each<[what: string, file: string, edits: ConfigEdit[]]>([
    ['another name for an agent', 'agents.json5', [{ op: 'set', path: ['agents', 'list', '0', 'name'], value: 'X' }]],
    ['one agent less', 'agents.json5', [{ op: 'delete', path: ['agents', 'list', '1'] }]],
    ['another list', 'agents.json5', [{ op: 'set', path: ['agents', 'list'], value: [{ id: 'only' }] }]],
    ['no list', 'agents.json5', [{ op: 'delete', path: ['agents', 'list'] }]],
    ['no color', 'ui.json5', [{ op: 'delete', path: ['ui', 'seamColor'] }]],
  ])('is refused with the name of the file: %s', async (_what, name, edits) => {
    await open();
    const file = path.join(base, 'parts', name);
    await expect(edit(...edits)).rejects.toMatchObject({
      code: 'config.included',
      message: expect.stringContaining(file),
      hint: `Change it in ${file}; the gateway takes it over by itself.`,
      details: { file },
    });
    expect(await read()).toBe(MAIN);
  });

  it('is refused as a merge patch, too', async () => {
    await open();
    await expect(patch({ agents: { list: [{ id: 'ops', name: 'X' }] } })).rejects.toMatchObject({
      code: 'config.included',
      message: expect.stringContaining('agents.list is set in'),
    });
    expect(await read()).toBe(MAIN);
  });

  it('names the innermost file', async () => {
    await open("{ ui: { assistant: { $include: 'parts/deep.json5' } } }");
    await writeFile(path.join(base, 'parts', 'deep.json5'), '{ $include: "deeper.json5" }');
    await writeFile(path.join(base, 'parts', 'deeper.json5'), '{ name: "Claw" }');
    await expect(edit({ op: 'delete', path: ['ui', 'assistant', 'name'] })).rejects.toMatchObject({
      details: { path: 'ui.assistant.name', file: path.join(base, 'parts', 'deeper.json5') },
    });
  });
});

describe('a write beside an include', () => {
  it('goes into the config file, and leaves the include where it is', async () => {
    await open();
    await edit({ op: 'set', path: ['agents', 'defaults', 'workspace'], value: '/x' });
    await edit({ op: 'delete', path: ['hooks', 'path'] });
    await patch({ tools: { deny: ['exec'] } });
    const text = await read();
    expect(text).toContain("{ $include: 'parts/agents.json5', defaults: { workspace: '/x' } }");
    expect(text).toContain('// who works here');
    expect(owner.current().config).toMatchObject({ tools: { deny: ['exec'] }, agents: { list: [{}, { id: 'ops' }] } });
  });

  it('adds an agent after the included ones, changes it and takes it away', async () => {
    await open();
    await edit({ op: 'insert', path: ['agents', 'list', '2'], value: { id: 'new' } });
    expect(owner.current().config.agents?.list?.map(({ id }) => id)).toEqual(['main', 'ops', 'new']);
    expect(JSON5.parse(await read())).toMatchObject({ agents: { list: [{ id: 'new' }] } });
    // It is item 2 of the whole list, and item 0 of this file.
    await edit({ op: 'set', path: ['agents', 'list', '2', 'name'], value: 'New' });
    expect(owner.current().config.agents?.list?.at(2)).toEqual({ id: 'new', name: 'New' });
    await edit({ op: 'delete', path: ['agents', 'list', '2'] });
    expect(owner.current().config.agents?.list?.map(({ id }) => id)).toEqual(['main', 'ops']);
  });

  it('that wins over the included value is what it says, so it is written', async () => {
    await open();
    await edit({ op: 'set', path: ['ui', 'seamColor'], value: '#2' });
    expect(owner.current().config.ui?.seamColor).toBe('#2');
    expect(JSON5.parse(await read())).toMatchObject({ ui: { $include: ['parts/ui.json5'], seamColor: '#2' } });
    await edit({ op: 'set', path: ['ui', 'seamColor'], value: '#3' });
    expect(owner.current().config.ui?.seamColor).toBe('#3');
  });
});

describe('a whole new text', () => {
  it.each<[string, (included: Record<string, unknown>) => unknown]>([
    ['the merged config as it is', (included) => included],
    [
      'the merged config with another agent',
      (included) => ({
        ...included,
        agents: {
          list: [
            { id: 'main', default: true },
            { id: 'ops', name: 'New' },
          ],
        },
      }),
    ],
  ])('that would copy an included file is refused: %s', async (_what, make) => {
    await open();
    const { included } = await owner.read();
    const raw = JSON.stringify(make(included as Record<string, unknown>));
    await expect(write({ raw })).rejects.toMatchObject({
      code: 'config.included',
      details: { path: 'agents', file: path.join(base, 'parts', 'agents.json5') },
    });
    expect(await read()).toBe(MAIN);
  });

  it.each([
    ['keeps the includes', MAIN.replace("'/a'", "'/b'")],
    ['has none of it', '{ hooks: { path: "/b" } }'],
    ['has its own instead', '{ hooks: { path: "/b" }, agents: { list: [{ id: "else" }] }, ui: { seamColor: "#9" } }'],
  ])('is written when it %s', async (_what, raw) => {
    await open();
    expect((await write({ raw })).written).toBe(true);
    expect(owner.current().config.hooks?.path).toBe('/b');
  });
});
