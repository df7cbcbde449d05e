import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeModel, startFakeModel } from '../../../e2e/fixtures/fake-model.js';
import type { OpenClawConfig } from '../config/index.js';
import { type AppError, isAppError } from '../shared/app-error.js';
import { type Clock, systemClock } from '../shared/clock.js';
import { createLogHub } from '../shared/logger.js';
import { createModelsMethods } from './methods.js';
import { ask, fakeConfig, listen, ofType, TEST_KEY, testModels } from './test-models.js';

const never = new AbortController().signal;

function chainConfig(first: string, second: string): OpenClawConfig {
  const models = [{ id: 'm' }];
  return {
    agents: { defaults: { model: { primary: 'one/m', fallbacks: ['two/m'] } } },
    models: { providers: { one: { baseUrl: first, apiKey: TEST_KEY, models }, two: { baseUrl: second, models } } },
  };
}

/** A clock whose waits are over at once; it notes how long they would have been. */
function hastyClock(waits: number[]): Clock {
  return {
    ...systemClock,
    after(delayMs, run) {
      if (delayMs >= 60_000) return systemClock.after(delayMs, run);
      waits.push(delayMs);
      return systemClock.after(0, run);
    },
  };
}

describe('the fallback chain', () => {
  let one: FakeModel;
  let two: FakeModel;
  beforeEach(async () => {
    one = await startFakeModel();
    two = await startFakeModel();
  });
  afterEach(() => Promise.all([one.close(), two.close()]));

  it('answers from the second model when the first is refused, and says who answers', async () => {
    one.push({ error: { status: 401 } });
    two.push({ text: 'from two' });
    const heard = await listen(testModels(chainConfig(one.url, two.url)).stream(ask('hi'), { signal: never }));
    expect(heard.error).toBeUndefined();
    expect(heard.text).toBe('from two');
    expect(ofType(heard, 'start').map(({ provider }) => provider)).toEqual(['one', 'two']);
  });

  it('answers from the second model when nothing listens at the first', async () => {
    const models = testModels(chainConfig('http://127.0.0.1:9/v1', two.url));
    expect((await listen(models.stream(ask('hi'), { signal: never }))).text).toBe('Hello from fake model.');
  });

  it('goes on when the first model is not configured at all', async () => {
    const models = testModels(chainConfig(one.url, two.url));
    const heard = await listen(models.stream(ask('hi'), { ref: 'nobody/x', signal: never }));
    expect(heard.text).toBe('Hello from fake model.');
    expect(ofType(heard, 'start').map(({ provider }) => provider)).toEqual(['two']);
  });

  it('does not go on once text has arrived', async () => {
    one.push([{ text: 'half' }, { delay: 20 }, { drop: true }]);
    const heard = await listen(testModels(chainConfig(one.url, two.url)).stream(ask('hi'), { signal: never }));
    expect(heard.text).toBe('half');
    expect(isAppError(heard.error, 'model.stream_cut')).toBe(true);
    expect(two.requests).toHaveLength(0);
  });

  it('does not go on with a request that was rejected', async () => {
    one.push({ error: { status: 400 } });
    const heard = await listen(testModels(chainConfig(one.url, two.url)).stream(ask('hi'), { signal: never }));
    expect(isAppError(heard.error, 'model.bad_request')).toBe(true);
    expect(two.requests).toHaveLength(0);
  });

  it('does not go on after an abort', async () => {
    one.push([{ hang: true }]);
    const abort = new AbortController();
    const models = testModels(chainConfig(one.url, two.url));
    const heard = listen(models.stream(ask('hi'), { signal: abort.signal }));
    await one.nextRequest();
    abort.abort(new Error('stop'));
    expect(String((await heard).error)).toContain('stop');
    expect(two.requests).toHaveLength(0);
  });

  it('reports the first failure, with the second in it', async () => {
    one.push({ error: { status: 402 } });
    two.push({ error: { status: 404, body: { error: { message: 'no such thing' } } } });
    const { error } = await listen(testModels(chainConfig(one.url, two.url)).stream(ask('hi'), { signal: never }));
    expect(isAppError(error, 'model.credit')).toBe(true);
    expect((error as AppError).message).toMatch(/one\/m.*two\/m.*no such thing/);
  });

  it('retries an overloaded model once after the wait it asks for', async () => {
    const waits: number[] = [];
    one.push({ error: { status: 529, headers: { 'retry-after': '2' } } }, { text: 'now' });
    const models = testModels(chainConfig(one.url, two.url), { maxRetries: 1, clock: hastyClock(waits) });
    expect((await listen(models.stream(ask('hi'), { signal: never }))).text).toBe('now');
    expect(waits[0]).toBe(2000);
    expect(one.requests).toHaveLength(2);
  });

  it('ends the wait before a retry when the caller aborts', async () => {
    one.push({ error: { status: 529, headers: { 'retry-after': '4' } } });
    const abort = new AbortController();
    const clock: Clock = {
      ...systemClock,
      after(delayMs, run) {
        if (delayMs === 4000) queueMicrotask(() => abort.abort(new Error('stop')));
        return systemClock.after(delayMs, run);
      },
    };
    const models = testModels(chainConfig(one.url, two.url), { maxRetries: 1, clock });
    const { error } = await listen(models.stream(ask('hi'), { signal: abort.signal }));
    expect(String(error)).toContain('stop');
    expect(one.requests).toHaveLength(1);
  });

  it('never writes the key into the log', async () => {
    const lines: string[] = [];
    const hub = createLogHub();
    hub.addSink({ write: (record) => void lines.push(JSON.stringify(record)) });
    one.push({ error: { status: 401, body: { error: { message: `bad ${TEST_KEY}` } } } });
    const models = testModels(chainConfig(one.url, two.url), { log: hub.logger('models') });
    await listen(models.stream(ask('hi'), { signal: never }));
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain(TEST_KEY);
  });
});

describe('the models room', () => {
  it('answers offline when nothing is set up', async () => {
    const models = testModels({});
    expect(models.defaults('main')).toEqual({ provider: 'offline', model: 'assistant', contextTokens: 200_000 });
    const heard = await listen(models.stream(ask('hi'), { signal: never }));
    expect(heard.events[0]).toEqual({ type: 'start', provider: 'offline', model: 'assistant', api: 'offline' });
    expect(heard.text).toBe('offline');
  });

  it('does not silently answer offline for a model whose key is missing', async () => {
    const models = testModels({ agents: { defaults: { model: 'openai/gpt-x' } } });
    expect(models.defaults('main')).toMatchObject({ provider: 'openai', model: 'gpt-x' });
    const heard = await listen(models.stream(ask('hi'), { signal: never }));
    expect(isAppError(heard.error, 'model.auth')).toBe(true);
    expect(heard.events).toEqual([]);
  });

  it('answers offline as a fallback where the config says so', async () => {
    const models = testModels({
      agents: { defaults: { model: { primary: 'openai/x', fallbacks: ['offline/assistant'] } } },
    });
    expect((await listen(models.stream(ask('hi'), { signal: never }))).text).toBe('offline');
  });

  it('follows the config when that changes', () => {
    let config: OpenClawConfig = {};
    const models = testModels({}, { config: () => config });
    expect(models.list()).toHaveLength(1);
    config = fakeConfig('http://127.0.0.1:9/v1');
    expect(models.list().map((row) => row.id)).toEqual(['fake-1', 'assistant']);
    expect(models.defaults('main')).toEqual({ provider: 'fake', model: 'fake-1', contextTokens: 200_000 });
  });

  it('offers the catalogue as models.list', async () => {
    const check = { config: () => ({}), env: {}, fetch: globalThis.fetch, now: Date.now };
    const handlers = createModelsMethods({ models: testModels(fakeConfig('http://127.0.0.1:9/v1')), check });
    const result = await handlers['models.list']({}, {} as Parameters<(typeof handlers)['models.list']>[1]);
    expect(result.models[0]).toEqual({
      id: 'fake-1',
      name: 'fake-1',
      provider: 'fake',
      contextWindow: 200_000,
      reasoning: true,
      input: ['text', 'image'],
    });
  });
});
