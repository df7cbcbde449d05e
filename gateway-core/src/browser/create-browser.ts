// Joins the room: the tool, the requests over the wire, and the ends of what was started.
import type { ToolSource } from '../tools/index.js';
import type { WireHandlers } from '../shared/wire.js';
import { type BrowserOptions, BrowserService } from './browser-service.js';
import { type BrowserStatus, browserStatus } from './browser-status.js';
import { createBrowserTool } from './browser-tool.js';
import { type ControlRequest, controlRequest } from './control-routes.js';

export interface BrowserRoom extends ToolSource {
  /** Carries out a `browser.request`. Throws AppError browser.* and request.invalid, or the signal's reason. */
  request(request: ControlRequest, signal: AbortSignal): Promise<unknown>;
  /** How a profile stands. Throws AppError browser.profile_unknown. */
  status(profile?: string): Promise<BrowserStatus>;
  /** Takes changed settings over; browsers that run keep their tabs, unless the browser was switched off. */
  reload(): Promise<void>;
  /** Ends the thread as a crash would; calls that wait fail with browser.crashed, and the next one starts anew. */
  crash(): Promise<void>;
  /** Ends every browser that was started, and lets go of those that were not; none can be started afterwards. */
  stop(): Promise<void>;
}

/**
 * The browser of a gateway (spec/gateway-config.md, browser.*). The tool is left out while `browser.enabled` is false
 * or no browser is found. Nothing is started before the first call.
 */
export function createBrowser(options: BrowserOptions): BrowserRoom {
  const service = new BrowserService(options);
  const tool = createBrowserTool(service);
  return {
    tools: async () => ((await service.isUsable()) ? [tool] : []),
    request: (request, signal) => controlRequest(service, request, signal),
    status: (profile) => browserStatus(service, profile),
    async reload() {
      const profiles = await service.reload();
      if (profiles.length === 0) return;
      options.log.info('Browsers that run keep the settings they were started with until their next start.', {
        profiles,
      });
    },
    crash: () => service.crash(),
    stop: () => service.stop(),
  };
}

/** Handler of `browser.request`; it works for as long as the connection that asks is open. */
export function createBrowserMethods(browser: Pick<BrowserRoom, 'request'>): WireHandlers<'browser.request'> {
  return { 'browser.request': (request, { signal }) => browser.request(request, signal) };
}
