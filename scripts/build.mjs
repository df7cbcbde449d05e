// Builds dist/ when it is missing or older than its sources.
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

export const projectRoot = path.join(import.meta.dirname, '..');

const SOURCES = [
  'renderer',
  'electron',
  'gateway-core/src',
  'docs/guide',
  'vite.config.ts',
  'package.json',
  'package-lock.json',
];
const OUTPUTS = [
  'dist/cli/openclaw.js',
  'dist/electron/main.js',
  'dist/electron/gateway.js',
  'dist/electron/preload.cjs',
  'dist/renderer/index.html',
];
const NOT_BUILT = /\.test\.tsx?$/;

function newestMs(file) {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats) return 0;
  if (!stats.isDirectory()) return NOT_BUILT.test(file) ? 0 : stats.mtimeMs;
  return Math.max(0, ...readdirSync(file).map((name) => newestMs(path.join(file, name))));
}

/** True when an output is missing or a source is newer than it. */
export function isBuildStale(root = projectRoot) {
  const built = OUTPUTS.map((file) => statSync(path.join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return Math.min(...built) < Math.max(...SOURCES.map((file) => newestMs(path.join(root, file))));
}

/** Runs the whole Vite build; it speaks only when it fails. */
export async function buildAll(root = projectRoot) {
  const { createBuilder } = await import('vite');
  const workingFolder = process.cwd();
  // The config names its folders from the root of the project.
  process.chdir(root);
  try {
    const builder = await createBuilder({ configFile: path.join(root, 'vite.config.ts'), logLevel: 'error' });
    await builder.buildApp();
  } finally {
    process.chdir(workingFolder);
  }
}

/** Builds when that is needed; says so, since it takes a moment. */
export async function ensureBuilt({ log = console.error } = {}) {
  if (!isBuildStale()) return;
  const startedMs = Date.now();
  log('Building OpenClaw HQ…');
  await buildAll();
  log(`Built in ${((Date.now() - startedMs) / 1000).toFixed(1)} s.`);
}
