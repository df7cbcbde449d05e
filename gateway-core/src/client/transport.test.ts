import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { exampleHello } from './fake-gateway.js';
import { GatewayClient } from './gateway-client.js';
import { createWebSocketTransport, type WebSocketLike, wrapWebSocket } from './transport.js';

const timers = {
  now: () => Date.now(),
  after(delayMs: number, run: () => void) {
    const handle = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

let http: Server;
let sockets: WebSocketServer;
let url: string;
const clients: GatewayClient[] = [];

beforeEach(async () => {
  http = createServer();
  sockets = new WebSocketServer({ server: http });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.stop();
  for (const socket of sockets.clients) socket.terminate();
  sockets.close();
  await new Promise((resolve) => http.close(resolve));
});

function newClient(address = url): GatewayClient {
  const client = new GatewayClient({
    url: address,
    transport: createWebSocketTransport(WebSocket),
    client: { id: 'test', version: '1', platform: 'linux', mode: 'test' },
    scopes: [],
    timers,
    random: Math.random,
    reconnect: { minMs: 10 },
  });
  clients.push(client);
  return client;
}

/** Greets, answers `echo` with its params, and `kill` by cutting the socket. */
function serve(): void {
  sockets.on('connection', (socket) => {
    const send = (frame: unknown) => socket.send(JSON.stringify(frame));
    send({ type: 'event', event: 'connect.challenge', payload: { nonce: 'n', ts: 1 } });
    socket.on('message', (data) => {
      const { id, method, params } = JSON.parse(String(data)) as { id: string; method: string; params: unknown };
      if (method === 'kill') socket.terminate();
      else send({ type: 'res', id, ok: true, payload: method === 'connect' ? exampleHello() : params });
    });
  });
}

describe('the client over a real socket', () => {
  it('connects, asks and answers', async () => {
    serve();
    const client = newClient();
    client.start();
    expect(await client.call('echo', { text: 'hä' })).toEqual({ text: 'hä' });
  });

  it('carries a large answer', async () => {
    serve();
    const client = newClient();
    client.start();
    const text = 'x'.repeat(3_000_000);
    expect(await client.call('echo', { text })).toEqual({ text });
  });

  it('comes back by itself after the socket was cut', async () => {
    serve();
    const client = newClient();
    const back = new Promise((resolve) => client.onGap(resolve));
    client.start();
    await expect(client.call('kill')).rejects.toMatchObject({ closeCode: 1006 });
    expect(await back).toEqual({ reason: 'reconnected' });
    expect(await client.call('echo', 1)).toBe(1);
  });

  it('says that nothing listens', async () => {
    const client = newClient('ws://127.0.0.1:1');
    client.start();
    await expect(client.ready()).rejects.toThrow('gateway closed (1006 abnormal closure (no close frame))');
    expect(client.state.phase).toBe('waiting');
  });

  it('refuses an address that is none', () => {
    const client = newClient('nonsense');
    client.start();
    expect(client.state).toMatchObject({ phase: 'refused', error: { code: 'GATEWAY_URL_INVALID' } });
  });
});

describe('wrapWebSocket', () => {
  it('uses only close codes that browsers allow', () => {
    const codes: Array<number | undefined> = [];
    const socket: WebSocketLike = {
      send: () => undefined,
      close: (code) => codes.push(code),
      addEventListener: () => undefined,
    };
    const transport = wrapWebSocket(socket);
    for (const code of [1000, 1008, 4000, undefined]) transport.close(code, 'x');
    expect(codes).toEqual([1000, 4008, 4000, undefined]);
  });
});
