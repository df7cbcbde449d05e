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
