// Downloads from addresses that somebody else chose: the bytes as they come, under the rules of guardedFetch.
import { AppError } from '../shared/app-error.js';
import { type GuardedFetchOptions, openGuarded } from './guarded-fetch.js';

export interface GuardedChunksOptions extends Pick<
  GuardedFetchOptions,
  'policy' | 'maxRedirects' | 'isSecureOnly' | 'timeoutMs' | 'signal' | 'clock' | 'lookup' | 'connect'
> {
  /** More is refused, and ends the connection. */
  maxBytes: number;
  /** Hears how many bytes there will be, when the address says so. */
  onLength?: (bytes: number) => void;
}

function tooLarge(maxBytes: number): AppError {
  const megabytes = Math.floor(maxBytes / 1_048_576);
  return new AppError('web.bad_response', { message: `The download is larger than ${megabytes} MB.` });
}

/**
 * The body of a GET, chunk by chunk; the connection ends with the iteration. Only a plain 200 counts. Throws AppError
 * web.address_refused, web.unreachable, web.timeout, web.bad_response, or the reason of `signal`.
 */
export async function* guardedChunks(address: string, options: GuardedChunksOptions): AsyncGenerator<Buffer> {
  const { maxBytes, onLength, ...rest } = options;
  const answer = await openGuarded(address, { ...rest, headers: { 'accept-encoding': 'identity' } });
  const { response, signal } = answer;
  const cut = (): void => void response.destroy(signal.reason as Error);
  signal.addEventListener('abort', cut, { once: true });
  try {
    signal.throwIfAborted();
    const { statusCode, headers } = response;
    if (statusCode !== 200) {
      throw new AppError('web.bad_response', { message: `The address answered with status ${statusCode}.` });
    }
    const length = headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
    if (length !== undefined && length > maxBytes) throw tooLarge(maxBytes);
    if (length !== undefined) onLength?.(length);
    let received = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      received += chunk.length;
      if (received > maxBytes) throw tooLarge(maxBytes);
      yield chunk;
    }
  } catch (error) {
    throw answer.explain(error);
  } finally {
    signal.removeEventListener('abort', cut);
    answer.close();
  }
}
