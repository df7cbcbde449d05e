import { randomInt } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { type Message, messageText } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import { FailedWithPayload } from '../shared/wire.js';
import { Bench, type BenchOptions, caller, hangsAfter, says, type Script, START } from './testing/bench.js';

const benches: Bench[] = [];

async function open(script: Script, options: Omit<BenchOptions, 'script'> = {}): Promise<Bench> {
  const bench = await Bench.open({ script, ...options });
  benches.push(bench);
  return bench;
}

afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.remove();
});

const texts = (messages: Message[]) => messages.map(messageText);

/** Answers with what the last question was. */
const echoes: Script = async function* (request) {
  yield START;
  yield { type: 'text', text: `re: ${messageText(request.messages.at(-1) as Message).replace(/^\[.*?\] /, '')}` };
  yield { type: 'stop', reason: 'stop' };
};

describe('a run', () => {
  it('sends the events of the recorded exchange in its order', async () => {
    const bench = await open(says('Hello', ' from', ' fake', ' model.'));
    await bench.call('sessions.subscribe', {});
    await bench.chat('hello chat', 'main', 'chat-1');
    await bench.ended('chat-1');
    await bench.until(() => bench.of('sessions.changed').some((changed) => changed.phase === 'end'));
    const order = bench.events.map(({ event, payload }) => {
      const { state, phase, reason, stream, data } = payload as Record<string, unknown>;
      return [event, state ?? phase ?? reason ?? (stream === 'lifecycle' ? (data as { phase: string }).phase : stream)]
        .filter((part) => part !== undefined)
        .join(' ');
    });
    expect(order).toEqual([
      'sessions.changed create',
      'agent start',
      'sessions.changed start',
      'session.message',
      'sessions.changed message',
      'agent assistant',
      'chat delta',
      'agent assistant',
      'session.message',
      'sessions.changed message',
      'agent end',
      'chat delta',
      'chat final',
      'sessions.changed end',
    ]);
    const agentSeqs = bench.of('agent').map((agent) => agent.seq);
    expect(agentSeqs).toEqual([1, 2, 3, 4]);
    const deltas = bench.of('chat').map((chat) => [chat.seq, chat.state, chat.deltaText]);
    expect(deltas).toEqual([
      [2, 'delta', 'Hello'],
      [4, 'delta', ' from fake model.'],
      [4, 'final', undefined],
    ]);
    const final = bench.endsOf('chat-1')[0];
    expect(final).toMatchObject({
      sessionKey: 'agent:main:main',
      message: { role: 'assistant', content: [{ type: 'text', text: 'Hello from fake model.' }] },
    });
  });

  it('stores question and answer as the reference does and shows the question without its stamp', async () => {
    const bench = await open(says('Hi.'));
    await bench.chat('hello', 'main', 'r1');
    await bench.ended('r1');
    const messages = await bench.history();
    expect(messages).toMatchObject([
      { role: 'user', content: [{ type: 'text', text: 'hello' }], __openclaw: { seq: 1 } },
      {
        role: 'assistant',
        content: [{ type: 'text', text: 'Hi.' }],
        api: 'openai-completions',
        provider: 'fake',
        model: 'fake-1',
        stopReason: 'stop',
        responseId: 'resp-1',
        usage: { input: 10, output: 5, totalTokens: 15 },
        __openclaw: { seq: 2 },
      },
    ]);
    const list = await bench.call('sessions.list', {});
    expect(list).toMatchObject({
      path: '(multiple)',
      count: 1,
      defaults: { modelProvider: 'fake', model: 'fake-1', contextTokens: 128_000 },
      sessions: [
        {
          key: 'agent:main:main',
          kind: 'direct',
          status: 'done',
          inputTokens: 10,
          outputTokens: 5,
          totalTokens: 10,
          totalTokensFresh: true,
          estimatedCostUsd: 0.5,
          modelProvider: 'fake',
          model: 'fake-1',
          abortedLastRun: false,
        },
      ],
    });
  });

  it('tells the model who it is, where it works and what was said, and gives it the stamped text', async () => {
    const requests: string[] = [];
    const bench = await open(async function* (request) {
      requests.push(JSON.stringify(request));
      yield* says('ok')(request, new AbortController().signal);
    });
    await bench.chat('one', 'main', 'r1');
    await bench.ended('r1');
    await bench.chat('/status', 'main', 'r2');
    await bench.ended('r2');
    await bench.chat('two', 'main', 'r3');
    await bench.ended('r3');
    expect(requests[0]).toContain('## AGENTS.md');
    const last = JSON.parse(requests[1] ?? '') as { messages: Message[]; sessionKey: string };
    expect(last.sessionKey).toBe('agent:main:main');
    expect(
      texts(last.messages).map((text) => text.replace(/^\[[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d \S+\] /, '>')),
    ).toEqual(['>one', 'ok', '>two']);
  });

  it('waits its turn in its conversation while other conversations run', async () => {
    const gates = new Map<string, () => void>();
    const bench = await open(async function* (request) {
      const question = messageText(request.messages.at(-1) as Message);
      yield START;
      await new Promise<void>((resolve) => {
        gates.set(question.slice(question.indexOf('] ') + 2), resolve);
        bench.record({ event: 'tick', payload: { ts: 0 } });
      });
      yield* echoes(request, new AbortController().signal);
    });
    for (const [message, key] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['a3', 'a'],
      ['b1', 'b'],
    ] as const) {
      await bench.chat(message, key, message);
    }
    await bench.until(() => gates.has('a1') && gates.has('b1'));
    expect([...gates.keys()].sort()).toEqual(['a1', 'b1']);
    expect(bench.runs.active()).toBe(4);
    expect(texts(await bench.history('a'))).toEqual(['a1', 'a2', 'a3']);
    for (const name of ['a1', 'a2', 'a3', 'b1']) {
      await bench.until(() => gates.has(name));
      gates.get(name)?.();
      await bench.ended(name);
    }
    expect(texts(await bench.history('a'))).toEqual(['a1', 're: a1', 'a2', 're: a2', 'a3', 're: a3']);
    expect(texts(await bench.history('b'))).toEqual(['b1', 're: b1']);
    expect(bench.runs.active()).toBe(0);
  });

  it('keeps what arrived when the provider fails, and says what to do', async () => {
    const bench = await open(async function* () {
      yield START;
      yield { type: 'text', text: 'half' };
      throw new AppError('model.rate_limit', { message: '429 slow down', retryAfterMs: 2000 });
    });
    await bench.chat('x', 'main', 'r1');
    await bench.ended('r1');
    expect(bench.endsOf('r1')).toMatchObject([
      {
        state: 'error',
        errorMessage: '429 slow down',
        errorKind: 'rate_limit',
        errorDetail: { code: 'model.rate_limit', retryable: true, retryAfterMs: 2000 },
        message: { content: [{ text: 'half' }] },
      },
    ]);
    expect(bench.of('agent').at(-1)?.data).toMatchObject({ phase: 'error', error: '429 slow down' });
    expect((await bench.history()).at(-1)).toMatchObject({
      content: [{ text: 'half' }],
      stopReason: 'error',
      errorMessage: '429 slow down',
      errorCode: 'model.rate_limit',
    });
    expect((await bench.call('sessions.list', {})).sessions[0]).toMatchObject({ status: 'failed' });
    await expect(bench.chat('x', 'main', 'r1')).rejects.toBeInstanceOf(FailedWithPayload);
  });

  it('ends in an error when the stream stops without a stop reason or throws something unexpected', async () => {
    const bench = await open(async function* (request) {
      yield START;
      if (messageText(request.messages.at(-1) as Message).endsWith('bug')) throw new TypeError('secret inside');
    });
    await bench.chat('cut', 'main', 'r1');
    await bench.chat('bug', 'main', 'r2');
    await bench.ended('r2');
    expect(bench.endsOf('r1')).toMatchObject([{ errorDetail: { code: 'model.stream_cut' } }]);
    expect(bench.endsOf('r2')).toMatchObject([
      { errorDetail: { code: 'internal' }, errorMessage: 'Something went wrong.' },
    ]);
  });

  it('is stopped by the timeout and says so', async () => {
    const bench = await open(hangsAfter('slow'));
    await bench.call('chat.send', { sessionKey: 'main', message: 'x', idempotencyKey: 'r1', timeoutMs: 20 });
    await bench.ended('r1');
    expect(bench.endsOf('r1')).toMatchObject([{ state: 'aborted', stopReason: 'timeout' }]);
    expect((await bench.call('sessions.list', {})).sessions[0]).toMatchObject({
      status: 'timeout',
      abortedLastRun: true,
    });
    expect(await bench.call('agent.wait', { runId: 'r1' })).toMatchObject({ status: 'timeout' });
  });

  it('sends nothing of a silent reply', async () => {
    const bench = await open(says('NO', '_REPLY'));
    await bench.chat('x', 'main', 'r1');
    await bench.ended('r1');
    expect(bench.of('chat')).toMatchObject([{ state: 'final' }]);
    expect(bench.of('chat')[0]?.message).toBeUndefined();
    expect(bench.of('agent').some((agent) => agent.stream === 'assistant')).toBe(false);
  });

  it('sends an answer that only begins like a silent reply', async () => {
    const bench = await open(says('NO'));
    await bench.chat('x', 'main', 'r1');
    await bench.ended('r1');
    expect(bench.endsOf('r1')[0]?.message?.content).toEqual([{ type: 'text', text: 'NO' }]);
  });
});

describe('stopping', () => {
  it('reaches the model and ends the run with one event that has the text so far', async () => {
    let isModelStopped = false;
    const bench = await open(async function* (request, signal) {
      signal.addEventListener('abort', () => (isModelStopped = true));
      yield* hangsAfter('word0', ' word1')(request, signal);
    });
    await bench.chat('x', 'main', 'r1');
    await bench.until(() => bench.of('agent').at(-1)?.data.text === 'word0 word1');
    expect(await bench.call('chat.abort', { sessionKey: 'main', runId: 'r1' })).toEqual({
      ok: true,
      aborted: true,
      runIds: ['r1'],
    });
    expect(isModelStopped).toBe(true);
    expect(bench.endsOf('r1')).toMatchObject([
      {
        runId: 'r1',
        sessionKey: 'main',
        state: 'aborted',
        stopReason: 'rpc',
        message: { role: 'assistant', content: [{ type: 'text', text: 'word0 word1' }] },
      },
    ]);
    expect((await bench.history()).at(-1)).toMatchObject({
      stopReason: 'aborted',
      openclawAbort: { aborted: true, origin: 'rpc', runId: 'r1' },
    });
    expect((await bench.call('sessions.list', {})).sessions[0]).toMatchObject({ status: 'killed' });
  });

  it('answers false when there is nothing to stop, and refuses runs of other conversations and owners', async () => {
    const bench = await open(hangsAfter('x'));
    const nothing = { ok: true, aborted: false, runIds: [] };
    expect(await bench.call('chat.abort', { sessionKey: 'main' })).toEqual(nothing);
    expect(await bench.call('chat.abort', { sessionKey: 'main', runId: 'nope' })).toEqual(nothing);
    expect(await bench.chat('/stop')).toEqual(nothing);
    const owner = caller('owner', ['operator.write']);
    await bench.call('chat.send', { sessionKey: 'main', message: 'x', idempotencyKey: 'r1' }, { caller: owner });
    await expect(bench.call('chat.abort', { sessionKey: 'other', runId: 'r1' })).rejects.toThrow(
      'runId does not match sessionKey',
    );
    const stranger = caller('stranger', ['operator.write']);
    await expect(bench.call('chat.abort', { sessionKey: 'main' }, { caller: stranger })).rejects.toThrow(
      'unauthorized',
    );
    expect(await bench.call('sessions.abort', { key: 'main' }, { caller: owner })).toEqual({
      ok: true,
      abortedRunId: 'r1',
      status: 'aborted',
    });
    expect(await bench.call('sessions.abort', { key: 'main' })).toMatchObject({
      abortedRunId: null,
      status: 'no-active-run',
    });
  });

  it('ends waiting runs at once, with their questions kept', async () => {
    const bench = await open(hangsAfter('x'));
    await bench.chat('one', 'main', 'r1');
    await bench.chat('two', 'main', 'r2');
    expect(await bench.chat('/stop')).toEqual({ ok: true, aborted: true, runIds: ['r1', 'r2'] });
    for (const runId of ['r1', 'r2'])
      expect(bench.endsOf(runId)).toMatchObject([{ state: 'aborted', stopReason: 'stop' }]);
    expect(texts((await bench.history()).filter((message) => message.role === 'user'))).toEqual(['one', 'two']);
  });

  it('gives exactly one last event wherever it strikes', async () => {
    const bench = await open(async function* (request, signal) {
      yield START;
      for (let index = 0; index < 20; index += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
        yield { type: 'text', text: `${index} ` };
      }
      yield* echoes(request, signal);
    });
    const runIds: string[] = [];
    for (let round = 0; round < 60; round += 1) {
      const runId = `r${round}`;
      runIds.push(runId);
      await bench.chat('x', `s${round % 7}`, runId);
      for (let wait = randomInt(30); wait > 0; wait -= 1) await new Promise((resolve) => setImmediate(resolve));
      await Promise.all([
        bench.call('chat.abort', { sessionKey: `s${round % 7}`, runId }),
        bench.call('sessions.abort', { key: `s${round % 7}` }),
      ]);
    }
    for (const runId of runIds) {
      await bench.ended(runId);
      expect(bench.endsOf(runId)).toHaveLength(1);
    }
    expect(bench.runs.active()).toBe(0);
  });

  it('of the gateway aborts everything, stores it and takes nothing new', async () => {
    const bench = await open(hangsAfter('x'));
    const counts: number[] = [];
    bench.runs.onActivity((active) => counts.push(active));
    await bench.chat('one', 'main', 'r1');
    await bench.runs.stop();
    expect(bench.endsOf('r1')).toHaveLength(1);
    expect(counts).toEqual([1, 0]);
    await expect(bench.chat('two')).rejects.toThrow('The gateway is stopping.');
  });
});

describe('the same id again', () => {
  it('gives the run that is there', async () => {
    const bench = await open(hangsAfter('x'));
    const [first, second] = await Promise.all([bench.chat('x', 'main', 'r1'), bench.chat('x', 'main', 'r1')]);
    expect([first, second]).toEqual([
      { runId: 'r1', status: 'started' },
      { runId: 'r1', status: 'in_flight' },
    ]);
    await bench.call('chat.abort', { sessionKey: 'main' });
    expect(await bench.chat('x', 'main', 'r1')).toEqual({ runId: 'r1', status: 'ok' });
    expect((await bench.history()).filter((message) => message.role === 'user')).toHaveLength(1);
  });

  it('after a restart runs the stored message instead of storing it twice', async () => {
    const first = await open(hangsAfter('x'));
    await first.chat('x', 'main', 'r1');
    await first.stop();
    const second = await open(says('now'), { home: first.home });
    await second.chat('x', 'main', 'r1');
    await second.ended('r1');
    expect((await second.history()).filter((message) => message.role === 'user')).toHaveLength(1);
    expect(texts(await second.history()).at(-1)).toBe('now');
  });

  it('after a restart gives the answer that is there, and does nothing a second time', async () => {
    const first = await open(says('done', ' it'));
    await first.chat('x', 'main', 'r1');
    await first.ended('r1');
    await first.stop();
    let calls = 0;
    const again = says('twice');
    const script: Script = (...given) => {
      calls += 1;
      return again(...given);
    };
    const second = await open(script, { home: first.home });
    await second.chat('x', 'main', 'r1');
    await second.ended('r1');
    const [end, ...others] = second.endsOf('r1');
    expect(end).toMatchObject({ state: 'final', message: { content: [{ type: 'text', text: 'done it' }] } });
    expect(others).toEqual([]);
    expect(calls).toBe(0);
    expect(texts(await second.history())).toEqual(['x', 'done it']);
    expect(second.runs.active()).toBe(0);
  });
});
