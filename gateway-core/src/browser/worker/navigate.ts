// Opens addresses, goes back and forth, and reloads.
import type { Page, Response } from 'playwright-core';
import { BrowserFailure } from './failure.js';
import { REFUSED_HEADER } from './guard-proxy.js';
import type { Step } from './step.js';

/** Throws address_refused for what may not be opened, before the browser hears of it. */
export async function assertMayOpen({ judge }: Pick<Step, 'judge'>, url: string): Promise<void> {
  if (url === 'about:blank') return;
  const verdict = await judge(url);
  if ('addresses' in verdict) return;
  throw new BrowserFailure(verdict.isMissing ? 'page_failed' : 'address_refused', verdict.refusal);
}

/** Ends a page that never stops loading; it keeps what it has. */
export async function stopLoading(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Page.stopLoading');
  await session.detach();
}

function refusedOnTheWay(): BrowserFailure {
  return new BrowserFailure('address_refused', 'The page leads on to an address that may not be opened.');
}

const refusals = ({ running }: Step): number => running.proxy?.refusals() ?? running.guard?.refusals ?? 0;

async function assertNotRefused(step: Step, response: Response | null): Promise<void> {
  if (response?.headers()[REFUSED_HEADER] !== step.secret) return;
  // What is left of it is the text of our refusal.
  await step.tab.page.goto('about:blank');
  throw refusedOnTheWay();
}

async function visit({ command, tab }: Step): Promise<Response | null> {
  const options = { timeout: command.timeoutMs, waitUntil: 'domcontentloaded' } as const;
  const { page } = tab;
  if (command.history === 'back') return page.goBack(options);
  if (command.history === 'forward') return page.goForward(options);
  if (command.history === 'reload') return page.reload(options);
  if (command.url === undefined) throw new BrowserFailure('bad_command', 'url is missing.');
  return page.goto(command.url, options);
}

/** Goes there and waits until the page can be read. Throws address_refused, also for a redirect on the way. */
export async function navigate(step: Step): Promise<void> {
  const { command, tab, signal } = step;
  if (command.url !== undefined) await assertMayOpen(step, command.url);
  signal.throwIfAborted();
  const before = refusals(step);
  try {
    await assertNotRefused(step, await visit(step));
  } catch (error) {
    const isRefusal = /ERR_TUNNEL_CONNECTION_FAILED|ERR_BLOCKED_BY_CLIENT|chrome-error:/.test(String(error));
    if (isRefusal && refusals(step) > before) throw refusedOnTheWay();
    await stopLoading(tab.page).catch(() => undefined);
    throw error;
  }
}
