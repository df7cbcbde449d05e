// Tavily: POST /search with a bearer key, results in results.
import { field, type Freshness, jsonRequest, readHits, type SearchService } from './search-service.js';

const MAX_COUNT = 20;

/** Tavily wants the English name of a country in lower case. */
function countryName(country: string | undefined): string | undefined {
  if (country === undefined) return undefined;
  return new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' }).of(country)?.toLowerCase();
}

function range(freshness: Freshness | undefined): Record<string, string> {
  if (!freshness) return {};
  if ('within' in freshness) return { time_range: freshness.within };
  return { start_date: freshness.from, end_date: freshness.to };
}

export const tavily: SearchService = {
  id: 'tavily',
  label: 'Tavily',
  envKeys: ['TAVILY_API_KEY'],
  baseUrl: 'https://api.tavily.com',
  // It has no setting for the language of results.
  request: ({ query, count, country, freshness }, { apiKey, baseUrl }) =>
    jsonRequest(
      `${baseUrl}/search`,
      { authorization: `Bearer ${apiKey}` },
      { query, max_results: Math.min(count, MAX_COUNT), country: countryName(country), ...range(freshness) },
    ),
  hits: (answer) =>
    readHits(field(answer, 'results'), {
      title: 'title',
      url: 'url',
      snippet: 'content',
      published: ['published_date'],
    }),
};
