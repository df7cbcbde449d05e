// Starts our built gateway with the fake model in scratch folders, and stops both again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BIN = path.join(ROOT, 'gateway-core', 'bin', 'openclaw.mjs');
const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 20_000;

export const TOKEN = 'interop-token-4f1c7a90d2';
export const HOOK_TOKEN = 'interop-hook-token-8be3d417';

/** The environment of this process without anything that would lead a command to another gateway. */
export function bareEnv(changes) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(OPENCLAW|CLAWDBOT|npm)_|^NODE_OPTIONS$/i.test(name));
  return { ...Object.fromEntries(kept), ...changes };
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

function gatewayConfig(port, modelUrl, folder) {
  return {
    gateway: {
      mode: 'local',
      port,
      auth: { mode: 'token', token: TOKEN },
      http: { endpoints: { chatCompletions: { enabled: true }, responses: { enabled: true } } },
    },
    hooks: { enabled: true, token: HOOK_TOKEN, path: '/hooks' },
    logging: { file: path.join(folder, 'gateway.log') },
    models: {
      providers: {
        fake: {
          baseUrl: modelUrl,
          apiKey: 'any',
          api: 'openai-completions',
          models: [{ id: 'fake-1', name: 'Fake model', input: ['text', 'image'] }],
        },
      },
    },
    agents: {
      defaults: {
        model: 'fake/fake-1',
        workspace: path.join(folder, 'workspace'),
        memorySearch: { provider: 'openai', model: 'fake-1', remote: { baseUrl: modelUrl, apiKey: 'any' } },
      },
    },
  };
}

async function startFakeModel() {
  // The fixture is TypeScript, which Node 20 cannot read; Vite can, and is here anyway.
  const source = path.join(ROOT, 'e2e', 'fixtures', 'fake-model.ts');
  const { module } = await runnerImport(source, { configFile: false, logLevel: 'error' });
  return module.startFakeModel();
}

async function untilReady(child, port, output) {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) break;
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the gateway did not start:\n${output()}`);
}

async function endProcess(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const left = once(child, 'exit');
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await left;
  clearTimeout(hard);
}

/** Starts a program whose output is kept; `ended` resolves with its exit code, `stop` ends it. */
export function startProgram(file, args, { env, cwd }) {
  const child = spawn(file, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  const ended = once(child, 'exit').then(([code]) => code);
  return { child, ended, output: () => text, stop: () => endProcess(child) };
}

/**
 * A gateway of ours on a free port of 127.0.0.1, its own home, and a fake model that answers at once.
 * Throws when the product is not built or the gateway does not come up.
 */
export async function startGatewayUnderTest() {
  if (!existsSync(path.join(ROOT, 'dist', 'cli', 'openclaw.js'))) {
    throw new Error('The product is not built. Run `npm run build` first.');
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'openclaw-interop-'));
  const stateDir = path.join(folder, 'gateway', '.openclaw');
  await mkdir(stateDir, { recursive: true });
  const model = await startFakeModel();
  const port = await freePort();
  const configPath = path.join(stateDir, 'openclaw.json');
  await writeFile(configPath, JSON.stringify(gatewayConfig(port, model.url, folder), null, 2));
  const env = bareEnv({
    HOME: path.join(folder, 'gateway'),
    OPENCLAW_STATE_DIR: stateDir,
    OPENCLAW_CONFIG_PATH: configPath,
  });
  const program = startProgram(process.execPath, [BIN, 'gateway'], { env, cwd: folder });
  const stop = async () => {
    await program.stop();
    await model.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(program.child, port, program.output);
  } catch (error) {
    await stop();
    throw error;
  }
  return { folder, port, model, stateDir, configPath, process: program, stop };
}
