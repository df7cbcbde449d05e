// Perplexity Search API: POST /search with a bearer key, results in results.
import { americanDate, field, type Freshness, jsonRequest, readHits, type SearchService } from './search-service.js';

const MAX_COUNT = 20;

function filters(freshness: Freshness | undefined): Record<string, string> {
  if (!freshness) return {};
  if ('within' in freshness) return { search_recency_filter: freshness.within };
  return {
    search_after_date_filter: americanDate(freshness.from),
    search_before_date_filter: americanDate(freshness.to),
  };
}

export const perplexity: SearchService = {
  id: 'perplexity',
  label: 'Perplexity',
  envKeys: ['PERPLEXITY_API_KEY'],
  baseUrl: 'https://api.perplexity.ai',
  request: ({ query, count, country, language, freshness }, { apiKey, baseUrl }) =>
    jsonRequest(
      `${baseUrl}/search`,
      { authorization: `Bearer ${apiKey}` },
      {
        query,
        max_results: Math.min(count, MAX_COUNT),
        country,
        search_language_filter: language === undefined ? undefined : [language],
        ...filters(freshness),
      },
    ),
  hits: (answer) =>
    readHits(field(answer, 'results'), {
      title: 'title',
      url: 'url',
      snippet: 'snippet',
      published: ['date', 'last_updated'],
    }),
};
