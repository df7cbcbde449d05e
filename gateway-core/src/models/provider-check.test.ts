import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type FakeModel, startFakeModel } from '../../../e2e/fixtures/fake-model.js';
import type { OpenClawConfig } from '../config/index.js';
import { detectProviders, type ProviderCheckDeps, testProvider } from './provider-check.js';

const KEY = 'sk-test-0123456789abcdef';

describe('the live test of a provider', () => {
  let fake: FakeModel | undefined;
  afterEach(async () => {
    await fake?.close();
    fake = undefined;
  });

  function deps(config: OpenClawConfig = {}): ProviderCheckDeps {
    return { config: () => config, env: {}, fetch: globalThis.fetch, now: Date.now };
  }

  it('lists the models that a key opens', async () => {
    fake = await startFakeModel({ apiKey: KEY });
    const result = await testProvider({ provider: 'house', baseUrl: fake.url, apiKey: KEY }, deps());
    expect(result).toMatchObject({ ok: true, models: ['fake-1'] });
  });

  it('says that the key is wrong, and never repeats it', async () => {
    fake = await startFakeModel({ apiKey: KEY });
    const result = await testProvider({ provider: 'house', baseUrl: fake.url, apiKey: 'sk-wrong-0123456789' }, deps());
    expect(result).toMatchObject({ ok: false, models: [], error: { code: 'model.auth' } });
    expect(JSON.stringify(result)).not.toContain('sk-wrong');
  });

  it('sends a saved key to its own address and to no other', async () => {
    fake = await startFakeModel({ apiKey: KEY });
    const saved = { models: { providers: { house: { baseUrl: 'http://127.0.0.1:9/v1', apiKey: KEY } } } };
    const result = await testProvider({ provider: 'house', baseUrl: fake.url }, deps(saved));
    expect(result.error?.code).toBe('model.auth');
    expect(fake.requests.at(-1)?.headers.authorization).toBeUndefined();
  });

  it.each([
    [{ provider: 'house', baseUrl: 'http://127.0.0.1:9/v1' }, 'model.unreachable'],
    [{ provider: 'house' }, 'model.not_configured'],
    [{ provider: 'house', baseUrl: 'ftp://example.invalid' }, 'model.not_configured'],
  ])('explains what is wrong with %j', async (params, code) => {
    expect((await testProvider(params, deps())).error?.code).toBe(code);
  });

  describe('of a server with a will of its own', () => {
    let server: Server | undefined;
    afterEach(() => {
      server?.closeAllConnections();
      server?.close();
      server = undefined;
    });

    async function serve(answer: RequestListener): Promise<string> {
      server = createServer(answer);
      await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    }

    it.each([
      ['null', 'model.bad_response'],
      ['{"data":[null,4,{"id":"m"}]}', undefined],
    ])('reads the body %s', async (body, code) => {
      const baseUrl = await serve((_request, response) => response.end(body));
      expect((await testProvider({ provider: 'house', baseUrl }, deps())).error?.code).toBe(code);
    });

    it('ends with an answer when the connection breaks in the middle', async () => {
      const baseUrl = await serve((_request, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"data":', () => response.destroy());
      });
      expect((await testProvider({ provider: 'house', baseUrl }, deps())).error?.code).toBe('model.unreachable');
    });

    it('does not read a list without end', async () => {
      const block = 'x'.repeat(1_000_000);
      const baseUrl = await serve((_request, response) => {
        const more = (): void => void (response.destroyed || response.write(block, more));
        more();
      });
      expect((await testProvider({ provider: 'house', baseUrl }, deps())).error?.code).toBe('model.bad_response');
    });

    it.each([
      ['anthropic', '', '/v1/models'],
      ['anthropic', '/v1', '/v1/models'],
      ['ollama', '', '/v1/models'],
      ['house', '/v1', '/v1/models'],
    ])('asks %s at "%s" for its list at %s', async (provider, path, wanted) => {
      let asked: string | undefined;
      const base = await serve((request, response) => {
        asked = request.url;
        response.end('{"data":[]}');
      });
      await testProvider({ provider, baseUrl: `${base}${path}`, apiKey: KEY }, deps());
      expect(asked).toBe(wanted);
    });
  });

  it('finds the model servers that run on this computer', async () => {
    fake = await startFakeModel();
    const here: typeof globalThis.fetch = (input, init) => {
      const url = String(input);
      return globalThis.fetch(url.includes('11434') ? `${fake?.url}/models` : 'http://127.0.0.1:9/', init);
    };
    const { found } = await detectProviders({ ...deps(), fetch: here });
    expect(found).toEqual([{ provider: 'ollama', baseUrl: 'http://127.0.0.1:11434/v1', models: ['fake-1'] }]);
  });
});
