// Serper (results of Google): POST /search, key in X-API-KEY, results in organic.
import { americanDate, field, type Freshness, jsonRequest, readHits, type SearchService } from './search-service.js';

function timeRange(freshness: Freshness | undefined): string | undefined {
  if (!freshness) return undefined;
  if ('within' in freshness) return `qdr:${freshness.within.slice(0, 1)}`;
  return `cdr:1,cd_min:${americanDate(freshness.from)},cd_max:${americanDate(freshness.to)}`;
}

export const serper: SearchService = {
  id: 'serper',
  label: 'Serper',
  envKeys: ['SERPER_API_KEY'],
  baseUrl: 'https://google.serper.dev',
  request: ({ query, count, country, language, freshness }, { apiKey, baseUrl }) =>
    jsonRequest(
      `${baseUrl}/search`,
      { 'x-api-key': apiKey },
      { q: query, num: count, gl: country?.toLowerCase(), hl: language, tbs: timeRange(freshness) },
    ),
  hits: (answer) =>
    readHits(field(answer, 'organic'), { title: 'title', url: 'link', snippet: 'snippet', published: ['date'] }),
};
