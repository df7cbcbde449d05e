// The HTTP side of the port: headers, Host check, routes in order, then 404 (spec/gateway-http.md §1).
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { inBackground, type Logger } from '../../shared/logger.js';
import { checkSharedAuth } from '../handshake/shared-auth.js';
import type { Peer } from '../peer.js';
import type { RateLimiter } from '../rate-limiter.js';
import type { ServerSettings } from '../types.js';
import { type HostRules, isHostAllowed } from './host-rules.js';
import { isProbePath } from './probes.js';
import { sendText, setBaseHeaders } from './respond.js';
import type { HttpExchange, HttpRoute } from './route.js';

export interface HttpServerOptions {
  settings: ServerSettings;
  hostRules: HostRules;
  routes: readonly HttpRoute[];
  describe: (request: IncomingMessage) => Peer;
  /** Counts wrong bearers; absent without gateway.auth.rateLimit. */
  limiter?: RateLimiter;
  log: Logger;
}

const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 120_000;
const KEEP_ALIVE_TIMEOUT_MS = 5000;
const TLS_HANDSHAKE_TIMEOUT_MS = 15_000;

function bearerOf(request: IncomingMessage): string | undefined {
  return /^Bearer\s+(.+)$/i.exec(request.headers.authorization?.trim() ?? '')?.[1];
}

/** Bearer = the gateway's token or password; device tokens are not for HTTP (spec/gateway-http.md §1.1). */
function isAuthorized(request: IncomingMessage, peer: Peer, { settings, limiter }: HttpServerOptions): boolean {
  const bearer = bearerOf(request);
  if ((limiter?.lockedForMs('shared-secret', peer.clientIp) ?? 0) > 0) return false;
  const given = bearer === undefined ? {} : { token: bearer, password: bearer };
  const { ok } = checkSharedAuth(settings, given, peer, 4);
  if (bearer !== undefined) limiter?.[ok ? 'succeeded' : 'failed']('shared-secret', peer.clientIp);
  return ok;
}

function describeExchange(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpServerOptions,
): HttpExchange {
  const target = request.url ?? '/';
  const at = target.indexOf('?');
  const peer = options.describe(request);
  return {
    request,
    response,
    pathname: at === -1 ? target : target.slice(0, at),
    query: new URLSearchParams(at === -1 ? '' : target.slice(at + 1)),
    peer,
    isAuthorized: () => isAuthorized(request, peer, options),
  };
}

function claims({ path }: HttpRoute, pathname: string): boolean {
  return typeof path === 'string' ? path === pathname : path(pathname);
}

async function answer(exchange: HttpExchange, options: HttpServerOptions): Promise<void> {
  const { request, response, pathname } = exchange;
  setBaseHeaders(response, options.settings.strictTransportSecurity);
  if (!isProbePath(pathname) && !isHostAllowed(request.headers.host, options.hostRules)) {
    sendText(response, 403, 'Forbidden: this Host is not an address of the gateway.');
    return;
  }
  for (const route of options.routes) {
    if (claims(route, pathname) && (await route.handle(exchange)) !== false) return;
  }
  sendText(response, 404, 'Not Found');
}

function fail(exchange: HttpExchange, error: unknown, log: Logger): void {
  const { request, response } = exchange;
  if ((error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE') return;
  log.error(`${request.method} ${exchange.pathname} failed`, { err: error });
  if (response.headersSent) response.destroy();
  else sendText(response, 500, 'Internal Server Error');
}

function openServer(tls: ServerSettings['tls'], onRequest: RequestListener): Server {
  return tls
    ? createTlsServer({ ...tls, handshakeTimeout: TLS_HANDSHAKE_TIMEOUT_MS }, onRequest)
    : createServer(onRequest);
}

/** A server that is not listening yet. */
export function createHttpServer(options: HttpServerOptions): Server {
  const server = openServer(options.settings.tls, (request, response) => {
    const exchange = describeExchange(request, response, options);
    const answered = answer(exchange, options).catch((error: unknown) => fail(exchange, error, options.log));
    inBackground(answered, options.log, 'could not answer a request');
  });
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  return server;
}
