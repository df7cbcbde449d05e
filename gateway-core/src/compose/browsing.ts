// The browser of the agents, held by the rules of the web room.
import { randomBytes } from 'node:crypto';
import { listAgents } from '../agents/index.js';
import { type BrowserRoom, createBrowser } from '../browser/index.js';
import { externalBlock, isForbiddenAddress, judgeUrl, readWebPolicy } from '../web/index.js';
import type { Base } from './base.js';

/** Builds it; nothing starts before the first call. Its end is pushed on `base.stops`. */
export function buildBrowser({ config, paths, settings, env, clock, hub, hot, stops }: Base): BrowserRoom {
  const browser = createBrowser({
    ...{ config, stateDir: paths.stateDir, port: () => settings.port, env, platform: process.platform, clock },
    isRoot: process.getuid?.() === 0,
    log: hub.logger('browser'),
    guard: {
      judge: (url) => judgeUrl(url, readWebPolicy(config().browser?.ssrfPolicy)),
      isForbidden: isForbiddenAddress,
    },
    wrapExternal: (text, source) => externalBlock({ text, source, marker: randomBytes(12).toString('hex') }),
    agentIds: () => listAgents(config()).map(({ id }) => id),
  });
  hot.on('restart-browser-control', () => browser.reload());
  stops.push(() => browser.stop());
  return browser;
}
