// How browsers end: with the gateway, with a crash, with a kill; and one that is not ours, which does not.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBrowser } from '../../src/browser/executables.js';
import { isProcessAlive } from '../../src/browser/process-end.js';
import { bundleWorker } from '../../src/browser/testing/bundle-worker.js';
import { type Clock, systemClock } from '../../src/shared/clock.js';
import { bundle } from './bundle.js';
import { type Bench, startBench } from './browser-bench.js';
import { type Site, startSite } from './browser-site.js';

const LONG = { timeout: 30_000, interval: 100 };

let site: Site;
beforeAll(async () => (site = await startSite()));
afterAll(() => site.stop());

const signal = new AbortController().signal;
const browserConfig = (more: object = {}) => ({
  browser: { headless: true, noSandbox: true, ssrfPolicy: { allowedHostnames: ['127.0.0.1'] }, ...more },
});

/** 0 would mean this test's own processes. */
function real(pid: number | null | undefined): number {
  if (!pid || pid < 2) throw new Error(`${pid} is no process id`);
  return pid;
}

const isAlive = (pid: number): Promise<boolean> => isProcessAlive(real(pid));

async function line(child: ChildProcess, stream: 'stdout' | 'stderr', pattern: RegExp): Promise<string> {
  const input = child[stream];
  if (!input) throw new Error('nothing to read');
  for await (const text of createInterface({ input })) {
    const found = pattern.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  throw new Error(`${pattern} was never written`);
}

describe('browsers of ours', () => {
  let bench: Bench;
  beforeAll(async () => (bench = await startBench(browserConfig())));
  afterAll(() => bench.end());

  const pidNow = async () => real((await bench.browser.status()).pid);
  const ask = (method: 'GET' | 'POST' | 'DELETE', at: string, body?: unknown) =>
    bench.browser.request({ method, path: at, body }, signal);

  it('serves requests of people and programs', async () => {
    expect(await ask('GET', '/')).toMatchObject({ running: false, pid: null, cdpPort: 18800, userDataDir: null });
    expect(await ask('GET', '/tabs')).toEqual({ running: false, tabs: [] });
    const opened = await ask('POST', '/tabs/open', { url: `${site.url}/form` });
    expect(opened).toMatchObject({ ok: true, title: 'Form', url: `${site.url}/form`, type: 'page' });
    expect(await ask('GET', '/tabs')).toMatchObject({ running: true, tabs: [{ title: 'Form', isActive: true }] });
    expect(await ask('GET', '/snapshot')).toMatchObject({ format: 'ai', snapshot: expect.stringContaining('Sign up') });
    const { data } = (await ask('POST', '/screenshot')) as { data: string };
    expect(Buffer.from(data, 'base64').subarray(0, 3).toString('hex')).toBe('ffd8ff');
    expect(await ask('POST', '/act', { kind: 'press', key: 'Tab' })).toMatchObject({ ok: true });
    expect(await ask('GET', '/profiles')).toMatchObject({ profiles: [{ name: 'openclaw', running: true }] });
    await expect(ask('GET', '/../etc')).rejects.toMatchObject({ code: 'request.invalid' });
  });

  it('starts anew after a crash of the thread, and leaves no process behind', async () => {
    const pid = await pidNow();
    const waiting = ask('POST', '/navigate', { url: `${site.url}/endless?crash` });
    const ended = waiting.catch((error: unknown) => error);
    await site.whenAsked('/endless?crash');
    await bench.browser.crash();
    expect(await ended).toMatchObject({ code: 'browser.crashed' });
    expect(await isAlive(pid)).toBe(false);
    expect(await bench.browser.status()).toMatchObject({ running: false });
    expect(await ask('POST', '/tabs/open', { url: `${site.url}/second` })).toMatchObject({ title: 'Second' });
  });

  it('starts anew after the browser itself was killed', async () => {
    const pid = await pidNow();
    process.kill(pid, 'SIGKILL');
    await expect.poll(async () => (await bench.browser.status()).running, LONG).toBe(false);
    expect(await ask('POST', '/tabs/open', { url: `${site.url}/second` })).toMatchObject({ title: 'Second' });
  });

  it('ends with the gateway, and does not come back', async () => {
    const pid = await pidNow();
    await bench.browser.stop();
    expect(await isAlive(pid)).toBe(false);
    await expect(ask('POST', '/start')).rejects.toMatchObject({ code: 'browser.crashed' });
  });
});

it('ends with a gateway that was killed', async () => {
  const stateDir = await mkdtemp(path.join(tmpdir(), 'openclaw-browser-kill-'));
  const [programs, worker] = await Promise.all([
    bundle({ holder: 'gateway-core/test/process/browser-holder.ts' }),
    bundleWorker(),
  ]);
  const args = [programs.program('holder'), stateDir, `${site.url}/second`, worker.file.href];
  const holder = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = Number(await line(holder, 'stdout', /^pid (\d+)$/));
  expect(await isAlive(pid)).toBe(true);
  holder.kill('SIGKILL');
  await expect.poll(() => isAlive(pid), LONG).toBe(false);
  await Promise.all([programs.remove(), worker.remove()]);
  await rm(stateDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

describe('a browser that a person started', () => {
  let folder: string;
  let chromium: ChildProcess;
  let bench: Bench;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'openclaw-own-chrome-'));
    const program = await findBrowser({ platform: process.platform, env: process.env }, undefined);
    const args = ['--headless=new', '--no-sandbox', '--remote-debugging-port=0', `--user-data-dir=${folder}`];
    chromium = spawn(program?.path ?? '', [...args, '--no-first-run', `${site.url}/login?who=person`]);
    const cdpUrl = await line(chromium, 'stderr', /DevTools listening on (ws:\S+)/);
    bench = await startBench(browserConfig({ profiles: { user: { cdpUrl } } }));
  });
  afterAll(async () => {
    await bench.end();
    const exited = once(chromium, 'exit');
    chromium.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  });

  const say = (args: object) => bench.say({ profile: 'user', ...args });

  it('is attached to with all it knows, and guarded like ours', async () => {
    expect(await say({ action: 'tabs' })).toContain('/login?who=person');
    await say({ action: 'open', url: `${site.url}/me` });
    expect(await say({ action: 'snapshot' })).toContain('You are person');
    const before = site.asked.length;
    await expect(say({ action: 'open', url: `${site.url}/redirect` })).rejects.toMatchObject({
      code: 'browser.address_refused',
    });
    await say({ action: 'open', url: `${site.url}/hostile` });
    await say({ action: 'act', kind: 'wait', text: 'tried' });
    expect(await say({ action: 'snapshot' })).toContain('tried rejected rejected');
    expect(site.asked.slice(before).filter((text) => text.includes('/inside?'))).toEqual([]);
  });

  it('cannot ask through a socket or a service worker for what it may not open', async () => {
    await say({ action: 'open', url: `${site.url}/second` });
    const before = site.asked.length;
    const evaluate = (script: string) => say({ action: 'act', kind: 'evaluate', script });
    const socket = `new Promise((told) => {
      const socket = new WebSocket('ws://localhost:${site.port}/inside?socket');
      socket.onopen = () => told('open');
      socket.onclose = ({ code }) => told('closed ' + code);
    })`;
    expect(await evaluate(socket)).toContain('closed 1008');
    const worker = `navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready)
      .then(() => fetch('/second?through')).then(({ type }) => type)`;
    expect(await evaluate(worker)).toContain('basic');
    expect(site.asked.slice(before)).toContain('127.0.0.1 /second?through');
    expect(site.asked.slice(before).filter((text) => text.includes('/inside'))).toEqual([]);
  });

  it('closes a popup that shows what may not be opened', async () => {
    await say({ action: 'open', url: `${site.url}/second` });
    const popup = `void window.open('http://localhost:${site.port}/inside?popup')`;
    const before = site.asked.length;
    await say({ action: 'act', kind: 'evaluate', script: popup });
    await expect.poll(() => say({ action: 'tabs' }), LONG).not.toContain('/inside');
    // It was there, and its first request may have been quicker than the guard.
    expect(site.asked.slice(before).every((text) => text.endsWith('/inside?popup'))).toBe(true);
  });

  it('goes on when we let go of it', async () => {
    await say({ action: 'stop' });
    expect(await isAlive(real(chromium.pid))).toBe(true);
    expect(await say({ action: 'tabs' })).toContain('/login?who=person');
  });
});

it('ends by itself when nobody uses it, and comes back when somebody does', async () => {
  const sweeps: Array<() => void> = [];
  const every: Clock['every'] = (_periodMs, run) => {
    sweeps.push(run);
    return { cancel: () => undefined };
  };
  const bench = await startBench(browserConfig(), { clock: { ...systemClock, every }, idleMs: 0 });
  const start = () => bench.browser.request({ method: 'POST', path: '/start' }, signal);
  await start();
  const pid = real((await bench.browser.status()).pid);
  // Once: a second look that is still under way would end the browser that is started next.
  sweeps.at(-1)?.();
  await expect.poll(() => isAlive(pid), LONG).toBe(false);
  await expect.poll(() => bench.browser.status(), LONG).toMatchObject({ running: false, pid: null });
  await start();
  expect(await bench.browser.status()).toMatchObject({ running: true });
  await bench.end();
});

describe('where there is no browser', () => {
  it('leaves the tool out, and says so to programs', async () => {
    const bench = await startBench(browserConfig({ executablePath: '/nonexistent/chromium' }));
    await expect(bench.call({ action: 'status' })).rejects.toThrow('there is no browser tool');
    const opened = bench.browser.request({ method: 'POST', path: '/start' }, signal);
    await expect(opened).rejects.toMatchObject({ code: 'browser.not_found' });
    bench.config = browserConfig({ enabled: false });
    const off = bench.browser.request({ method: 'POST', path: '/start' }, signal);
    await expect(off).rejects.toMatchObject({ code: 'browser.disabled' });
    await bench.end();
  });
});
