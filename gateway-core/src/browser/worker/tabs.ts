// The tabs of one browser: who may use which, how many there are, and which is meant.
import type { BrowserContext, Page } from 'playwright-core';
import { MAX_TABS } from '../limits.js';
import type { TabFacts } from '../messages.js';
import { BrowserFailure } from './failure.js';
import { Tab, whetherOrNot } from './tab.js';

const MAX_TITLE_CHARS = 200;
const MAX_URL_CHARS = 2_000;
/** A page that is busy does not say its title. */
const TITLE_TIMEOUT_MS = 2_000;

async function titleOf(page: Page): Promise<string> {
  const waiting = new Promise<string>((resolve) => setTimeout(resolve, TITLE_TIMEOUT_MS, '').unref());
  const title = page.title().catch(() => '');
  return (await Promise.race([title, waiting])).slice(0, MAX_TITLE_CHARS);
}

/** What a tab shows now. */
export async function showing({ page }: Tab): Promise<{ url: string; title: string }> {
  return { url: page.url().slice(0, MAX_URL_CHARS), title: await titleOf(page) };
}

export class Tabs {
  readonly #tabs = new Map<string, Tab>();
  readonly #context: BrowserContext;
  readonly #secret: string;
  #lastId = 0;

  /** @param secret stands in answers of our proxy */
  constructor(context: BrowserContext, secret: string) {
    this.#context = context;
    this.#secret = secret;
    for (const page of context.pages()) this.#add(page);
    context.on('page', (page) => {
      if (this.#tabs.size >= MAX_TABS) whetherOrNot(page.close());
      else whetherOrNot(this.#adopt(this.#add(page)));
    });
  }

  get size(): number {
    return this.#tabs.size;
  }

  all(): Tab[] {
    return [...this.#tabs.values()];
  }

  /** Those a conversation may use, the last used first; people (without a name) may use all. */
  of(owner: string): Tab[] {
    return this.all()
      .filter((tab) => owner === '' || tab.owner === '' || tab.owner === owner)
      .toSorted((a, b) => b.lastUsedMs - a.lastUsedMs);
  }

  /** The named tab, else the one used last. Throws tab_missing. */
  pick(targetId: string | undefined, owner: string): Tab {
    const usable = this.of(owner);
    const tab = targetId === undefined ? usable[0] : usable.find(({ id }) => id === targetId);
    if (!tab) throw new BrowserFailure('tab_missing', 'There is no such tab. Open a page first, or list the tabs.');
    tab.use();
    return tab;
  }

  /** A new tab of the conversation; the one it used least goes when it has too many. */
  async open(owner: string, maxTabs: number): Promise<Tab> {
    const own = this.of(owner).filter((tab) => tab.owner === owner);
    if (own.length >= maxTabs) await own.at(-1)?.page.close();
    const spare = this.all().find((tab) => tab.owner === '' && tab.page.url() === 'about:blank');
    const tab = spare ?? this.#of(await this.#context.newPage());
    tab.owner = owner;
    tab.use();
    return tab;
  }

  async facts(owner: string): Promise<TabFacts[]> {
    const usable = this.of(owner);
    const listed = usable.toSorted((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)));
    return Promise.all(
      listed.map(async (tab) => ({ targetId: tab.id, ...(await showing(tab)), isActive: tab === usable[0] })),
    );
  }

  /** Closes tabs of conversations that nobody used for so long. */
  async closeIdle(idleMs: number): Promise<void> {
    const idle = this.all().filter((tab) => tab.owner !== '' && Date.now() - tab.lastUsedMs > idleMs);
    // The last tab of a browser takes the browser along.
    if (idle.length > 0 && idle.length === this.#tabs.size) await this.#context.newPage();
    await Promise.allSettled(idle.map(({ page }) => page.close()));
  }

  #of(page: Page): Tab {
    const tab = this.all().find((known) => known.page === page);
    if (!tab) throw new BrowserFailure('tab_missing', 'There are too many tabs. Close some first.');
    return tab;
  }

  #add(page: Page): Tab {
    const tab = new Tab(`t${(this.#lastId += 1)}`, page, '', this.#secret);
    this.#tabs.set(tab.id, tab);
    page.once('close', () => this.#tabs.delete(tab.id));
    return tab;
  }

  /** A popup belongs to whom the page belongs to that opened it. */
  async #adopt(tab: Tab): Promise<void> {
    const opener = await tab.page.opener();
    const parent = opener && this.all().find(({ page }) => page === opener);
    if (parent && tab.owner === '') tab.owner = parent.owner;
  }
}
