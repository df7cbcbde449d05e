// The tool `web_search`: results of the service that is set up, between markers.
import { errorResult, textResult, type Tool, type ToolContext, type ToolResult } from '../../tools/index.js';
import { externalBlock } from '../external-block.js';
import { plainText } from '../plain-text.js';
import type { TimedCache } from '../timed-cache.js';
import type { WebToolsBase } from '../web-options.js';
import { askService } from './ask-service.js';
import { chooseService } from './choose-service.js';
import type { Freshness, SearchHit, SearchQuery } from './search-service.js';

const PARAMETERS = {
  type: 'object',
  properties: {
    query: { type: 'string' },
    count: { type: 'integer', minimum: 1, maximum: 20 },
    country: { type: 'string', description: 'Two letters, like DE' },
    language: { type: 'string', description: 'Two letters, like de' },
    freshness: { type: 'string', description: 'day, week, month, year or YYYY-MM-DDtoYYYY-MM-DD' },
  },
  required: ['query'],
};

const DEFAULT_COUNT = 5;
const MAX_COUNT = 20;
const MAX_QUERY = 400;
const TIMEOUT_SECONDS = 30;
const CACHE_MINUTES = 15;
const MAX_TITLE = 200;
const MAX_SNIPPET = 800;
const MAX_URL = 2000;

const WITHIN: Readonly<Record<string, 'day' | 'week' | 'month' | 'year'>> = {
  day: 'day',
  week: 'week',
  month: 'month',
  year: 'year',
  pd: 'day',
  pw: 'week',
  pm: 'month',
  py: 'year',
};

function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text) === true;
}

/** Pure: what a model wrote about freshness; a string says what is wrong with it. */
export function readFreshness(written: string): Freshness | string {
  const text = written.trim().toLowerCase();
  const within = WITHIN[text];
  if (within) return { within };
  const [from = '', to = ''] = text.split('to');
  const isRange = isDate(from) && isDate(to) && from <= to;
  return isRange ? { from, to } : '`freshness` is day, week, month, year or YYYY-MM-DDtoYYYY-MM-DD.';
}

function code(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value.trim().slice(0, 2) : '';
  return /^[a-z]{2}$/i.test(text) ? text : undefined;
}

/** Pure: the query of a call; a string says what is wrong with it. */
export function readQuery(args: Record<string, unknown>, maxResults: number | undefined): SearchQuery | string {
  const query = typeof args.query === 'string' ? args.query.trim() : '';
  if (query === '') return '`query` is empty.';
  if (query.length > MAX_QUERY) return `\`query\` has more than ${MAX_QUERY} characters. Use fewer words.`;
  const freshness =
    typeof args.freshness === 'string' && args.freshness !== '' ? readFreshness(args.freshness) : undefined;
  if (typeof freshness === 'string') return freshness;
  const wanted = typeof args.count === 'number' ? args.count : (maxResults ?? DEFAULT_COUNT);
  return {
    query,
    count: Math.max(1, Math.min(Math.trunc(wanted), MAX_COUNT)),
    country: code(args.country)?.toUpperCase(),
    language: code(args.language)?.toLowerCase(),
    freshness,
  };
}

function line(text: string, maxChars: number): string {
  return plainText(text).replace(/\s+/g, ' ').slice(0, maxChars);
}

function shown(hit: SearchHit): SearchHit {
  const { title, url, snippet, published } = hit;
  return {
    title: line(title, MAX_TITLE) || url.slice(0, MAX_TITLE),
    url: url.replace(/\s/g, '').slice(0, MAX_URL),
    snippet: line(snippet, MAX_SNIPPET),
    ...(published !== undefined && { published: line(published, 40) }),
  };
}

function hitText({ title, url, snippet, published }: SearchHit, index: number): string {
  const date = published === undefined ? '' : ` (${published})`;
  return [`${index + 1}. ${title}${date}`, `   ${url}`, ...(snippet === '' ? [] : [`   ${snippet}`])].join('\n');
}

interface Outcome {
  hits: SearchHit[];
  isCached: boolean;
  label: string;
}

async function search(
  base: WebToolsBase,
  cache: TimedCache<SearchHit[]>,
  query: SearchQuery,
  context: ToolContext,
): Promise<Outcome> {
  const config = base.config();
  const settings = config.tools?.web?.search ?? {};
  const chosen = chooseService(config, base.env);
  const { label, id } = chosen.service;
  const key = JSON.stringify([id, chosen.access.baseUrl, query]);
  const known = cache.get(key, (settings.cacheTtlMinutes ?? CACHE_MINUTES) * 60_000);
  if (known) return { hits: known, isCached: true, label };
  const found = await askService(chosen, query, {
    fetch: base.fetch ?? globalThis.fetch,
    clock: base.clock,
    timeoutMs: (settings.timeoutSeconds ?? TIMEOUT_SECONDS) * 1000,
    signal: context.signal,
  });
  const hits = found.slice(0, query.count).map(shown);
  cache.put(key, hits, JSON.stringify(hits).length);
  return { hits, isCached: false, label };
}

async function execute(
  base: WebToolsBase,
  cache: TimedCache<SearchHit[]>,
  args: Record<string, unknown>,
  context: ToolContext,
): Promise<ToolResult> {
  const query = readQuery(args, base.config().tools?.web?.search?.maxResults);
  if (typeof query === 'string') return errorResult(query);
  const { hits, isCached, label } = await search(base, cache, query, context);
  const details = { query: query.query, provider: label, results: hits, isCached };
  if (hits.length === 0) return textResult(`${label} found nothing.`, details);
  const text = hits.map(hitText).join('\n\n');
  return textResult(externalBlock({ source: label, text, marker: base.newMarker() }), details);
}

/** Makes the tool. It throws AppError web.*. */
export function createWebSearchTool(base: WebToolsBase, cache: TimedCache<SearchHit[]>): Tool {
  return {
    name: 'web_search',
    label: 'Search the web',
    group: 'web',
    description: 'Search the web; gives titles, addresses and snippets. Read a page with web_fetch.',
    parameters: PARAMETERS,
    execute: (args, context) => execute(base, cache, args, context),
  };
}
