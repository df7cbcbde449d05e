// The one door: HTTP and WebSocket on one port, for every client.
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { assertHostHasAuth, isLoopbackHost } from '../config/index.js';
import { LIMITS, methods } from '../protocol/index.js';
import type { MethodHandlers } from '../shared/wire.js';
import { createHttpServer } from './http/http-server.js';
import { createProbes } from './http/probes.js';
import type { HttpRoute } from './http/route.js';
import { createWindowFiles } from './http/window-files.js';
import { Hub } from './hub.js';
import { bindAll, type Bound, wsUrl } from './listen.js';
import type { GatewayServer, GatewayServerOptions, ListenResult, StopNotice } from './types.js';

const PORT_RETRY = { times: 4, delayMs: 500 };

/** Paths of the canvas live-reload socket, which is not the control socket. */
const CANVAS_SOCKET = /^(\/__openclaw__\/cap\/[^/]+)?\/__openclaw__\/ws$/;

function routesOf(options: GatewayServerOptions, hub: Hub): HttpRoute[] {
  const { clock, settings, log, rendererDir, routes = [], failing = () => [] } = options;
  const { enabled, basePath } = settings.controlUi;
  return [
    ...routes,
    createProbes({ clock, startedAtMs: hub.startedAtMs, failing }),
    ...(enabled ? [createWindowFiles({ rendererDir, basePath, log })] : []),
  ];
}

/** The contract and the rooms must name the same methods; a difference is a bug of ours. */
function checkTable(handlers: MethodHandlers): void {
  const missing = Object.keys(methods).filter((name) => !Object.hasOwn(handlers, name));
  const extra = Object.keys(handlers).filter((name) => !Object.hasOwn(methods, name));
  if (missing.length + extra.length === 0) return;
  throw new Error(`method table and handlers differ: no handler for [${missing}], no row for [${extra}]`);
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

class WireServer {
  readonly hub: Hub;
  readonly #options: GatewayServerOptions;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LIMITS.preAuthPayloadBytes,
  });
  #bound: Bound[] = [];
  #isStopping = false;

  constructor(options: GatewayServerOptions) {
    this.#options = options;
    this.hub = new Hub(options);
  }

  async listen(handlers: MethodHandlers): Promise<ListenResult> {
    checkTable(handlers);
    this.hub.start(handlers);
    const { settings, clock, log, portRetry = PORT_RETRY } = this.#options;
    const routes = routesOf(this.#options, this.hub);
    this.#bound = await bindAll({
      ...settings,
      scheme: settings.tls ? 'wss' : 'ws',
      retry: portRetry,
      clock,
      log,
      createServer: () => this.#createServer(routes),
      approve: (host) => assertHostHasAuth(host, settings.port, settings.auth),
    });
    const urls = this.#bound.map(({ host, port }) => wsUrl(host, port, settings.tls ? 'wss' : 'ws'));
    return { port: this.#bound[0]?.port ?? settings.port, urls };
  }

  async stop(notice: StopNotice): Promise<void> {
    this.#isStopping = true;
    const closed = this.#bound.map(({ server }) => new Promise<void>((resolve) => server.close(() => resolve())));
    await this.hub.stop(notice);
    for (const { server } of this.#bound) server.closeAllConnections();
    await Promise.all(closed);
    this.#bound = [];
  }

  #createServer(routes: readonly HttpRoute[]): Server {
    const { settings, log } = this.#options;
    const isLoopbackOnly = settings.hosts.every(isLoopbackHost);
    const server = createHttpServer({
      settings,
      hostRules: { isLoopbackOnly, allowedOrigins: settings.controlUi.allowedOrigins },
      routes,
      limiter: this.hub.directLimiter,
      describe: (request) => this.hub.describe(request),
      log,
    });
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#upgrade(request, socket, head);
    });
    return server;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const pathname = request.url?.split('?', 1)[0] ?? '/';
    socket.on('error', (error) => this.#options.log.debug('socket error during upgrade', { err: error }));
    if (this.#isStopping) refuseUpgrade(socket, '503 Service Unavailable');
    else if (CANVAS_SOCKET.test(pathname)) refuseUpgrade(socket, '404 Not Found');
    else this.#sockets.handleUpgrade(request, socket, head, (client) => this.hub.attach(client, request));
  }
}

/**
 * Builds the server; nothing is opened before `listen`. `listen` rejects with AppError gateway.port_in_use,
 * gateway.port_denied, gateway.listen_failed or gateway.bind_refused, and with an Error when handlers and method table differ.
 * `stop` sends `shutdown`, closes every socket with 1012 and resolves when the port is free.
 */
export function createGatewayServer(options: GatewayServerOptions): GatewayServer {
  const server = new WireServer(options);
  const { hub } = server;
  return {
    broadcast: hub.broadcaster.broadcast,
    onConnectionClosed: (listener) => hub.onClosed(listener),
    onClientConnected: (listener) => hub.onConnected(listener),
    disconnectDevice: (deviceId, reason, role) => hub.disconnectDevice(deviceId, reason, role),
    notePresence: (note) => hub.notePresence(note),
    presence: () => hub.presence(),
    connectionCount: () => hub.memberCount(),
    allowOrigin: (origin) => hub.allowOrigin(origin),
    listen: (handlers) => server.listen(handlers),
    stop: (notice) => server.stop(notice),
  };
}
