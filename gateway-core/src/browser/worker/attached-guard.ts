// Guards tabs of a browser that is not ours: it goes to the network without our proxy, so requests are held and judged.
import type { Page } from 'playwright-core';
import type { Judge } from './judge.js';
import { whetherOrNot } from './tab.js';

/** Addresses that do not leave the browser. */
const LOCAL_SCHEMES = new Set(['about:', 'data:', 'blob:', 'chrome-extension:', 'chrome-error:']);

async function mayPass(judge: Judge, text: string): Promise<boolean> {
  const { protocol } = new URL(text);
  if (LOCAL_SCHEMES.has(protocol)) return true;
  const judged = text.replace(/^ws(s?):/, 'http$1:');
  return 'addresses' in (await judge(judged));
}

/**
 * Holds every request of a page, redirects included, until it is judged; each page once. What a worker of a page does
 * in the background is its browser's affair, as it is without us.
 */
export class AttachedGuard {
  readonly #guarded = new WeakMap<Page, Promise<void>>();
  refusals = 0;

  constructor(readonly judge: Judge) {}

  /** Resolves when the page is guarded. */
  watch(page: Page): Promise<void> {
    const known = this.#guarded.get(page);
    if (known) return known;
    const watching = this.#guard(page);
    this.#guarded.set(page, watching);
    return watching;
  }

  /** A page that a guarded one opened is guarded too. Its first request may be on its way by then: it is closed. */
  async follow(page: Page): Promise<void> {
    const opener = await page.opener();
    if (!opener || !this.#guarded.has(opener)) return;
    const look = async (): Promise<void> => {
      if (!(await this.#judge(page.url()))) await page.close();
    };
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) whetherOrNot(look());
    });
    await this.watch(page);
    await look();
  }

  async #guard(page: Page): Promise<void> {
    await page.routeWebSocket(/.*/, async (socket) => {
      if (await this.#judge(socket.url())) socket.connectToServer();
      else await socket.close({ code: 1008 });
    });
    // First requests of every frame, those in processes of their own included.
    await page.route('**/*', async (route) => {
      if (await this.#judge(route.request().url())) await route.continue();
      else await route.abort('blockedbyclient');
    });
    await this.#watchRedirects(page);
  }

  async #judge(url: string): Promise<boolean> {
    const passes = await mayPass(this.judge, url);
    if (!passes) this.refusals += 1;
    return passes;
  }

  /** Playwright lets redirects pass; the protocol stops at each. */
  async #watchRedirects(page: Page): Promise<void> {
    const session = await page.context().newCDPSession(page);
    session.on('Fetch.requestPaused', ({ requestId, request }) => {
      const go = async (): Promise<void> => {
        const passes = await this.#judge(request.url);
        if (passes) await session.send('Fetch.continueRequest', { requestId });
        else await session.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' });
      };
      go().catch(() => session.detach().catch(() => undefined));
    });
    // A service worker would ask in the page's place, where nobody stops it.
    await session.send('Network.enable');
    await session.send('Network.setBypassServiceWorker', { bypass: true });
    await session.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] });
  }
}
