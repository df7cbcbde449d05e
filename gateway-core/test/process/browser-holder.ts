// A process with a browser, to be killed: opens the page of its argument, says the browser's process id, and waits.
import { createBrowser } from '../../src/browser/index.js';
import { systemClock } from '../../src/shared/clock.js';
import { silentLogger } from '../../src/shared/logger.js';

async function hold(stateDir: string, url: string, workerFile: string): Promise<void> {
  const browser = createBrowser({
    config: () => ({ browser: { headless: true, noSandbox: true } }),
    stateDir,
    port: () => 18789,
    env: process.env,
    platform: process.platform,
    isRoot: true,
    clock: systemClock,
    log: silentLogger,
    guard: { judge: () => ({ hostname: '127.0.0.1', allowsPrivate: true }), isForbidden: () => false },
    wrapExternal: (text) => text,
    agentIds: () => [],
    workerFile: new URL(workerFile),
  });
  // Timers of the room do not keep a process alive; a gateway's sockets do.
  setInterval(() => undefined, 60_000);
  await browser.request({ method: 'POST', path: '/tabs/open', body: { url } }, new AbortController().signal);
  const { pid } = await browser.status();
  process.stdout.write(`pid ${pid}\n`);
}

const [stateDir = '', url = '', workerFile = ''] = process.argv.slice(2);
await hold(stateDir, url, workerFile);
