// Fetches an image or a file that a request names by its address, from public hosts only.
import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { MediaFault, type MediaLimits } from './media-types.js';
import { isPublicAddress } from './public-address.js';

export interface Fetched {
  type: string | undefined;
  bytes: Buffer;
}

/** Throws MediaFault. */
export type FetchMedia = (url: string, limits: MediaLimits) => Promise<Fetched>;

type Callback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/** Looks a host up and refuses what is not allowed; the socket uses exactly what was checked. */
function guardedLookup(isAllowed: (address: string) => boolean) {
  return (hostname: string, options: LookupOptions, callback: Callback): void => {
    dnsLookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const [first] = found;
      if (!first || found.some(({ address }) => !isAllowed(address))) {
        return callback(new MediaFault(`${hostname} is not a public host`), []);
      }
      if (options.all) callback(null, found);
      else callback(null, first.address, first.family);
    });
  };
}

function isListed(host: string, allowlist: readonly string[]): boolean {
  if (allowlist.length === 0) return true;
  return allowlist.some((entry) => {
    const name = entry.trim().toLowerCase();
    return name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name;
  });
}

function checkedUrl(text: string, limits: MediaLimits, isAllowed: (address: string) => boolean): URL {
  if (!URL.canParse(text)) throw new MediaFault('not an address');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new MediaFault('only http and https are fetched');
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (!isListed(host, limits.urlAllowlist)) throw new MediaFault(`${host} is not in urlAllowlist`);
  // An address that is written out is never looked up.
  if (isIP(host) !== 0 && !isAllowed(host)) throw new MediaFault(`${host} is not a public host`);
  return url;
}

function collect(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    response.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= maxBytes) return void parts.push(part);
      response.destroy();
      reject(new MediaFault(`more than ${maxBytes} bytes`));
    });
    response.on('end', () => resolve(Buffer.concat(parts)));
    response.on('error', reject);
  });
}

type Answer = { redirect: string } | Fetched;

function getOnce(url: URL, limits: MediaLimits, signal: AbortSignal, lookup: ReturnType<typeof guardedLookup>) {
  return new Promise<Answer>((resolve, reject) => {
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const sent = request(url, { signal, lookup, agent: false, headers: { accept: '*/*' } }, (response) => {
      const { statusCode = 0, headers } = response;
      if (statusCode >= 300 && statusCode < 400 && headers.location) {
        response.destroy();
        return resolve({ redirect: headers.location });
      }
      if (statusCode !== 200) {
        response.destroy();
        return reject(new MediaFault(`the host answered ${statusCode}`));
      }
      collect(response, limits.maxBytes).then(
        (bytes) => resolve({ type: headers['content-type'], bytes }),
        (error: Error) => reject(error),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** `isAllowed` judges every address that would be connected to; public ones unless given. */
export function createFetchMedia(isAllowed: (address: string) => boolean = isPublicAddress): FetchMedia {
  const lookup = guardedLookup(isAllowed);
  return async (text, limits) => {
    const signal = AbortSignal.timeout(limits.timeoutMs);
    let url = checkedUrl(text, limits, isAllowed);
    for (let hops = 0; hops <= limits.maxRedirects; hops += 1) {
      try {
        const answer = await getOnce(url, limits, signal, lookup);
        if (!('redirect' in answer)) return answer;
        url = checkedUrl(new URL(answer.redirect, url).href, limits, isAllowed);
      } catch (error) {
        if (error instanceof MediaFault) throw error;
        throw new MediaFault(
          signal.aborted ? 'the host took too long' : `the host cannot be read (${(error as Error).message})`,
        );
      }
    }
    throw new MediaFault(`more than ${limits.maxRedirects} redirects`);
  };
}
