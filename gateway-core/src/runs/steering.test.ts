import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import { messageText } from '../protocol/index.js';
import { requireSessionKey } from '../sessions/index.js';
import { textResult } from '../tools/index.js';
import { deferred } from './run-record.js';
import { type Bench, caller, hangsAfter, type Script, START, steps, tool, USAGE } from './testing/bench.js';
import { gate, said, Stages } from './testing/busy-run.js';

const stages = new Stages();
afterEach(() => stages.clear());

const STEER: OpenClawConfig = { messages: { queue: { mode: 'steer' } } };
const MAIN = requireSessionKey('main', 'main');
const HOLD = { calls: [{ name: 'hold' }] };

/** A run r1 that stands at the tool `hold`, and what the model was asked. */
async function busy(script: ReturnType<typeof steps>, config: OpenClawConfig = STEER) {
  const hold = gate();
  const bench = await stages.open({ script, config, tools: [hold.tool] });
  await bench.chat('first', 'main', 'r1');
  await hold.reached();
  return { bench, hold, requests: script.requests };
}

const endOrder = (bench: Bench) =>
  bench.of('chat').flatMap(({ runId, state }) => (state === 'delta' ? [] : [`${runId} ${state}`]));

describe('a message in mode steer', () => {
  it('reaches the very next call of the model, behind the results of the tools', async () => {
    const { bench, hold, requests } = await busy(steps({ text: 'Looking.', ...HOLD }, { text: 'Both.' }));
    await bench.chat('also this', 'main', 'r2');
    hold.open();
    await bench.ended('r2');
    expect(requests).toHaveLength(2);
    expect(said(requests[1]?.messages)).toEqual([
      'user first',
      'assistant Looking.\n\n',
      'toolResult held',
      'user also this',
    ]);
    expect(said(await bench.history())).toEqual([
      'user first',
      'assistant Looking.\n\n',
      'toolResult held',
      'user also this',
      'assistant Both.',
    ]);
  });

  it('ends with the run that took it: one final without a message, and its outcome', async () => {
    const { bench, hold } = await busy(steps(HOLD, { text: 'Both.' }));
    await bench.chat('also this', 'main', 'r2');
    const waiting = bench.call('agent.wait', { runId: 'r2', timeoutMs: 60_000 });
    hold.open();
    expect(await waiting).toMatchObject({ runId: 'r2', status: 'ok' });
    expect(endOrder(bench)).toEqual(['r1 final', 'r2 final']);
    expect(bench.endsOf('r2')[0]?.message).toBeUndefined();
    const outcome = bench.runs.find('r2')?.outcome;
    expect(outcome).toMatchObject({ status: 'done', message: { role: 'assistant' } });
    expect(outcome?.message && messageText(outcome.message)).toBe('Both.');
    // What the run cost is counted once.
    expect(outcome?.usage).toBeUndefined();
    expect(bench.runs.active()).toBe(0);
    expect(await bench.chat('also this', 'main', 'r2')).toMatchObject({ status: 'ok' });
  });

  it('answers the method agent with the words of the run that took it', async () => {
    const { bench, hold } = await busy(steps(HOLD, { text: 'Both.' }));
    const acks: unknown[] = [];
    const params = { message: 'also this', sessionKey: 'main', idempotencyKey: 'r2' };
    const known = deferred<void>();
    bench.runs.onActivity(() => known.resolve());
    const answer = bench.call('agent', params, { acks });
    await known.promise;
    await bench.runs.find('r2')?.accepted;
    hold.open();
    expect(await answer).toMatchObject({ runId: 'r2', status: 'ok', result: { payloads: [{ text: 'Both.' }] } });
    expect(acks).toMatchObject([{ runId: 'r2', status: 'accepted' }]);
  });

  it('goes together with another one, and with one of a later step, in their order', async () => {
    const { bench, hold, requests } = await busy(steps(HOLD, HOLD, { text: 'All.' }));
    await bench.chat('two', 'main', 'r2');
    await bench.chat('three', 'main', 'r3');
    hold.open();
    await hold.reached(2);
    await bench.chat('four', 'main', 'r4');
    hold.open();
    await bench.ended('r4');
    expect(said(requests[1]?.messages).slice(-2)).toEqual(['user two', 'user three']);
    expect(said(requests[2]?.messages)).toEqual([
      ...['user first', 'assistant ', 'toolResult held', 'user two', 'user three'],
      ...['assistant ', 'toolResult held', 'user four'],
    ]);
    expect(requests).toHaveLength(3);
    expect(endOrder(bench)).toEqual(['r1 final', 'r2 final', 'r3 final', 'r4 final']);
    await bench.chat('five', 'main', 'r5');
    await bench.ended('r5');
    // What was said once stands in the next prompt once, and where it was read.
    expect(said(requests[3]?.messages)).toEqual([...said(await bench.history()).slice(0, -1)]);
    expect(said(requests[3]?.messages).slice(-4)).toEqual([
      ...['toolResult held', 'user four', 'assistant All.', 'user five'],
    ]);
  });

  it('that comes when the answer is being written has a run of its own', async () => {
    const speaking = deferred<void>();
    const goOn = deferred<void>();
    const scripted = steps({ text: 'Answer.' }, { text: 'Second.' });
    const script: Script = async function* (request, signal) {
      for await (const event of scripted(request, signal)) {
        yield event;
        if (event.type === 'text') speaking.resolve();
        if (event.type === 'text') await goOn.promise;
      }
    };
    const bench = await stages.open({ script, config: STEER });
    await bench.chat('first', 'main', 'r1');
    await speaking.promise;
    await bench.chat('late', 'main', 'r2');
    goOn.resolve();
    await bench.ended('r2');
    expect(said(scripted.requests[1]?.messages)).toEqual(['user first', 'assistant Answer.', 'user late']);
    const message = bench.endsOf('r2')[0]?.message;
    expect(message && messageText(message)).toBe('Second.');
  });

  it('begins a run where none is under way', async () => {
    const bench = await stages.open({ script: steps({ text: 'Hello.' }), config: STEER });
    await bench.chat('first', 'main', 'r1');
    await bench.ended('r1');
    expect(said(await bench.history())).toEqual(['user first', 'assistant Hello.']);
  });

  it('fails with the run that took it', async () => {
    const scripted = steps(HOLD);
    const script = Object.assign(
      async function* (request, signal) {
        if (scripted.requests.length > 0) throw new Error('broken');
        yield* scripted(request, signal);
      } satisfies Script,
      { requests: scripted.requests },
    );
    const { bench, hold } = await busy(script);
    await bench.chat('two', 'main', 'r2');
    hold.open();
    await bench.ended('r2');
    expect(endOrder(bench)).toEqual(['r1 error', 'r2 error']);
    expect(await bench.call('agent.wait', { runId: 'r2' })).toMatchObject({ status: 'error' });
  });

  it.each([
    ['another model', { ref: 'fake/other' }],
    ['instructions of its own', { extraSystemPrompt: 'Be brief.' }],
    ['somebody else', { origin: { channel: 'chat', senderId: 'stranger', isOwner: false } }],
  ])('on other terms waits for a run of its own: %s', async (_what, more) => {
    const { bench, hold, requests } = await busy(steps(HOLD, { text: 'One.' }, { text: 'Two.' }));
    await bench.runs.startRun({ kind: 'chat', key: MAIN, message: 'two', runId: 'r2', ...more });
    hold.open();
    await bench.ended('r2');
    expect(said(requests[1]?.messages)).toEqual(['user first', 'assistant ', 'toolResult held']);
    expect(requests).toHaveLength(3);
    expect(bench.endsOf('r2')).toMatchObject([{ state: 'final', message: { role: 'assistant' } }]);
  });

  it.each([{ kind: 'http' as const }, { kind: 'agent' as const }])(
    'that nobody typed waits for a run of its own: %j',
    async (request) => {
      const { bench, hold, requests } = await busy(steps(HOLD, { text: 'One.' }, { text: 'Two.' }));
      const { ended } = await bench.runs.startRun({ ...request, key: MAIN, message: 'two', runId: 'r2' });
      hold.open();
      await ended;
      expect(said(requests[1]?.messages)).not.toContain('user two');
      expect(requests).toHaveLength(3);
    },
  );

  it('does not go into a run over HTTP', async () => {
    const hold = gate();
    const script = steps(HOLD, { text: 'One.' }, { text: 'Two.' });
    const bench = await stages.open({ script, config: STEER, tools: [hold.tool] });
    await bench.runs.startRun({ kind: 'http', key: MAIN, message: 'first', runId: 'r1' });
    await hold.reached();
    await bench.chat('two', 'main', 'r2');
    hold.open();
    await bench.ended('r2');
    expect(said(script.requests[1]?.messages)).toEqual(['user first', 'assistant ', 'toolResult held']);
    expect(script.requests).toHaveLength(3);
  });
});

it('a message waits for its turn when nothing is configured', async () => {
  const { bench, hold, requests } = await busy(steps(HOLD, { text: 'One.' }, { text: 'Two.' }), {});
  await bench.chat('two', 'main', 'r2');
  await bench.chat('three', 'main', 'r3');
  hold.open();
  await bench.ended('r3');
  expect(requests).toHaveLength(4);
  expect(said(requests[1]?.messages)).toEqual(['user first', 'assistant ', 'toolResult held']);
  expect(said(requests[2]?.messages).slice(-2)).toEqual(['assistant One.', 'user two']);
  for (const runId of ['r1', 'r2', 'r3']) {
    expect(bench.endsOf(runId)).toMatchObject([{ state: 'final', message: { role: 'assistant' } }]);
  }
});

it('a message in mode steer-backlog is shown to the run under way, and has its own run all the same', async () => {
  const config: OpenClawConfig = { messages: { queue: { mode: 'steer+backlog' } } };
  const { bench, hold, requests } = await busy(steps(HOLD, HOLD, { text: 'One.' }, { text: 'Two.' }), config);
  await bench.chat('two', 'main', 'r2');
  hold.open();
  await hold.reached(2);
  hold.open();
  await bench.ended('r2');
  expect(said(requests[1]?.messages).at(-1)).toBe('user two');
  expect(said(requests[2]?.messages).filter((text) => text === 'user two')).toHaveLength(1);
  expect(said(requests[3]?.messages).slice(-2)).toEqual(['assistant One.', 'user two']);
  expect(bench.endsOf('r2')).toMatchObject([{ state: 'final', message: { role: 'assistant' } }]);
  expect(said(await bench.history()).slice(-3)).toEqual(['assistant One.', 'user two', 'assistant Two.']);
});

describe('stopping', () => {
  /** r1 stands at its second `hold` and has taken r2; r3 waits. */
  async function taken() {
    const made = await busy(steps(HOLD, HOLD, { text: 'One.' }, { text: 'Three.' }));
    await made.bench.chat('two', 'main', 'r2');
    made.hold.open();
    await made.hold.reached(2);
    return made;
  }

  it('the conversation ends the run and what it took, each once', async () => {
    const { bench } = await taken();
    const answer = await bench.call('chat.abort', { sessionKey: 'main' });
    expect(answer).toMatchObject({ aborted: true });
    expect(bench.endsOf('r1')).toMatchObject([{ state: 'aborted', stopReason: 'rpc' }]);
    expect(bench.endsOf('r2')).toMatchObject([{ state: 'aborted', stopReason: 'rpc' }]);
    expect(bench.runs.active()).toBe(0);
  });

  it.each(['r1', 'r2'])('one of them, %s, ends both', async (runId) => {
    const { bench } = await taken();
    await bench.call('chat.abort', { sessionKey: 'main', runId });
    await bench.ended('r1');
    await bench.ended('r2');
    expect(bench.endsOf('r1')).toMatchObject([{ state: 'aborted' }]);
    expect(bench.endsOf('r2')).toMatchObject([{ state: 'aborted' }]);
    expect(bench.runs.find('r2')?.outcome).toMatchObject({ status: 'aborted', stopReason: 'rpc' });
  });

  it('a taken message does not end the run of somebody whom the caller may not stop', async () => {
    const hold = gate();
    const script = steps(HOLD, HOLD, { text: 'One.' });
    const bench = await stages.open({ script, config: STEER, tools: [hold.tool] });
    const [one, other] = [caller('c1', ['operator.write']), caller('c2', ['operator.write'])];
    const send = (message: string, idempotencyKey: string) => ({ sessionKey: 'main', message, idempotencyKey });
    await bench.call('chat.send', send('first', 'r1'), { caller: one });
    await hold.reached();
    await bench.call('chat.send', send('two', 'r2'), { caller: other });
    hold.open();
    await hold.reached(2);
    const answer = await bench.call('chat.abort', { sessionKey: 'main', runId: 'r2' }, { caller: other });
    expect(answer).toMatchObject({ runIds: ['r2'] });
    hold.open();
    await bench.ended('r1');
    expect(endOrder(bench)).toEqual(['r2 aborted', 'r1 final']);
  });

  it('the run before it took a message lets that one have its own', async () => {
    const { bench } = await busy(steps(HOLD, { text: 'Two.' }));
    await bench.chat('two', 'main', 'r2');
    await bench.call('chat.abort', { sessionKey: 'main', runId: 'r1' });
    await bench.ended('r2');
    expect(endOrder(bench)).toEqual(['r1 aborted', 'r2 final']);
  });
});

describe('after a kill a steered message', () => {
  const resumed = async (home: string, script: ReturnType<typeof steps>) => {
    const hold = tool('hold', () => textResult('held'));
    const bench = await stages.open({ home, script, config: STEER, tools: [hold] });
    const count = await bench.runs.resumeInterrupted();
    return { bench, count };
  };

  it('that no run had taken has its own', async () => {
    const { bench } = await busy(steps(HOLD));
    await bench.chat('two', 'main', 'r2');
    const again = steps({ text: 'One.' }, { text: 'Two.' });
    const { bench: next, count } = await resumed(await stages.snapshot(bench), again);
    expect(count).toBe(2);
    await next.ended('r2');
    expect(endOrder(next)).toEqual(['r1 final', 'r2 final']);
    expect(said(again.requests[1]?.messages).slice(-2)).toEqual(['assistant One.', 'user two']);
  });

  it('that a run had just taken has its own, or goes on with that one; it is never lost', async () => {
    const asked = deferred<void>();
    const scripted = steps(HOLD);
    const script: Script = async function* (request, signal) {
      if (scripted.requests.length === 0) yield* scripted(request, signal);
      else {
        asked.resolve();
        yield* hangsAfter()(request, signal);
      }
    };
    const hold = gate();
    const bench = await stages.open({ script, config: STEER, tools: [hold.tool] });
    await bench.chat('first', 'main', 'r1');
    await hold.reached();
    await bench.chat('two', 'main', 'r2');
    hold.open();
    await asked.promise;
    const again = steps({ text: 'One.' }, { text: 'Two.' });
    const { bench: next } = await resumed(await stages.snapshot(bench), again);
    await next.ended('r2');
    expect(endOrder(next)).toEqual(['r1 final', 'r2 final']);
    expect(said(again.requests.at(-1)?.messages).filter((text) => text === 'user two')).toHaveLength(1);
    expect(said(await next.history()).filter((text) => text === 'user two')).toHaveLength(1);
  });

  it('that a run had taken and answered to is part of that run as it goes on', async () => {
    const { bench, hold } = await busy(steps(HOLD, HOLD));
    await bench.chat('two', 'main', 'r2');
    hold.open();
    await hold.reached(2);
    const again = steps({ text: 'Both.' });
    const { bench: next, count } = await resumed(await stages.snapshot(bench), again);
    expect(count).toBe(2);
    await next.ended('r2');
    expect(again.requests).toHaveLength(1);
    expect(said(again.requests[0]?.messages).slice(0, 5)).toEqual([
      ...['user first', 'assistant ', 'toolResult held', 'user two', 'assistant '],
    ]);
    expect(endOrder(next)).toEqual(['r1 final', 'r2 final']);
    expect(next.endsOf('r2')[0]?.message).toBeUndefined();
    expect(next.runs.find('r2')?.outcome).toMatchObject({ status: 'done', message: { role: 'assistant' } });
    expect(await next.runs.resumeInterrupted()).toBe(0);
  });

  it('does not run again when the run that took it was over', async () => {
    const { bench, hold } = await busy(steps(HOLD, { text: 'Both.' }));
    await bench.chat('two', 'main', 'r2');
    hold.open();
    await bench.ended('r2');
    await bench.stop();
    const file = path.join(bench.home, 'state', 'runs', 'journal.jsonl');
    const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => !line.includes('"end"'));
    await writeFile(file, lines.join('\n'));
    const again = steps({ text: 'Once more.' });
    const { bench: next, count } = await resumed(await stages.snapshot(bench), again);
    expect(count).toBe(0);
    expect(again.requests).toHaveLength(0);
    expect(said(await next.history()).at(-1)).toBe('assistant Both.');
    expect(await next.runs.resumeInterrupted()).toBe(0);
  });

  it('is there once and ends once, wherever the process ends', { timeout: 60_000 }, async () => {
    const homes: Array<{ home: string; open: string[] }> = [];
    let bench: Bench | undefined = undefined as Bench | undefined;
    const keep = async () => {
      if (!bench) return;
      const { runs } = bench;
      const open = ['r1', 'r2', 'r3'].filter((runId) => runs.find(runId) && !runs.find(runId)?.outcome);
      homes.push({ home: await stages.snapshot(bench), open });
    };
    /** Knows from the conversation alone how far it is, as a model does. */
    const worker = (onCall: () => Promise<void>): Script =>
      async function* (request) {
        await onCall();
        const done = request.messages.filter(({ role }) => role === 'toolResult').length;
        yield START;
        if (done < 4) yield { type: 'toolCall', id: `call-${done}`, name: 'work', arguments: { step: done } };
        else yield { type: 'text', text: 'Done.' };
        yield { type: 'stop', reason: done < 4 ? 'toolUse' : 'stop' };
      };
    const work = tool('work', async ({ step }) => {
      await keep();
      if (step === 0) await bench?.chat('two', 'main', 'r2');
      if (step === 2) await bench?.chat('three', 'main', 'r3');
      await keep();
      return textResult('worked');
    });
    bench = await stages.open({ script: worker(keep), config: STEER, tools: [work] });
    await bench.chat('first', 'main', 'r1');
    await bench.ended('r1');
    expect(endOrder(bench)).toEqual(['r1 final', 'r2 final', 'r3 final']);
    expect(homes).toHaveLength(13);
    const quick = tool('work', () => textResult('worked'));
    for (const { home, open } of homes) {
      const next = await stages.open({ home, script: worker(() => Promise.resolve()), config: STEER, tools: [quick] });
      expect(await next.runs.resumeInterrupted()).toBe(open.length);
      for (const runId of open) await next.ended(runId);
      expect(endOrder(next).toSorted()).toEqual(open.map((runId) => `${runId} final`));
      const asked = said(await next.history()).filter((text) => text.startsWith('user '));
      expect(asked).toEqual(['user first', 'user two', 'user three'].slice(0, open.length));
      expect(said(await next.history()).at(-1)).toBe('assistant Done.');
      expect(await next.runs.resumeInterrupted()).toBe(0);
    }
  });
});

describe('a conversation that is shortened as a message is taken in', () => {
  const SMALL = { agents: { defaults: { contextTokens: 8_000, compaction: { keepRecentTokens: 100 } } } };

  it.each(['steer', 'steer-backlog'] as const)('keeps the message where it was read: %s', async (mode) => {
    const hold = gate();
    let length = 2_000;
    const execute: typeof hold.tool.execute = async (...given) => {
      await hold.tool.execute(...given);
      return textResult('x'.repeat(length));
    };
    const usage = { ...USAGE, input: 2_000 };
    const scripted = steps(HOLD, { ...HOLD, usage }, { text: 'Both.' }, { text: 'Next.' }, { text: 'Last.' });
    const script: Script = async function* (request, signal) {
      if (!request.isAside) return yield* scripted(request, signal);
      yield START;
      yield { type: 'text', text: 'The notes.' };
      yield { type: 'stop', reason: 'stop' };
    };
    const config: OpenClawConfig = { ...SMALL, messages: { queue: { mode } } };
    const bench = await stages.open({ script, config, tools: [{ ...hold.tool, execute }] });
    await bench.chat('first', 'main', 'r1');
    await hold.reached();
    hold.open();
    await hold.reached(2);
    length = 14_000;
    await bench.chat('two', 'main', 'r2');
    hold.open();
    await bench.ended('r2');
    expect(said(scripted.requests[2]?.messages).at(-1)).toBe('user two');
    expect(said(scripted.requests[2]?.messages)[0]).toContain('The notes.');
    await bench.chat('three', 'main', 'r3');
    await bench.ended('r3');
    // After a restart the same stands in the prompt.
    await bench.stop();
    const again = steps({ text: 'Again.' });
    const next = await stages.open({ home: await stages.snapshot(bench), script: again, config });
    await next.chat('four', 'main', 'r4');
    await next.ended('r4');
    const prompt = said(again.requests[0]?.messages);
    expect(prompt[0]).toContain('The notes.');
    expect(prompt.filter((text) => text === 'user two')).toHaveLength(1);
    expect(prompt.join()).not.toContain('user first');
  });
});
