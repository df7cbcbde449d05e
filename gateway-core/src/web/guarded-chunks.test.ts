import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { guardedChunks, type GuardedChunksOptions } from './guarded-chunks.js';
import { createFakeInternet, type FakeInternet, type Handler } from './testing/fake-internet.js';

const SITE = '93.184.216.34';
const OTHER = '8.8.4.4';
let net: FakeInternet;

beforeEach(() => {
  net = createFakeInternet();
  net.name('example.com', [SITE]);
  net.name('files.example', [OTHER]);
});
afterEach(() => net.stop());

async function load(url: string, options: Partial<GuardedChunksOptions> = {}): Promise<string> {
  const parts: Buffer[] = [];
  const rules = { maxBytes: 1_000_000, isSecureOnly: true, lookup: net.lookup, connect: net.connect };
  for await (const chunk of guardedChunks(url, { ...rules, ...options })) parts.push(chunk);
  return Buffer.concat(parts).toString();
}
const codeOf = (request: Promise<unknown>) =>
  request.then(
    () => 'answered',
    (error: { code?: string }) => error.code ?? String(error),
  );
const redirect =
  (location: string): Handler =>
  (_request, response) =>
    void response.writeHead(302, { location }).end('moved');

describe('a download', () => {
  it('comes in chunks over a redirect, with its length told first', async () => {
    await net.serve(SITE, redirect('https://files.example/tool'));
    await net.serve(OTHER, (_request, response) => {
      response.writeHead(200, { 'content-length': 300_000 }).end('a'.repeat(300_000));
    });
    const lengths: number[] = [];
    expect(await load('https://example.com/', { onLength: (bytes) => lengths.push(bytes) })).toHaveLength(300_000);
    expect(lengths).toEqual([300_000]);
  });

  it('is taken as it was sent, and asked for unpacked', async () => {
    const packed = gzipSync('program');
    await net.serve(SITE, (request, response) => {
      expect(request.headers['accept-encoding']).toBe('identity');
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
    });
    expect(await load('https://example.com/')).toBe(packed.toString());
  });

  it.each([
    ['plain http', 'http://example.com/'],
    ['this computer', 'https://127.0.0.1/'],
    ['a private network', 'https://10.1.2.3/'],
    ['a metadata service', 'https://169.254.169.254/'],
  ])('from %s is refused, asked for or sent on to', async (_name, address) => {
    expect(await codeOf(load(address))).toBe('web.address_refused');
    expect(net.connections).toEqual([]);
    await net.serve(SITE, redirect(address));
    expect(await codeOf(load('https://example.com/'))).toBe('web.address_refused');
    expect(net.connections).toEqual([SITE]);
  });

  it('from a name that leads to this computer is refused', async () => {
    net.name('evil.example', ['127.0.0.1']);
    expect(await codeOf(load('https://evil.example/'))).toBe('web.address_refused');
  });

  it('that is too large is refused by its length, and cut off without one', async () => {
    await net.serve(SITE, (request, response) => {
      if (request.url === '/told') response.setHeader('content-length', 2_000);
      response.end('a'.repeat(2_000));
    });
    expect(await codeOf(load('https://example.com/told', { maxBytes: 1_999 }))).toBe('web.bad_response');
    expect(await codeOf(load('https://example.com/', { maxBytes: 1_999 }))).toBe('web.bad_response');
    expect(await load('https://example.com/told', { maxBytes: 2_000 })).toHaveLength(2_000);
  });

  it('that is another answer, or breaks off, is an error', async () => {
    await net.serve(SITE, (_request, response) => void response.writeHead(404).end('not here'));
    expect(await codeOf(load('https://example.com/'))).toBe('web.bad_response');
    await net.serve(OTHER, (request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('x', () => request.socket.destroy());
    });
    expect(await codeOf(load('https://files.example/'))).toBe('web.unreachable');
  });

  it('ends with its signal, its time, and its reader', async () => {
    const closed: Array<Promise<void>> = [];
    await net.serve(SITE, (request, response) => {
      closed.push(new Promise((resolve) => request.socket.once('close', () => resolve())));
      response.writeHead(200).write('first');
    });
    const stop = new AbortController();
    const stopped = codeOf(load('https://example.com/', { signal: stop.signal }));
    await expect.poll(() => closed.length, { timeout: 20_000 }).toBe(1);
    stop.abort({ code: 'stopped' });
    expect(await stopped).toBe('stopped');
    expect(await codeOf(load('https://example.com/', { timeoutMs: 50 }))).toBe('web.timeout');
    const rules = { maxBytes: 100, lookup: net.lookup, connect: net.connect };
    for await (const chunk of guardedChunks('https://example.com/', rules)) {
      expect(chunk.toString()).toBe('first');
      break;
    }
    await Promise.all(closed);
    expect(closed).toHaveLength(3);
  });
});
