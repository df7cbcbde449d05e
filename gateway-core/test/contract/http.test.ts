// The HTTP side of the port (spec/gateway-http.md §1, §2, §10).
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendText } from '../../src/server/index.js';
import { startTestServer, type TestServer, TOKEN } from './test-server.js';

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

interface Ask {
  method?: string;
  headers?: Record<string, string>;
}

/** `target` goes out exactly as written, unlike with fetch. */
function ask(port: number, target: string, { method = 'GET', headers = {} }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: target, method, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => void parts.push(part));
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts).toString(),
        });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('http', () => {
  let folder: string;
  let gateway: TestServer;
  let failing: string[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'openclaw-window-'));
    const root = path.join(folder, 'renderer');
    await mkdir(path.join(root, 'assets'), { recursive: true });
    await writeFile(path.join(folder, 'secret.txt'), 'secret');
    await writeFile(path.join(root, 'index.html'), '<!doctype html><title>HQ</title>');
    await writeFile(path.join(root, '.env'), 'hidden');
    await writeFile(path.join(root, 'empty.txt'), '');
    await writeFile(path.join(root, 'assets', 'index-Ab12_cd-.js'), 'export {};');
    await symlink(path.join(folder, 'secret.txt'), path.join(root, 'leak.txt'));
    await symlink(folder, path.join(root, 'up'));
    gateway = await startTestServer({
      rendererDir: root,
      failing: () => failing,
      settings: { strictTransportSecurity: 'max-age=1' },
      controlUi: { allowedOrigins: ['https://hq.example:8443'] },
      routes: [
        { path: '/boom', handle: () => Promise.reject(new Error('boom')) },
        { path: (pathname) => pathname.startsWith('/own/'), handle: ({ response }) => sendText(response, 201, 'own') },
        { path: '/own/later', handle: () => false },
      ],
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const get = (target: string, options?: Ask) => ask(gateway.port, target, options);

  it.each(['/health', '/healthz'])('%s says live', async (target) => {
    const { status, headers, body } = await get(target);
    expect([status, body]).toEqual([200, '{"ok":true,"status":"live"}']);
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'permissions-policy': 'camera=(), microphone=(), geolocation=()',
      'strict-transport-security': 'max-age=1',
    });
    expect((await get(target, { method: 'HEAD' })).body).toBe('');
    const post = await get(target, { method: 'POST' });
    expect([post.status, post.headers.allow, post.body]).toEqual([405, 'GET, HEAD', 'Method Not Allowed']);
  });

  it('/ready tells details to this computer and to those who hold the token', async () => {
    expect(JSON.parse((await get('/ready')).body)).toEqual({ ready: true, failing: [], uptimeMs: expect.any(Number) });
    const foreign = { Host: 'gw.example.com' };
    expect((await get('/readyz', { headers: foreign })).body).toBe('{"ready":true}');
    const signedIn = { ...foreign, Authorization: `bearer ${TOKEN}` };
    expect(JSON.parse((await get('/readyz', { headers: signedIn })).body)).toHaveProperty('uptimeMs');
    const wrong = { ...foreign, Authorization: 'Bearer wrong' };
    expect((await get('/readyz', { headers: wrong })).body).toBe('{"ready":true}');
  });

  it('/ready answers 503 while something fails', async () => {
    failing = ['chat'];
    const other = await startTestServer({ failing: () => failing });
    const { status, body } = await ask(other.port, '/ready');
    expect(status).toBe(503);
    expect(JSON.parse(body)).toMatchObject({ ready: false, failing: ['chat'] });
    failing = [];
    await other.stop();
  });

  it.each(['/', '/openclaw/', '/openclaw/chat/agent:main:main', '/openclaw/settings?x=1'])(
    '%s opens the window',
    async (target) => {
      const { status, headers, body } = await get(target);
      expect([status, body]).toEqual([200, '<!doctype html><title>HQ</title>']);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(headers['cache-control']).toBe('no-cache');
      expect(headers['x-frame-options']).toBe('DENY');
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'self'; script-src 'self'; style-src 'self';");
      expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${gateway.port} wss://127.0.0.1:${gateway.port};`);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
    },
  );

  it('/openclaw leads to /openclaw/', async () => {
    const { status, headers } = await get('/openclaw?x=1');
    expect([status, headers.location]).toEqual([302, '/openclaw/?x=1']);
  });

  it.each(['/assets/index-Ab12_cd-.js', '/openclaw/assets/index-Ab12_cd-.js'])(
    '%s may be kept forever',
    async (target) => {
      const { status, headers, body } = await get(target);
      expect([status, body]).toEqual([200, 'export {};']);
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
      const again = await get(target, { headers: { 'If-None-Match': String(headers.etag) } });
      expect([again.status, again.body]).toEqual([304, '']);
      const head = await get(target, { method: 'HEAD' });
      expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', '10']);
    },
  );

  it('serves an empty file', async () => {
    expect(await get('/empty.txt')).toMatchObject({ status: 200, body: '' });
  });

  it.each([
    '/../secret.txt',
    '/openclaw/../secret.txt',
    '/%2e%2e/secret.txt',
    '/openclaw/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/leak.txt',
    '/up/secret.txt',
    '/.env',
    '/openclaw/.env',
    '/%00',
    '/%ff',
    '/openclaw/missing.js',
    '/nope',
    '/assets/',
    '//etc/passwd',
  ])('%s is not found', async (target) => {
    const { status, body } = await get(target);
    expect([status, body]).toEqual([404, 'Not Found']);
  });

  it('POST to a page is not found', async () => {
    expect((await get('/openclaw/', { method: 'POST' })).status).toBe(404);
  });

  it.each([
    ['localhost:1', 200],
    ['[::1]:18789', 200],
    ['box.tail1234.ts.net', 200],
    ['hq.example:8443', 200],
    ['hq.example', 403],
    ['evil.example', 403],
    ['127.0.0.1.evil.example', 403],
  ])('a request for Host %s gets %i', async (host, status) => {
    expect((await get('/', { headers: { Host: host } })).status).toBe(status);
  });

  it('asks the routes of other rooms first, in order, and survives their failures', async () => {
    expect(await get('/own/later')).toMatchObject({ status: 201, body: 'own' });
    expect(await get('/boom')).toMatchObject({ status: 500, body: 'Internal Server Error' });
  });

  it('says how to build the window when it is missing', async () => {
    const other = await startTestServer();
    const page = await ask(other.port, '/openclaw/');
    expect(page.status).toBe(503);
    expect(page.body).toContain('npm run build');
    expect(page.body).not.toMatch(/<script|<style/);
    await other.stop();
  });

  it('serves another base path beside /openclaw/, and nothing when the window is switched off', async () => {
    const other = await startTestServer({ rendererDir: path.join(folder, 'renderer'), controlUi: { basePath: '/hq' } });
    const statuses = await Promise.all(['/hq/', '/openclaw/', '/'].map((target) => ask(other.port, target)));
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 404]);
    await other.stop();
    const off = await startTestServer({ rendererDir: path.join(folder, 'renderer'), controlUi: { enabled: false } });
    expect((await ask(off.port, '/openclaw/')).status).toBe(404);
    await off.stop();
  });

  it('leaves the paths of the canvas socket alone', async () => {
    const status = await new Promise<string>((resolve, reject) => {
      const socket = connectTcp(gateway.port, '127.0.0.1');
      const headers = 'Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13';
      socket.write(
        `GET /__openclaw__/ws HTTP/1.1\r\n${headers}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
      );
      socket.once('data', (data: Buffer) => resolve(data.toString().split('\r\n', 1)[0] ?? ''));
      socket.once('error', reject);
    });
    expect(status).toBe('HTTP/1.1 404 Not Found');
  });
});
