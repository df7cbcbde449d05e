// A whole gateway, a fake provider, and the official SDK in between.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeModel, startFakeModel } from '../../../e2e/fixtures/fake-model.js';
import { startGateway } from '../../src/compose/gateway.js';
import type { RunningGateway } from '../../src/compose/types.js';
import { readGoldenHttp } from './golden-http.js';
import { shapeFaults } from './golden.js';
import { TOKEN } from './test-server.js';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

function configFor(fakeUrl: string): Record<string, unknown> {
  const fake = {
    baseUrl: fakeUrl,
    apiKey: 'key',
    api: 'openai-completions',
    models: [{ id: 'fake-1', name: 'Fake', input: ['text', 'image'] }],
  };
  const memorySearch = { provider: 'fake', model: 'fake-embed' };
  return {
    gateway: {
      mode: 'local',
      auth: { mode: 'token', token: TOKEN },
      http: { endpoints: { chatCompletions: { enabled: true }, responses: { enabled: true } } },
    },
    hooks: { enabled: true, token: 'hook-secret-abcdef' },
    models: { providers: { fake } },
    agents: { defaults: { model: 'fake/fake-1', memorySearch }, list: [{ id: 'main', default: true }, { id: 'ops' }] },
  };
}

describe('the OpenAI SDK against a gateway', () => {
  let home: string;
  let model: FakeModel;
  let gateway: RunningGateway;
  let client: OpenAI;
  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'openclaw-sdk-'));
    model = await startFakeModel();
    const stateDir = path.join(home, '.openclaw');
    await mkdir(stateDir, { recursive: true });
    await writeFile(path.join(stateDir, 'openclaw.json'), JSON.stringify(configFor(model.url)));
    const env = { HOME: home, OPENCLAW_HOME: home, PATH: process.env.PATH };
    const port = await new Promise<number>((resolve) => {
      const probe = createServer().listen(0, '127.0.0.1', () => {
        const { port: free } = probe.address() as { port: number };
        probe.close(() => resolve(free));
      });
    });
    gateway = await startGateway({ env, cwd: home, flags: { port } });
    client = new OpenAI({ baseURL: `${gateway.httpUrl}/v1`, apiKey: TOKEN, maxRetries: 0 });
  });
  afterAll(async () => {
    await gateway.stop();
    await model.close();
    await rm(home, { recursive: true, force: true });
  });

  const post = (target: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(gateway.httpUrl + target, {
      method: 'POST',
      headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const get = (target: string, headers: Record<string, string> = {}) =>
    fetch(gateway.httpUrl + target, { headers: { Authorization: `Bearer ${TOKEN}`, ...headers } });

  it('lists agents as models', async () => {
    const models = await client.models.list();
    expect(models.data.map(({ id }) => id)).toEqual(['openclaw', 'openclaw/default', 'openclaw/main', 'openclaw/ops']);
    expect((await client.models.retrieve('openclaw/ops')).id).toBe('openclaw/ops');
    await expect(client.models.retrieve('openclaw/nobody')).rejects.toMatchObject({ status: 404 });
  });

  it('answers a chat with text, finish reason and real usage', async () => {
    const answer = await client.chat.completions.create({
      model: 'openclaw/main',
      messages: [{ role: 'user', content: 'Hello' }],
    });
    expect(answer.choices[0]).toMatchObject({ message: { content: 'Hello from fake model.' }, finish_reason: 'stop' });
    expect(answer.usage).toMatchObject({ prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 });
  });

  it('streams a chat to its closing chunk and usage', async () => {
    const stream = await client.chat.completions.create({
      model: 'openclaw',
      stream: true,
      stream_options: { include_usage: true },
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'One' },
        { role: 'assistant', content: 'Two' },
        { role: 'user', content: 'Three' },
      ],
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Hello from fake model.');
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)?.usage).toMatchObject({ total_tokens: 120 });
    const sent = JSON.stringify(model.requests.at(-1)?.body);
    expect(sent).toContain('User: One');
    expect(sent).toContain('Assistant: Two');
    expect(sent).toContain('Be brief.');
  });

  it('passes an image on to the provider', async () => {
    const url = `data:image/png;base64,${PNG}`;
    await client.chat.completions.create({
      model: 'openclaw',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look' },
            { type: 'image_url', image_url: { url } },
          ],
        },
      ],
    });
    expect(JSON.stringify(model.requests.at(-1)?.body)).toContain(PNG);
  });

  it('gives a failing provider as an error with its status', async () => {
    const ask = (text: string, stream: boolean) =>
      client.chat.completions.create({ model: 'openclaw', stream, messages: [{ role: 'user', content: text }] });
    await expect(ask('FAIL429', false)).rejects.toMatchObject({ status: 429, code: 'model.rate_limit' });
    await expect(ask('FAIL429', true)).rejects.toMatchObject({ status: 429, code: 'model.rate_limit' });
    const cut = (await ask('DROP', true)) as AsyncIterable<unknown>;
    await expect(
      (async () => {
        const pieces: unknown[] = [];
        for await (const chunk of cut) pieces.push(chunk);
        return pieces;
      })(),
    ).rejects.toMatchObject({ code: 'model.stream_cut' });
  });

  it('keeps a conversation by user, and stops a run that nobody can read when its caller leaves', async () => {
    const ask = { model: 'openclaw', user: 'alice', messages: [{ role: 'user' as const, content: 'My first words' }] };
    await client.chat.completions.create(ask);
    await client.chat.completions.create({ ...ask, messages: [{ role: 'user', content: 'Again' }] });
    expect(JSON.stringify(model.requests.at(-1)?.body)).toContain('My first words');
    const controller = new AbortController();
    const stream = await client.chat.completions.create(
      { model: 'openclaw', stream: true, messages: [{ role: 'user', content: 'HANG' }] },
      { signal: controller.signal },
    );
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    controller.abort();
    expect((await model.nextAbort()).path).toBe('/v1/chat/completions');
  });

  it('answers a response, whole and streamed, and continues it', async () => {
    const answer = await client.responses.create({ model: 'openclaw', input: 'Remember the word kestrel' });
    expect(answer).toMatchObject({ status: 'completed', output_text: 'Hello from fake model.' });
    expect(answer.usage).toMatchObject({ input_tokens: 100, output_tokens: 20, total_tokens: 120 });
    const stream = await client.responses.create({
      model: 'openclaw',
      stream: true,
      previous_response_id: answer.id,
      input: [{ role: 'user', content: 'Which word?' }],
      tools: [{ type: 'function', name: 'f', parameters: {}, strict: false }],
    });
    let text = '';
    const seen: string[] = [];
    for await (const event of stream) {
      seen.push(event.type);
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    expect(text).toBe('Hello from fake model.');
    expect([seen[0], seen.at(-1)]).toEqual(['response.created', 'response.completed']);
    expect(JSON.stringify(model.requests.at(-1)?.body)).toContain('kestrel');
  });

  it('embeds texts, decoded by the SDK as floats', async () => {
    const answer = await client.embeddings.create({ model: 'openclaw', input: ['one', 'three'] });
    expect(answer.data.map(({ index }) => index)).toEqual([0, 1]);
    expect(answer.data[0]?.embedding[0]).toBeCloseTo(Math.sin(3), 5);
    expect(answer.usage.prompt_tokens).toBe(2);
    expect(model.requests.at(-1)?.body).toMatchObject({ model: 'fake-embed' });
  });

  it.each(['ti-404', 'ti-badkey', 'ti-denied', 'ti-empty', 'ti-get', 'ti-noauth', 'ti-read', 'ti-spawn'])(
    '%s is answered in the recorded words',
    async (name) => {
      const golden = readGoldenHttp(name);
      const headers = { ...golden.headers };
      if (headers.Authorization) headers.Authorization = `Bearer ${TOKEN}`;
      const answer = await fetch(gateway.httpUrl + golden.target, {
        method: golden.method,
        headers,
        body: golden.body,
      });
      expect([answer.status, await answer.text()]).toEqual([golden.status, golden.answer]);
    },
  );

  it('lists sessions and tells the status of one', async () => {
    await post(
      '/v1/chat/completions',
      { messages: [{ role: 'user', content: 'Hi' }] },
      { 'x-openclaw-session-key': 'main' },
    );
    const list = (await (await post('/tools/invoke', JSON.parse(readGoldenHttp('ti-ok').body ?? ''))).json()) as {
      result: { content: [{ text: string }]; details: { count: number; sessions: unknown[] } };
    };
    expect(JSON.parse(list.result.content[0].text)).toEqual(list.result.details);
    expect(list.result.content[0].text).toBe(JSON.stringify(list.result.details, null, 2));
    const golden = JSON.parse(readGoldenHttp('ti-ok').answer) as typeof list;
    const channelFields = [
      'displayName',
      'deliveryContext',
      'thinkingLevel',
      'verboseLevel',
      'systemSent',
      'lastChannel',
      'lastTo',
    ];
    expect(shapeFaults(golden.result.details.sessions[0], list.result.details.sessions[0], channelFields)).toEqual([]);
    const status = (await (
      await post('/tools/invoke', JSON.parse(readGoldenHttp('ti-badargs').body ?? ''))
    ).json()) as object;
    expect(shapeFaults(JSON.parse(readGoldenHttp('ti-badargs').answer), status)).toEqual([]);
  });

  it('pages through a history and streams what comes', async () => {
    const target = '/sessions/agent%3Amain%3Amain/history';
    const page = (await (await get(`${target}?limit=1`)).json()) as { nextCursor: string; items: unknown[] };
    expect(shapeFaults(JSON.parse(readGoldenHttp('sh-history-limit').answer), page, ['items.*.responseId'])).toEqual(
      [],
    );
    const older = (await (await get(`${target}?cursor=${page.nextCursor}`)).json()) as {
      items: unknown[];
      hasMore: boolean;
    };
    expect([older.items.length, older.hasMore]).toEqual([Number(page.nextCursor) - 1, false]);
    expect(await (await get('/sessions/nope/history')).text()).toBe(readGoldenHttp('sh-history-404').answer);
    const controller = new AbortController();
    const stream = await fetch(gateway.httpUrl + target, {
      headers: { Authorization: `Bearer ${TOKEN}`, Accept: 'text/event-stream' },
      signal: controller.signal,
    });
    let heard = '';
    let isAsked = false;
    for await (const part of stream.body as unknown as AsyncIterable<Uint8Array>) {
      heard += Buffer.from(part).toString();
      if (heard.includes('event: message') && heard.includes('kingfisher')) break;
      if (heard.includes('event: history') && !isAsked) {
        isAsked = true;
        void post(
          '/v1/chat/completions',
          { messages: [{ role: 'user', content: 'kingfisher' }] },
          { 'x-openclaw-session-key': 'main' },
        );
      }
    }
    expect(heard.startsWith('retry: 1000\n\nevent: history\n')).toBe(true);
    controller.abort();
    expect(await (await post('/sessions/agent%3Amain%3Amain/kill', {})).text()).toBe(readGoldenHttp('sh-kill').answer);
  });

  it('runs a hook and tells the main conversation', async () => {
    const headers = { Authorization: 'Bearer hook-secret-abcdef' };
    const events = await get('/sessions/main/history', { Accept: 'text/event-stream' });
    const answer = await post('/hooks/agent', { message: 'from hook', name: 'Test', deliver: false }, headers);
    expect(await answer.json()).toEqual({ ok: true, runId: expect.any(String) });
    let heard = '';
    for await (const part of events.body as unknown as AsyncIterable<Uint8Array>) {
      heard += Buffer.from(part).toString();
      if (heard.includes('Hook Test: Hello from fake model.')) break;
    }
    expect(heard).toContain('Hook Test: Hello from fake model.');
    const agents = await readdir(path.join(home, '.openclaw', 'agents'));
    expect(agents).not.toContain('nobody');
  });
});
