// The supervisor with real processes in a real Electron.
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { buildProbe, electronDist, startProbe, type Probe } from './probe.js';

let folder: string;
let binary: string;
let probe: Probe | undefined;

const BINARIES: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
};

const logText = (): string => readFileSync(path.join(folder, 'desktop.log'), 'utf8');

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

async function start(mode?: string): Promise<Probe> {
  probe = await startProbe({ binary, folder, mode });
  return probe;
}

async function startReady(mode?: string): Promise<{ running: Probe; pid: number }> {
  const running = await start(mode);
  await running.run('start');
  const { pid } = await running.until((status) => status.state === 'ready');
  return { running, pid: pid! };
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hq-process-'));
  binary = path.join(await electronDist(), BINARIES[process.platform] ?? 'electron');
  await buildProbe(path.join(folder, 'app'));
  const manifest = { name: 'hq-probe', version: '1.0.0', type: 'module', main: 'main.mjs' };
  writeFileSync(path.join(folder, 'app', 'package.json'), JSON.stringify(manifest));
}, 240_000);

beforeEach(() => rmSync(path.join(folder, 'desktop.log'), { force: true }));

afterEach(async () => {
  const main = probe?.process;
  probe = undefined;
  if (!main || main.exitCode !== null || main.signalCode !== null) return;
  const gone = once(main, 'exit');
  main.kill('SIGKILL');
  await gone;
});

afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

it('becomes ready, and its output and environment arrive as they should', async () => {
  const { running } = await startReady();
  expect(running.statuses.map(({ state, step }) => [state, step])).toContainEqual(['starting', 'warming up']);
  expect(await running.run('connection')).toEqual({ url: 'ws://127.0.0.1:1', token: 'probe-secret' });
  await expect.poll(logText, { timeout: 10_000 }).toContain('probe output, options: none, handed a key: true');
  expect(logText()).not.toContain('the-handed-key');
});

it('is back within five seconds after it was killed', async () => {
  const { running, pid } = await startReady();
  const from = running.statuses.length;
  const startedMs = Date.now();
  process.kill(pid, 'SIGKILL');
  const crashed = await running.until((status) => status.state === 'restarting', from);
  expect(Date.now() - startedMs).toBeLessThan(2_000);
  expect(crashed.reason?.code).toBe('gateway.crashed');
  const back = await running.until((status) => status.state === 'ready', from);
  expect(Date.now() - startedMs).toBeLessThan(5_000);
  expect(back.pid).not.toBe(pid);
});

it('ends a process that does not listen to the wish to stop', async () => {
  const { running, pid } = await startReady('stubborn');
  await running.run('stop');
  expect(running.statuses.at(-1)?.state).toBe('stopped');
  expect(isAlive(pid)).toBe(false);
  expect(logText()).toContain('did not end in time');
}, 30_000);

it('delivers the reason of a failed start', async () => {
  const running = await start('failing');
  await running.run('start');
  const failed = await running.until((status) => status.state === 'failed');
  expect(failed.reason).toEqual({
    code: 'gateway.port_in_use',
    message: 'The port is taken.',
    hint: 'Choose another.',
  });
});

it('leaves no orphan when the main process is killed', async () => {
  const { running, pid } = await startReady();
  running.process.kill('SIGKILL');
  await once(running.process, 'exit');
  await expect.poll(() => isAlive(pid), { timeout: 10_000, interval: 50 }).toBe(false);
});
