// What a search service has to know: how to ask and how to read the answer. Both pure, one file a service.

/** Days that results may be from. Dates are YYYY-MM-DD. */
export type Freshness = { within: 'day' | 'week' | 'month' | 'year' } | { from: string; to: string };

export interface SearchQuery {
  query: string;
  count: number;
  /** Two letters, upper case. */
  country?: string;
  /** Two letters, lower case. */
  language?: string;
  freshness?: Freshness;
}

export interface SearchAccess {
  /** Empty for a service that needs none. */
  apiKey: string;
  /** Without a slash at the end. */
  baseUrl: string;
}

export interface SearchRequest {
  url: string;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: string;
}

export interface SearchHit {
  title: string;
  url: string;
  snippet: string;
  /** As the service writes it. */
  published?: string;
}

export interface SearchService {
  /** As in tools.web.search.provider. */
  id: string;
  label: string;
  /** Environment variables that hold its key, the first that is set counts. */
  envKeys: readonly string[];
  /** Absent for a service that everybody hosts themselves. */
  baseUrl?: string;
  /** Environment variable with the address, for such a service. */
  envBaseUrl?: string;
  request(query: SearchQuery, access: SearchAccess): SearchRequest;
  /** The results; undefined when the answer has another form. */
  hits(answer: unknown): SearchHit[] | undefined;
}

/** A field of something that came over the wire. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The fields of a hit by what the service calls them. */
export interface HitNames {
  title: string;
  url: string;
  snippet: string;
  published: readonly string[];
}

/** Reads a list of results; undefined when it is no list. Entries without an address are left out. */
export function readHits(list: unknown, names: HitNames): SearchHit[] | undefined {
  if (!Array.isArray(list)) return undefined;
  return list.flatMap((entry: unknown) => {
    const url = text(field(entry, names.url));
    if (!/^https?:\/\//i.test(url)) return [];
    const published = names.published.map((name) => text(field(entry, name))).find((value) => value !== '');
    const hit = { title: text(field(entry, names.title)), url, snippet: text(field(entry, names.snippet)) };
    return [{ ...hit, ...(published !== undefined && { published }) }];
  });
}

/** A request with a JSON body; what is undefined is left out. */
export function jsonRequest(
  url: string,
  headers: Record<string, string>,
  body: Record<string, unknown>,
): SearchRequest {
  const all = { 'content-type': 'application/json', accept: 'application/json', ...headers };
  return { url, method: 'POST', headers: all, body: JSON.stringify(body) };
}

/** 2026-03-09 → 03/09/2026. */
export function americanDate(date: string): string {
  const [year, month, day] = date.split('-');
  return `${month}/${day}/${year}`;
}
