// What the tests of this room share: a models room over a fake provider, and a reader of its streams.
import type { OpenClawConfig } from '../config/index.js';
import { systemClock } from '../shared/clock.js';
import { silentLogger } from '../shared/logger.js';
import { createModels, type ModelsDeps } from './create-models.js';
import type { ModelApi, ModelEvent, ModelRequest, Models, OfflineModel } from './types.js';

export const TEST_KEY = 'test-key-0123456789';

/** An assistant that says one word. */
export const testOffline: OfflineModel = {
  async *answer() {
    yield { type: 'text', text: 'offline' };
    yield { type: 'stop', reason: 'stop' };
  },
};

export function testModels(config: OpenClawConfig, deps: Partial<ModelsDeps> = {}): Models {
  return createModels({
    config: () => config,
    env: {},
    fetch: globalThis.fetch,
    offline: testOffline,
    log: silentLogger,
    clock: systemClock,
    maxRetries: 0,
    ...deps,
  });
}

/** A config with one provider, `fake`, and one model, `fake-1`, that is the default. */
export function fakeConfig(baseUrl: string, api: ModelApi = 'openai-completions'): OpenClawConfig {
  const cost = { input: 2, output: 10, cacheRead: 0.5, cacheWrite: 3 };
  const model = { id: 'fake-1', input: ['text', 'image'], reasoning: true, cost };
  return {
    agents: { defaults: { model: 'fake/fake-1' } },
    models: { mode: 'replace', providers: { fake: { baseUrl, apiKey: TEST_KEY, api, models: [model] } } },
  };
}

export function ask(text: string, extra: Partial<ModelRequest> = {}): ModelRequest {
  const messages = [{ role: 'user' as const, content: text }];
  return { agentId: 'main', sessionKey: 'agent:main:main', messages, ...extra };
}

export interface Heard {
  events: ModelEvent[];
  text: string;
  thinking: string;
  error?: unknown;
}

/** Reads a stream to its end; an error ends it too and is part of what was heard. */
export async function listen(stream: AsyncIterable<ModelEvent>): Promise<Heard> {
  const heard: Heard = { events: [], text: '', thinking: '' };
  try {
    for await (const event of stream) {
      heard.events.push(event);
      if (event.type === 'text') heard.text += event.text;
      if (event.type === 'thinking') heard.thinking += event.text;
    }
  } catch (error) {
    heard.error = error;
  }
  return heard;
}

export function ofType<T extends ModelEvent['type']>(heard: Heard, type: T): Array<Extract<ModelEvent, { type: T }>> {
  return heard.events.filter((event): event is Extract<ModelEvent, { type: T }> => event.type === type);
}
