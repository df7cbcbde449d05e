// The only way to the network that a browser of ours has: a proxy that asks about every address before it connects.
import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect, type LookupFunction, type Socket } from 'node:net';
import type { LookupAddress } from 'node:dns';
import type { Judge } from './judge.js';

export interface GuardProxy {
  /** http://127.0.0.1:port */
  url: string;
  /** Requests that were refused so far. */
  refusals(): number;
  stop(): Promise<void>;
}

/** Says in an answer that it is ours; pages cannot know the value. */
export const REFUSED_HEADER = 'x-openclaw-refused';
const CONNECT_TIMEOUT_MS = 30_000;
/** For one hop only (RFC 9110, 7.6.1). */
const HOP_HEADERS = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Connects to what was judged, whatever name it is asked for. */
function pinned(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, { all }, answer) => {
    const [first] = addresses;
    if (all) answer(null, [...addresses]);
    else answer(null, first?.address ?? '', first?.family);
  };
}

function kept(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_HEADERS.has(name)));
}

/** "example.com:443" as an address that can be judged. */
function tunnelUrl(authority: string): URL | undefined {
  const text = `https://${authority}`;
  return URL.canParse(text) ? new URL(text) : undefined;
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

class Proxy {
  readonly server: Server;
  refusals = 0;
  readonly #sockets = new Set<Socket>();

  constructor(
    readonly judge: Judge,
    readonly secret: string,
  ) {
    this.server = createServer((request, response) => void this.#forward(request, response));
    this.server.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      void this.#tunnel(request.url ?? '', socket, head);
    });
    this.server.on('connection', (socket) => this.#keep(socket));
  }

  end(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // A connection that breaks takes its other half along; there is nobody to tell.
    socket.on('error', () => socket.destroy());
  }

  async #addresses(url: string): Promise<LookupAddress[] | undefined> {
    const verdict = await this.judge(url);
    if ('addresses' in verdict) return verdict.addresses;
    if (!verdict.isMissing) this.refusals += 1;
    return undefined;
  }

  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = request.url ?? '';
    // A page that asks this port directly sends a path; a browser that uses it as its proxy sends a whole address.
    if (!/^http:\/\//i.test(text) || !URL.canParse(text)) {
      response.writeHead(400).end();
      return;
    }
    const addresses = await this.#addresses(text);
    if (!addresses) {
      response.writeHead(403, { [REFUSED_HEADER]: this.secret, 'content-type': 'text/plain' });
      response.end('This address may not be opened here.');
      return;
    }
    const url = new URL(text);
    const upstream = httpRequest({
      host: hostOf(url),
      port: url.port === '' ? 80 : Number(url.port),
      path: `${url.pathname}${url.search}`,
      method: request.method,
      headers: { ...kept(request.headers), host: url.host },
      lookup: pinned(addresses),
      agent: false,
    });
    upstream.on('response', (answer) => {
      const { statusCode = 502 } = answer;
      response.writeHead(statusCode < 200 ? 502 : statusCode, kept(answer.headers));
      answer.once('close', () => !answer.complete && response.destroy());
      answer.pipe(response);
    });
    upstream.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    response.on('close', () => upstream.destroy());
    request.pipe(upstream);
  }

  async #tunnel(authority: string, socket: Socket, head: Buffer): Promise<void> {
    const url = tunnelUrl(authority);
    const addresses = url && (await this.#addresses(url.href));
    if (!url || !addresses) {
      socket.end('HTTP/1.1 403 Refused\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const port = url.port === '' ? 443 : Number(url.port);
    const upstream = connect({ host: hostOf(url), port, lookup: pinned(addresses), autoSelectFamily: true });
    this.#keep(upstream);
    upstream.setTimeout(CONNECT_TIMEOUT_MS, () => upstream.destroy());
    upstream.once('connect', () => {
      upstream.setTimeout(0);
      socket.write('HTTP/1.1 200 Connected\r\n\r\n');
      upstream.write(head);
      socket.pipe(upstream).pipe(socket);
    });
    upstream.once('close', () => socket.destroy());
    socket.once('close', () => upstream.destroy());
  }
}

/** Starts the proxy on a free port of this computer. */
export async function startGuardProxy(judge: Judge, secret: string): Promise<GuardProxy> {
  const proxy = new Proxy(judge, secret);
  await new Promise<void>((resolve, reject) => {
    proxy.server.once('error', reject);
    proxy.server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = proxy.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    refusals: () => proxy.refusals,
    async stop() {
      const closed = new Promise<void>((resolve) => proxy.server.close(() => resolve()));
      proxy.end();
      await closed;
    },
  };
}
