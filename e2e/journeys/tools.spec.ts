import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { launchApp, type RunningApp } from '../fixtures/app.js';
import { type FakeModel, startFakeModel } from '../fixtures/fake-model.js';
import { fakeModelConfig, type Home, makeHome } from '../fixtures/home.js';

const WORD = 'walnut';
const GUARDED = `printf ${WORD} > allowed.txt`;

let fake: FakeModel;
let home: Home;
let running: RunningApp;

function config() {
  const base = fakeModelConfig(fake.url);
  return {
    ...base,
    agents: { defaults: { ...base.agents.defaults, workspace: path.join(home.dir, 'workspace') } },
    tools: { exec: { host: 'gateway', security: 'allowlist', ask: 'on-miss', safeBins: ['echo'] } },
  };
}

async function say(window: Page, text: string): Promise<void> {
  const input = window.getByTestId('composer-input');
  await input.fill(text);
  await input.press('Enter');
}

function card(window: Page, tool: string) {
  return window.locator(`[data-testid="tool-card"][data-tool="${tool}"]`).last();
}

test.beforeAll(async () => {
  fake = await startFakeModel();
  home = await makeHome({});
  await writeFile(home.configPath, JSON.stringify(config()));
  running = await launchApp(home);
  await expect(running.window.getByTestId('status-pill')).toContainText('Ready', { timeout: 30_000 });
});
test.afterAll(async () => {
  await running?.close();
  await fake?.close();
  await home?.remove();
});

test('file tools show as cards that open to the change and to what was read', async () => {
  const { window } = running;
  fake.push(
    [{ text: 'I write it down.' }, { tool: { name: 'write', args: { path: 'note.txt', content: `${WORD}\n` } } }],
    { tool: { name: 'read', args: { path: 'note.txt' } } },
    { text: 'It is written.' },
  );
  await say(window, 'write a note');
  await expect(window.getByTestId('chat-message-assistant').last()).toContainText('It is written.');
  await expect(card(window, 'write')).toHaveAttribute('data-state', 'done');
  await expect(card(window, 'write')).toContainText('note.txt');
  await card(window, 'write').getByRole('button', { expanded: false }).click();
  await expect(card(window, 'write').getByRole('list', { name: /note\.txt/ })).toContainText(WORD);
  await card(window, 'read').getByRole('button', { expanded: false }).click();
  await expect(card(window, 'read').getByLabel('Output', { exact: true })).toContainText(WORD);
});

test('the steps of an answer are listed with model calls, tools and tokens', async () => {
  const { window } = running;
  await window.getByRole('button', { name: 'Show the steps of this answer' }).last().click();
  const panel = window.getByTestId('run-panel');
  await expect(panel.getByTestId('run-step')).toHaveCount(5);
  await expect(panel).toContainText('tokens in');
  await window.keyboard.press('Escape');
  await expect(panel).toHaveCount(0);
});

test('a command that is not on the list runs only after it was allowed', async () => {
  const { window } = running;
  fake.push({ tool: { name: 'exec', args: { command: GUARDED } } }, { text: 'I wait for you.' });
  await say(window, 'run it');
  const approval = window.getByTestId('approval-card');
  await expect(approval).toContainText(GUARDED);
  await expect(card(window, 'exec')).toHaveAttribute('data-state', 'waiting');
  await window.getByRole('button', { name: `Allow once: ${GUARDED}` }).press('Enter');
  await expect(approval).toHaveCount(0);
  await expect(card(window, 'exec')).toContainText('Allowed once');
  const file = path.join(home.dir, 'workspace', 'allowed.txt');
  await expect.poll(() => readFile(file, 'utf8').catch(() => ''), { timeout: 15_000 }).toBe(WORD);
});

test('a denied command does not run, and a question of another chat shows above every page', async () => {
  const { window } = running;
  fake.push({ tool: { name: 'exec', args: { command: 'touch never.txt' } } }, { text: 'I wait again.' });
  await say(window, 'run another');
  await expect(window.getByTestId('approval-card')).toContainText('touch never.txt');
  await window.getByRole('link', { name: 'Logs' }).click();
  const strip = window.getByTestId('approval-strip');
  await expect(strip).toContainText('touch never.txt');
  await strip.getByRole('button', { name: 'Deny: touch never.txt' }).click();
  await expect(strip).toHaveCount(0);
  await window.getByRole('link', { name: 'Chat', exact: true }).click();
  await expect(card(window, 'exec')).toHaveAttribute('data-state', 'refused');
});

test('a schedule is made, run and deleted', async () => {
  const { window } = running;
  await window.getByRole('link', { name: 'Schedules' }).click();
  await window.getByRole('button', { name: 'New schedule' }).first().click();
  const form = window.getByRole('dialog');
  await form.getByLabel('Name').fill('Morning look');
  await form.getByLabel('What to do').fill('Say hello');
  await form.getByRole('button', { name: 'Create schedule' }).click();
  const row = window.getByTestId('schedule-row');
  await expect(row).toContainText('every day at 09:00');
  fake.push({ text: 'Hello from the schedule.' });
  await row.getByRole('button', { name: 'Run Morning look now' }).click();
  await expect(row).toContainText('worked', { timeout: 30_000 });
  await row.getByRole('button', { name: 'More about Morning look' }).click();
  await window.getByRole('menuitem', { name: 'Delete schedule' }).click();
  await window.getByRole('dialog').getByRole('button', { name: 'Delete schedule' }).click();
  await expect(row).toHaveCount(0);
});

test('the tools of an agent say what decides, and follow a change', async () => {
  const { window } = running;
  await window.getByRole('link', { name: 'Settings' }).click();
  await window.getByRole('link', { name: 'Agents' }).click();
  const first = window.getByTestId('tool-decision').first();
  await expect(first).toContainText('Allowed');
  const name = await first.getAttribute('data-tool');
  await first.getByRole('button', { name: `Refuse ${name}` }).click();
  await expect(first).toContainText('Refused');
  await expect(first).toContainText('deny');
  await expect.poll(() => readFile(home.configPath, 'utf8')).toContain(`"${name}"`);
});

test('usage counts what the answers took', async () => {
  const { window } = running;
  await window.getByRole('link', { name: 'Usage' }).click();
  await window.getByRole('button', { name: 'As a table' }).click();
  await expect(window.getByRole('table', { name: 'By model' })).toContainText('fake-1');
});
