// SearXNG, which people host themselves: GET /search?format=json, no key, results in results.
import { field, readHits, type SearchQuery, type SearchService } from './search-service.js';

/** It knows no week; a month has it in it. Ranges of days are not known either. */
const WITHIN = { day: 'day', week: 'month', month: 'month', year: 'year' } as const;

function parameters({ query, country, language, freshness }: SearchQuery): URLSearchParams {
  const wanted = new URLSearchParams({ q: query, format: 'json' });
  if (language) wanted.set('language', country ? `${language}-${country}` : language);
  if (freshness && 'within' in freshness) wanted.set('time_range', WITHIN[freshness.within]);
  return wanted;
}

export const searxng: SearchService = {
  id: 'searxng',
  label: 'SearXNG',
  envKeys: [],
  envBaseUrl: 'SEARXNG_BASE_URL',
  request: (query, { baseUrl }) => ({
    url: `${baseUrl}/search?${parameters(query)}`,
    method: 'GET',
    headers: { accept: 'application/json' },
  }),
  hits: (answer) =>
    readHits(field(answer, 'results'), {
      title: 'title',
      url: 'url',
      snippet: 'content',
      published: ['publishedDate'],
    }),
};
