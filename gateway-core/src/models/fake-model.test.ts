// Proves with the official client that the fake speaks the real format, so that our adapters are not tested against a mirror.
import OpenAI, { APIConnectionError, AuthenticationError, RateLimitError } from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeModel, startFakeModel } from '../../../e2e/fixtures/fake-model.js';

describe('the fake model, seen by the official OpenAI client', () => {
  let fake: FakeModel;
  let client: OpenAI;
  beforeEach(async () => {
    fake = await startFakeModel({ slowDelayMs: 1, slowWords: 5 });
    client = new OpenAI({ baseURL: fake.url, apiKey: 'k', maxRetries: 0 });
  });
  afterEach(() => fake.close());

  const messages = [{ role: 'user' as const, content: 'hi' }];

  it('streams chat completions with text, a tool call and usage', async () => {
    fake.push([{ text: 'Hello you.' }, { tool: { name: 'look', args: { at: 'it' } } }]);
    const stream = client.chat.completions.stream({
      model: 'fake-1',
      messages,
      stream_options: { include_usage: true },
    });
    const done = await stream.finalChatCompletion();
    expect(done.choices[0]?.message.content).toBe('Hello you.');
    expect(done.choices[0]?.message.tool_calls?.[0]).toMatchObject({
      function: { name: 'look', arguments: '{"at":"it"}' },
    });
    expect(done.choices[0]?.finish_reason).toBe('tool_calls');
    expect(done.usage).toMatchObject({ prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 });
  });

  it('answers chat completions in one piece', async () => {
    const done = await client.chat.completions.create({ model: 'fake-1', messages });
    expect(done.choices[0]?.message.content).toBe('Hello from fake model.');
  });

  it('streams responses with reasoning, text and a tool call', async () => {
    fake.push([{ reasoning: 'hm' }, { text: 'Hello.' }, { tool: { name: 'look', args: {} } }]);
    const stream = client.responses.stream({ model: 'fake-1', input: 'hi' });
    const done = await stream.finalResponse();
    expect(done.status).toBe('completed');
    expect(done.output_text).toBe('Hello.');
    expect(done.output.map((item) => item.type)).toEqual(['reasoning', 'message', 'function_call']);
    expect(done.usage?.total_tokens).toBe(120);
  });

  it('answers responses in one piece', async () => {
    fake.push({ text: 'Whole.' });
    expect((await client.responses.create({ model: 'fake-1', input: 'hi' })).output_text).toBe('Whole.');
  });

  it('lists models and embeds', async () => {
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['fake-1']);
    const { data } = await client.embeddings.create({ model: 'fake-1', input: ['a', 'bb'], encoding_format: 'float' });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([8, 8]);
  });

  it('fails as its keywords say', async () => {
    const say = (content: string) =>
      client.chat.completions.create({ model: 'fake-1', messages: [{ role: 'user', content }] });
    await expect(say('FAIL401')).rejects.toBeInstanceOf(AuthenticationError);
    await expect(say('FAIL429')).rejects.toBeInstanceOf(RateLimitError);
    await expect(say('DROP')).rejects.toBeInstanceOf(APIConnectionError);
    expect((await say('SLOW')).choices[0]?.message.content).toBe('word0 word1 word2 word3 word4 ');
    expect((await say('LONG 3')).choices[0]?.message.content).toBe('chunk0 chunk1 chunk2 ');
  });

  it('records requests and hands each out once', async () => {
    const first = fake.nextRequest();
    await client.models.list();
    await client.chat.completions.create({ model: 'fake-1', messages });
    expect((await first).path).toBe('/v1/models');
    expect((await fake.nextRequest()).body).toMatchObject({ model: 'fake-1' });
    expect(fake.requests).toHaveLength(2);
  });
});
