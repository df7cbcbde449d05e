// Brave Search: GET /res/v1/web/search, key in X-Subscription-Token, results in web.results.
import { field, readHits, type SearchQuery, type SearchService } from './search-service.js';

const WITHIN = { day: 'pd', week: 'pw', month: 'pm', year: 'py' } as const;
const MAX_COUNT = 20;

function parameters({ query, count, country, language, freshness }: SearchQuery): URLSearchParams {
  const wanted = new URLSearchParams({ q: query, count: String(Math.min(count, MAX_COUNT)) });
  if (country) wanted.set('country', country);
  if (language) wanted.set('search_lang', language);
  if (freshness) {
    wanted.set('freshness', 'within' in freshness ? WITHIN[freshness.within] : `${freshness.from}to${freshness.to}`);
  }
  return wanted;
}

export const brave: SearchService = {
  id: 'brave',
  label: 'Brave Search',
  envKeys: ['BRAVE_API_KEY'],
  baseUrl: 'https://api.search.brave.com',
  request: (query, { apiKey, baseUrl }) => ({
    url: `${baseUrl}/res/v1/web/search?${parameters(query)}`,
    method: 'GET',
    headers: { accept: 'application/json', 'x-subscription-token': apiKey },
  }),
  hits(answer) {
    const web = field(answer, 'web');
    // A query without results has no `web` at all.
    if (web === undefined && field(answer, 'type') === 'search') return [];
    const names = { title: 'title', url: 'url', snippet: 'description', published: ['age', 'page_age'] };
    return readHits(field(web, 'results'), names);
  },
};
