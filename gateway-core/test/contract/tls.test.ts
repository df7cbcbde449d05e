// The port with TLS: https and wss side by side, and a client that talks to one certificate only.
import { mkdtemp, rm } from 'node:fs/promises';
import { get, type RequestOptions } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayClient, type Transport, type TransportEnd } from '../../src/client/index.js';
import type { AppError } from '../../src/shared/app-error.js';
import { systemClock } from '../../src/shared/clock.js';
import { createPinnedTransport, loadTlsMaterial, type TlsMaterial } from '../../src/tls/index.js';
import { startTestServer, type TestServer, TOKEN } from './test-server.js';

function fetchText(options: RequestOptions): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const request = get(options, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += String(chunk)));
      response.on('end', () => resolve({ status: response.statusCode, body }));
    });
    request.on('error', reject);
  });
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

const ended = (transport: Transport): Promise<TransportEnd> => new Promise((resolve) => transport.onClose(resolve));
const opened = (transport: Transport): Promise<void> => new Promise((resolve) => transport.onOpen(resolve));

describe('a gateway with TLS', () => {
  let dir: string;
  let gateway: TestServer;
  let material: TlsMaterial;
  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'openclaw-tls-wire-'));
    const config = { gateway: { tls: { enabled: true } } };
    const loaded = await loadTlsMaterial({ config, stateDir: dir, hosts: ['127.0.0.1'], now: Date.now });
    if (!loaded) throw new Error('no certificate was made');
    material = loaded;
    gateway = await startTestServer({ settings: { tls: material } });
  });
  afterEach(async () => {
    await gateway.stop();
    await rm(dir, { recursive: true, force: true });
  });

  it('names its addresses with wss and answers https on the same port', async () => {
    expect(gateway.url).toBe(`wss://127.0.0.1:${gateway.port}`);
    const answer = await fetchText({ host: '127.0.0.1', port: gateway.port, path: '/health', ca: material.cert });
    expect(answer).toEqual({ status: 200, body: '{"ok":true,"status":"live"}' });
  });

  it('does not answer without TLS', async () => {
    await expect(fetch(`http://127.0.0.1:${gateway.port}/health`)).rejects.toThrow('fetch failed');
    const answer = await fetchText({ host: '127.0.0.1', port: gateway.port, path: '/health', ca: material.cert });
    expect(answer.status).toBe(200);
  });

  it('lets a client in that pins its certificate', async () => {
    const client = new GatewayClient({
      url: gateway.url,
      transport: createPinnedTransport({ fingerprint: material.fingerprint.toUpperCase() }),
      client: { id: 'cli', version: '1.0.0', platform: 'linux', mode: 'cli' },
      scopes: ['operator.read'],
      auth: { token: TOKEN },
      timers: systemClock,
      random: Math.random,
    });
    client.start();
    expect(await client.request('health')).toMatchObject({ ok: true });
    client.stop();
  });

  it('works by name too', async () => {
    const transport = createPinnedTransport({ fingerprint: material.fingerprint })(`wss://localhost:${gateway.port}`);
    await opened(transport);
    transport.close();
    await ended(transport);
  });

  it('gets nothing from a client that pins another, and the client says so', async () => {
    const mismatches: AppError[] = [];
    const fingerprint = '00'.repeat(32);
    const connect = createPinnedTransport({ fingerprint, onMismatch: (error) => mismatches.push(error) });
    const end = await ended(connect(gateway.url));
    expect(end.code).toBe(1008);
    expect(end.reason).toContain('gateway tls fingerprint mismatch');
    expect(mismatches).toMatchObject([
      { code: 'tls.fingerprint_mismatch', details: { expected: fingerprint, shown: material.fingerprint } },
    ]);
    expect(gateway.server.connectionCount()).toBe(0);
  });

  it('is not reached by a pinning client without encryption', () => {
    const connect = createPinnedTransport({ fingerprint: material.fingerprint });
    expect(() => connect('ws://127.0.0.1:1')).toThrow(expect.objectContaining({ code: 'gateway.url_insecure' }));
  });
});

describe('a pinning client', () => {
  const fingerprint = '11'.repeat(32);
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
  });

  it('ends when nobody listens', async () => {
    server = createServer();
    const port = await listen(server);
    await new Promise<void>((resolve) => server?.close(() => resolve()));
    expect((await ended(createPinnedTransport({ fingerprint })(`wss://127.0.0.1:${port}`))).code).toBe(1006);
  });

  it('ends when the other side never answers', async () => {
    server = createServer((socket) => socket.on('error', () => undefined));
    const port = await listen(server);
    const transport = createPinnedTransport({ fingerprint, timeoutMs: 50 })(`wss://127.0.0.1:${port}`);
    expect((await ended(transport)).code).toBe(1006);
  });
});
