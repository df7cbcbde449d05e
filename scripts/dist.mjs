// `npm run dist -- [electron-builder options]`: builds, then packages for this operating system.
// Where the pinned Electron cannot be downloaded, `--linux dir` still works with the runtime that tests use;
// such a package is for trying, never for release, so every other target is refused.
import { createRequire } from 'node:module';
import path from 'node:path';
import { buildAll, projectRoot } from './build.mjs';
import { electronDistVersion, resolveElectronDist, runForwarding } from './electron-runtime.mjs';

const require = createRequire(import.meta.url);

const PLATFORM_FLAGS = {
  linux: ['--linux', '-l'],
  darwin: ['--mac', '-m', '-o', '--macos'],
  win32: ['--win', '-w', '--windows'],
};

/** True when the options name no operating system, or only this one. */
function isForThisSystem(args) {
  const named = Object.keys(PLATFORM_FLAGS).filter((platform) =>
    PLATFORM_FLAGS[platform].some((flag) => args.includes(flag)),
  );
  return named.every((platform) => platform === process.platform);
}

/** Only an unpacked folder is asked for. */
function isFolderOnly(args) {
  const targets = args.filter((arg) => !arg.startsWith('-'));
  return args.includes('--dir') || (targets.length > 0 && targets.every((target) => target === 'dir'));
}

/** electron-builder fetches runtimes for other systems itself. */
async function runtimeOptions(args) {
  if (!isForThisSystem(args)) return [];
  const dist = await resolveElectronDist();
  const version = await electronDistVersion(dist);
  const pinned = require('electron/package.json').version;
  if (version !== pinned) {
    if (!isFolderOnly(args)) {
      throw new Error(
        `Electron ${pinned} is not available here, only ${version}, which must not be released. ` +
          'Try the package with "npm run dist -- --linux dir", or set ELECTRON_OVERRIDE_DIST_PATH to the right runtime.',
      );
    }
    console.error(`Packaging with Electron ${version} instead of ${pinned}: for trying, not for release.`);
  }
  return [`-c.electronDist=${dist}`, `-c.electronVersion=${version}`];
}

async function main(args) {
  const runtime = await runtimeOptions(args);
  await buildAll();
  const builder = path.join(path.dirname(require.resolve('electron-builder/package.json')), 'cli.js');
  const options = ['--projectDir', projectRoot, '--publish', 'never', ...args, ...runtime];
  return runForwarding(process.execPath, [builder, ...options]);
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
