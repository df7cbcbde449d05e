import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { launchApp, type RunningApp } from '../fixtures/app.js';
import { type Home, makeHome } from '../fixtures/home.js';

let home: Home;
let running: RunningApp;

test.beforeAll(async () => {
  home = await makeHome();
  running = await launchApp(home);
  await expect(running.window.getByTestId('status-pill')).toContainText('Ready', { timeout: 20_000 });
});
test.afterAll(async () => {
  await running?.close();
  await home?.remove();
});

test('the log of the gateway is shown live', async () => {
  const { window } = running;
  await window.getByRole('link', { name: 'Logs' }).click();
  await expect(window.getByText(/listening on ws:\/\//).first()).toBeVisible();
});

test('a setting saved in the window is in the file, comments and all, and the connection stays', async () => {
  const { window } = running;
  await window.getByRole('link', { name: 'Settings' }).click();
  await window.getByRole('link', { name: 'Advanced' }).click();
  const editor = window.getByRole('textbox', { name: /config/i }).first();
  await expect(editor).toHaveValue(/__OPENCLAW_REDACTED__/);
  const before = await readFile(home.configPath, 'utf8');
  const text = (await editor.inputValue()).replace(
    '{',
    '{\n  // louder for a while\n  "logging": { "level": "debug" },',
  );
  await editor.fill(text);
  await window.getByRole('button', { name: /review and save/i }).click();
  await window.getByRole('dialog').getByRole('button', { name: /^save/i }).click();
  await expect.poll(() => readFile(home.configPath, 'utf8')).toContain('// louder for a while');
  const after = await readFile(home.configPath, 'utf8');
  expect(/"token": "([0-9a-f]+)"/.exec(after)?.[1]).toBe(/"token": "([0-9a-f]+)"/.exec(before)?.[1]);
  await expect(window.getByTestId('status-pill')).toContainText('Ready');
});

test('a phone cannot be paired while only this computer is reachable, and the page says what to do', async () => {
  const { window } = running;
  await window.getByRole('link', { name: 'Devices' }).click();
  await window.getByRole('button', { name: 'Show code' }).click();
  await expect(window.getByText(/loopback|this computer/i).first()).toBeVisible();
});
