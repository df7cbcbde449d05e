import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeModel, startFakeModel } from '../../../../e2e/fixtures/fake-model.js';
import type { Message } from '../../protocol/index.js';
import { AppError } from '../../shared/app-error.js';
import type { Clock } from '../../shared/clock.js';
import { systemClock } from '../../shared/clock.js';
import { ask, fakeConfig, listen, ofType, TEST_KEY, testModels } from '../test-models.js';
import type { ModelApi, Models } from '../types.js';

const PIXEL = 'iVBORw0KGgo=';
const IMAGE = { type: 'image' as const, data: PIXEL, mimeType: 'image/png' };
const APIS = ['openai-completions', 'openai-responses', 'anthropic-messages'] as const satisfies readonly ModelApi[];
const TOOL = {
  name: 'read_file',
  description: 'Reads a file.',
  parameters: { type: 'object', properties: { path: { type: 'string' } } },
};

const never = new AbortController().signal;

function codeOf(error: unknown): string {
  return error instanceof AppError ? error.code : String(error);
}

describe.each(APIS)('%s', (api) => {
  let fake: FakeModel;
  let models: Models;

  beforeEach(async () => {
    fake = await startFakeModel();
    models = testModels(fakeConfig(fake.url, api));
  });
  afterEach(() => fake.close());

  const run = (text: string) => listen(models.stream(ask(text), { signal: never }));
  const sentBody = () => JSON.stringify(fake.requests.at(-1)?.body);

  it('streams text in pieces, then usage with cost, then the stop with its id', async () => {
    fake.push({
      parts: [{ text: 'Grüße aus 世界 🦞, piece by piece.' }],
      usage: { prompt: 1000, cached: 400, output: 50 },
    });
    const heard = await run('hello');
    expect(heard.error).toBeUndefined();
    expect(heard.events[0]).toEqual({ type: 'start', provider: 'fake', model: 'fake-1', api });
    expect(heard.text).toBe('Grüße aus 世界 🦞, piece by piece.');
    expect(ofType(heard, 'text').length).toBeGreaterThan(3);
    const usage = ofType(heard, 'usage')[0]?.usage;
    expect(usage).toMatchObject({ input: 600, output: 50, cacheRead: 400, cacheWrite: 0, totalTokens: 1050 });
    expect(usage?.cost?.total).toBeCloseTo((600 * 2 + 50 * 10 + 400 * 0.5) / 1e6, 10);
    expect(heard.events.at(-1)).toMatchObject({ type: 'stop', reason: 'stop', responseId: expect.any(String) });
  });

  it('streams reasoning apart from text', async () => {
    fake.push([{ reasoning: 'I should think about it.' }, { text: 'Done.' }]);
    const heard = await run('hello');
    expect(heard.thinking).toBe('I should think about it.');
    expect(heard.text).toBe('Done.');
  });

  it('passes tools and the system prompt on, and yields whole tool calls', async () => {
    fake.push([
      { text: 'Reading.' },
      { tool: { name: 'read_file', args: { path: 'a.txt' } } },
      { tool: { name: 'read_file', args: {} } },
    ]);
    const request = ask('read it', { tools: [TOOL], system: 'Be brief.' });
    const heard = await listen(models.stream(request, { signal: never }));
    expect(heard.error).toBeUndefined();
    const calls = ofType(heard, 'toolCall');
    expect(calls.map(({ name, arguments: args }) => [name, args])).toEqual([
      ['read_file', { path: 'a.txt' }],
      ['read_file', {}],
    ]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    expect(ofType(heard, 'stop')[0]?.reason).toBe('toolUse');
    expect(sentBody()).toContain('"read_file"');
    expect(sentBody()).toContain('"Be brief."');
  });

  it('sends images of users and of tool results', async () => {
    const messages: Message[] = [
      { role: 'user', content: [{ type: 'text', text: 'look' }, IMAGE] },
      { role: 'assistant', content: [{ type: 'toolCall', id: 'c1', name: 'shot', arguments: { at: 1 } }] },
      { role: 'toolResult', toolCallId: 'c1', toolName: 'shot', content: [{ type: 'text', text: 'taken' }, IMAGE] },
    ];
    const heard = await listen(models.stream({ ...ask(''), messages }, { signal: never }));
    expect(heard.error).toBeUndefined();
    expect(sentBody().split(PIXEL)).toHaveLength(3);
    expect(sentBody()).toContain('taken');
  });

  it('tells a model without eyes that an image was left out', async () => {
    const config = fakeConfig(fake.url, api);
    config.models!.providers!.fake!.models![0]!.input = ['text'];
    const messages: Message[] = [{ role: 'user', content: [IMAGE] }];
    await listen(testModels(config).stream({ ...ask(''), messages }, { signal: never }));
    expect(sentBody()).not.toContain(PIXEL);
    expect(sentBody()).toContain('image was left out');
  });

  it('sends the key where the provider expects it, and own headers', async () => {
    const config = fakeConfig(fake.url, api);
    config.models!.providers!.fake!.headers = { 'x-team': 'blue' };
    await listen(testModels(config).stream(ask('hi'), { signal: never }));
    const headers = fake.requests[0]!.headers;
    expect(api === 'anthropic-messages' ? headers['x-api-key'] : headers.authorization).toContain(TEST_KEY);
    expect(headers['x-team']).toBe('blue');
  });

  it('closes the socket when the caller aborts, and throws the reason', async () => {
    fake.push([{ text: 'x' }, { hang: true }]);
    const abort = new AbortController();
    const reason = new Error('stopped by the user');
    const stream = models.stream(ask('hello'), { signal: abort.signal });
    const heard = listen(
      (async function* () {
        for await (const event of stream) {
          yield event;
          if (event.type === 'text') abort.abort(reason);
        }
      })(),
    );
    await fake.nextAbort();
    expect((await heard).error).toBe(reason);
    expect((await heard).text).toBe('x');
    expect(fake.aborted).toBe(1);
  });

  it('closes the socket when the caller aborts before the first byte', async () => {
    fake.push([{ hang: true }]);
    const abort = new AbortController();
    const heard = listen(models.stream(ask('hello'), { signal: abort.signal }));
    await fake.nextRequest();
    abort.abort(new Error('stopped'));
    await fake.nextAbort();
    expect(String((await heard).error)).toContain('stopped');
  });

  it('closes the socket when the caller stops reading', async () => {
    fake.push([{ text: 'x' }, { hang: true }]);
    for await (const event of models.stream(ask('hello'), { signal: never })) if (event.type === 'text') break;
    await fake.nextAbort();
    expect(fake.aborted).toBe(1);
  });

  it.each([
    [401, {}, { error: { message: 'bad key' } }, 'model.auth'],
    [403, {}, { error: { message: 'not allowed' } }, 'model.auth'],
    [402, {}, { error: { message: 'pay first' } }, 'model.credit'],
    [429, {}, { error: { message: 'over', code: 'insufficient_quota' } }, 'model.credit'],
    [400, {}, { error: { message: 'Your credit balance is too low.' } }, 'model.credit'],
    [404, {}, { error: { message: 'no such model' } }, 'model.not_found'],
    [429, { 'retry-after': '7' }, { error: { message: 'slow down' } }, 'model.rate_limit'],
    [400, {}, { error: { message: 'too long' } }, 'model.bad_request'],
    [408, {}, '', 'model.timeout'],
    [504, {}, '<html>gateway timeout</html>', 'model.timeout'],
    [503, {}, '', 'model.overloaded'],
    [529, {}, '', 'model.overloaded'],
    [500, {}, { error: { message: 'oops' } }, 'model.server_error'],
    [307, { location: 'http://127.0.0.1:1/elsewhere' }, '', 'model.bad_response'],
  ])('maps HTTP %i %o %j to %s', async (status, headers, body, code) => {
    fake.push({ error: { status, body, headers: headers as Record<string, string> } });
    const { error } = await run('hello');
    expect(codeOf(error)).toBe(code);
    expect((error as Error).message).toContain('fake/fake-1');
    if (typeof body === 'object') expect((error as Error).message).toContain(body.error.message);
    if (code === 'model.rate_limit') expect((error as AppError).retryAfterMs).toBe(7000);
  });

  it('never repeats the key in an error', async () => {
    fake.push({ error: { status: 401, body: { error: { message: `The key ${TEST_KEY} is wrong` } } } });
    const { error } = await run('hello');
    expect((error as Error).message).not.toContain(TEST_KEY);
  });

  it('reports a socket that dies in the middle, after the text that arrived', async () => {
    fake.push([{ text: 'half an answer' }, { delay: 20 }, { drop: true }]);
    const heard = await run('hello');
    expect(heard.text).toBe('half an answer');
    expect(codeOf(heard.error)).toBe('model.stream_cut');
  });

  it('reports a stream that ends without a stop reason', async () => {
    fake.push([{ text: 'half' }, { endWithoutStop: true }]);
    const heard = await run('hello');
    expect(heard.text).toBe('half');
    expect(codeOf(heard.error)).toBe('model.stream_cut');
    expect(ofType(heard, 'stop')).toEqual([]);
  });

  it('reports broken JSON in the stream', async () => {
    fake.push([{ raw: 'data: {"oops\n\n' }]);
    expect(codeOf((await run('hello')).error)).toBe('model.bad_response');
  });

  it('reports a page where a stream should be', async () => {
    fake.push({ error: { status: 200, body: '<html>hello</html>', headers: { 'content-type': 'text/html' } } });
    expect(codeOf((await run('hello')).error)).toBe('model.bad_response');
  });

  it.each([
    ['rate_limit_error', 'model.rate_limit'],
    ['overloaded_error', 'model.overloaded'],
    ['authentication_error', 'model.auth'],
    ['insufficient_quota', 'model.credit'],
    ['invalid_request_error', 'model.bad_request'],
    ['anything_else', 'model.server_error'],
  ])('maps the stream error %s to %s', async (kind, code) => {
    fake.push([{ text: 'half' }, { streamError: { message: 'as scripted', code: kind } }]);
    const heard = await run('hello');
    expect(heard.text).toBe('half');
    expect(codeOf(heard.error)).toBe(code);
    expect((heard.error as Error).message).toContain('as scripted');
  });

  it('says that nothing listens at the address', async () => {
    await fake.close();
    const { error } = await run('hello');
    expect(codeOf(error)).toBe('model.unreachable');
    expect((error as Error).message).toMatch(/fake\/fake-1.*127\.0\.0\.1:\d+.*ECONNREFUSED/);
    fake = await startFakeModel();
  });

  it('gives up when the first byte does not come', async () => {
    fake.push([{ hang: true }]);
    let expire = (): void => undefined;
    const clock: Clock = {
      ...systemClock,
      after(delayMs, late) {
        expect(delayMs).toBe(1234);
        expire = late;
        return { cancel: () => undefined };
      },
    };
    const patient = testModels(fakeConfig(fake.url, api), { clock, firstByteTimeoutMs: 1234 });
    const heard = listen(patient.stream(ask('hello'), { signal: never }));
    await fake.nextRequest();
    expire();
    await fake.nextAbort();
    expect(codeOf((await heard).error)).toBe('model.timeout');
  });

  it('says when the answer hit its length limit', async () => {
    const stopReason = {
      'openai-completions': 'length',
      'openai-responses': 'max_output_tokens',
      'anthropic-messages': 'max_tokens',
    };
    fake.push({ parts: [{ text: 'long' }], stopReason: stopReason[api] });
    expect(ofType(await run('hello'), 'stop')[0]?.reason).toBe('length');
  });
});

describe('what only one format has', () => {
  let fake: FakeModel;
  beforeEach(async () => {
    fake = await startFakeModel();
  });
  afterEach(() => fake.close());

  const roundTrip = async (api: ModelApi): Promise<Record<string, unknown>> => {
    const models = testModels(fakeConfig(fake.url, api));
    fake.push([{ reasoning: 'hm' }, { tool: { name: 'read_file', args: {} } }], { text: 'ok' });
    const first = await listen(models.stream(ask('go', { thinking: 'high' }), { signal: never }));
    const signature = ofType(first, 'thinking').find((event) => event.signature)?.signature;
    const call = ofType(first, 'toolCall')[0]!;
    const messages: Message[] = [
      { role: 'user', content: 'go' },
      {
        role: 'assistant',
        provider: 'fake',
        model: 'fake-1',
        api,
        content: [
          { type: 'thinking', thinking: first.thinking, thinkingSignature: signature },
          { type: 'toolCall', id: call.id, name: call.name, arguments: call.arguments },
        ],
      },
      { role: 'toolResult', toolCallId: call.id, toolName: call.name, content: 'file text' },
    ];
    const second = await listen(models.stream({ ...ask(''), messages, thinking: 'high' }, { signal: never }));
    expect(second.error).toBeUndefined();
    return fake.requests.at(-1)!.body!;
  };

  it('anthropic-messages sends signed reasoning back', async () => {
    const body = await roundTrip('anthropic-messages');
    expect(JSON.stringify(body)).toContain('{"type":"thinking","thinking":"hm","signature":"signed-by-fake"}');
    expect(body.thinking).toMatchObject({ type: 'enabled' });
  });

  it('openai-responses stores nothing and sends encrypted reasoning back', async () => {
    const body = await roundTrip('openai-responses');
    expect(body.store).toBe(false);
    expect(body.include).toEqual(['reasoning.encrypted_content']);
    expect(body.reasoning).toEqual({ effort: 'high', summary: 'auto' });
    const items = body.input as Array<Record<string, unknown>>;
    expect(items.map((item) => item.type ?? item.role)).toEqual([
      'user',
      'reasoning',
      'function_call',
      'function_call_output',
    ]);
    expect(items[1]?.encrypted_content).toBe('encrypted-by-fake');
  });

  it('openai-completions reads `reasoning` too, and calls without an index', async () => {
    const chunk = (delta: object, finish: string | null = null) =>
      `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
    const piece = (id: string | undefined, name: string | undefined, json: string) =>
      chunk({ tool_calls: [{ id, function: { name, arguments: json } }] });
    fake.push([
      { raw: chunk({ reasoning: 'hm' }) },
      { raw: piece('a', 'one', '{"x"') + piece(undefined, undefined, ':1}') + piece('b', 'two', '{}') },
      { raw: chunk({}, 'stop') },
      { endWithoutStop: true },
    ]);
    const heard = await listen(testModels(fakeConfig(fake.url)).stream(ask('go'), { signal: never }));
    expect(heard.error).toBeUndefined();
    expect(heard.thinking).toBe('hm');
    expect(ofType(heard, 'toolCall')).toEqual([
      { type: 'toolCall', id: 'a', name: 'one', arguments: { x: 1 } },
      { type: 'toolCall', id: 'b', name: 'two', arguments: {} },
    ]);
    expect(ofType(heard, 'stop')[0]?.reason).toBe('toolUse');
  });

  it('openai-completions prefers the cost that the provider reports', async () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5, cost: 0.25 };
    const raw = `data: ${JSON.stringify({ choices: [{ delta: { content: 'x' }, finish_reason: 'stop' }], usage })}\n\n`;
    fake.push([{ raw }, { endWithoutStop: true }]);
    const heard = await listen(testModels(fakeConfig(fake.url)).stream(ask('go'), { signal: never }));
    expect(ofType(heard, 'usage')[0]?.usage.cost?.total).toBe(0.25);
  });

  it('anthropic-messages accepts a base URL without a version', async () => {
    const config = fakeConfig(fake.url.replace(/\/v1$/, ''), 'anthropic-messages');
    const heard = await listen(testModels(config).stream(ask('go'), { signal: never }));
    expect(heard.text).toBe('Hello from fake model.');
  });

  it('a call that the length limit cut off is left out', async () => {
    const raw = `data: ${JSON.stringify({
      choices: [
        {
          delta: { tool_calls: [{ index: 0, id: 'a', function: { name: 'one', arguments: '{"path":"a' } }] },
          finish_reason: 'length',
        },
      ],
    })}\n\n`;
    fake.push([{ raw }, { endWithoutStop: true }]);
    const heard = await listen(testModels(fakeConfig(fake.url)).stream(ask('go'), { signal: never }));
    expect(heard.error).toBeUndefined();
    expect(ofType(heard, 'toolCall')).toEqual([]);
  });

  it('openai-completions sends unsigned reasoning back in its field, within the exchange only', async () => {
    const body = await roundTrip('openai-completions');
    const messages = body.messages as Array<Record<string, unknown>>;
    expect(messages[1]).toMatchObject({ role: 'assistant', reasoning_content: 'hm', tool_calls: [{}] });
    const later: Message[] = [
      { role: 'user', content: 'go' },
      {
        role: 'assistant',
        provider: 'fake',
        model: 'fake-1',
        api: 'openai-completions',
        content: [
          { type: 'thinking', thinking: 'hm', thinkingSignature: 'reasoning_content' },
          { type: 'toolCall', id: 'c', name: 'read_file', arguments: {} },
        ],
      },
      { role: 'toolResult', toolCallId: 'c', content: 'r' },
      { role: 'assistant', content: 'done' },
      { role: 'user', content: 'next' },
    ];
    await listen(testModels(fakeConfig(fake.url)).stream({ ...ask(''), messages: later }, { signal: never }));
    expect(JSON.stringify(fake.requests.at(-1)?.body)).not.toContain('"hm"');
  });

  it('openai-completions puts the images of results behind the last of them', async () => {
    const messages: Message[] = [
      { role: 'user', content: 'look' },
      {
        role: 'assistant',
        content: ['a', 'b'].map((id) => ({ type: 'toolCall' as const, id, name: 'shot', arguments: {} })),
      },
      { role: 'toolResult', toolCallId: 'a', content: [{ type: 'text', text: 'first' }, IMAGE] },
      { role: 'toolResult', toolCallId: 'b', content: [{ type: 'text', text: 'second' }] },
    ];
    await listen(testModels(fakeConfig(fake.url)).stream({ ...ask(''), messages }, { signal: never }));
    const sent = fake.requests.at(-1)?.body?.messages as Array<{ role: string; content: unknown }>;
    expect(sent.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'tool', 'user']);
    expect(sent[2]?.content).toContain('images of this result follow');
    expect(JSON.stringify(sent[4]?.content)).toContain(PIXEL);
  });

  it('anthropic-messages keeps images of failed results, joins parallel results, and marks what repeats', async () => {
    const messages: Message[] = [
      { role: 'user', content: 'look' },
      {
        role: 'assistant',
        content: ['a', 'b'].map((id) => ({ type: 'toolCall' as const, id, name: 'shot', arguments: {} })),
      },
      { role: 'toolResult', toolCallId: 'a', isError: true, content: [{ type: 'text', text: 'bad' }, IMAGE] },
      { role: 'toolResult', toolCallId: 'b', isError: true, content: [{ type: 'text', text: 'worse' }] },
    ];
    const models = testModels(fakeConfig(fake.url, 'anthropic-messages'));
    await listen(models.stream({ ...ask('', { tools: [TOOL] }), messages }, { signal: never }));
    const sent = fake.requests.at(-1)?.body?.messages as Array<{
      role: string;
      content: Array<Record<string, unknown>>;
    }>;
    expect(sent.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(sent[2]?.content).toMatchObject([
      { type: 'tool_result', tool_use_id: 'a' },
      { type: 'tool_result', tool_use_id: 'b', is_error: true, cache_control: { type: 'ephemeral' } },
    ]);
    expect(sent[2]?.content[0]).not.toHaveProperty('is_error');
    await listen(models.stream({ ...ask(''), messages }, { signal: never }));
    expect(fake.requests.at(-1)?.body).toMatchObject({ tools: [{ name: 'shot' }], tool_choice: { type: 'none' } });
  });

  it('anthropic-messages does not ask for reasoning in an exchange that began without', async () => {
    const messages: Message[] = [
      { role: 'user', content: 'go' },
      { role: 'assistant', content: [{ type: 'toolCall', id: 'a', name: 'read_file', arguments: {} }] },
      { role: 'toolResult', toolCallId: 'a', content: 'r' },
    ];
    const models = testModels(fakeConfig(fake.url, 'anthropic-messages'));
    const request = ask('', { tools: [TOOL], thinking: 'high' });
    await listen(models.stream({ ...request, messages }, { signal: never }));
    expect(fake.requests.at(-1)?.body).not.toHaveProperty('thinking');
    await listen(models.stream({ ...request, messages: messages.slice(0, 1) }, { signal: never }));
    expect(fake.requests.at(-1)?.body).toHaveProperty('thinking');
  });

  it.each([
    ['openai-completions', 'required', 'required'],
    ['openai-completions', { name: 'read_file' }, { type: 'function', function: { name: 'read_file' } }],
    ['openai-responses', 'auto', 'auto'],
    ['openai-responses', { name: 'read_file' }, { type: 'function', name: 'read_file' }],
    ['anthropic-messages', 'required', { type: 'any' }],
    ['anthropic-messages', 'none', { type: 'none' }],
    ['anthropic-messages', { name: 'read_file' }, { type: 'tool', name: 'read_file' }],
  ] as const)('%s asks for the tool choice %j in its own way', async (api, toolChoice, wire) => {
    const models = testModels(fakeConfig(fake.url, api));
    await listen(models.stream(ask('go', { tools: [TOOL], toolChoice, thinking: 'high' }), { signal: never }));
    expect(fake.requests.at(-1)?.body?.tool_choice).toEqual(wire);
  });

  it('leaves temperature and top_p out for reasoning models', async () => {
    const config = fakeConfig(fake.url);
    const request = ask('go', { temperature: 0.5, topP: 0.9 });
    await listen(testModels(config).stream(request, { signal: never }));
    expect(fake.requests.at(-1)?.body).not.toHaveProperty('temperature');
    config.models!.providers!.fake!.models![0]!.reasoning = false;
    await listen(testModels(config).stream(request, { signal: never }));
    expect(fake.requests.at(-1)?.body).toMatchObject({ temperature: 0.5, top_p: 0.9 });
  });

  it('hands on a call whose arguments are no JSON, with what is wrong', async () => {
    const call = { index: 0, id: 'a', function: { name: 'one', arguments: '{"path": oops}' } };
    const raw = `data: ${JSON.stringify({ choices: [{ delta: { tool_calls: [call] }, finish_reason: 'tool_calls' }] })}\n\n`;
    fake.push([{ raw }, { endWithoutStop: true }]);
    const heard = await listen(testModels(fakeConfig(fake.url)).stream(ask('go'), { signal: never }));
    expect(ofType(heard, 'toolCall')).toMatchObject([
      { id: 'a', arguments: {}, fault: expect.stringContaining('JSON') },
    ]);
  });

  it.each([
    [400, { message: "This model's maximum context length is 8192 tokens.", code: 'context_length_exceeded' }],
    [400, { message: 'prompt is too long: 205000 tokens > 200000 maximum', type: 'invalid_request_error' }],
    [400, { message: 'Your input exceeds the context window of this model.' }],
    [413, { message: 'Request exceeds the maximum size', type: 'request_too_large' }],
  ])('knows a prompt that is too long (%i %j)', async (status, error) => {
    fake.push({ error: { status, body: { error } } });
    const heard = await listen(testModels(fakeConfig(fake.url)).stream(ask('go'), { signal: never }));
    expect(codeOf(heard.error)).toBe('model.context_full');
  });
});
