import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { launchApp, type RunningApp } from '../fixtures/app.js';
import { type Home, makeHome } from '../fixtures/home.js';

let home: Home;
let running: RunningApp;

/** What the tray showed, oldest first, as the desktop log tells; a virtual screen has no tray to look at. */
async function trayTexts(): Promise<string[]> {
  const log = await readFile(path.join(home.dir, 'user-data', 'logs', 'desktop.log'), 'utf8');
  return log
    .split('\n')
    .filter((line) => line.includes('"tray shows"'))
    .map((line) => (JSON.parse(line) as { text: string }).text);
}

test.beforeAll(async () => {
  home = await makeHome();
  running = await launchApp(home);
  await expect(running.window.getByTestId('status-pill')).toContainText('Ready', { timeout: 20_000 });
});
test.afterAll(async () => {
  await running?.close();
  await home?.remove();
});

test('a killed gateway is noticed within 2 s and back by itself within 5 s, and the tray follows', async () => {
  const { app, window } = running;
  const pill = window.getByTestId('status-pill');
  const pid = await window.evaluate(async () => {
    const { desktop } = globalThis as unknown as { desktop: { gateway: { status(): Promise<{ pid?: number }> } } };
    return (await desktop.gateway.status()).pid;
  });
  if (!pid) throw new Error('the status has no pid');
  const before = (await trayTexts()).length;
  const killedAt = Date.now();
  await app.evaluate((_electron, target) => process.kill(target, 'SIGKILL'), pid);
  await expect(pill).not.toContainText('Ready', { timeout: 2_000 });
  const noticedMs = Date.now() - killedAt;
  await expect(pill).toContainText('Ready', { timeout: 5_000 - noticedMs });
  const backMs = Date.now() - killedAt;
  const since = (await trayTexts()).slice(before);
  expect(since.some((text) => !text.includes('Ready'))).toBe(true);
  await expect.poll(async () => (await trayTexts()).at(-1), { timeout: 2_000 }).toContain('Ready');
  console.log(`noticed after ${noticedMs} ms, back after ${backMs} ms`);
});

test('a second launch focuses the first window and ends', async () => {
  const { app } = running;
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
  const dist = home.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (!dist) throw new Error('start the journeys through scripts/electron-runtime.mjs');
  const root = path.resolve(import.meta.dirname, '../..');
  const second = spawn(path.join(dist, 'electron'), ['--no-sandbox', root], { env: home.env, stdio: 'ignore' });
  const code = await new Promise<number | null>((resolve) => second.once('exit', resolve));
  expect(code).toBe(0);
  await expect
    .poll(() => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible()))
    .toBe(true);
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
});
