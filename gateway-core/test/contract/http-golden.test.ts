// The recorded HTTP exchanges, replayed: same status, same shape, same literal texts.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shapeFaults } from './golden.js';
import { readGoldenHttp } from './golden-http.js';
import { type HttpBench, startHttpBench } from './http-bench.js';
import { TOKEN } from './test-server.js';

const TEXTS = [
  ...['cc-badauth', 'cc-noauth', 'cc-badimage', 'cc-empty', 'cc-get', 'cc-model-foreign', 'options-cors'],
  ...['resp-empty', 'resp-noinput', 'resp-blank', 'resp-badtools', 'resp-noauth'],
  ...['models', 'models-noauth', 'models-one', 'models-one-raw', 'models-one-404', 'models-post'],
  ...['emb-badmodel', 'emb-empty', 'emb-noauth'],
  ...['hook-wake', 'hook-wake-x', 'hook-wake-empty', 'hook-agent-badch', 'hook-agent-empty', 'hook-agent-sk'],
  ...['hook-get', 'hook-noauth', 'hook-query-token', 'hook-root', 'hook-unknown'],
];
const SHAPES = [
  ...['cc-ok', 'cc-user', 'cc-hdr-agent', 'cc-unknown-agent', 'resp-ok', 'resp-items', 'resp-fnout'],
  ...['emb-ok', 'emb-one', 'emb-b64', 'cc-badjson', 'hook-badjson', 'hook-agent', 'hook-agent-badagent'],
];

/** Hints are an addition of ours. */
function withoutHint(text: string): unknown {
  if (!text.startsWith('{')) return text;
  const value = JSON.parse(text) as { error?: { hint?: string } };
  if (typeof value.error === 'object') delete value.error.hint;
  return value;
}

function deltas(text: string): unknown[] {
  const data = text.split('\n').filter((line) => line.startsWith('data: {'));
  return data.map((line) => JSON.parse(line.slice(6)) as unknown);
}

describe('recorded http exchanges', () => {
  let bench: HttpBench;
  beforeAll(async () => {
    bench = await startHttpBench();
  });
  afterAll(() => bench.stop());

  async function replay(name: string) {
    const golden = readGoldenHttp(name);
    const headers = { ...golden.headers };
    if (headers.Authorization?.startsWith('Bearer tok-')) headers.Authorization = `Bearer ${TOKEN}`;
    // The recording names methods that fetch may not send.
    const answer = await fetch(bench.url + golden.target, { method: golden.method, headers, body: golden.body });
    return { golden, answer, text: (await answer.text()).trim() };
  }

  it.each(TEXTS)('%s is answered in the recorded words', async (name) => {
    const { golden, answer, text } = await replay(name);
    expect(answer.status).toBe(golden.status);
    expect(withoutHint(text)).toEqual(withoutHint(golden.answer));
    for (const header of ['content-type', 'allow']) {
      expect(answer.headers.get(header) ?? undefined).toBe(golden.answerHeaders[header]);
    }
  });

  it.each(SHAPES)('%s is answered in the recorded shape', async (name) => {
    const { golden, answer, text } = await replay(name);
    expect(answer.status).toBe(golden.status);
    expect(shapeFaults(JSON.parse(golden.answer), JSON.parse(text))).toEqual([]);
  });

  it('cc-stream: the recorded chunks, then a closing one', async () => {
    const { golden, answer, text } = await replay('cc-stream');
    const recorded = deltas(golden.answer);
    const ours = deltas(text);
    expect(answer.headers.get('content-type')).toBe(golden.answerHeaders['content-type']);
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    const choices = (list: unknown[]) => list.map((chunk) => (chunk as { choices: unknown[] }).choices);
    expect(choices(ours).slice(0, recorded.length)).toEqual(choices(recorded));
    expect(choices(ours).slice(recorded.length)).toEqual([[{ index: 0, delta: {}, finish_reason: 'stop' }]]);
    expect(text.endsWith('data: [DONE]')).toBe(true);
    expect(bench.starts.at(-1)).toMatchObject({ message: 'Hello', extraSystemPrompt: 'be nice', agentId: 'main' });
  });

  it('resp-stream: exactly the recorded events', async () => {
    const { golden, text } = await replay('resp-stream');
    const names = (list: string) => list.split('\n').filter((line) => line.startsWith('event: '));
    expect(names(text)).toEqual(names(golden.answer));
    const [recorded, ours] = [deltas(golden.answer), deltas(text)];
    ours.forEach((event, index) => expect(shapeFaults(recorded[index], event)).toEqual([]));
    expect(text.endsWith('data: [DONE]')).toBe(true);
  });

  it('hook-idem: the same key and content give the same run', async () => {
    const [first, again] = [await replay('hook-idem1'), await replay('hook-idem1')];
    expect(again.text).toBe(first.text);
    expect(bench.hookRuns.filter(({ message }) => message.includes('idem'))).toHaveLength(1);
  });

  it('hook-429: the twenty-first wrong token has to wait', async () => {
    const other = await startHttpBench();
    const call = () =>
      fetch(`${other.url}/hooks/wake`, { method: 'POST', headers: { Authorization: 'Bearer bad' }, body: '{}' });
    for (let count = 0; count < 20; count += 1) expect((await call()).status).toBe(401);
    const golden = readGoldenHttp('hook-429');
    const answer = await call();
    expect([answer.status, await answer.text()]).toEqual([golden.status, golden.answer]);
    expect(answer.headers.get('retry-after')).toBe(golden.answerHeaders['retry-after']);
    await other.stop();
  });
});
