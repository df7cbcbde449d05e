import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ElectronApplication, expect, type Page, test } from '@playwright/test';
import { launchApp, type RunningApp } from '../fixtures/app.js';
import { type FakeModel, startFakeModel } from '../fixtures/fake-model.js';
import { fakeModelConfig, type Home, makeHome } from '../fixtures/home.js';

const FIRST = 'printf walnut > first.txt';
const SECOND = 'printf walnut > second.txt';

let fake: FakeModel;
let home: Home;
let running: RunningApp;

/** What the system was asked to show. */
interface Shown {
  title: string;
  body: string;
  isClosed: boolean;
}

interface Kept extends Electron.Notification {
  isClosed?: boolean;
}

/** A virtual screen has nobody who shows notifications, so their last step is kept instead of done. */
async function keepNotifications(app: ElectronApplication): Promise<void> {
  await app.evaluate(({ Notification }) => {
    const kept: Kept[] = [];
    Object.assign(globalThis, { keptNotifications: kept });
    Notification.isSupported = () => true;
    Notification.prototype.show = function show(this: Kept) {
      kept.push(this);
    };
    Notification.prototype.close = function close(this: Kept) {
      this.isClosed = true;
    };
  });
}

function shown(app: ElectronApplication): Promise<Shown[]> {
  return app.evaluate(() => {
    const { keptNotifications } = globalThis as unknown as { keptNotifications: Kept[] };
    return keptNotifications.map(({ title, body, isClosed = false }) => ({ title, body, isClosed }));
  });
}

function click(app: ElectronApplication, at: number): Promise<void> {
  return app.evaluate((_electron, index) => {
    (globalThis as unknown as { keptNotifications: Kept[] }).keptNotifications[index]?.emit('click');
  }, at);
}

const hide = (app: ElectronApplication) =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
const isVisible = (app: ElectronApplication) =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible());

/** Asks the agent while nobody looks, and leaves the chat: a hidden page draws nothing, so keys are sent by hand. */
async function sayHidden(window: Page, text: string): Promise<void> {
  const input = window.getByTestId('composer-input');
  await input.fill(text);
  await hide(running.app);
  await input.dispatchEvent('keydown', { key: 'Enter' });
  await window.evaluate("location.hash = '#/logs'");
}

test.beforeAll(async () => {
  fake = await startFakeModel();
  home = await makeHome({});
  const base = fakeModelConfig(fake.url);
  const config = {
    ...base,
    agents: { defaults: { ...base.agents.defaults, workspace: path.join(home.dir, 'workspace') } },
    tools: { exec: { host: 'gateway', security: 'allowlist', ask: 'on-miss' } },
  };
  await writeFile(home.configPath, JSON.stringify(config));
  running = await launchApp(home);
  await expect(running.window.getByTestId('status-pill')).toContainText('Ready', { timeout: 30_000 });
  await keepNotifications(running.app);
});
test.afterAll(async () => {
  await running?.close();
  await fake?.close();
  await home?.remove();
});

test('a question reaches the person while the window is hidden, and a click leads to it', async () => {
  const { app, window } = running;
  fake.push({ tool: { name: 'exec', args: { command: FIRST } } }, { text: 'I wait for you.' });
  await sayHidden(window, 'run it');
  await expect.poll(() => shown(app), { timeout: 20_000 }).toHaveLength(1);
  const [first] = await shown(app);
  expect(first?.title).toMatch(/ asks to run a command$/);
  expect(first?.body.replace('›', '>')).toBe(FIRST);
  expect(await isVisible(app)).toBe(false);
  await click(app, 0);
  await expect.poll(() => isVisible(app)).toBe(true);
  await expect(window.getByTestId('approval-card')).toContainText(FIRST);
  await expect(window.getByTestId('approval-card')).toContainText('You are asked because');
});

test('an open question is there again after the page was loaded anew, on every page', async () => {
  const { app, window } = running;
  await window.getByRole('link', { name: 'Logs' }).click();
  await window.reload();
  const strip = window.getByTestId('approval-strip');
  await expect(strip).toContainText(FIRST, { timeout: 20_000 });
  expect(await shown(app)).toHaveLength(1);
  await strip.getByRole('button', { name: `Deny: ${FIRST}` }).click();
  await expect(strip).toHaveCount(0);
});

test('the announcement is withdrawn when the question was answered', async () => {
  const { app, window } = running;
  await window.getByRole('link', { name: 'Chat', exact: true }).click();
  fake.push({ tool: { name: 'exec', args: { command: SECOND } } }, { text: 'I wait again.' });
  await sayHidden(window, 'run another');
  await expect.poll(() => shown(app), { timeout: 20_000 }).toHaveLength(2);
  expect((await shown(app))[1]?.isClosed).toBe(false);
  await window.getByRole('button', { name: `Deny: ${SECOND}` }).dispatchEvent('click');
  await expect.poll(async () => (await shown(app))[1]?.isClosed, { timeout: 10_000 }).toBe(true);
});
