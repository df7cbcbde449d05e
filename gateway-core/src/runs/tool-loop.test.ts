import { randomInt } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { type Message, messageText } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import { errorResult, textResult } from '../tools/index.js';
import { deferred } from './run-record.js';
import { Bench, type BenchOptions, caller, type Script, steps, tool } from './testing/bench.js';

const benches: Bench[] = [];

async function open(script: Script, options: Omit<BenchOptions, 'script'> = {}): Promise<Bench> {
  const bench = await Bench.open({ script, ...options });
  benches.push(bench);
  return bench;
}

afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.remove();
});

const echo = tool('echo', ({ text }) => textResult(`echo: ${String(text)}`, { kept: 'for people' }));

async function say(bench: Bench, message = 'go', runId = 'r1'): Promise<Message[]> {
  await bench.chat(message, 'main', runId);
  await bench.ended(runId);
  return bench.history();
}

const roles = (messages: Message[]) => messages.map(({ role }) => role);
const results = (messages: Message[]) => messages.filter(({ role }) => role === 'toolResult').map(messageText);

describe('a run with tools', () => {
  it('makes the calls, stores every step, and answers with what it learned', async () => {
    const script = steps({ text: 'Let me see.', calls: [{ name: 'echo', args: { text: 'a' } }] }, { text: 'It is a.' });
    const bench = await open(script, { tools: [echo] });
    const messages = await say(bench);
    expect(roles(messages)).toEqual(['user', 'assistant', 'toolResult', 'assistant']);
    expect(messages[1]).toMatchObject({
      stopReason: 'toolUse',
      content: [{ type: 'text' }, { type: 'toolCall', id: 'call-1-0', name: 'echo', arguments: { text: 'a' } }],
    });
    expect(messages[2]).toMatchObject({
      toolCallId: 'call-1-0',
      toolName: 'echo',
      content: [{ type: 'text', text: 'echo: a' }],
      details: { kept: 'for people' },
      isError: false,
    });
    const second = script.requests[1]?.messages ?? [];
    expect(roles(second)).toEqual(['user', 'assistant', 'toolResult']);
    expect(script.requests[0]?.tools?.map(({ name }) => name)).toEqual(['echo']);
    const final = bench.endsOf('r1')[0];
    expect(final?.message && messageText(final.message)).toBe('Let me see.\n\nIt is a.');
    expect(bench.endsOf('r1')).toHaveLength(1);
  });

  it('streams one text over all steps, each a paragraph of its own', async () => {
    const bench = await open(steps({ text: 'One.', calls: [{ name: 'echo' }] }, { text: 'Two.' }), { tools: [echo] });
    await say(bench);
    const deltas = bench.of('chat').flatMap(({ deltaText }) => deltaText ?? []);
    expect(deltas.join('')).toBe('One.\n\nTwo.');
    const stored = await bench.history();
    // What is streamed begins with what is stored, so that windows can tell what is new.
    expect(
      stored
        .filter(({ role }) => role === 'assistant')
        .map(messageText)
        .join(''),
    ).toBe('One.\n\nTwo.');
  });

  it('counts all steps as used and the last one as the weight of the conversation', async () => {
    const usage = (input: number) => ({
      input,
      output: 5,
      cacheRead: 2,
      cacheWrite: 0,
      totalTokens: input + 7,
      cost: { total: 0.5 },
    });
    const bench = await open(steps({ calls: [{ name: 'echo' }], usage: usage(10) }, { text: 'ok', usage: usage(30) }), {
      tools: [echo],
    });
    await say(bench);
    const { sessions } = await bench.call('sessions.list', {});
    expect(sessions[0]).toMatchObject({ inputTokens: 40, outputTokens: 10, totalTokens: 32, estimatedCostUsd: 1 });
    expect(bench.endsOf('r1')[0]?.usage).toMatchObject({ input: 40, output: 10, cacheRead: 4, totalTokens: 54 });
    const outcome = bench.runs.find('r1')?.outcome;
    expect(outcome).toMatchObject({ lastUsage: { input: 30 }, usage: { input: 40, cost: { total: 1 } } });
  });

  it('makes calls of one step together and keeps their results in order', async () => {
    const bothRun = deferred<void>();
    let running = 0;
    const meet = tool('meet', async ({ name }) => {
      running += 1;
      if (running === 2) bothRun.resolve();
      await bothRun.promise;
      return textResult(`met ${String(name)}`);
    });
    const calls = ['a', 'b'].map((name) => ({ name: 'meet', args: { name } }));
    const bench = await open(steps({ calls }), { tools: [meet] });
    expect(results(await say(bench))).toEqual(['met a', 'met b']);
  });

  it('never makes an exclusive call beside another one, and at most eight at once', async () => {
    let running = 0;
    let most = 0;
    const seen: string[] = [];
    const work = async (name: string) => {
      running += 1;
      most = Math.max(most, running);
      seen.push(`${name}${running}`);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return textResult('ok');
    };
    const tools = [tool('read', () => work('r')), tool('write', () => work('W'), { isExclusive: true })];
    const calls = [...Array.from({ length: 20 }, () => ({ name: 'read' })), { name: 'write' }, { name: 'write' }];
    const bench = await open(steps({ calls }), { tools });
    await say(bench);
    expect(most).toBe(8);
    expect(seen.filter((name) => name.startsWith('W'))).toEqual(['W1', 'W1']);
  });

  it('tells the model what was wrong with a call, and goes on', async () => {
    const strict = tool('strict', () => textResult('ok'), {
      parameters: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
    });
    const tools = [
      strict,
      tool('fails', () => errorResult('no such thing')),
      tool('refuses', () => {
        throw new AppError('tool.path_outside');
      }),
      tool('breaks', () => {
        throw new TypeError('secret inside');
      }),
    ];
    const names = ['strict', 'fails', 'refuses', 'breaks', 'unknown'];
    const bench = await open(steps({ calls: names.map((name) => ({ name })) }), { tools });
    const messages = await say(bench);
    expect(results(messages)).toEqual([
      'The arguments of strict are wrong: "path" is missing.',
      'no such thing',
      expect.stringMatching(/^This path may not be touched\. Use a path/),
      expect.not.stringContaining('secret'),
      'There is no tool "unknown". There are: strict, fails, refuses, breaks.',
    ]);
    expect(messages.filter(({ isError }) => isError)).toHaveLength(5);
    expect(messageText(messages.at(-1) as Message)).toBe('done');
  });

  it('says why a tool may not be used, and asks for the policy anew with every step', async () => {
    let opened = 0;
    const openToolbox = () => {
      opened += 1;
      const tools = opened === 1 ? [echo] : [];
      return Promise.resolve({
        tools,
        refusal: (name: string) => (opened === 1 ? undefined : `${name} is off (tools.deny).`),
      });
    };
    const script = steps({ calls: [{ name: 'echo' }] }, { calls: [{ name: 'echo' }] });
    const bench = await open(script, { runs: { openToolbox } });
    expect(results(await say(bench))).toEqual(['echo: undefined', 'echo is off (tools.deny).']);
    expect(script.requests.map(({ tools }) => tools?.length ?? 0)).toEqual([1, 0, 0]);
  });

  it('gives ids of their own to calls that share one', async () => {
    const script = steps(
      {
        calls: [
          { id: 'c', name: 'echo' },
          { id: 'c', name: 'echo' },
        ],
      },
      { calls: [{ id: 'c', name: 'echo' }] },
    );
    const bench = await open(script, { tools: [echo] });
    const ids = (await say(bench)).flatMap(({ toolCallId }) => toolCallId ?? []);
    expect(new Set(ids).size).toBe(3);
  });

  it('warns an agent that repeats itself, then refuses, then ends the run', async () => {
    const script: Script = async function* (request) {
      yield* steps({ calls: [{ id: `c${request.messages.length}`, name: 'echo', args: { text: 'same' } }] })(
        request,
        new AbortController().signal,
      );
    };
    const loopDetection = { warningThreshold: 2, criticalThreshold: 3, globalCircuitBreakerThreshold: 5 };
    const bench = await open(script, { tools: [echo], config: { tools: { loopDetection } } });
    const said = results(await say(bench));
    expect(said[0]).toBe('echo: same');
    expect(said[1]).toContain('2 times with the same result');
    expect(said[2]).toContain('The call was not made');
    expect(said).toHaveLength(5);
    expect(bench.endsOf('r1')[0]).toMatchObject({ state: 'error', errorDetail: { code: 'run.loop' } });
  });

  it('puts what happened meanwhile in front of the model, visibly', async () => {
    const waiting = ['Heating is on.', 'Door opened.'];
    const script = steps();
    const bench = await open(script, { runs: { systemEvents: () => waiting.splice(0) } });
    const messages = await say(bench);
    expect(roles(messages)).toEqual(['user', 'system', 'assistant']);
    expect(messages[1] && messageText(messages[1])).toBe('System: Heating is on.\nSystem: Door opened.');
    expect(JSON.stringify(script.requests[0]?.messages)).toContain('Door opened.');
    await say(bench, 'again', 'r2');
    expect(roles(script.requests[1]?.messages ?? [])).toEqual(['user', 'system', 'assistant', 'user']);
  });

  it('adds to the standing prompt and says where it runs', async () => {
    const scopes: unknown[] = [];
    const script = steps();
    const workspacePrompt = (scope: unknown) => {
      scopes.push(scope);
      return Promise.resolve('# Skills\nknitting');
    };
    const bench = await open(script, { tools: [echo], runs: { workspacePrompt } });
    await say(bench);
    expect(script.requests[0]?.system).toContain('# Skills\nknitting');
    expect(scopes[0]).toMatchObject({
      agentId: 'main',
      sessionKey: 'agent:main:main',
      runId: 'r1',
      isMain: true,
      subagentDepth: 0,
      provider: 'fake',
      model: 'fake-1',
    });
  });

  it('without a word at the end shows what it said before', async () => {
    const bench = await open(steps({ text: 'Noted.', calls: [{ name: 'echo' }] }, { text: 'NO_REPLY' }), {
      tools: [echo],
    });
    await say(bench);
    const { message } = bench.endsOf('r1')[0] ?? {};
    expect(message && messageText(message)).toBe('Noted.');
  });
});

describe('functions of a caller', () => {
  const key = { key: 'agent:main:main', agentId: 'main', rest: 'main' };
  const clientTools = [{ name: 'theirs', description: 'd', parameters: { type: 'object' } }];

  it('end the run with their calls, after our own tools have answered', async () => {
    const script = steps(
      {
        text: 'Both.',
        calls: [
          { name: 'theirs', args: { a: 1 } },
          { name: 'echo', args: { text: 'x' } },
        ],
      },
      { text: 'Thanks.' },
    );
    const bench = await open(script, { tools: [echo] });
    const first = await bench.runs.startRun({ kind: 'http', key, message: 'go', runId: 'r1', clientTools });
    const outcome = await first.ended;
    expect(outcome).toMatchObject({
      status: 'done',
      toolCalls: [{ id: 'call-1-0', name: 'theirs', arguments: { a: 1 } }],
    });
    expect(bench.endsOf('r1')).toMatchObject([{ state: 'final', stopReason: 'toolUse' }]);
    expect(script.requests[0]?.tools?.map(({ name }) => name)).toEqual(['echo', 'theirs']);
    const answer: Message = { role: 'toolResult', toolCallId: 'call-1-0', toolName: 'theirs', content: 'from them' };
    const exchange = { messages: [answer], followUp: 'Well?' };
    const second = await bench.runs.startRun({
      kind: 'http',
      key,
      message: 'unused',
      runId: 'r2',
      clientTools,
      exchange,
    });
    expect((await second.ended).status).toBe('done');
    expect(script.requests[1]?.messages.map((message) => [message.role, messageText(message).slice(-9)])).toEqual([
      ['user', expect.stringMatching(/go$/)],
      ['assistant', 'Both.'],
      ['toolResult', 'from them'],
      ['toolResult', 'echo: x'],
      ['user', expect.stringMatching(/Well\?$/)],
    ]);
  });

  it('win over a tool of ours with the same name', async () => {
    const bench = await open(steps({ calls: [{ name: 'echo' }] }), { tools: [echo] });
    const own = [{ name: 'echo', description: 'theirs', parameters: {} }];
    const run = await bench.runs.startRun({ kind: 'http', key, message: 'go', clientTools: own });
    expect((await run.ended).toolCalls).toHaveLength(1);
    expect(results(await bench.history())).toEqual([]);
  });

  it('are forced in the first step only', async () => {
    const script = steps({ calls: [{ name: 'echo' }] });
    const bench = await open(script, { tools: [echo] });
    const run = await bench.runs.startRun({ kind: 'http', key, message: 'go', toolChoice: 'required', maxTokens: 9 });
    await run.ended;
    expect(script.requests.map(({ toolChoice, maxTokens }) => [toolChoice, maxTokens])).toEqual([
      ['required', 9],
      [undefined, 9],
    ]);
  });
});

describe('what clients hear of tools', () => {
  const twoUpdates = tool('work', (_args, { onUpdate }) => {
    onUpdate(textResult('a'));
    return textResult('b', { code: 0 });
  });
  const script = () => steps({ calls: [{ name: 'work', args: { command: 'make all' } }] });

  it('goes to the connection that asked, if it wants to, and to those who watch everything', async () => {
    const bench = await open(script(), { tools: [twoUpdates] });
    await bench.call('sessions.subscribe', {}, { caller: caller('watcher') });
    const asking = { ...caller('asker'), caps: ['tool-events'] };
    await bench.call('chat.send', { sessionKey: 'main', message: 'go', idempotencyKey: 'r1' }, { caller: asking });
    await bench.ended('r1');
    const heard = bench.events.filter(
      ({ event, payload }) =>
        (event === 'agent' || event === 'session.tool') && (payload as { stream: string }).stream === 'tool',
    );
    const phases = heard.map(({ event, payload, connIds }) => [
      event,
      (payload as { data: { phase: string } }).data.phase,
      ...(connIds ?? []),
    ]);
    expect(phases).toEqual([
      ['agent', 'start', 'asker'],
      ['session.tool', 'start', 'watcher'],
      ['agent', 'update', 'asker'],
      ['session.tool', 'update', 'watcher'],
      ['agent', 'result', 'asker'],
      ['session.tool', 'result', 'watcher'],
    ]);
    expect(heard[0]?.payload).toMatchObject({
      data: { name: 'work', toolCallId: 'call-1-0', args: { command: 'make all' } },
    });
    expect(heard[4]?.payload).toMatchObject({ data: { meta: 'make all', isError: false } });
    expect(JSON.stringify(heard)).not.toContain('"b"');
  });

  it('is nothing for a connection that did not ask for it', async () => {
    const bench = await open(script(), { tools: [twoUpdates] });
    await say(bench);
    expect(bench.of('agent').filter(({ stream }) => stream === 'tool')).toEqual([]);
  });

  it('carries results in a conversation that shows everything', async () => {
    const bench = await open(script(), { tools: [twoUpdates] });
    await bench.call('sessions.create', { key: 'main' });
    await bench.call('sessions.patch', { key: 'main', verboseLevel: 'full' });
    await bench.call('sessions.subscribe', {});
    await say(bench);
    const datas = bench.of('session.tool').map(({ data }) => data);
    expect(datas[1]).toMatchObject({ phase: 'update', partialResult: { content: [{ text: 'a' }] } });
    expect(datas[2]).toMatchObject({ phase: 'result', result: { content: [{ text: 'b' }], details: { code: 0 } } });
  });

  it('is every stored message for those who watch the conversation, in order', async () => {
    const bench = await open(script(), { tools: [twoUpdates] });
    await bench.call('sessions.messages.subscribe', { key: 'main' });
    await say(bench);
    expect(bench.of('session.message').map(({ message, messageSeq }) => [message.role, messageSeq])).toEqual([
      ['user', 1],
      ['assistant', 2],
      ['toolResult', 3],
      ['assistant', 4],
    ]);
  });
});

describe('a run with tools that is stopped', () => {
  it('lets its tools end, stores that they were stopped, and ends once', async () => {
    const started = deferred<void>();
    let ended = false;
    const slow = tool('slow', async (_args, { signal }) => {
      started.resolve();
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () =>
          setImmediate(() => {
            ended = true;
            reject(signal.reason as Error);
          }),
        );
      });
      return textResult('never');
    });
    const bench = await open(steps({ text: 'Working.', calls: [{ name: 'slow' }, { name: 'echo' }] }), {
      tools: [slow, echo],
    });
    await bench.chat('go', 'main', 'r1');
    await started.promise;
    await bench.call('chat.abort', { sessionKey: 'main' });
    expect(ended).toBe(true);
    expect(bench.endsOf('r1')).toMatchObject([{ state: 'aborted', stopReason: 'rpc' }]);
    const messages = await bench.history();
    expect(roles(messages)).toEqual(['user', 'assistant', 'toolResult', 'toolResult', 'assistant']);
    expect(results(messages)[0]).toContain('Stopped');
    expect(results(messages)[1]).toBe('echo: undefined');
    expect(messages.at(-1)).toMatchObject({ stopReason: 'aborted' });
  });

  it('leaves a tool behind that does not let go, and says so', async () => {
    const started = deferred<void>();
    const forever = deferred<void>();
    const givingUp = deferred<() => void>();
    const stubborn = tool('stubborn', async () => {
      started.resolve();
      await forever.promise;
      return textResult('late');
    });
    const clock: BenchOptions['clock'] = {
      now: () => Date.now(),
      after(delayMs, run) {
        if (delayMs === 5_000) givingUp.resolve(run);
        const timer = setTimeout(run, delayMs === 5_000 ? 2 ** 30 : delayMs);
        timer.unref();
        return { cancel: () => clearTimeout(timer) };
      },
      every: () => ({ cancel: () => undefined }),
    };
    const bench = await open(steps({ calls: [{ name: 'stubborn' }] }), { tools: [stubborn], clock });
    await bench.chat('go', 'main', 'r1');
    await started.promise;
    const aborted = bench.call('chat.abort', { sessionKey: 'main' });
    (await givingUp.promise)();
    await aborted;
    forever.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(results(await bench.history())).toEqual([expect.stringContaining('had not let go')]);
    expect(bench.endsOf('r1')).toHaveLength(1);
  });

  it('goes on from a whole conversation with the next message', async () => {
    const started = deferred<void>();
    const slow = tool('slow', async (_args, { signal }) => {
      started.resolve();
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    });
    const script = steps({ calls: [{ name: 'slow' }] }, { text: 'Fine.' });
    const bench = await open(script, { tools: [slow] });
    await bench.chat('go', 'main', 'r1');
    await started.promise;
    await bench.call('chat.abort', { sessionKey: 'main' });
    await say(bench, 'and now?', 'r2');
    expect(roles(script.requests[1]?.messages ?? [])).toEqual(['user', 'assistant', 'toolResult', 'user']);
  });

  it('at any moment leaves every call with one result, and ends once', { timeout: 60_000 }, async () => {
    const work = tool('work', async (_args, { signal }) => {
      for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      return textResult('worked');
    });
    const script: Script = async function* (request, signal) {
      const calls = [{ name: 'work' }, { name: 'work' }];
      yield* steps({ text: `Step ${request.messages.length}. `, calls })(request, signal);
    };
    const bench = await open(script, { tools: [work] });
    for (let index = 0; index < 50; index += 1) {
      const key = `lane${index}`;
      await bench.chat('go', key, key);
      for (let turn = randomInt(60); turn > 0; turn -= 1) await new Promise((resolve) => setImmediate(resolve));
      await bench.call('chat.abort', { sessionKey: key });
      expect(bench.endsOf(key)).toHaveLength(1);
      const messages = await bench.history(key);
      const asked = messages.flatMap(({ content }) =>
        typeof content === 'string' ? [] : content.flatMap((part) => (part.type === 'toolCall' ? [part.id] : [])),
      );
      expect(messages.flatMap(({ toolCallId }) => toolCallId ?? [])).toEqual(asked);
    }
  });
});
