// Functions of a client over the OpenAI endpoints: a whole gateway, a fake provider, and the official SDK in between.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeModel, startFakeModel } from '../../../e2e/fixtures/fake-model.js';
import { startGateway } from '../../src/compose/gateway.js';
import type { RunningGateway } from '../../src/compose/types.js';
import { TOKEN } from './test-server.js';

const PARAMETERS = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const WEATHER = {
  type: 'function' as const,
  function: { name: 'get_weather', description: 'Says how the weather is.', parameters: PARAMETERS },
};
const FLAT = { type: 'function' as const, name: 'get_weather', parameters: PARAMETERS, strict: false };
const CALLS = { tool: { name: 'get_weather', args: { city: 'Bern' }, id: 'call_w1' } };

interface WireMessage {
  role: string;
  content: unknown;
  tool_call_id?: string;
  tool_calls?: Array<{ id: string; function: { name: string; arguments: string } }>;
}

let home: string;
let model: FakeModel;
let gateway: RunningGateway;
let client: OpenAI;

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'openclaw-client-tools-'));
  model = await startFakeModel();
  const fake = {
    baseUrl: model.url,
    apiKey: 'key',
    api: 'openai-completions',
    models: [{ id: 'fake-1', name: 'Fake' }],
  };
  const config = {
    gateway: {
      mode: 'local',
      auth: { mode: 'token', token: TOKEN },
      http: { endpoints: { chatCompletions: { enabled: true }, responses: { enabled: true } } },
    },
    models: { providers: { fake } },
    agents: { defaults: { model: 'fake/fake-1' } },
  };
  const stateDir = path.join(home, '.openclaw');
  await mkdir(stateDir, { recursive: true });
  await writeFile(path.join(stateDir, 'openclaw.json'), JSON.stringify(config));
  const env = { HOME: home, OPENCLAW_HOME: home, PATH: process.env.PATH };
  gateway = await startGateway({ env, cwd: home, flags: { port: await freePort() } });
  client = new OpenAI({ baseURL: `${gateway.httpUrl}/v1`, apiKey: TOKEN, maxRetries: 0 });
}, 60_000);

afterAll(async () => {
  await gateway.stop();
  await model.close();
  await rm(home, { recursive: true, force: true });
});

beforeEach(() => {
  model.requests.length = 0;
});

const sent = (at = -1) => (model.requests.at(at)?.body?.messages ?? []) as WireMessage[];
const withoutSystem = (messages: WireMessage[]) => messages.filter(({ role }) => role !== 'system');

describe('a chat completion with functions of the client', () => {
  const question = { role: 'user' as const, content: 'How is the weather in Bern?' };

  it('hands the call over and goes on with its result, natively', async () => {
    model.push([{ text: 'I look it up.' }, CALLS], { text: 'It rains.' });
    const first = await client.chat.completions.create({ model: 'openclaw', messages: [question], tools: [WEATHER] });
    const [choice] = first.choices;
    expect(choice).toMatchObject({ finish_reason: 'tool_calls', message: { content: 'I look it up.' } });
    const call = choice?.message.tool_calls?.[0];
    expect(call).toMatchObject({
      id: 'call_w1',
      type: 'function',
      function: { name: 'get_weather', arguments: '{"city":"Bern"}' },
    });
    expect(model.requests[0]?.body?.tools).toContainEqual(expect.objectContaining({ function: WEATHER.function }));
    const second = await client.chat.completions.create({
      model: 'openclaw',
      messages: [question, choice!.message, { role: 'tool', tool_call_id: call!.id, content: 'rain, 7 degrees' }],
      tools: [WEATHER],
    });
    expect(second.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'It rains.' } });
    const [asked, answered, result] = withoutSystem(sent());
    expect(asked?.content).toMatch(/How is the weather in Bern\?$/);
    expect(answered).toMatchObject({ role: 'assistant', content: 'I look it up.', tool_calls: [{ id: 'call_w1' }] });
    expect(result).toEqual({ role: 'tool', tool_call_id: 'call_w1', content: 'rain, 7 degrees' });
  });

  it('streams the call in pieces that the SDK puts together', async () => {
    model.push([{ text: 'One moment. ' }, CALLS]);
    const stream = client.chat.completions.stream({ model: 'openclaw', messages: [question], tools: [WEATHER] });
    const whole = await stream.finalChatCompletion();
    expect(whole.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: 'One moment. ', tool_calls: [{ id: 'call_w1', function: { arguments: '{"city":"Bern"}' } }] },
    });
  });

  it.each([false, true])('runs the loop of the SDK to its end (stream: %s)', async (isStreamed) => {
    model.push(
      [CALLS, { tool: { name: 'get_weather', args: { city: 'Basel' }, id: 'call_w2' } }],
      [{ tool: { name: 'get_weather', args: { city: 'Chur' }, id: 'call_w3' } }],
      { text: 'Rain everywhere.' },
    );
    const cities: string[] = [];
    const tool = {
      type: 'function' as const,
      function: {
        ...WEATHER.function,
        parse: (json: string) => JSON.parse(json) as { city: string },
        function: ({ city }: { city: string }) => {
          cities.push(city);
          return `rain in ${city}`;
        },
      },
    };
    const params = { model: 'openclaw', messages: [question], tools: [tool] };
    const runner = isStreamed
      ? client.chat.completions.runTools({ ...params, stream: true })
      : client.chat.completions.runTools(params);
    expect(await runner.finalContent()).toBe('Rain everywhere.');
    expect(cities).toEqual(['Bern', 'Basel', 'Chur']);
    expect(withoutSystem(sent()).map(({ role, tool_call_id }) => tool_call_id ?? role)).toEqual([
      'user',
      'assistant',
      'call_w1',
      'call_w2',
      'assistant',
      'call_w3',
    ]);
  });

  it('continues the conversation of a user, where the call waits', async () => {
    model.push([CALLS], { text: 'It rains.' }, { text: 'You asked about Bern.' });
    const base = { model: 'openclaw', user: 'tools-user', tools: [WEATHER] };
    const first = await client.chat.completions.create({ ...base, messages: [question] });
    const result = { role: 'tool' as const, tool_call_id: 'call_w1', content: 'rain' };
    await client.chat.completions.create({ ...base, messages: [question, first.choices[0]!.message, result] });
    // Stored once, not told a second time in words.
    expect(withoutSystem(sent()).map(({ role }) => role)).toEqual(['user', 'assistant', 'tool']);
    await client.chat.completions.create({ ...base, messages: [{ role: 'user', content: 'What did I ask?' }] });
    expect(withoutSystem(sent()).map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant', 'user']);
  });

  it('passes on limits and which function to call', async () => {
    model.push([CALLS]);
    await client.chat.completions.create({
      model: 'openclaw',
      messages: [question],
      tools: [WEATHER],
      tool_choice: { type: 'function', function: { name: 'get_weather' } },
      max_tokens: 77,
      temperature: 0.25,
      top_p: 0.5,
    });
    expect(model.requests[0]?.body).toMatchObject({
      tool_choice: { type: 'function', function: { name: 'get_weather' } },
      max_tokens: 77,
      temperature: 0.25,
      top_p: 0.5,
    });
  });

  it('counts the tokens of the whole run', async () => {
    model.push({ parts: [CALLS], usage: { prompt: 10, cached: 0, output: 3 } });
    const answer = await client.chat.completions.create({ model: 'openclaw', messages: [question], tools: [WEATHER] });
    expect(answer.usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 3 });
  });
});

describe('a response with functions of the client', () => {
  const input = 'How is the weather in Bern?';

  it('hands over every call and continues with their results', async () => {
    model.push([{ text: 'I look.' }, CALLS, { tool: { name: 'get_weather', args: { city: 'Chur' }, id: 'call_w2' } }], {
      text: 'Rain.',
    });
    const first = await client.responses.create({ model: 'openclaw', input, tools: [FLAT] });
    expect(first.status).toBe('incomplete');
    const calls = first.output.filter((item) => item.type === 'function_call');
    expect(calls.map(({ call_id, name, arguments: args }) => [call_id, name, args])).toEqual([
      ['call_w1', 'get_weather', '{"city":"Bern"}'],
      ['call_w2', 'get_weather', '{"city":"Chur"}'],
    ]);
    const second = await client.responses.create({
      model: 'openclaw',
      previous_response_id: first.id,
      input: calls.map(({ call_id }) => ({
        type: 'function_call_output' as const,
        call_id,
        output: `rain for ${call_id}`,
      })),
      tools: [FLAT],
    });
    expect(second).toMatchObject({ status: 'completed', output_text: 'Rain.' });
    const messages = withoutSystem(sent());
    expect(messages.map(({ role, tool_call_id }) => tool_call_id ?? role)).toEqual([
      'user',
      'assistant',
      'call_w1',
      'call_w2',
    ]);
    expect(messages[3]?.content).toBe('rain for call_w2');
  });

  it('streams the calls as items', async () => {
    model.push([{ text: 'I look.' }, CALLS]);
    const stream = await client.responses.create({ model: 'openclaw', input, tools: [FLAT], stream: true });
    const done: string[] = [];
    let status = '';
    for await (const event of stream) {
      if (event.type === 'response.output_item.done') done.push(event.item.type);
      if (event.type === 'response.completed') status = event.response.status ?? '';
    }
    expect(done).toEqual(['message', 'function_call']);
    expect(status).toBe('incomplete');
  });

  it('takes the whole exchange in its input, without a conversation to continue', async () => {
    model.push({ text: 'Rain.' });
    await client.responses.create({
      model: 'openclaw',
      tools: [FLAT],
      input: [
        { role: 'user', content: input },
        { type: 'function_call', call_id: 'call_w1', name: 'get_weather', arguments: '{"city":"Bern"}' },
        { type: 'function_call_output', call_id: 'call_w1', output: 'rain' },
      ],
    });
    expect(withoutSystem(sent()).map(({ role }) => role)).toEqual(['user', 'assistant', 'tool']);
  });

  it('tells results in words when nothing waits for them', async () => {
    model.push({ text: 'Thanks.' });
    await client.responses.create({
      model: 'openclaw',
      previous_response_id: 'resp_unknown',
      input: [{ type: 'function_call_output', call_id: 'call_x', output: 'late news' }],
    });
    const [only] = withoutSystem(sent());
    expect(only).toMatchObject({ role: 'user' });
    expect(only?.content).toContain('late news');
  });
});
