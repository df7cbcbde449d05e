import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findZoneBreaks } from './check-zones.mjs';

let root: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(os.tmpdir(), 'zones-')));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Writes a source tree and returns the names of the rules that it breaks. */
async function brokenRules(files: Record<string, string>): Promise<string[]> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  const { breaks } = await findZoneBreaks(root);
  return [...new Set(breaks.map((found) => found.rule))].sort();
}

const value = 'export const value = 1;\n';
const core = 'gateway-core/src';

test('a tree that keeps to the table has no break', async () => {
  const rules = await brokenRules({
    [`${core}/protocol/index.ts`]: value,
    [`${core}/config/index.ts`]: "export { value } from '../protocol/index.js';\n",
    [`${core}/sessions/index.ts`]: "export { value } from '../config/index.js';\n",
    [`${core}/compose/gateway.ts`]: "export { value } from '../sessions/index.js';\n",
    'renderer/src/main.ts': "export { value } from '../../gateway-core/src/protocol/index.js';\n",
  });
  expect(rules).toEqual([]);
});

test.each([
  ['a slice that imports a slice to its right', `${core}/sessions/a.ts`, `${core}/runs/index.ts`, 'zone-sessions'],
  ['a slice that imports the server', `${core}/models/a.ts`, `${core}/server/index.ts`, 'zone-models'],
  ['the server importing a slice', `${core}/server/a.ts`, `${core}/sessions/index.ts`, 'zone-server'],
  ['shared importing a slice', `${core}/shared/a.ts`, `${core}/config/index.ts`, 'zone-shared'],
  ['the client importing shared', `${core}/client/a.ts`, `${core}/shared/app-error.ts`, 'zone-client'],
  ['the command line importing a slice', `${core}/cli/a.ts`, `${core}/runs/index.ts`, 'zone-cli'],
  ['the window importing a slice', 'renderer/src/a.ts', `${core}/config/index.ts`, 'zone-renderer'],
  ['Electron main importing the mind', 'electron/main/a.ts', `${core}/index.ts`, 'zone-electron-main'],
  [
    'a process entry importing Electron main',
    'electron/processes/a.ts',
    'electron/main/x.ts',
    'zone-electron-processes',
  ],
  ['an inner file of another room', `${core}/sessions/a.ts`, `${core}/config/load.ts`, 'room-entered-by-index'],
  ['product code importing a fixture', `${core}/models/a.ts`, 'e2e/fixtures/x.ts', 'product-without-tests'],
])('catches %s', async (_what, from, to, rule) => {
  const specifier = path.posix.relative(path.posix.dirname(from), to).replace(/\.ts$/, '.js');
  const rules = await brokenRules({ [from]: `import '${specifier}';\n`, [to]: value });
  expect(rules).toContain(rule);
});

test('catches a type-only import that crosses a zone', async () => {
  const rules = await brokenRules({
    [`${core}/sessions/a.ts`]: "import type { Run } from '../runs/index.js';\nexport type Mine = Run;\n",
    [`${core}/runs/index.ts`]: 'export interface Run {\n  id: string;\n}\n',
  });
  expect(rules).toEqual(['zone-sessions']);
});

test('lets the offline assistant take types, not values, from models', async () => {
  const models = {
    [`${core}/models/index.ts`]: 'export interface Request {\n  id: string;\n}\nexport const value = 1;\n',
  };
  const file = `${core}/offline/a.ts`;
  expect(
    await brokenRules({
      ...models,
      [file]: "import type { Request } from '../models/index.js';\nexport type R = Request;\n",
    }),
  ).toEqual([]);
  expect(await brokenRules({ [file]: "export { value } from '../models/index.js';\n" })).toEqual([
    'zone-offline-types-only',
  ]);
});

test('catches two files that import each other', async () => {
  const rules = await brokenRules({
    [`${core}/config/a.ts`]: "import { b } from './b.js';\nexport const a = () => b;\n",
    [`${core}/config/b.ts`]: "import { a } from './a.js';\nexport const b = () => a;\n",
  });
  expect(rules).toEqual(['no-cycle']);
});

test.each([
  ['protocol', `${core}/protocol/a.ts`],
  ['client', `${core}/client/a.ts`],
  ['contract', 'electron/contract/a.ts'],
  ['renderer', 'renderer/src/a.tsx'],
])('catches a Node built-in module in %s', async (_room, file) => {
  expect(await brokenRules({ [file]: "import { join } from 'node:path';\nexport const value = join;\n" })).toEqual([
    'neutral-without-node',
  ]);
});

test('catches electron outside the body', async () => {
  const text = "import { app } from 'electron';\nexport const value = app;\n";
  expect(await brokenRules({ [`${core}/logs/a.ts`]: text })).toEqual(['electron-stays-in-the-body']);
});

test('catches electron in the window', async () => {
  const text = "import { app } from 'electron';\nexport const value = app;\n";
  expect(await brokenRules({ 'renderer/src/a.ts': text })).toEqual(['electron-stays-in-the-body']);
});

test('names the rule and the page that explains it', async () => {
  await brokenRules({ [`${core}/shared/a.ts`]: "import '../config/index.js';\n", [`${core}/config/index.ts`]: value });
  const { breaks } = await findZoneBreaks(root);
  expect(breaks[0]).toMatchObject({
    rule: 'zone-shared',
    from: `${core}/shared/a.ts`,
    to: `${core}/config/index.ts`,
    comment: 'The room shared imports protocol. (docs/architecture.md#who-may-import-whom)',
  });
});
