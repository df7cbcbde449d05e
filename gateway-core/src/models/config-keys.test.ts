// What the config says about a provider and its models counts when they are called.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import { systemClock } from '../shared/clock.js';
import { ask, fakeConfig, listen, TEST_KEY, testModels } from './test-models.js';

const never = new AbortController().signal;
type ProviderConfig = NonNullable<NonNullable<NonNullable<OpenClawConfig['models']>['providers']>['fake']>;

function configOf(provider: ProviderConfig, models = {}): OpenClawConfig {
  const { agents } = fakeConfig('');
  return {
    agents: { ...agents, defaults: { ...agents?.defaults, models } },
    models: { mode: 'replace', providers: { fake: provider } },
  };
}

const PLACE = { baseUrl: 'http://127.0.0.1:9/v1', apiKey: TEST_KEY };
const targetOf = (provider: ProviderConfig) => testModels(configOf(provider)).resolve('fake/fake-1');

describe('limits', () => {
  it('of a provider hold for its models, unless a model has its own', () => {
    const limits = { contextWindow: 64_000, maxTokens: 2_000 };
    expect(targetOf({ ...PLACE, ...limits, models: [{ id: 'fake-1' }] })).toMatchObject(limits);
    const own = { contextWindow: 32_000, maxTokens: 1_000 };
    expect(targetOf({ ...PLACE, ...limits, models: [{ id: 'fake-1', ...own }] })).toMatchObject(own);
  });

  it('let the owner use less of a window than there is', () => {
    const models = [{ id: 'fake-1', contextWindow: 64_000, contextTokens: 16_000 }];
    expect(targetOf({ ...PLACE, models })).toMatchObject({ contextWindow: 16_000 });
    expect(targetOf({ ...PLACE, contextTokens: 900_000, models: [{ id: 'fake-1' }] }).contextWindow).toBe(200_000);
  });
});

describe('a model with a place of its own', () => {
  it('is called there, with its headers beside those of the provider', () => {
    const models = [{ id: 'fake-1', baseUrl: 'http://127.0.0.1:10/v1', headers: { 'x-model': 'm' } }];
    expect(targetOf({ ...PLACE, headers: { 'x-team': 't' }, models })).toMatchObject({
      baseUrl: 'http://127.0.0.1:10/v1',
      headers: { 'x-team': 't', 'x-model': 'm' },
    });
  });
});

describe('a short name of agents.defaults.models', () => {
  const config = configOf({ ...PLACE, models: [{ id: 'fake-1' }] }, { 'fake/fake-1': { alias: 'Quick' } });

  it('stands for its model, whoever asks and however it is written', () => {
    const models = testModels(config);
    expect(models.resolve('quick')).toMatchObject({ provider: 'fake', model: 'fake-1' });
    const chosen = { ...config, agents: { defaults: { ...config.agents?.defaults, model: 'QUICK' } } };
    expect(testModels(chosen).defaults('main')).toMatchObject({ provider: 'fake', model: 'fake-1' });
  });

  it('works for one call too', async () => {
    const heard = await listen(testModels(config).stream(ask('hi'), { ref: 'quick', signal: never }));
    expect(heard.events[0]).toMatchObject({ type: 'start', provider: 'fake', model: 'fake-1' });
  });
});

describe('on the wire', () => {
  let server: ReturnType<typeof createServer> | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function serve(hear: (request: IncomingMessage) => void): Promise<string> {
    server = createServer(hear);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('authHeader puts the key where a gateway in front of Anthropic looks for it', async () => {
    let headers: IncomingMessage['headers'] = {};
    const stop = new AbortController();
    const baseUrl = await serve((request) => {
      headers = request.headers;
      stop.abort(new Error('seen'));
    });
    const provider = { baseUrl, apiKey: TEST_KEY, api: 'anthropic-messages', authHeader: true };
    await listen(testModels(configOf(provider)).stream(ask('hi'), { signal: stop.signal }));
    expect(headers.authorization).toBe(`Bearer ${TEST_KEY}`);
    expect(headers['x-api-key']).toBeUndefined();
  });

  it('timeoutSeconds is how long the provider may take to begin', async () => {
    const baseUrl = await serve(() => undefined);
    const waits: number[] = [];
    const clock = {
      ...systemClock,
      after(delayMs: number, run: () => void) {
        waits.push(delayMs);
        return systemClock.after(0, run);
      },
    };
    const config = configOf({ baseUrl, apiKey: TEST_KEY, timeoutSeconds: 7 });
    const heard = await listen(testModels(config, { clock }).stream(ask('hi'), { signal: never }));
    expect(waits[0]).toBe(7_000);
    expect(heard.error).toMatchObject({ code: 'model.timeout' });
  });
});
