// Runs the linter with our rules over small wrong files and reads which rule speaks.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const oxlint = path.join(path.dirname(createRequire(import.meta.url).resolve('oxlint/package.json')), 'bin', 'oxlint');
let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'lint-')));
  copyFileSync('.oxlintrc.json', path.join(root, '.oxlintrc.json'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

interface Report {
  diagnostics: Array<{ code?: string; message: string; help?: string }>;
}

/** Lints one file and returns "rule: message help" for each finding. */
function lint(file: string, text: string): string[] {
  const full = path.join(root, file);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, text);
  const { stdout } = spawnSync(process.execPath, [oxlint, '--format', 'json', file], { cwd: root, encoding: 'utf8' });
  const report = JSON.parse(stdout) as Report;
  return report.diagnostics.map(({ code, message, help }) => `${code ?? ''}: ${message} ${help ?? ''}`);
}

const lines = (count: number, indent = '') => `${indent}work();\n`.repeat(count);
const declareWork = 'declare function work(): void;\n';

test.each([
  [
    'ipcMain',
    'electron/main/tray/a.ts',
    "import { ipcMain } from 'electron';\nipcMain.on('x', () => 1);\n",
    'electron/main/ipc/handle.ts',
  ],
  [
    'ipcRenderer',
    'electron/main/a.ts',
    "import { ipcRenderer } from 'electron';\nipcRenderer.send('x');\n",
    'electron/preload',
  ],
  [
    'spawn',
    'gateway-core/src/runs/a.ts',
    "import { spawn } from 'node:child_process';\nspawn('x');\n",
    'gateway-core/src/shared/spawn.ts',
  ],
  [
    'writeFile',
    'gateway-core/src/config/a.ts',
    "import { writeFile } from 'node:fs/promises';\nawait writeFile('x', '');\n",
    'gateway-core/src/shared/json-file.ts',
  ],
])('%s outside its home is refused, and the message names the home', (_name, file, text, home) => {
  const findings = lint(file, text);
  expect(findings).toHaveLength(1);
  expect(findings[0]).toContain('no-restricted-imports');
  expect(findings[0]).toContain(home);
  expect(findings[0]).toContain('docs/architecture.md#one-home-each');
});

test.each([
  ['ipcMain', 'electron/main/ipc/handle.ts', "import { ipcMain } from 'electron';\nipcMain.on('x', () => 1);\n"],
  ['ipcRenderer', 'electron/preload/index.ts', "import { ipcRenderer } from 'electron';\nipcRenderer.send('x');\n"],
  [
    'writeFile',
    'gateway-core/src/shared/json-file.ts',
    "import { writeFile } from 'node:fs/promises';\nawait writeFile('x', '');\n",
  ],
])('%s in its home is allowed', (_name, file, text) => expect(lint(file, text)).toEqual([]));

test.each([
  ['a file of more than 400 lines', 'a.ts', `${declareWork}${lines(401)}`, 'max-lines'],
  [
    'a function of more than 40 lines',
    'a.ts',
    `${declareWork}export function f() {\n${lines(40, '  ')}}\n`,
    'max-lines-per-function',
  ],
  [
    'a component of more than 150 lines',
    'A.tsx',
    `${declareWork}export function A() {\n${lines(150, '  ')}}\n`,
    'max-lines-per-function',
  ],
  [
    'a fifth parameter',
    'a.ts',
    'export function f(a: 1, b: 2, c: 3, d: 4, e: 5) {\n  return [a, b, c, d, e];\n}\n',
    'max-params',
  ],
  ['any', 'a.ts', 'export const a: any = 1;\n', 'no-explicit-any'],
  ['@ts-ignore', 'a.ts', '// @ts-ignore\nexport const a: string = 1;\n', 'ban-ts-comment'],
  ['an empty catch', 'a.ts', `${declareWork}try {\n  work();\n} catch {}\n`, 'no-empty'],
  [
    'a catch that only rethrows',
    'a.ts',
    `${declareWork}try {\n  work();\n} catch (error) {\n  throw error;\n}\n`,
    'no-useless-catch',
  ],
  ['loose equality', 'a.ts', 'export const same = (a: number, b: number) => a == b;\n', 'eqeqeq'],
  ['console in a slice', 'gateway-core/src/runs/a.ts', "console.log('x');\n", 'no-console'],
])('%s is refused', (_what, file, text, rule) => {
  expect(lint(file, text).some((finding) => finding.includes(rule))).toBe(true);
});

test.each([
  [
    'a function of 40 lines, comments and blank lines not counted',
    'a.ts',
    `${declareWork}export function f() {\n${lines(38, '  ')}\n  // why\n\n}\n`,
  ],
  ['a component of 100 lines', 'A.tsx', `${declareWork}export function A() {\n${lines(98, '  ')}}\n`],
  ['console in the command line', 'gateway-core/src/cli/a.ts', "console.log('x');\n"],
  ['a long test', 'a.test.ts', `${declareWork}export function f() {\n${lines(80, '  ')}}\n`],
])('%s is allowed', (_what, file, text) => expect(lint(file, text)).toEqual([]));
