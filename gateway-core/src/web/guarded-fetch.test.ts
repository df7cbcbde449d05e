import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import selfsigned from 'selfsigned';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectSocket } from './connect.js';
import { guardedFetch, type GuardedFetchOptions } from './guarded-fetch.js';
import { createFakeInternet, type FakeInternet, type Handler } from './testing/fake-internet.js';
import { readWebPolicy } from './url-policy.js';

const SITE = '93.184.216.34';
const OTHER = '8.8.4.4';
let net: FakeInternet;

beforeEach(() => {
  net = createFakeInternet();
  net.name('example.com', [SITE]);
  net.name('other.example', [OTHER]);
});
afterEach(() => net.stop());

const get = (url: string, options: GuardedFetchOptions = {}) =>
  guardedFetch(url, { lookup: net.lookup, connect: net.connect, ...options });
const codeOf = (request: Promise<unknown>) =>
  request.then(
    () => 'answered',
    (error: { code?: string }) => error.code ?? String(error),
  );
const redirect =
  (location: string, status = 302): Handler =>
  (_request, response) =>
    void response.writeHead(status, { location }).end('moved');

describe('asking', () => {
  it('answers with status, headers and body', async () => {
    await net.serve(SITE, (request, response) => {
      response.writeHead(418, { 'x-a': 'b' }).end(`${request.method} ${request.url} ${request.headers.host}`);
    });
    const answer = await get('http://example.com/a%20b?c=d#e');
    expect(answer).toMatchObject({ status: 418, url: 'http://example.com/a%20b?c=d#e', isCut: false, redirects: 0 });
    expect(answer.headers['x-a']).toBe('b');
    expect(answer.body.toString()).toBe('GET /a%20b?c=d example.com');
  });

  it('sends a body', async () => {
    await net.serve(SITE, (request, response) => void request.pipe(response));
    const answer = await get('http://example.com/', { method: 'POST', body: '{"a":1}' });
    expect(answer.body.toString()).toBe('{"a":1}');
  });

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['identity', (data: Buffer) => data],
  ])('unpacks %s', async (encoding, pack) => {
    await net.serve(SITE, (_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(pack(Buffer.from('grün '.repeat(1000))));
    });
    expect((await get('http://example.com/')).body.toString()).toBe('grün '.repeat(1000));
  });

  it.each(['gzip', 'br', 'deflate', 'zstd', 'gzip, gzip'])('refuses what is not really %s', async (encoding) => {
    await net.serve(SITE, (_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(Buffer.alloc(100, 0xee));
    });
    expect(await codeOf(get('http://example.com/'))).toBe('web.bad_response');
  });

  it('does not connect anywhere with a stopped signal, and stops in the middle', async () => {
    expect(await codeOf(get('http://example.com/', { signal: AbortSignal.abort({ code: 'stopped' }) }))).toBe(
      'stopped',
    );
    expect(net.connections).toEqual([]);
    const stop = new AbortController();
    await net.serve(SITE, (_request, response) => {
      response.write('x');
      stop.abort({ code: 'stopped' });
    });
    expect(await codeOf(get('http://example.com/', { signal: stop.signal }))).toBe('stopped');
  });

  it('says when a server cannot be reached or breaks off', async () => {
    expect(await codeOf(get('http://nowhere.example/'))).toBe('web.unreachable');
    expect(await codeOf(get('http://other.example/'))).toBe('web.unreachable');
    await net.serve(SITE, (request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('x');
      setImmediate(() => request.socket.destroy());
    });
    expect(await codeOf(get('http://example.com/'))).toBe('web.unreachable');
  });
});

describe('addresses behind names', () => {
  it.each([
    ['a private address', [['10.0.0.1']]],
    ['this computer', [['127.0.0.1']]],
    ['a metadata service', [['169.254.169.254']]],
    ['this computer in IPv6', [['::1']]],
    ['an IPv4 address inside IPv6', [['::ffff:127.0.0.1']]],
    ['a good and a bad address', [[SITE, '127.0.0.1']]],
    ['a bad and a good address', [['192.168.0.1', SITE]]],
  ])('refuses a name that leads to %s', async (_name, answers) => {
    net.name('evil.example', ...answers);
    expect(await codeOf(get('http://evil.example/'))).toBe('web.address_refused');
    expect(net.connections).toEqual([]);
  });

  it('connects to the address that was judged, not to what the name says a moment later', async () => {
    await net.serve(SITE, (_request, response) => void response.end('public'));
    net.name('rebind.example', [SITE], ['127.0.0.1']);
    expect((await get('http://rebind.example/')).body.toString()).toBe('public');
    expect(net.lookups).toEqual(['rebind.example']);
    expect(net.connections).toEqual([SITE]);
  });

  it('judges a name again after a redirect to itself', async () => {
    await net.serve(SITE, redirect('http://rebind.example/secret'));
    net.name('rebind.example', [SITE], ['127.0.0.1']);
    expect(await codeOf(get('http://rebind.example/'))).toBe('web.address_refused');
    expect(net.connections).toEqual([SITE]);
  });

  it('reaches a private host that the owner allowed, over a real connection', async () => {
    const local = createFakeInternet();
    await local.serve('127.0.0.1', (_request, response) => void response.end('mine'));
    const probe = local.connect({ host: '127.0.0.1', port: 0, isSecure: false, lookup: () => undefined });
    await new Promise((resolve) => probe.once('connect', resolve));
    const port = probe.remotePort;
    probe.destroy();
    const lookup = async () => [{ address: '127.0.0.1', family: 4 }];
    const ask = (setting: object) =>
      guardedFetch(`http://nas.lan:${port}/`, { policy: readWebPolicy(setting), lookup, connect: connectSocket });
    expect((await ask({ allowedHostnames: ['nas.lan'] })).body.toString()).toBe('mine');
    expect(await codeOf(ask({}))).toBe('web.address_refused');
    await local.stop();
  });

  it('never reaches a metadata service through an allowed name', async () => {
    net.name('nas.lan', ['169.254.169.254']);
    const policy = readWebPolicy({ allowPrivateNetwork: true, allowedHostnames: ['nas.lan'] });
    expect(await codeOf(get('http://nas.lan/', { policy }))).toBe('web.address_refused');
  });
});

describe('redirects', () => {
  const BAD_LOCATIONS = [
    'http://169.254.169.254/latest/meta-data/',
    'http://127.0.0.1:18789/',
    'http://localhost/',
    'http://2130706433/',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
    '//10.0.0.1/',
    'file:///etc/passwd',
    'ftp://example.com/',
    'http://user:pw@other.example/',
    'http://metadata.google.internal/',
    'javascript:alert(1)',
    'http://private.example/',
    'http://0x7f.1/',
    'http://printer.local/',
    'data:text/plain,x',
  ];

  it.each(BAD_LOCATIONS)('does not follow one to %s', async (location) => {
    net.name('private.example', ['192.168.1.1']);
    await net.serve(SITE, redirect(location));
    expect(await codeOf(get('http://example.com/'))).toBe('web.address_refused');
    expect(net.connections).toEqual([SITE]);
  });

  it.each([301, 302, 303, 307, 308])('does not follow a chain that ends in a private place (%i)', async (status) => {
    await net.serve(SITE, redirect('http://other.example/', status));
    await net.serve(OTHER, redirect('http://10.0.0.1/', status));
    expect(await codeOf(get('http://example.com/'))).toBe('web.address_refused');
    expect(net.connections).toEqual([SITE, OTHER]);
  });

  it('follows good ones, relative ones too, and says where it ended', async () => {
    await net.serve(SITE, (request, response) => {
      if (request.url === '/a') redirect('../b')(request, response);
      else if (request.url === '/b') redirect('http://other.example/c')(request, response);
    });
    await net.serve(OTHER, (request, response) => void response.end(`at ${request.url}`));
    const answer = await get('http://example.com/a');
    expect(answer).toMatchObject({ url: 'http://other.example/c', redirects: 2 });
    expect(answer.body.toString()).toBe('at /c');
  });

  it('follows no more than it may', async () => {
    await net.serve(SITE, redirect('/'));
    expect(await codeOf(get('http://example.com/'))).toBe('web.bad_response');
    expect(net.connections).toHaveLength(4);
    expect(await codeOf(get('http://example.com/', { maxRedirects: 0 }))).toBe('web.bad_response');
    expect(net.connections).toHaveLength(5);
  });

  it('does not show secrets to another host', async () => {
    await net.serve(SITE, redirect('http://other.example/'));
    await net.serve(OTHER, (request, response) => void response.end(JSON.stringify(request.headers)));
    const headers = { Authorization: 'Bearer s', Cookie: 'c=1', 'X-Api-Key': 'k', 'user-agent': 'us' };
    const seen = JSON.parse((await get('http://example.com/', { headers })).body.toString()) as object;
    expect(seen).toMatchObject({ 'user-agent': 'us', host: 'other.example' });
    expect(Object.keys(seen)).not.toEqual(expect.arrayContaining(['authorization']));
    expect(Object.keys(seen).filter((name) => /cookie|api-key|authorization/.test(name))).toEqual([]);
  });

  it('sends a body on only to the same host', async () => {
    await net.serve(SITE, (request, response) => {
      if (request.url === '/') redirect('/same', 307)(request, response);
      else if (request.url === '/get') redirect('/same', 303)(request, response);
      else if (request.url === '/out') redirect('http://other.example/', 308)(request, response);
      else {
        response.write(`${request.method} `);
        request.pipe(response);
      }
    });
    const post = { method: 'POST', body: 'secret' } as const;
    expect((await get('http://example.com/', post)).body.toString()).toBe('POST secret');
    expect((await get('http://example.com/get', post)).body.toString()).toBe('GET ');
    expect(await codeOf(get('http://example.com/out', post))).toBe('web.address_refused');
  });
});

describe('servers that mean harm', () => {
  it('unpacks no more of a bomb than was asked for', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    await net.serve(SITE, (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    const answer = await get('http://example.com/', { maxBytes: 100_000 });
    expect(answer).toMatchObject({ isCut: true });
    expect(answer.body).toHaveLength(100_000);
  });

  it.each(['identity', 'gzip'])('leaves an endless stream (%s)', async (encoding) => {
    // For gzip: empty blocks that never become anything.
    const chunk =
      encoding === 'gzip'
        ? Buffer.from('0000ffff'.repeat(4096).replace(/(0000ffff)/g, '00$1'), 'hex')
        : Buffer.alloc(20_000, 97);
    let isClosed: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => (isClosed = resolve));
    await net.serve(SITE, (_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding });
      if (encoding === 'gzip') response.write(Buffer.from('1f8b0800000000000003', 'hex'));
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      response.on('close', isClosed);
      more();
    });
    const answer = await get('http://example.com/', { maxBytes: 100_000 });
    expect(answer.isCut).toBe(true);
    expect(answer.body.length).toBe(encoding === 'gzip' ? 0 : 100_000);
    await closed;
  });

  it('gives up on a body that drips', async () => {
    await net.serve(SITE, (_request, response) => {
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    expect(await codeOf(get('http://example.com/', { timeoutMs: 300 }))).toBe('web.timeout');
  });

  it('gives up on an answer that never begins, a name that is never found, and a line that is never up', async () => {
    await net.serve(SITE, () => undefined);
    expect(await codeOf(get('http://example.com/', { timeoutMs: 200 }))).toBe('web.timeout');
    const never = () => new Promise<never>(() => undefined);
    expect(await codeOf(get('http://example.com/', { timeoutMs: 50, lookup: never }))).toBe('web.timeout');
  });

  it('refuses a certificate that nobody vouches for', async () => {
    const { private: key, cert } = await selfsigned.generate([{ name: 'commonName', value: 'example.com' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'example.com' }] }],
    });
    const server = createServer({ key, cert }, (_request, response) => void response.end('over tls'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const to = (ca?: string) => ({
      connect: ({ host }: { host: string }) => connectTls({ host: '127.0.0.1', port, servername: host, ca }),
    });
    expect(await codeOf(get('https://example.com/', to()))).toBe('web.unreachable');
    expect((await get('https://example.com/', to(cert))).body.toString()).toBe('over tls');
    await new Promise((resolve) => server.close(resolve));
  });
});
