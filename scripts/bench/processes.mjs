// Starts and ends what the bench compares: the gateway, the bare server and the upstream model.
import { fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectSocket, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect } from './wire.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.dirname(path.dirname(HERE));
const PROBE_EVERY_MS = 3;
const START_DEADLINE_MS = 30_000;

const CLI = path.join(ROOT, 'gateway-core', 'bin', 'openclaw.mjs');

/** Milliseconds since a `process.hrtime.bigint()`. */
export const msSince = (start, end = process.hrtime.bigint()) => Number(end - start) / 1e6;

async function findFreePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connectSocket(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}

/** Starts the model provider. `lastByte(tag)` resolves to the clock (ns) of the last byte of the answer with that tag. */
export async function startUpstream() {
  const child = fork(path.join(HERE, 'upstream.mjs'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [{ port }] = await once(child, 'message');
  const lastByte = (tag) =>
    new Promise((resolve) => {
      const onMessage = (message) => {
        if (message.tag !== tag) return;
        child.off('message', onMessage);
        resolve(BigInt(message.lastByteAt));
      };
      child.on('message', onMessage);
    });
  return { baseUrl: `http://127.0.0.1:${port}/v1`, lastByte, stop: () => child.kill() };
}

function gatewayConfig({ token, upstream, folder }) {
  const provider = {
    baseUrl: upstream.baseUrl,
    apiKey: 'bench-key',
    api: 'openai-completions',
    models: [{ id: 'bench-model', name: 'Bench model', contextWindow: 200_000, maxTokens: 8_192 }],
  };
  return {
    gateway: {
      mode: 'local',
      auth: { mode: 'token', token },
      http: { endpoints: { chatCompletions: { enabled: true } } },
    },
    agents: { defaults: { model: 'bench/bench-model', workspace: path.join(folder, 'workspace') } },
    models: { mode: 'merge', providers: { bench: provider } },
    logging: { file: path.join(folder, 'gateway.log') },
  };
}

function gatewayEnv(folder) {
  const kept = ['PATH', 'LANG', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR'];
  const inherited = Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
  return { ...inherited, HOME: folder, OPENCLAW_STATE_DIR: folder, NO_COLOR: '1' };
}

/** A gateway in a state folder of its own: how to start it, and what to remove at the end. */
export async function prepareGateway(upstream) {
  if (!existsSync(CLI) || !existsSync(path.join(ROOT, 'dist', 'cli', 'openclaw.js'))) {
    throw new Error('There is no build. Run: npm run build');
  }
  const folder = mkdtempSync(path.join(os.tmpdir(), 'openclaw-bench-'));
  const token = randomBytes(32).toString('hex');
  const port = await findFreePort();
  const config = gatewayConfig({ token, upstream, folder });
  writeFileSync(path.join(folder, 'openclaw.json'), JSON.stringify(config, undefined, 2), { mode: 0o600 });
  const env = { ...gatewayEnv(folder), OPENCLAW_GATEWAY_PORT: String(port) };
  return {
    name: 'gateway',
    port,
    token,
    env,
    command: [path.join(ROOT, 'dist', 'cli', 'openclaw.js'), 'gateway', '--port', String(port)],
    client: [CLI, 'health'],
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** The bare server, answering with payloads as large as the gateway's. */
export async function prepareBare(upstream, { helloBytes, healthBytes }) {
  const port = await findFreePort();
  const env = {
    PATH: process.env.PATH,
    BARE_PORT: String(port),
    BARE_HELLO_BYTES: String(helloBytes),
    BARE_HEALTH_BYTES: String(healthBytes),
    BARE_UPSTREAM: upstream.baseUrl,
  };
  return {
    name: 'bare',
    port,
    token: 'none',
    env,
    command: [path.join(HERE, 'bare-server.mjs')],
    client: [path.join(HERE, 'bare-client.mjs')],
    remove: () => undefined,
  };
}

/**
 * Spawns a prepared server and resolves after hello-ok with the time that took.
 * `stop(signal)` resolves to the milliseconds from the signal to the exit.
 */
export async function startServer(server) {
  const startedAt = process.hrtime.bigint();
  const child = spawn(process.execPath, server.command, {
    env: server.env,
    cwd: os.tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => (output = (output + data).slice(-4_000)));
  while (!(await accepts(server.port))) {
    if (child.exitCode !== null) throw new Error(`${server.name} ended with code ${child.exitCode}:\n${output}`);
    if (msSince(startedAt) > START_DEADLINE_MS) throw new Error(`${server.name} did not start:\n${output}`);
    await delay(PROBE_EVERY_MS);
  }
  const connection = await connect(server);
  const startMs = msSince(startedAt);
  const stop = async (signal = 'SIGTERM') => {
    const signalledAt = process.hrtime.bigint();
    const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    child.kill(signal);
    await exited;
    return msSince(signalledAt);
  };
  return { ...server, pid: child.pid, startMs, connection, stop };
}

/** Resident memory of a process in MB. */
export function residentMb(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

/** Runs a Node command to its end; resolves to the milliseconds it took. Throws when it fails. */
export async function timeCommand(command, env) {
  const startedAt = process.hrtime.bigint();
  const child = spawn(process.execPath, command, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let problem = '';
  child.stderr.on('data', (data) => (problem += data));
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${command.join(' ')} ended with code ${code}: ${problem}`);
  return msSince(startedAt);
}
