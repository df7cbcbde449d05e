import { expect, test } from '@playwright/test';
import { launchApp, type RunningApp } from '../fixtures/app.js';
import { type Home, makeHome } from '../fixtures/home.js';

let home: Home;
let running: RunningApp;
const problems: string[] = [];

test.beforeAll(async () => {
  home = await makeHome();
  running = await launchApp(home);
  running.window.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  running.window.on('pageerror', (error) => problems.push(error.message));
});
test.afterAll(async () => {
  await running?.close();
  await home?.remove();
});

test('a first start shows the window, ready, with no account and no key', async () => {
  await expect(running.window.getByTestId('status-pill')).toContainText('Ready', { timeout: 20_000 });
  await expect(running.window.getByTestId('composer-input')).toBeVisible();
});

test('a question about the product gets a streamed answer with its source', async () => {
  const { window } = running;
  await window.getByTestId('composer-input').fill('How do I connect a model?');
  await window.getByTestId('composer-input').press('Enter');
  await expect(window.getByTestId('chat-message-user')).toContainText('How do I connect a model?');
  const answer = window.getByTestId('chat-message-assistant').last();
  await expect(answer).toContainText(/model/i, { timeout: 15_000 });
  const citation = answer.getByRole('button', { name: /source 1/i }).first();
  await expect(citation).toBeVisible({ timeout: 15_000 });
  await citation.click();
  await expect(window.getByRole('dialog')).toContainText(/model/i);
  await window.keyboard.press('Escape');
  expect(problems).toEqual([]);
});

test('the window is locked down', async () => {
  const { app, window } = running;
  expect(await window.evaluate(() => typeof (globalThis as Record<string, unknown>).require)).toBe('undefined');
  expect(await window.evaluate(() => typeof (globalThis as Record<string, unknown>).process)).toBe('undefined');
  const preferences = await app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
      getLastWebPreferences(): Record<string, unknown>;
    };
    const { contextIsolation, nodeIntegration, sandbox, webSecurity } = contents.getLastWebPreferences();
    return { contextIsolation, nodeIntegration, sandbox, webSecurity };
  });
  expect(preferences).toEqual({ contextIsolation: true, nodeIntegration: false, sandbox: true, webSecurity: true });
  const url = window.url();
  await window.evaluate("location.href = 'https://example.invalid/'");
  expect(window.url()).toBe(url);
});
