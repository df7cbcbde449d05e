import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeSignIn, startFakeSignIn } from '../../../../e2e/fixtures/fake-sign-in.js';
import type { OpenClawConfig } from '../../config/index.js';
import { AppError } from '../../shared/app-error.js';
import type { Clock } from '../../shared/clock.js';
import { createLogHub, type LogRecord } from '../../shared/logger.js';
import { SIGN_IN_TTL_MS, SignIns } from './sign-ins.js';
import { findVendor } from './vendor.js';

let vendor: FakeSignIn;
let signIns: SignIns;
let saved: Array<[string, string]>;
let save: (provider: string, key: string) => Promise<void>;
let due: Set<() => void>;
let logged: LogRecord[];

const clock: Clock = {
  now: () => 1_000,
  after(delayMs, run) {
    expect(delayMs).toBe(SIGN_IN_TTL_MS);
    due.add(run);
    return { cancel: () => void due.delete(run) };
  },
  every: () => ({ cancel: () => undefined }),
};

beforeEach(async () => {
  vendor = await startFakeSignIn();
  saved = [];
  logged = [];
  due = new Set();
  save = (provider, key) => Promise.resolve(void saved.push([provider, key]));
  const hub = createLogHub();
  hub.addSink({ write: (record) => void logged.push(record) });
  const config: OpenClawConfig = { models: { providers: { openrouter: { baseUrl: vendor.baseUrl, models: [] } } } };
  signIns = new SignIns({
    config: () => config,
    fetch: globalThis.fetch,
    clock,
    log: hub.logger('models'),
    save: (provider, key) => save(provider, key),
  });
});
afterEach(async () => {
  signIns.stop();
  await vendor.close();
});

/** What a browser does: follows the vendor's page back to us, and shows what stands there. */
async function visit(url: string): Promise<{ status: number; text: string }> {
  const page = await fetch(url, { redirect: 'manual' });
  return come(page.headers.get('location') ?? '');
}

async function come(url: string, method = 'GET'): Promise<{ status: number; text: string }> {
  const answer = await fetch(url.replace('//localhost:', '//127.0.0.1:'), { method });
  return { status: answer.status, text: await answer.text() };
}

const callbackOf = (url: string): string => new URL(url).searchParams.get('callback_url') ?? '';

describe('signing in to a provider', () => {
  it('brings a key that is kept like a pasted one', async () => {
    const { signInId, url, expiresAtMs } = await signIns.start('openrouter');
    expect(expiresAtMs).toBe(1_000 + SIGN_IN_TTL_MS);
    expect(callbackOf(url)).toMatch(/^http:\/\/localhost:\d+\/sign-in\/[\w-]{43}$/);
    expect(signIns.status(signInId)).toEqual({ state: 'waiting' });
    const page = await visit(url);
    expect(page.text).toContain('You are signed in to OpenRouter.');
    expect(page.text).not.toContain(vendor.key);
    expect(saved).toEqual([['openrouter', vendor.key]]);
    expect(signIns.status(signInId)).toEqual({ state: 'done' });
    expect(due.size).toBe(0);
    await expect(come(callbackOf(url))).rejects.toThrow('fetch failed');
    expect(JSON.stringify([logged, signIns.status(signInId)])).not.toContain(vendor.key);
  });

  it.each(['refuses', 'returns without a code'] as const)('fails when the person %s', async (person) => {
    vendor.person = person;
    const { signInId, url } = await signIns.start('openrouter');
    await visit(url);
    expect(signIns.status(signInId)).toMatchObject({ state: 'failed', error: { code: 'model.auth' } });
    expect(saved).toEqual([]);
  });

  it('takes one code, once', async () => {
    let answer = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      vendor.exchange = (response) => {
        answer = () => void response.end(JSON.stringify({ key: vendor.key }));
        resolve();
      };
    });
    const { signInId, url } = await signIns.start('openrouter');
    const first = visit(url);
    await asked;
    expect(signIns.status(signInId)).toEqual({ state: 'saving' });
    expect(await come(`${callbackOf(url)}?code=again`)).toMatchObject({ status: 404 });
    answer();
    await first;
    expect(vendor.exchanges).toBe(1);
  });

  it('does not listen to other paths, methods or guesses', async () => {
    const { signInId, url } = await signIns.start('openrouter');
    const callback = callbackOf(url);
    for (const other of [
      `${callback}x`,
      callback.slice(0, -1),
      callback.replace(/[^/]+$/, ''),
      new URL('/', callback).href,
    ]) {
      expect(await come(`${other}?code=x`)).toMatchObject({ status: 404 });
    }
    expect(await come(`${callback}?code=x`, 'POST')).toMatchObject({ status: 404 });
    expect(signIns.status(signInId)).toEqual({ state: 'waiting' });
    expect(vendor.exchanges).toBe(0);
  });

  it.runIf(process.platform === 'linux')('listens on this computer alone', async () => {
    const { url } = await signIns.start('openrouter');
    const { port, pathname } = new URL(callbackOf(url));
    const refused = new Promise((resolve, reject) => {
      const attempt = request({ host: '127.0.0.2', port, path: pathname }, () => reject(new Error('it answered')));
      attempt.on('error', resolve);
      attempt.end();
    });
    expect(await refused).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('does not take a code that belongs to another sign-in', async () => {
    const { url: stolen } = await signIns.start('openrouter');
    const page = await fetch(stolen, { redirect: 'manual' });
    const code = new URL(page.headers.get('location') ?? '').searchParams.get('code');
    const { signInId, url } = await signIns.start('openrouter');
    await come(`${callbackOf(url)}?code=${code}`);
    expect(signIns.status(signInId)).toMatchObject({ state: 'failed', error: { code: 'model.auth' } });
    expect(saved).toEqual([]);
  });

  it.each<[string, number, string, string]>([
    ['no JSON', 200, '<html>', 'model.bad_response'],
    ['no key', 200, '{}', 'model.bad_response'],
    ['a key with a line break', 200, '{"key":"sk-or-1234567\\nx"}', 'model.bad_response'],
    ['a refusal', 403, '{"error":"secret-code-echo"}', 'model.auth'],
    ['a fault of its own', 502, '', 'model.server_error'],
  ])('says so when the vendor answers with %s', async (_what, status, body, code) => {
    vendor.exchange = (response) => void response.writeHead(status).end(body);
    const { signInId, url } = await signIns.start('openrouter');
    await visit(url);
    expect(signIns.status(signInId)).toMatchObject({ state: 'failed', error: { code } });
    expect(JSON.stringify(signIns.status(signInId))).not.toContain('secret-code-echo');
  });

  it('says so when the vendor cannot be reached', async () => {
    const { signInId, url } = await signIns.start('openrouter');
    const page = await fetch(url, { redirect: 'manual' });
    await vendor.close();
    await come(page.headers.get('location') ?? '');
    expect(signIns.status(signInId)).toMatchObject({ state: 'failed', error: { code: 'model.unreachable' } });
  });

  it('says so when the key cannot be kept', async () => {
    save = () => Promise.reject(new AppError('config.unwritable'));
    const { signInId, url } = await signIns.start('openrouter');
    expect((await visit(url)).text).toContain('did not work');
    expect(signIns.status(signInId)).toMatchObject({ state: 'failed', error: { code: 'config.unwritable' } });
  });

  it('ends after five minutes, and closes its door', async () => {
    const { signInId, url } = await signIns.start('openrouter');
    for (const run of [...due]) run();
    expect(signIns.status(signInId)).toEqual({ state: 'expired' });
    await expect(come(callbackOf(url))).rejects.toThrow('fetch failed');
  });

  it('can be cancelled, also while the code is exchanged', async () => {
    const asked = new Promise<void>((resolve) => {
      vendor.exchange = () => resolve();
    });
    const { signInId, url } = await signIns.start('openrouter');
    const page = visit(url);
    await asked;
    expect(signIns.cancel(signInId)).toEqual({ ok: true, cancelled: true });
    expect(signIns.cancel(signInId)).toEqual({ ok: true, cancelled: false });
    await page;
    expect(signIns.status(signInId)).toEqual({ state: 'cancelled' });
    expect(saved).toEqual([]);
  });

  it('gives way to the next one of the same provider', async () => {
    const first = await signIns.start('openrouter');
    const second = await signIns.start('openrouter');
    expect(signIns.status(first.signInId)).toEqual({ state: 'cancelled' });
    expect(signIns.status(second.signInId)).toEqual({ state: 'waiting' });
    expect(() => signIns.status('nobody')).toThrow('unknown signInId');
  });
});

describe('vendors', () => {
  it('are where they are unless the config says otherwise', () => {
    expect(findVendor('openrouter', {})).toMatchObject({
      authorizeUrl: 'https://openrouter.ai/auth',
      exchangeUrl: 'https://openrouter.ai/api/v1/auth/keys',
    });
  });

  it.each(['http://example.org/v1', 'ftp://example.org', 'nonsense'])('are not asked at %s', (baseUrl) => {
    const config = { models: { providers: { openrouter: { baseUrl, models: [] } } } };
    expect(() => findVendor('openrouter', config)).toThrow('not safe');
  });

  it('are none for providers with keys only', async () => {
    await expect(signIns.start('openai')).rejects.toMatchObject({ code: 'request.invalid' });
  });
});
