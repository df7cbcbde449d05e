import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Verdict } from '../messages.js';
import { type GuardProxy, REFUSED_HEADER, startGuardProxy } from './guard-proxy.js';

let site: Server;
let proxy: GuardProxy;
let judged: string[];
let seen: string[];

beforeEach(async () => {
  judged = [];
  seen = [];
  site = createServer((asked, response) => {
    seen.push(`${asked.method} ${asked.headers.host} ${asked.url} ${asked.headers['proxy-connection'] ?? '-'}`);
    asked.pipe(response.setHeader('set-cookie', ['a=1', 'b=2']).writeHead(201));
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  proxy = await startGuardProxy(async (url): Promise<Verdict> => {
    judged.push(url);
    if (url.includes('bad.example')) return { refusal: 'No.' };
    return { addresses: [{ address: '127.0.0.1', family: 4 }] };
  }, 'secret');
});

afterEach(async () => {
  await proxy.stop();
  site.closeAllConnections();
  await new Promise((resolve) => site.close(resolve));
});

const port = () => (site.address() as AddressInfo).port;

function send(path: string, method = 'GET', body = '') {
  const { hostname, port: at } = new URL(proxy.url);
  const headers = { 'proxy-connection': 'keep-alive' };
  return new Promise<{ status?: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
    const asking = request({ host: hostname, port: at, path, method, headers }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

function tunnel(authority: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(proxy.url).port), '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
      if (text === 'HTTP/1.1 200 Connected\r\n\r\n')
        socket.write('GET /in HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  });
}

describe('the proxy of a browser', () => {
  it('connects to the judged address, whatever the name', async () => {
    const answer = await send(`http://good.example:${port()}/a?b=1`, 'POST', 'body');
    expect(answer).toMatchObject({ status: 201, text: 'body', headers: { 'set-cookie': ['a=1', 'b=2'] } });
    expect(seen).toEqual([`POST good.example:${port()} /a?b=1 -`]);
  });

  it('refuses what may not be opened, and says that it was us', async () => {
    const answer = await send(`http://bad.example:${port()}/`);
    expect(answer).toMatchObject({ status: 403, headers: { [REFUSED_HEADER]: 'secret' } });
    expect(await tunnel(`bad.example:${port()}`)).toMatch(/^HTTP\/1\.1 403 /);
    expect(proxy.refusals()).toBe(2);
    expect(seen).toEqual([]);
  });

  it('tunnels to the judged address', async () => {
    expect(await tunnel(`good.example:${port()}`)).toContain('HTTP/1.1 201');
    expect(judged).toEqual([`https://good.example:${port()}/`]);
  });

  it('is no server for pages that ask it directly', async () => {
    expect((await send('/')).status).toBe(400);
    expect((await send('ftp://good.example/')).status).toBe(400);
    expect(await tunnel('no authority')).toMatch(/^HTTP\/1\.1 4/);
    expect(seen).toEqual([]);
  });

  it('says when nobody listens', async () => {
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port: closed } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    expect((await send(`http://good.example:${closed}/`)).status).toBe(502);
    expect(await tunnel(`good.example:${closed}`)).toBe('');
  });
});
