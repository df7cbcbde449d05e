// The recorded HTTP exchanges of both releases, replayed file by file against a whole gateway.
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shapeFaults } from './golden.js';
import { type GoldenHttp, type GoldenHttpSet, readGoldenHttp } from './golden-http.js';
import { HTTP_ROWS, type HttpRow } from './golden-http-rows.js';
import { type GoldenStage, RECORDED, startGoldenStage } from './golden-stage.js';

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** Sends a recorded call; a stream without end is left once `isEnough`. */
function send(url: string, golden: GoldenHttp, isEnough: (text: string) => boolean): Promise<Answer> {
  const headers = { ...golden.headers };
  // The newer release was recorded with another token.
  if (headers.Authorization?.startsWith('Bearer tok-')) headers.Authorization = `Bearer ${RECORDED.token}`;
  return new Promise((resolve, reject) => {
    const call = request(url + golden.target, { method: golden.method, headers }, (response) => {
      let text = '';
      const done = () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: text.trim() });
        response.destroy();
      };
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (isEnough(text)) done();
      });
      response.on('end', done);
    });
    call.on('error', reject);
    call.end(golden.body);
  });
}

const GUARDS = ['x-content-type-options', 'referrer-policy', 'permissions-policy'];
const MEANING = ['content-type', 'allow', 'cache-control', 'retry-after'];

/** Without what changes from call to call; hints are an addition of ours. */
function settled(text: string): unknown {
  const steady = text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, '<id>')
    .replaceAll(/"uptimeMs":\d+/g, '"uptimeMs":0')
    .replaceAll(/ \(line 1 column \d+\)/g, '');
  if (!steady.startsWith('{')) return steady;
  const value = JSON.parse(steady) as { error?: { hint?: string } };
  if (typeof value.error === 'object') delete value.error.hint;
  return value;
}

function expectHeaders(golden: GoldenHttp, answer: Answer, names: readonly string[]): void {
  const pick = (headers: Answer['headers']) => Object.fromEntries(names.map((name) => [name, headers[name]]));
  expect(pick(answer.headers)).toEqual(pick(golden.answerHeaders));
}

const dataOf = (text: string): unknown[] =>
  text.split('\n').flatMap((line) => (line.startsWith('data: {') ? [JSON.parse(line.slice(6)) as unknown] : []));
const eventsOf = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('event: '));
const choicesOf = (text: string): unknown[] => dataOf(text).map((chunk) => (chunk as { choices: unknown[] }).choices);

/** The recorded chunks, one that says why it ended, and the usage where it was asked for. */
function compareChunks(golden: GoldenHttp, text: string): void {
  const recorded = choicesOf(golden.answer);
  const ours = choicesOf(text);
  expect(ours.slice(0, recorded.length)).toEqual(recorded);
  const wantsUsage = golden.body?.includes('"include_usage":true') ?? false;
  const closing = [{ index: 0, delta: {}, finish_reason: 'stop' }];
  expect(ours.slice(recorded.length)).toEqual(wantsUsage ? [closing, []] : [closing]);
  expect(shapeFaults(dataOf(golden.answer)[0], dataOf(text)[0])).toEqual([]);
  expect(text.endsWith('data: [DONE]')).toBe(true);
}

function compareEvents(golden: GoldenHttp, text: string): void {
  expect(eventsOf(text)).toEqual(eventsOf(golden.answer));
  const recorded = dataOf(golden.answer);
  dataOf(text).forEach((event, index) => expect(shapeFaults(recorded[index], event)).toEqual([]));
}

function compareHistory(golden: GoldenHttp, text: string): void {
  const head = (answer: string) => answer.split('\n').slice(0, 3);
  expect(head(text)).toEqual(head(golden.answer));
  expect(shapeFaults(dataOf(golden.answer)[0], dataOf(text)[0])).toEqual([]);
}

/** What each way of comparing looks at besides the status and the headers. */
const BODIES: Record<Extract<HttpRow, string>, (golden: GoldenHttp, text: string) => void> = {
  same: (golden, text) => expect(settled(text)).toEqual(settled(golden.answer)),
  shape: (golden, text) => expect(shapeFaults(JSON.parse(golden.answer), JSON.parse(text))).toEqual([]),
  page: (_golden, text) => expect(text).toMatch(/^<!doctype html>/i),
  chunks: compareChunks,
  events: compareEvents,
  history: compareHistory,
};

function compare(row: HttpRow, golden: GoldenHttp, answer: Answer): void {
  if (typeof row === 'object' && 'status' in row) {
    expect({ status: answer.status, holds: answer.text.includes(row.holds) }).toEqual({
      status: row.status,
      holds: true,
    });
    // Where we answer as recorded after all, the row is stale.
    expect(answer.status === golden.status && settled(answer.text) === settled(golden.answer)).toBe(false);
    return;
  }
  expect(answer.status, answer.text).toBe(golden.status);
  expectHeaders(golden, answer, [...MEANING, ...GUARDS]);
  if (typeof row === 'object') {
    expect(shapeFaults(JSON.parse(golden.answer), JSON.parse(answer.text))).toEqual(row.lacks);
  } else BODIES[row](golden, answer.text);
  if (row === 'page') expectHeaders(golden, answer, ['x-frame-options']);
}

const HELLO = [{ text: 'Hello' }, { text: ' from' }, { text: ' fake' }, { text: ' model.' }];
const SETS = Object.entries(HTTP_ROWS) as Array<[GoldenHttpSet, Readonly<Record<string, HttpRow>>]>;

describe.each(SETS)('the exchanges of %s', (set, rows) => {
  let stage: GoldenStage;
  beforeAll(async () => {
    const list = set === 'http' ? [{ id: 'main' }] : [{ id: 'main' }, { id: 'ops' }];
    stage = await startGoldenStage((config) => ({ ...config, agents: { ...(config.agents as object), list } }));
  });
  afterAll(() => stage.stop());

  const replay = (golden: GoldenHttp, isEnough = (_text: string) => false) =>
    send(stage.gateway.httpUrl.replace(/\/$/, ''), golden, isEnough);

  it.each(Object.entries(rows).filter(([name]) => name !== 'hook-429'))('%s', async (name, row) => {
    const golden = readGoldenHttp(name, set);
    if (row === 'chunks' || row === 'events') stage.model.push(HELLO);
    const isEnough = (text: string) => row === 'history' && /\ndata: .*\n\n/.test(text);
    compare(row, golden, await replay(golden, isEnough));
  });

  if (!('hook-429' in rows)) return;
  it('hook-429: the twenty-first wrong token has to wait', async () => {
    const wrong = readGoldenHttp('hook-noauth', set);
    const golden = readGoldenHttp('hook-429', set);
    let answer = await replay(wrong);
    // Some of the twenty were used up above.
    for (let count = 0; count < 20 && answer.status === wrong.status; count += 1) answer = await replay(wrong);
    compare('same', golden, answer);
    compare('same', golden, await replay(golden));
  });
});
