import { type Browser, chromium, expect, test } from '@playwright/test';
import { readToken } from '../fixtures/app.js';
import { type GatewayProcess, runCommand, startGatewayProcess } from '../fixtures/gateway.js';
import { type Home, makeHome } from '../fixtures/home.js';

let home: Home;
let gateway: GatewayProcess;
let browser: Browser;

test.beforeAll(async () => {
  home = await makeHome();
  gateway = await startGatewayProcess(home);
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update'],
  });
});
test.afterAll(async () => {
  await browser?.close();
  await gateway?.stop();
  await home?.remove();
});

test('the signed-in address of `openclaw dashboard` opens the chat without typing a token', async () => {
  const { code, stdout } = await runCommand(home, ['dashboard', '--no-open']);
  expect(code).toBe(0);
  const url = /Dashboard URL: (\S+)/.exec(stdout)?.[1];
  if (!url) throw new Error(stdout);
  const page = await browser.newPage();
  await page.goto(url);
  await expect(page.getByTestId('status-pill')).toContainText('Ready', { timeout: 15_000 });
  expect(page.url()).not.toContain(await readToken(home));
});

test('the chat at /openclaw/ answers in a browser', async () => {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(`${gateway.url}/openclaw/#token=${await readToken(home)}`);
  await expect(page.getByTestId('status-pill')).toContainText('Ready', { timeout: 15_000 });
  await page.getByTestId('composer-input').fill('What is the offline assistant?');
  await page.getByTestId('composer-input').press('Enter');
  await expect(page.getByTestId('chat-message-assistant').last()).toContainText(/offline assistant/i, {
    timeout: 15_000,
  });
  expect(problems).toEqual([]);
});

test('without a token the page says how to sign in', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${gateway.url}/openclaw/`);
  await expect(page.getByText('openclaw dashboard')).toBeVisible();
  await context.close();
});
