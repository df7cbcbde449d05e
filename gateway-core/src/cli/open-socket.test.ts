import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { openSocket } from './open-socket.js';

let server: ReturnType<typeof createServer>;
let sockets: WebSocketServer;
let url: string;
let pin: string;
let upgrades = 0;

beforeAll(async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'gateway.test' }], { keySize: 2048 });
  pin = new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase();
  server = createServer({ key, cert });
  server.on('upgrade', () => (upgrades += 1));
  sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(String(data))));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `wss://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  for (const client of sockets.clients) client.terminate();
  sockets.close();
  server.close();
});

function outcome(given: string | undefined): Promise<string> {
  return new Promise((resolve) => {
    const socket = openSocket(url, given);
    socket.on('open', () => socket.send('hello'));
    socket.on('message', (data) => {
      resolve(String(data));
      socket.terminate();
    });
    socket.on('error', (error) => resolve(error.message));
  });
}

describe('openSocket', () => {
  it('accepts a self-signed certificate that is the pinned one', async () => {
    expect(await outcome(pin)).toBe('hello');
  });

  it('sends nothing to a gateway with another certificate', async () => {
    upgrades = 0;
    expect(await outcome('0'.repeat(64))).toBe(`gateway tls fingerprint mismatch: the certificate is ${pin}`);
    expect(upgrades).toBe(0);
  });

  it('refuses a self-signed certificate without a pin', async () => {
    expect(await outcome(undefined)).toMatch(/self-signed/);
  });
});
