// Guards tabs of a browser that is not ours: it goes to the network without our proxy, so requests are held and judged.
import type { Page } from 'playwright-core';
import type { Judge } from './judge.js';

/** Addresses that do not leave the browser. */
const LOCAL_SCHEMES = new Set(['about:', 'data:', 'blob:', 'chrome-extension:', 'chrome-error:']);

async function mayPass(judge: Judge, text: string): Promise<boolean> {
  const { protocol } = new URL(text);
  if (LOCAL_SCHEMES.has(protocol)) return true;
  const judged = text.replace(/^ws(s?):/, 'http$1:');
  return 'addresses' in (await judge(judged));
}

/** Holds every request of a page, redirects included, until it is judged; each page once. */
export class AttachedGuard {
  readonly #guarded = new WeakSet<Page>();
  refusals = 0;

  constructor(readonly judge: Judge) {}

  async watch(page: Page): Promise<void> {
    if (this.#guarded.has(page)) return;
    this.#guarded.add(page);
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
    await session.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] });
  }
}
