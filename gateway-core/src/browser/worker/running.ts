// Browsers that run: started with a folder of their own, or attached to; each with its tabs and its guard.
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { Browser, BrowserContext, BrowserType } from 'playwright-core';
import type { LaunchPlan, RunningBrowser } from '../messages.js';
import { AttachedGuard } from './attached-guard.js';
import { BrowserFailure } from './failure.js';
import { type GuardProxy, startGuardProxy } from './guard-proxy.js';
import type { Judge } from './judge.js';
import { clearStaleLocks } from './profile-locks.js';
import { whetherOrNot } from './tab.js';
import { Tabs } from './tabs.js';

export interface Running {
  plan: LaunchPlan;
  context: BrowserContext;
  tabs: Tabs;
  pid?: number;
  /** Of a browser of ours. */
  proxy?: GuardProxy;
  /** Of a browser that is not ours. */
  guard?: AttachedGuard;
  lastUsedMs: number;
  close(): Promise<void>;
}

export interface Stage {
  chromium: BrowserType;
  judge: Judge;
  /** Stands in answers of the proxy; pages do not know it. */
  secret: string;
  onStarted(pid: number): void;
  onEnded(pid: number): void;
}

const VIEWPORT = { width: 1280, height: 800 };

async function processId(browser: Browser | null): Promise<number | undefined> {
  if (!browser) return undefined;
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.find(({ type }) => type === 'browser')?.id;
}

function whyNotStarted(error: unknown, plan: LaunchPlan): BrowserFailure {
  const text = String(error);
  if (/existing browser session|SingletonLock|ProcessSingleton|already in use/i.test(text)) {
    return new BrowserFailure(
      'start_failed',
      `Another program uses the folder of the browser profile ${plan.profile}.`,
    );
  }
  if (/sandbox/i.test(text) && plan.isSandboxed) {
    return new BrowserFailure('start_failed', 'The browser cannot start its own sandbox here. See browser.noSandbox.');
  }
  return new BrowserFailure('start_failed', `The browser ${plan.executablePath} did not start.`);
}

async function launchContext({ chromium }: Stage, plan: LaunchPlan, proxy: GuardProxy): Promise<BrowserContext> {
  await mkdir(plan.userDataDir, { recursive: true, mode: 0o700 });
  await clearStaleLocks(plan.userDataDir);
  try {
    return await chromium.launchPersistentContext(plan.userDataDir, {
      executablePath: plan.executablePath,
      headless: plan.headless,
      chromiumSandbox: plan.isSandboxed,
      args: plan.args,
      env: plan.env,
      timeout: plan.timeoutMs,
      // Without the exception, addresses of this computer would go past the proxy.
      proxy: { server: proxy.url, bypass: '<-loopback>' },
      ignoreDefaultArgs: ['--disable-popup-blocking'],
      viewport: plan.headless ? VIEWPORT : null,
      acceptDownloads: true,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
  } catch (error) {
    throw Object.assign(whyNotStarted(error, plan), { cause: error });
  }
}

async function launch(stage: Stage, plan: LaunchPlan): Promise<Running> {
  const proxy = await startGuardProxy(stage.judge, stage.secret);
  try {
    const context = await launchContext(stage, plan, proxy);
    const pid = await processId(context.browser());
    if (pid !== undefined) stage.onStarted(pid);
    context.once('close', () => {
      if (pid !== undefined) stage.onEnded(pid);
      proxy.stop().catch(() => undefined);
    });
    const close = () => context.close();
    return { plan, context, tabs: new Tabs(context, stage.secret), pid, proxy, lastUsedMs: Date.now(), close };
  } catch (error) {
    await proxy.stop();
    throw error;
  }
}

async function attach({ chromium, judge, secret }: Stage, plan: LaunchPlan): Promise<Running> {
  let browser: Browser;
  try {
    browser = await chromium.connectOverCDP(plan.cdpUrl, { timeout: plan.timeoutMs });
  } catch (error) {
    const sentence = `No browser of the profile ${plan.profile} answers at its CDP address.`;
    throw Object.assign(new BrowserFailure('attach_failed', sentence), { cause: error });
  }
  const context = browser.contexts()[0] ?? (await browser.newContext());
  const guard = new AttachedGuard(judge);
  // A popup may be gone before it is looked at.
  context.on('page', (page) => whetherOrNot(guard.follow(page)));
  return {
    ...{ plan, context, tabs: new Tabs(context, secret), guard, lastUsedMs: Date.now() },
    // Only the connection ends; the browser goes on.
    close: () => browser.close(),
  };
}

export class Browsers {
  readonly #stage: Stage;
  readonly #running = new Map<string, Promise<Running>>();

  constructor(stage: Omit<Stage, 'secret'>) {
    this.#stage = { ...stage, secret: randomBytes(16).toString('hex') };
  }

  get secret(): string {
    return this.#stage.secret;
  }

  /** The browser of a profile, started when it does not run. */
  async get(plan: LaunchPlan): Promise<Running> {
    const { profile } = plan;
    const known = this.#running.get(profile);
    if (known) return known;
    const starting = plan.kind === 'own' ? launch(this.#stage, plan) : attach(this.#stage, plan);
    this.#running.set(profile, starting);
    const forget = (): void => {
      if (this.#running.get(profile) === starting) this.#running.delete(profile);
    };
    try {
      const running = await starting;
      running.context.once('close', forget);
      running.context.browser()?.once('disconnected', forget);
      return running;
    } catch (error) {
      forget();
      throw error;
    }
  }

  async find(profile: string): Promise<Running | undefined> {
    return this.#running.get(profile);
  }

  async stop(profile: string): Promise<void> {
    const running = await this.#running.get(profile);
    this.#running.delete(profile);
    await running?.close();
  }

  async stopAll(): Promise<void> {
    await Promise.allSettled([...this.#running.keys()].map((profile) => this.stop(profile)));
  }

  async closeIdle(idleMs: number, tabIdleMs: number): Promise<void> {
    for (const settled of await Promise.allSettled(this.#running.values())) {
      if (settled.status === 'rejected') continue;
      const running = settled.value;
      const isIdle = Date.now() - running.lastUsedMs > idleMs;
      // A browser with a window may be in use by a person.
      if (isIdle && (running.plan.headless || running.plan.kind === 'attach')) await this.stop(running.plan.profile);
      else if (tabIdleMs > 0) await running.tabs.closeIdle(tabIdleMs);
    }
  }

  async list(): Promise<RunningBrowser[]> {
    const all = await Promise.allSettled(this.#running.values());
    return all.flatMap((settled) => {
      if (settled.status === 'rejected') return [];
      const { plan, pid, tabs } = settled.value;
      return [{ profile: plan.profile, kind: plan.kind, headless: plan.headless, pid, tabs: tabs.size }];
    });
  }
}
