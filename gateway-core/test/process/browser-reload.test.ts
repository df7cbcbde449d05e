// Changed browser settings and a Chromium that runs: its tabs stay, and it ends only when the browser is switched off.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isProcessAlive } from '../../src/browser/process-end.js';
import { type Bench, startBench } from './browser-bench.js';
import { type Site, startSite } from './browser-site.js';

const LONG = { timeout: 30_000, interval: 100 };
const signal = new AbortController().signal;
const USUAL = { headless: true, noSandbox: true, ssrfPolicy: { allowedHostnames: ['127.0.0.1'] } };

describe('browser settings that change', () => {
  let site: Site;
  let bench: Bench;
  beforeAll(async () => {
    site = await startSite();
    bench = await startBench({ browser: USUAL });
  });
  afterAll(async () => {
    await bench.end();
    await site.stop();
  });

  const ask = (method: 'GET' | 'POST', at: string, body?: unknown) =>
    bench.browser.request({ method, path: at, body }, signal);
  const titles = async () =>
    ((await ask('GET', '/tabs')) as { tabs: Array<{ title: string }> }).tabs.map((t) => t.title);

  it('start nothing', async () => {
    await bench.browser.reload();
    expect(await ask('GET', '/')).toMatchObject({ running: false });
  });

  it('leave a browser that runs its tabs, and count when it is started again', async () => {
    await ask('POST', '/tabs/open', { url: `${site.url}/form` });
    const { pid } = await bench.browser.status();
    bench.config = { browser: { ...USUAL, extraArgs: ['--window-size=800,600'], tabCleanup: { sweepMinutes: 1 } } };
    await bench.browser.reload();
    expect((await bench.browser.status()).pid).toBe(pid);
    expect(await titles()).toEqual(['Form']);
    await ask('POST', '/stop');
    await ask('POST', '/tabs/open', { url: `${site.url}/form` });
    expect(await titles()).toEqual(['Form']);
    expect((await bench.browser.status()).pid).not.toBe(pid);
  });

  it('end it when the browser is switched off, and let it start when it is on again', async () => {
    const { pid } = await bench.browser.status();
    if (!pid || pid < 2) throw new Error(`${pid} is no process id`);
    bench.config = { browser: { ...USUAL, enabled: false } };
    await bench.browser.reload();
    await expect.poll(() => isProcessAlive(pid), LONG).toBe(false);
    await expect(ask('POST', '/tabs/open', { url: `${site.url}/form` })).rejects.toMatchObject({
      code: 'browser.disabled',
    });
    bench.config = { browser: USUAL };
    await bench.browser.reload();
    await ask('POST', '/tabs/open', { url: `${site.url}/form` });
    expect(await titles()).toEqual(['Form']);
  });
});
