// Runs one command of the real CLI in its own home.
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bareEnv, TOKEN } from './gateway-under-test.mjs';

const DEFAULT_TIMEOUT_MS = 30_000;
const QUIET = { OPENCLAW_DISABLE_BONJOUR: '1', OPENCLAW_NO_RESPAWN: '1', NO_COLOR: '1' };

/** A fresh home for one generation, with a local and a remote config for the gateway on `port`. */
export async function prepareClient({ folder, node, program, port }) {
  const stateDir = path.join(folder, 'state');
  await mkdir(stateDir, { recursive: true });
  const configs = {
    local: { gateway: { mode: 'local', port, auth: { mode: 'token', token: TOKEN } } },
    remote: { gateway: { mode: 'remote', remote: { url: `ws://127.0.0.1:${port}`, token: TOKEN } } },
  };
  for (const [name, config] of Object.entries(configs)) {
    await writeFile(path.join(folder, `${name}.json`), JSON.stringify(config));
  }
  return { folder, stateDir, node, program, quiet: QUIET };
}

/** Resolves with exit code, output and whether the command had to be ended. */
export function runClient({ client }, { args, config = 'local', timeoutMs = DEFAULT_TIMEOUT_MS }) {
  const env = bareEnv({
    ...client.quiet,
    HOME: client.folder,
    OPENCLAW_STATE_DIR: client.stateDir,
    OPENCLAW_CONFIG_PATH: path.join(client.folder, `${config}.json`),
  });
  return new Promise((resolve, reject) => {
    const child = spawn(client.node, [client.program, ...args], {
      env,
      cwd: client.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const result = { code: null, stdout: '', stderr: '', timedOut: false };
    const timer = setTimeout(() => {
      result.timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.stdout.on('data', (chunk) => (result.stdout += chunk));
    child.stderr.on('data', (chunk) => (result.stderr += chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ ...result, code });
    });
  });
}
