// Answers as servers in the wild write them, byte for byte.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../protocol/index.js';
import { ask, fakeConfig, listen, ofType, testModels } from '../test-models.js';
import type { ModelApi, ModelRequest } from '../types.js';

const never = new AbortController().signal;

let server: Server;
let url: string;
let bodies: Array<Record<string, unknown>>;
let answer: (response: ServerResponse, request: IncomingMessage) => void;

beforeEach(async () => {
  bodies = [];
  const hear: RequestListener = (request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      if (text) bodies.push(JSON.parse(text) as Record<string, unknown>);
      answer(response, request);
    });
  };
  server = createServer(hear);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const run = (api: ModelApi, request: ModelRequest = ask('hi')) =>
  listen(testModels(fakeConfig(url, api)).stream(request, { signal: never }));

/** Says the lines and, unless told otherwise, ends. */
function say(lines: string[], { ends = true } = {}): void {
  answer = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(lines.map((line) => `${line}\n\n`).join(''));
    if (ends) response.end();
  };
}

const data = (value: unknown): string => `data: ${JSON.stringify(value)}`;
const delta = (fields: object, finish?: string): string =>
  data({ id: 'r1', choices: [{ delta: fields, finish_reason: finish ?? null }] });

const DONE: Record<string, string[]> = {
  'openai-completions': [delta({ content: 'yes' }), delta({}, 'stop'), 'data: [DONE]'],
  'openai-responses': [
    data({ type: 'response.output_text.delta', delta: 'yes' }),
    data({ type: 'response.completed', response: { id: 'r1', status: 'completed' } }),
  ],
  'anthropic-messages': [
    data({ type: 'message_start', message: { id: 'r1' } }),
    data({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'yes' } }),
    data({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } }),
    data({ type: 'message_stop' }),
  ],
};

describe.each(Object.keys(DONE) as ModelApi[])('%s', (api) => {
  it('passes over events without data, comments, and a closing mark', async () => {
    say([': keep-alive', 'data:', 'event: ping\ndata: ', ...(DONE[api] ?? []), 'data: [DONE] ']);
    const heard = await run(api);
    expect(heard.error).toBeUndefined();
    expect(heard.text).toBe('yes');
  });

  it('does not wait for a server that leaves the connection open after its last word', async () => {
    say(DONE[api] ?? [], { ends: false });
    const heard = await run(api);
    expect(heard.error).toBeUndefined();
    expect(heard.text).toBe('yes');
    expect(heard.events.at(-1)).toMatchObject({ type: 'stop', reason: 'stop' });
  });
});

describe('openai-completions', () => {
  const call = (index: number, id: string, name: string, args: unknown) => ({
    tool_calls: [{ index, ...(id && { id }), function: { ...(name && { name }), arguments: args } }],
  });

  it('keeps calls apart that a server gives one and the same index', async () => {
    say([
      delta(call(0, 'a', 'read', '{"n":1}')),
      delta(call(0, 'b', 'write', '{"n"')),
      delta(call(0, '', '', ':2}')),
      delta({}, 'tool_calls'),
    ]);
    const calls = ofType(await run('openai-completions'), 'toolCall');
    expect(calls.map(({ id, name, arguments: args }) => [id, name, args])).toEqual([
      ['a', 'read', { n: 1 }],
      ['b', 'write', { n: 2 }],
    ]);
  });

  it('joins pieces of calls that arrive in turns, also when each piece repeats the id', async () => {
    say([
      delta(call(1, 'b', 'write', '{"n"')),
      delta(call(0, 'a', 'read', '')),
      delta(call(1, 'b', '', ':2}')),
      delta(call(0, 'a', '', '{}')),
      delta({}, 'stop'),
    ]);
    const calls = ofType(await run('openai-completions'), 'toolCall');
    expect(calls.map(({ id, arguments: args }) => [id, args])).toEqual([
      ['a', {}],
      ['b', { n: 2 }],
    ]);
  });

  it('takes arguments that come as an object', async () => {
    say([delta(call(0, 'a', 'read', { path: 'x' })), delta({}, 'stop')]);
    expect(ofType(await run('openai-completions'), 'toolCall')[0]?.arguments).toEqual({ path: 'x' });
  });

  it('takes content that comes in parts', async () => {
    const parts = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
      { type: 'text', text: 'yes' },
    ];
    say([delta({ content: parts }), delta({ content: ' sir' }, 'stop')]);
    expect(await run('openai-completions')).toMatchObject({ text: 'yes sir', thinking: 'hm' });
  });

  it('sends the details of reasoning back as they came, joined, with the call they belong to', async () => {
    const text = (words: string, more = {}) => ({ type: 'reasoning.text', index: 0, text: words, ...more });
    const sealed = { type: 'reasoning.encrypted', index: 1, data: 'SEALED', id: 'a' };
    say([
      delta({ reasoning: 'I ', reasoning_details: [text('I ')] }),
      delta({ reasoning: 'see', reasoning_details: [text('see', { signature: 'SIG' })] }),
      delta({ reasoning_details: [sealed] }),
      delta(call(0, 'a', 'read', '{}')),
      delta({}, 'tool_calls'),
    ]);
    const heard = await run('openai-completions');
    const thinkingSignature = ofType(heard, 'thinking').findLast(({ signature }) => signature)?.signature;
    const origin = { provider: 'fake', model: 'fake-1', api: 'openai-completions' };
    const messages: Message[] = [
      { role: 'user', content: 'hi' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: heard.thinking, thinkingSignature },
          { type: 'toolCall', id: 'a', name: 'read', arguments: {} },
        ],
        ...origin,
      },
      { role: 'toolResult', toolCallId: 'a', toolName: 'read', content: 'done' },
    ];
    say(DONE['openai-completions'] ?? []);
    await run('openai-completions', { ...ask(''), messages });
    const sent = (bodies.at(-1)!.messages as Array<Record<string, unknown>>).find(({ role }) => role === 'assistant');
    expect(sent?.reasoning_details).toEqual([text('I see', { signature: 'SIG' }), sealed]);
    expect(sent).not.toHaveProperty('reasoning');
  });

  it('gives Mistral call ids of the only form it takes, the same for a call and its result', async () => {
    say(DONE['openai-completions'] ?? []);
    const config = fakeConfig(url, 'openai-completions');
    const providers = config.models?.providers ?? {};
    const mistral = { ...providers.fake };
    const messages: Message[] = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: [{ type: 'toolCall', id: 'toolu_01AbCdEfGhIj', name: 'read', arguments: {} }] },
      { role: 'toolResult', toolCallId: 'toolu_01AbCdEfGhIj', toolName: 'read', content: 'done' },
    ];
    const models = testModels({ models: { mode: 'replace', providers: { mistral } } });
    await listen(models.stream({ ...ask(''), messages }, { ref: 'mistral/fake-1', signal: never }));
    const [, asked, result] = bodies[0]!.messages as Array<{
      tool_calls?: Array<{ id: string }>;
      tool_call_id?: string;
    }>;
    expect(asked?.tool_calls?.[0]?.id).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(result?.tool_call_id).toBe(asked?.tool_calls?.[0]?.id);
  });
});

describe('anthropic-messages', () => {
  it('takes the arguments of a call that come with its beginning', async () => {
    say([
      data({ type: 'message_start', message: { id: 'r1' } }),
      data({
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'tool_use', id: 'a', name: 'read', input: { path: 'x' } },
      }),
      data({ type: 'content_block_stop', index: 0 }),
      data({ type: 'message_delta', delta: { stop_reason: 'tool_use' } }),
      data({ type: 'message_stop' }),
    ]);
    expect(ofType(await run('anthropic-messages'), 'toolCall')[0]?.arguments).toEqual({ path: 'x' });
  });
});

describe('openai-responses', () => {
  it('keeps call ids within the length that the provider takes', async () => {
    say(DONE['openai-responses'] ?? []);
    const id = `call_${'x'.repeat(200)}`;
    const messages: Message[] = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: [{ type: 'toolCall', id, name: 'read', arguments: {} }] },
      { role: 'toolResult', toolCallId: id, toolName: 'read', content: 'done' },
    ];
    await run('openai-responses', { ...ask(''), messages });
    const ids = (bodies[0]!.input as Array<{ call_id?: string }>).flatMap(({ call_id }) => call_id ?? []);
    expect(ids).toHaveLength(2);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]?.length).toBeLessThanOrEqual(64);
  });
});
