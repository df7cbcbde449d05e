// The tools of this room as one source, and what other rooms get from the web.
import { randomBytes } from 'node:crypto';
import { AppError } from '../shared/app-error.js';
import type { Tool, ToolSource } from '../tools/index.js';
import { imageType } from './content-type.js';
import { createExtractor } from './extractor.js';
import type { TextPage } from './page.js';
import { isSearchConfigured } from './search/choose-service.js';
import type { SearchHit } from './search/search-service.js';
import { createWebSearchTool } from './search/web-search-tool.js';
import { fetchSettings } from './settings.js';
import { createTimedCache } from './timed-cache.js';
import { ask, createWebFetchTool } from './web-fetch-tool.js';
import type { WebToolsBase, WebToolsOptions } from './web-options.js';

export interface WebTools extends ToolSource {
  /**
   * A picture from the web under the rules of tools.web.fetch, for the tool `image`. Throws AppError web.*;
   * web.bad_response when it is no picture or has more than `maxBytes`.
   */
  fetchImage(url: string, options: { maxBytes: number; signal: AbortSignal }): Promise<{ data: Buffer; url: string }>;
  /** Ends the workers that read pages. */
  stop(): Promise<void>;
}

async function fetchImage(base: WebToolsBase, address: string, options: { maxBytes: number; signal: AbortSignal }) {
  const settings = { ...fetchSettings(base.config()), maxBytes: options.maxBytes };
  const { body, url, status, isCut } = await ask(base, address, settings, options.signal);
  if (status < 200 || status > 299) {
    throw new AppError('web.bad_response', { message: `The server answered with status ${status}.` });
  }
  if (imageType(body) === undefined) {
    throw new AppError('web.bad_response', {
      message: 'The address does not lead to a PNG, JPEG, GIF or WebP picture.',
    });
  }
  if (isCut) {
    throw new AppError('web.bad_response', { message: `The picture has more than ${options.maxBytes} bytes.` });
  }
  return { data: body, url };
}

/**
 * `web_fetch` and `web_search` (spec/gateway-config.md §6, tools.web). `web_fetch` is there unless
 * tools.web.fetch.enabled is false; `web_search` once a service is chosen or a key is found. Pages are read in
 * worker threads, which `stop` ends.
 */
export function createWebTools(options: WebToolsOptions): WebTools {
  const extractor = createExtractor(options);
  const base = { ...options, extractor, newMarker: () => randomBytes(12).toString('hex') };
  const fetchTool = createWebFetchTool(base, createTimedCache<TextPage>(options.clock));
  const searchTool = createWebSearchTool(base, createTimedCache<SearchHit[]>(options.clock));
  return {
    tools() {
      const config = options.config();
      const tools: Tool[] = [];
      if (isSearchConfigured(config, options.env)) tools.push(searchTool);
      if (config.tools?.web?.fetch?.enabled !== false) tools.push(fetchTool);
      return tools;
    },
    fetchImage: (url, request) => fetchImage(base, url, request),
    stop: () => extractor.stop(),
  };
}
