// Our HTTP client for addresses that somebody else chose: every hop is judged before anything is sent to it.
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as httpRequest,
} from 'node:http';
import { AppError, errorMessage, isAppError } from '../shared/app-error.js';
import { type Clock, systemClock } from '../shared/clock.js';
import { type Body, readBody } from './body.js';
import {
  type Connect,
  connectSocket,
  judgedAddresses,
  type Lookup,
  lookupWithSystem,
  pinnedLookup,
} from './connect.js';
import { judgeUrl, refusedAddress, STRICT_POLICY, type WebPolicy, type WebTarget } from './url-policy.js';

export interface GuardedFetchOptions {
  /** Default: public addresses only. */
  policy?: WebPolicy;
  /** Default GET. */
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
  /** Default 3. */
  maxRedirects?: number;
  /** Refuses an address without https on any hop. */
  isSecureOnly?: boolean;
  /** Of the body, packed and unpacked; default 2 MB. What is longer is cut. */
  maxBytes?: number;
  /** For everything together, redirects included; default 30 s. */
  timeoutMs?: number;
  signal?: AbortSignal;
  clock?: Clock;
  lookup?: Lookup;
  connect?: Connect;
}

export interface GuardedResponse {
  /** Address after redirects. */
  url: string;
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** True when the body was longer than `maxBytes`. */
  isCut: boolean;
  redirects: number;
}

interface Hop {
  target: WebTarget;
  method: string;
  headers: Record<string, string>;
  body: string | Buffer | undefined;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_BYTES = 2_000_000;
const DEFAULT_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Headers that may follow a redirect to another host. */
const HARMLESS = new Set(['accept', 'accept-encoding', 'accept-language', 'user-agent']);

/** Rejects when the signal fires, even while `work` hangs. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function unreachable({ hostname }: WebTarget, error: unknown): AppError {
  const { code } = error as NodeJS.ErrnoException;
  const why = code ?? errorMessage(error);
  return new AppError('web.unreachable', { message: `${hostname} cannot be reached (${why}).`, cause: error });
}

/** Sends one request over a connection of its own; resolves with the head of the answer. */
async function send(hop: Hop, options: GuardedFetchOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const { url, hostname } = hop.target;
  const isSecure = url.protocol === 'https:';
  const port = Number(url.port) || (isSecure ? 443 : 80);
  const addresses = await untilAborted(judgedAddresses(hop.target, options.lookup ?? lookupWithSystem), signal);
  const lookup = pinnedLookup(addresses);
  const connect = options.connect ?? connectSocket;
  return new Promise((resolve, reject) => {
    const headers: OutgoingHttpHeaders = { ...hop.headers, host: url.host, connection: 'close' };
    const outgoing = httpRequest({
      // The protocol is that of the connection, which is made below.
      method: hop.method,
      path: `${url.pathname}${url.search}`,
      headers,
      createConnection: () => connect({ host: hostname, port, isSecure, lookup }),
    });
    const stop = (): void => void outgoing.destroy(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    outgoing.on('close', () => signal.removeEventListener('abort', stop));
    outgoing.on('response', resolve);
    outgoing.on('error', (error) => reject(signal.aborted ? (signal.reason as Error) : unreachable(hop.target, error)));
    outgoing.end(hop.body);
  });
}

function withoutBody(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.toLowerCase().startsWith('content-')));
}

/** Pure: the request after a redirect. Throws AppError web.address_refused when it leads where it may not. */
export function nextHop(hop: Hop, status: number, location: string, policy: WebPolicy): Hop {
  const target = judgeUrl(location, policy, hop.target.url);
  const isSameOrigin = target.url.origin === hop.target.url.origin;
  const keepsBody = status === 307 || status === 308 || hop.method === 'GET' || hop.method === 'HEAD';
  // A secret that is meant for one host is not shown to the next.
  const allowed = Object.entries(hop.headers).filter(([name]) => isSameOrigin || HARMLESS.has(name.toLowerCase()));
  const headers = Object.fromEntries(allowed);
  if (!keepsBody) return { target, method: 'GET', headers: withoutBody(headers), body: undefined };
  if (hop.body !== undefined && !isSameOrigin) {
    throw new AppError('web.address_refused', { message: 'The address redirects what was sent to another host.' });
  }
  return { target, method: hop.method, headers, body: hop.body };
}

/** An answer whose body is still to come. */
export interface OpenAnswer {
  response: IncomingMessage;
  /** Where it came from, after redirects. */
  target: WebTarget;
  redirects: number;
  /** Fires at the time limit, and with the signal of the options. */
  signal: AbortSignal;
  /** What to throw for an error while the body comes. */
  explain(error: unknown): unknown;
  /** Ends the connection; call it whatever happens. */
  close(): void;
}

type Followed = Pick<OpenAnswer, 'response' | 'target' | 'redirects'>;

async function follow(first: Hop, options: GuardedFetchOptions, signal: AbortSignal): Promise<Followed> {
  const { policy = STRICT_POLICY, maxRedirects = DEFAULT_REDIRECTS, isSecureOnly = false } = options;
  let hop = first;
  for (let redirects = 0; ; redirects += 1) {
    if (isSecureOnly && hop.target.url.protocol !== 'https:') throw refusedAddress('An address without https');
    const response = await send(hop, options, signal);
    const { statusCode: status = 0, headers } = response;
    const { location } = headers;
    if (!REDIRECTS.has(status) || location === undefined) return { response, target: hop.target, redirects };
    response.destroy();
    if (redirects >= maxRedirects) {
      throw new AppError('web.bad_response', { message: `The address redirects more than ${maxRedirects} times.` });
    }
    hop = nextHop(hop, status, location, policy);
  }
}

/** Errors of a connection that broke while the body came. */
function asAppError(error: unknown, target: WebTarget, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  return isAppError(error) ? error : unreachable(target, error);
}

/** Asks, follows redirects, and resolves with the head of the answer. Throws what `guardedFetch` throws. */
export async function openGuarded(address: string, options: GuardedFetchOptions): Promise<OpenAnswer> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, clock = systemClock, policy = STRICT_POLICY } = options;
  options.signal?.throwIfAborted();
  const target = judgeUrl(address, policy);
  const deadline = new AbortController();
  const timer = clock.after(timeoutMs, () => deadline.abort(new AppError('web.timeout')));
  const signal = AbortSignal.any([deadline.signal, ...(options.signal ? [options.signal] : [])]);
  const headers = { 'accept-encoding': 'gzip, deflate, br', ...options.headers };
  const explain = (error: unknown): unknown => asAppError(error, target, signal);
  try {
    const first = { target, method: options.method ?? 'GET', headers, body: options.body };
    const followed = await follow(first, options, signal);
    const close = (): void => {
      timer.cancel();
      followed.response.destroy();
    };
    return { ...followed, signal, explain, close };
  } catch (error) {
    timer.cancel();
    throw explain(error);
  }
}

/**
 * Asks for a web address that is not trusted (spec/gateway-config.md §6, tools.web). On every hop the address is
 * judged, the host looked up once, each of its addresses judged, and one of these connected to. Throws AppError
 * web.address_refused, web.unreachable, web.timeout, web.bad_response, or the reason of `signal`.
 */
export async function guardedFetch(address: string, options: GuardedFetchOptions = {}): Promise<GuardedResponse> {
  const answer = await openGuarded(address, options);
  const { response, target, redirects, signal } = answer;
  try {
    const { statusCode: status = 0, headers } = response;
    const reading = readBody(response, options.maxBytes ?? DEFAULT_MAX_BYTES);
    const { data, isCut }: Body = await untilAborted(reading, signal);
    return { url: target.url.href, status, headers, body: data, isCut, redirects };
  } catch (error) {
    throw answer.explain(error);
  } finally {
    answer.close();
  }
}
