// The official OpenAI SDK against our OpenAI endpoints: chat, stream, tools, images, responses, embeddings, models.
import OpenAI from 'openai';
import { TOKEN } from './gateway-under-test.mjs';
import { judgeValue } from './judge.mjs';

const ANSWER = 'Hello from fake model.';
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const WEATHER = {
  name: 'weather',
  description: 'Weather of a place',
  parameters: { type: 'object', properties: { place: { type: 'string' } } },
};

const user = (content) => [{ role: 'user', content }];

async function collect(stream, pick) {
  let text = '';
  let last;
  for await (const part of stream) {
    text += pick(part) ?? '';
    last = part;
  }
  return { text, last };
}

async function chat(openai) {
  const answer = await openai.chat.completions.create({ model: 'openclaw', messages: user('hi') });
  return judgeValue(answer, {
    'the answer': ({ choices }) => choices[0].message.content === ANSWER,
    'finish_reason stop': ({ choices }) => choices[0].finish_reason === 'stop',
    'usage is real': ({ usage }) => usage.total_tokens > 0,
  });
}

async function chatStream(openai) {
  const options = { stream: true, stream_options: { include_usage: true } };
  const stream = await openai.chat.completions.create({ model: 'openclaw/main', messages: user('hi'), ...options });
  let finish;
  const { text, last } = await collect(stream, ({ choices }) => {
    finish = choices[0]?.finish_reason ?? finish;
    return choices[0]?.delta.content;
  });
  return judgeValue(last, {
    'the answer': () => text === ANSWER,
    'finish_reason stop': () => finish === 'stop',
    'usage at the end': ({ usage }) => usage.total_tokens > 0,
  });
}

async function chatTools(openai, lab) {
  lab.gateway.model.push({ parts: [{ tool: { name: 'weather', args: { place: 'Oslo' } } }] });
  const tools = [{ type: 'function', function: WEATHER }];
  const answer = await openai.chat.completions.create({ model: 'openclaw', messages: user('weather?'), tools });
  const call = answer.choices[0].message.tool_calls?.[0];
  const faults = judgeValue(answer, {
    'a call of weather': () => call.function.name === 'weather' && JSON.parse(call.function.arguments).place === 'Oslo',
    'finish_reason tool_calls': ({ choices }) => choices[0].finish_reason === 'tool_calls',
  });
  if (faults.length > 0) return faults;
  const result = { role: 'tool', tool_call_id: call.id, content: 'rain' };
  const messages = [...user('weather?'), answer.choices[0].message, result];
  const end = await openai.chat.completions.create({ model: 'openclaw', messages, tools });
  return judgeValue(end, { 'an answer after the result': ({ choices }) => choices[0].message.content.length > 0 });
}

async function chatImage(openai, lab) {
  const before = lab.gateway.model.requests.length;
  const content = [
    { type: 'text', text: 'what is this' },
    { type: 'image_url', image_url: { url: PIXEL } },
  ];
  const answer = await openai.chat.completions.create({ model: 'openclaw', messages: user(content) });
  const asked = JSON.stringify(lab.gateway.model.requests.slice(before).map(({ body }) => body));
  return judgeValue(answer, {
    'an answer': ({ choices }) => choices[0].message.content.length > 0,
    'the model saw the image': () => asked.includes('data:image/png;base64,'),
  });
}

async function responses(openai) {
  const answer = await openai.responses.create({ model: 'openclaw', input: 'hi' });
  return judgeValue(answer, {
    'the answer': ({ output_text: text }) => text === ANSWER,
    'status completed': ({ status }) => status === 'completed',
  });
}

async function responsesStream(openai) {
  const stream = await openai.responses.create({ model: 'openclaw', input: 'hi', stream: true });
  const { text, last } = await collect(stream, (event) => event.type === 'response.output_text.delta' && event.delta);
  return judgeValue(last, {
    'the answer': () => text.replaceAll('false', '') === ANSWER,
    'response.completed at the end': ({ type }) => type === 'response.completed',
  });
}

function responsesTools(tool) {
  return async (openai, lab) => {
    lab.gateway.model.push({ parts: [{ tool: { name: 'weather', args: { place: 'Oslo' } } }] });
    const asked = { model: 'openclaw', input: [{ type: 'message', role: 'user', content: 'weather?' }], tools: [tool] };
    const first = await openai.responses.create(asked);
    const call = first.output.find(({ type }) => type === 'function_call');
    const faults = judgeValue(call, {
      'a call of weather': ({ name, arguments: args }) => name === 'weather' && JSON.parse(args).place === 'Oslo',
    });
    if (faults.length > 0) return faults;
    const output = [{ type: 'function_call_output', call_id: call.call_id, output: 'rain' }];
    const second = await openai.responses.create({ ...asked, input: output, previous_response_id: first.id });
    return judgeValue(second, { 'an answer after the result': ({ output_text: text }) => text.length > 0 });
  };
}

async function embeddings(openai) {
  const floats = await openai.embeddings.create({ model: 'openclaw', input: ['one', 'two'], encoding_format: 'float' });
  const packed = await openai.embeddings.create({ model: 'openclaw', input: 'one' });
  return judgeValue(floats, {
    'two vectors': ({ data }) => data.length === 2,
    'base64 and float agree': ({ data }) => Math.abs(packed.data[0].embedding[0] - data[0].embedding[0]) < 1e-6,
  });
}

async function models(openai) {
  const ids = [];
  for await (const { id } of openai.models.list()) ids.push(id);
  const one = await openai.models.retrieve('openclaw/main');
  return judgeValue(ids, {
    'openclaw is listed': () => ids.includes('openclaw'),
    'openclaw/main': () => one.id === 'openclaw/main',
  });
}

const sdk = (name, work) => ({
  name: `sdk: ${name}`,
  needs: 'whole-wire',
  check: (lab) =>
    work(new OpenAI({ baseURL: `${lab.httpUrl}/v1`, apiKey: TOKEN, maxRetries: 0, timeout: 30_000 }), lab),
});

export const SDK_CHECKS = [
  sdk('models', models),
  sdk('chat', chat),
  sdk('chat, stream', chatStream),
  sdk('chat, tools', chatTools),
  sdk('chat, image', chatImage),
  sdk('responses', responses),
  sdk('responses, stream', responsesStream),
  sdk('responses, flat tools', responsesTools({ type: 'function', strict: false, ...WEATHER })),
  sdk('responses, nested tools', responsesTools({ type: 'function', function: WEATHER })),
  sdk('embeddings', embeddings),
];
