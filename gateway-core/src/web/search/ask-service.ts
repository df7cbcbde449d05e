// Sends a search and reads the answer, with limits on time and size.
import { AppError, errorMessage } from '../../shared/app-error.js';
import type { Clock } from '../../shared/clock.js';
import type { ChosenService } from './choose-service.js';
import type { SearchHit, SearchQuery } from './search-service.js';

export interface AskOptions {
  fetch: typeof globalThis.fetch;
  clock: Clock;
  timeoutMs: number;
  signal: AbortSignal;
}

const MAX_BYTES = 4_000_000;

async function readJson(response: Response, label: string): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let total = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    total += part.value.length;
    if (total > MAX_BYTES) {
      await reader?.cancel();
      throw new AppError('web.search_failed', { message: `The answer of ${label} is too long.` });
    }
    parts.push(part.value);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch (error) {
    throw new AppError('web.search_failed', { message: `${label} did not answer with JSON.`, cause: error });
  }
}

/** The body of a refusal is not passed on: it may repeat the key. */
function statusError(status: number, label: string): AppError {
  if (status === 401 || status === 403) {
    return new AppError('web.search_key', { message: `${label} refuses the key (status ${status}).` });
  }
  if (status === 429) {
    const message = `${label} limits how often you may search, or the plan is used up.`;
    return new AppError('web.search_failed', { message, hint: 'Wait a little before you search again.' });
  }
  return new AppError('web.search_failed', { message: `${label} answered with status ${status}.` });
}

/** Results of a search. Throws AppError web.search_key, web.search_failed, web.unreachable, web.timeout. */
export async function askService(
  { service, access }: ChosenService,
  query: SearchQuery,
  { fetch, clock, timeoutMs, signal }: AskOptions,
): Promise<SearchHit[]> {
  const { label } = service;
  const { url, ...request } = service.request(query, access);
  const deadline = new AbortController();
  const timer = clock.after(timeoutMs, () => {
    deadline.abort(new AppError('web.timeout', { message: `${label} did not answer in time.` }));
  });
  const both = AbortSignal.any([deadline.signal, signal]);
  try {
    // A redirect would take the key with it.
    const response = await fetch(url, { ...request, redirect: 'manual', signal: both });
    if (!response.ok) {
      await response.body?.cancel();
      throw statusError(response.status, label);
    }
    const hits = service.hits(await readJson(response, label));
    if (!hits)
      throw new AppError('web.search_failed', { message: `The answer of ${label} has another form than expected.` });
    return hits;
  } catch (error) {
    if (both.aborted) throw both.reason;
    if (error instanceof AppError) throw error;
    const why = errorMessage((error as Error).cause ?? error);
    throw new AppError('web.unreachable', { message: `${label} cannot be reached (${why}).`, cause: error });
  } finally {
    timer.cancel();
  }
}
