// Carries out commands: finds the browser and the tab, does it, and tells what happened meanwhile.
import type { Command, PageCommand, PageOutcome, RunningBrowser } from '../messages.js';
import { act } from './act.js';
import { pdf, screenshot, snapshot } from './capture.js';
import { BrowserFailure, untilAborted } from './failure.js';
import type { Judge } from './judge.js';
import { assertMayOpen, navigate, stopLoading } from './navigate.js';
import type { Browsers, Running } from './running.js';
import type { Step } from './step.js';
import type { Tab } from './tab.js';
import { showing } from './tabs.js';

/** Time that a page gets to react to a command before it is looked at, in milliseconds. */
const SETTLE_MS = 250;
const LOAD_MS = 3_000;
/** A download that began is waited for this long; a longer one is told of with the next command. */
const DOWNLOAD_MS = 10_000;

export interface Dispatch {
  browsers: Browsers;
  judge: Judge;
}

type Work = (step: Step) => Promise<PageOutcome>;

const WORK: Record<Exclude<PageCommand, 'tabs' | 'open'>, Work> = {
  act,
  snapshot,
  screenshot,
  pdf,
  navigate: async (step) => (await navigate(step), {}),
  async focus({ tab }) {
    await tab.page.bringToFront();
    return {};
  },
  async close({ tab }) {
    await tab.page.close();
    return {};
  },
  async console({ command, tab }) {
    return { console: tab.console.slice(-(command.limit ?? 50)) };
  },
  async dialog({ command, tab }) {
    tab.answerNext(command.accept === true, command.promptText);
    return {};
  },
};

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Lets the page react: a click that leads elsewhere is over when the next page can be read. */
async function settle({ command, tab }: Step): Promise<void> {
  if (command.name !== 'act' || command.kind === 'wait') return;
  await delay(SETTLE_MS);
  const loaded = tab.page.waitForLoadState('domcontentloaded', { timeout: LOAD_MS });
  // A page that takes longer is shown as it is.
  await loaded.catch(() => undefined);
  if (tab.isDownloading) await Promise.race([tab.downloaded(), delay(DOWNLOAD_MS)]);
}

async function meanwhile({ tab, running }: Step, before: readonly Tab[]): Promise<PageOutcome> {
  const opened = running.tabs.all().filter((other) => !before.includes(other) && other !== tab);
  const [dialogs, downloads] = [tab.takeDialogs(), await tab.takeDownloads()];
  const refused = tab.takeRefused();
  return {
    targetId: tab.id,
    ...(!tab.page.isClosed() && (await showing(tab))),
    ...(dialogs.length > 0 && { dialogs }),
    ...(downloads.length > 0 && { downloads }),
    ...(opened.length > 0 && { opened: opened.map(({ id }) => id) }),
    ...(refused > 0 && { refused }),
  };
}

async function chooseTab(running: Running, command: Command, judge: Judge): Promise<Tab> {
  if (command.name !== 'open') return running.tabs.pick(command.targetId, command.owner);
  // Before there is a tab that would be left empty.
  await assertMayOpen({ judge }, command.url ?? '');
  return running.tabs.open(command.owner, command.maxTabs);
}

/** A command that needs a page of a browser that is not there starts it only when it can bring a page. */
async function browserFor({ browsers }: Dispatch, command: Command): Promise<Running> {
  const { plan, name } = command;
  if (!plan) throw new BrowserFailure('bad_command', 'The browser profile is missing.');
  const known = await browsers.find(plan.profile);
  const starts = name === 'start' || name === 'open' || name === 'navigate' || plan.kind === 'attach';
  if (!known && !starts) throw new BrowserFailure('tab_missing', 'The browser is not running. Open a page first.');
  const running = known ?? (await browsers.get(plan));
  running.lastUsedMs = Date.now();
  return running;
}

async function onPage(dispatch: Dispatch, command: Command, signal: AbortSignal): Promise<PageOutcome> {
  const { judge, browsers } = dispatch;
  const running = await browserFor(dispatch, command);
  signal.throwIfAborted();
  if (command.name === 'tabs') return { tabs: await running.tabs.facts(command.owner) };
  const before = running.tabs.all();
  const tab = await chooseTab(running, command, judge);
  await running.guard?.watch(tab.page);
  const step: Step = { command, running, tab, judge, secret: browsers.secret, signal };
  const work = command.name === 'open' ? WORK.navigate : WORK[command.name as keyof typeof WORK];
  signal.addEventListener('abort', () => void stopLoading(tab.page).catch(() => undefined), { once: true });
  const outcome = await work(step);
  await settle(step);
  running.lastUsedMs = Date.now();
  return { ...outcome, ...(await meanwhile(step, before)) };
}

/** Carries out one command. Throws BrowserFailure, what Playwright throws, or the signal's reason. */
export async function carryOut(
  dispatch: Dispatch,
  command: Command,
  signal: AbortSignal,
): Promise<PageOutcome | { running: RunningBrowser[] }> {
  const { browsers } = dispatch;
  switch (command.name) {
    case 'running':
      break;
    case 'sweep':
      await browsers.closeIdle(command.browserIdleMs ?? Infinity, command.tabIdleMs ?? 0);
      break;
    case 'start':
      await untilAborted(browserFor(dispatch, command), signal);
      break;
    case 'stop':
      await browsers.stop(command.plan?.profile ?? '');
      break;
    case 'shutdown':
      await browsers.stopAll();
      break;
    default:
      return untilAborted(onPage(dispatch, command, signal), signal);
  }
  return { running: await browsers.list() };
}
