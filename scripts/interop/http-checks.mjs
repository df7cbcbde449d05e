// The HTTP surface, asked with fetch: probes, OpenAI endpoints, tools, hooks (HTTP document; interop facts §4, 37).
import { HOOK_TOKEN, TOKEN } from './gateway-under-test.mjs';
import { judgeValue } from './judge.mjs';

async function ask(lab, method, path, { body, token = TOKEN } = {}) {
  const response = await fetch(`${lab.httpUrl}${path}`, {
    method,
    headers: { ...(token && { authorization: `Bearer ${token}` }), 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  return { status: response.status, text, headers: response.headers, body: isJson ? JSON.parse(text) : undefined };
}

const answers = (status) => ({ [`status ${status}`]: (answer) => answer.status === status });

/** A row that sends one request and judges the answer. */
function http(name, [method, path, options], checks) {
  return { name: `http: ${name}`, check: async (lab) => judgeValue(await ask(lab, method, path, options), checks) };
}

const chat = { model: 'openclaw', messages: [{ role: 'user', content: 'hi' }] };

const probes = [
  http('GET /healthz', ['GET', '/healthz', { token: '' }], {
    ...answers(200),
    'status live': ({ body }) => body.status === 'live',
  }),
  http('GET /readyz', ['GET', '/readyz', { token: '' }], {
    ...answers(200),
    'ready true': ({ body }) => body.ready === true,
  }),
  http('GET /nothing-here.txt', ['GET', '/nothing-here.txt'], answers(404)),
];

const openai = [
  http('GET /v1/models', ['GET', '/v1/models'], {
    ...answers(200),
    'openclaw, openclaw/default, openclaw/main': ({ body }) =>
      body.data.map(({ id }) => id).join() === 'openclaw,openclaw/default,openclaw/main',
  }),
  http('GET /v1/models/openclaw/main', ['GET', '/v1/models/openclaw/main'], {
    ...answers(200),
    'its id': ({ body }) => body.id === 'openclaw/main',
  }),
  http('GET /v1/models without token', ['GET', '/v1/models', { token: '' }], {
    ...answers(401),
    'type unauthorized': ({ body }) => body.error.type === 'unauthorized',
  }),
  http('POST /v1/chat/completions', ['POST', '/v1/chat/completions', { body: chat }], {
    ...answers(200),
    'the answer': ({ body }) => body.choices[0].message.content === 'Hello from fake model.',
  }),
  http('POST /v1/chat/completions, stream', ['POST', '/v1/chat/completions', { body: { ...chat, stream: true } }], {
    ...answers(200),
    'event stream': ({ headers }) => headers.get('content-type').startsWith('text/event-stream'),
    'ends with [DONE]': ({ text }) => text.trimEnd().endsWith('data: [DONE]'),
  }),
  http(
    'POST /v1/chat/completions, bad model',
    ['POST', '/v1/chat/completions', { body: { ...chat, model: 'gpt-4' } }],
    {
      ...answers(400),
      'names what is allowed': ({ body }) => body.error.message.includes('Use `openclaw` or `openclaw/<agentId>`.'),
    },
  ),
  http('POST /v1/responses', ['POST', '/v1/responses', { body: { model: 'openclaw', input: 'hi' } }], {
    ...answers(200),
    'the answer': ({ body }) => body.output[0].content[0].text === 'Hello from fake model.',
    'usage is real': ({ body }) => body.usage.total_tokens > 0,
  }),
  http(
    'POST /v1/responses, stream',
    ['POST', '/v1/responses', { body: { model: 'openclaw', input: 'hi', stream: true } }],
    {
      ...answers(200),
      'created first': ({ text }) => text.startsWith('event: response.created'),
      'completed last': ({ text }) => /event: response\.completed[^]*data: \[DONE\]\s*$/.test(text),
    },
  ),
  http('POST /v1/embeddings', ['POST', '/v1/embeddings', { body: { model: 'openclaw', input: ['a', 'b'] } }], {
    ...answers(200),
    'two vectors': ({ body }) => body.data.length === 2 && body.data[0].embedding.length > 0,
  }),
];

const tools = [
  http('POST /tools/invoke sessions_list', ['POST', '/tools/invoke', { body: { tool: 'sessions_list', args: {} } }], {
    ...answers(200),
    'ok with text': ({ body }) => body.ok === true && body.result.content[0].type === 'text',
  }),
  http('POST /tools/invoke exec', ['POST', '/tools/invoke', { body: { tool: 'exec', args: { command: 'ls' } } }], {
    ...answers(404),
    'Tool not available: exec': ({ body }) => body.error.message === 'Tool not available: exec',
  }),
];

const wake = { text: 'from the harness', mode: 'now' };
const hooks = [
  http('POST /hooks/wake', ['POST', '/hooks/wake', { token: HOOK_TOKEN, body: wake }], {
    ...answers(200),
    'ok, mode now': ({ body }) => body.ok === true && body.mode === 'now',
  }),
  http('POST /hooks/wake with the gateway token', ['POST', '/hooks/wake', { body: wake }], answers(401)),
  http('POST /hooks/agent', ['POST', '/hooks/agent', { token: HOOK_TOKEN, body: { message: 'hi', name: 'Interop' } }], {
    ...answers(200),
    'a run id': ({ body }) => body.ok === true && body.runId.length > 0,
  }),
];

const later = (row) => ({ ...row, needs: 'whole-wire' });

export const HTTP_CHECKS = [...probes, ...[...openai, ...tools, ...hooks].map(later)];
