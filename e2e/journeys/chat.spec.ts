import { expect, type Page, test } from '@playwright/test';
import { launchApp, type RunningApp } from '../fixtures/app.js';
import { type FakeModel, startFakeModel } from '../fixtures/fake-model.js';
import { fakeModelConfig, type Home, makeHome } from '../fixtures/home.js';

let fake: FakeModel;
let home: Home;
let running: RunningApp;

async function say(window: Page, text: string): Promise<void> {
  const input = window.getByTestId('composer-input');
  await input.fill(text);
  await input.press('Enter');
}

test.beforeAll(async () => {
  fake = await startFakeModel();
  home = await makeHome(fakeModelConfig(fake.url));
  running = await launchApp(home);
  await expect(running.window.getByTestId('status-pill')).toContainText('Ready', { timeout: 20_000 });
});
test.afterAll(async () => {
  await running?.close();
  await fake?.close();
  await home?.remove();
});

test('an answer streams in', async () => {
  const { window } = running;
  await say(window, 'hi there');
  await expect(window.getByTestId('chat-message-assistant').last()).toContainText('Hello from fake model.');
});

test('stop ends the answer at the provider and keeps what arrived', async () => {
  const { window } = running;
  const aborted = fake.nextAbort();
  await say(window, 'SLOW please');
  const answer = window.getByTestId('chat-message-assistant').last();
  await expect(answer).toContainText('word2');
  await window.getByRole('button', { name: /stop/i }).first().click();
  await aborted;
  await expect(answer).toContainText('word2');
  await expect(answer).toContainText(/stopped/i);
});

test('a provider that is cut off in the middle leaves the partial text and the reason', async () => {
  const { window } = running;
  await say(window, 'DROP please');
  const answer = window.getByTestId('chat-message-assistant').last();
  await expect(answer).toContainText(/stopped in the middle|cut|broke/i);
  await expect(window.getByRole('button', { name: /retry/i }).last()).toBeVisible();
});

test('a message sent while busy waits its turn and can be taken back', async () => {
  const { window } = running;
  await say(window, 'SLOW again');
  await expect(window.getByTestId('chat-message-assistant').last()).toContainText('word1');
  await say(window, 'queued question');
  const queue = window.getByRole('region', { name: /waits?$/i });
  await expect(queue).toContainText('queued question');
  await queue.getByRole('button', { name: /remove/i }).click();
  await expect(window.getByText('queued question')).toHaveCount(0);
  await window.keyboard.press('Escape');
  await window.keyboard.press('Escape');
  await expect(window.getByTestId('chat-message-assistant').last()).toContainText(/stopped/i);
});
