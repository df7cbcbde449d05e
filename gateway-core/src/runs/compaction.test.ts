import { afterEach, describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import { type Message, messageText, type Usage } from '../protocol/index.js';
import type { TranscriptEntry } from '../sessions/index.js';
import { AppError } from '../shared/app-error.js';
import { textResult } from '../tools/index.js';
import { compactionLimit, compactionSettings, contextSize, inPortions, planCompaction } from './compaction-plan.js';
import { selectPromptMessages } from './prompt-messages.js';
import { Bench, type BenchOptions, type Script, START, steps, tool, USAGE } from './testing/bench.js';

let count = 0;
function entry(message: Message, more: Partial<TranscriptEntry> = {}): TranscriptEntry {
  count += 1;
  return { id: `e${count}`, parentId: null, timestamp: '', seq: count, message, ...more };
}
const user = (text: string, more: Partial<TranscriptEntry> = {}) => entry({ role: 'user', content: text }, more);
const asks = (id: string, more: Partial<Message> = {}) =>
  entry({ role: 'assistant', content: [{ type: 'toolCall', id, name: 'read', arguments: {} }], ...more });
const result = (id: string, text: string) =>
  entry({ role: 'toolResult', toolCallId: id, toolName: 'read', content: text });
const usage = (input: number, output = 0): Usage => ({
  input,
  output,
  cacheRead: 0,
  cacheWrite: 0,
  totalTokens: input + output,
});
const divider = (summary: string, firstKeptEntryId: string | null, more: Partial<TranscriptEntry> = {}) =>
  entry(
    { role: 'system', content: 'Compaction' },
    { compaction: { summary, firstKeptEntryId, tokensBefore: 9 }, ...more },
  );

describe('when a conversation is shortened', () => {
  it.each([
    [200_000, 160_000],
    [100_000, 80_000],
    [60_000, 40_000],
    [8_000, 4_000],
  ])('a window of %i tokens takes up to %i', (window, limit) => {
    expect(compactionLimit(window, compactionSettings({}))).toBe(limit);
  });

  it('counts what the provider counted, and estimates what came after', () => {
    const entries = [user('q'), asks('a', { usage: usage(1000, 50) }), result('a', 'x'.repeat(400))];
    expect(contextSize(entries, 2_000)).toBe(1150);
    expect(contextSize([user('x'.repeat(400))], 800)).toBe(300);
    const uncounted = asks('b', { usage: usage(1) });
    expect(contextSize([user('x'.repeat(8000)), uncounted], 0)).toBe(1001);
  });

  it('does not believe a count from before the last summary', () => {
    const old = [user('q'), asks('a', { usage: usage(100_000) }), result('a', 'r')];
    const kept = asks('b', { usage: usage(100_000) });
    expect(contextSize([...old, kept, divider('s'.repeat(40), kept.id)], 0)).toBeLessThan(100);
  });
});

describe('what is summarised', () => {
  it('is everything but the last part, never a call without its result', () => {
    const entries = [
      user('a'.repeat(400)),
      asks('1'),
      result('1', 'b'.repeat(400)),
      asks('2'),
      result('2', 'c'.repeat(4000)),
      user('last'),
    ];
    const plan = planCompaction(entries, 50);
    expect(plan?.firstKeptEntryId).toBe(entries[5]?.id);
    const wider = planCompaction(entries, 1100);
    expect(wider?.firstKeptEntryId).toBe(entries[3]?.id);
    expect(wider?.summarise).toHaveLength(3);
    expect(planCompaction(entries, 1_000_000)).toBeUndefined();
    expect(planCompaction(entries, 50, 1_000_000)).toBeUndefined();
  });

  it('carries the summary before it', () => {
    const first = user('old');
    const entries = [first, divider('notes', first.id), user('x'.repeat(4000)), user('new')];
    expect(planCompaction(entries, 10)).toMatchObject({ previous: 'notes', summarise: [{ content: 'old' }, {}] });
  });

  it('goes to the model in portions that fit, in words', () => {
    const messages = [
      ...Array.from({ length: 9 }, (_, at) => user(`${at}`.repeat(500))),
      asks('1'),
      result('1', 'r'.repeat(9000)),
    ].map(({ message }) => message);
    const portions = inPortions(messages, 1200);
    expect(portions.length).toBeGreaterThan(4);
    expect(portions.join('\n')).toContain('[called read with {}]');
    expect(portions.at(-1)?.length).toBeLessThan(2_300);
  });
});

describe('the prompt after that', () => {
  const shape = (messages: Message[]) => messages.map((message) => messageText(message).split('\n').at(-1));

  it('is the summary and what was kept', () => {
    const kept = user('kept');
    const entries = [user('gone'), kept, divider('notes', kept.id), user('now', { runId: 'r' })];
    expect(shape(selectPromptMessages({ entries, runId: 'r', contextTokens: 9_000 }))).toEqual([
      'notes',
      'kept',
      'now',
    ]);
  });

  it('has the question of the run even when that was summarised', () => {
    const entries = [
      user('the question', { runId: 'r' }),
      asks('1'),
      result('1', 'gone'),
      divider('notes', null, { runId: 'r' }),
      asks('2'),
      result('2', 'fresh'),
    ];
    expect(shape(selectPromptMessages({ entries, runId: 'r', contextTokens: 9_000 }))).toEqual([
      'notes',
      'the question',
      '',
      'fresh',
    ]);
  });

  it('takes all it has when what was kept begins further back', () => {
    const entries = [user('a'), divider('notes', 'far-away'), user('b', { runId: 'r' })];
    expect(shape(selectPromptMessages({ entries, runId: 'r', contextTokens: 9_000 }))).toEqual(['notes', 'a', 'b']);
  });

  it('without room leaves out the oldest steps, not the question', () => {
    const entries = [
      user('the question', { runId: 'r' }),
      asks('1'),
      result('1', 'x'.repeat(5000)),
      asks('2'),
      result('2', 'y'.repeat(500)),
    ];
    const selected = selectPromptMessages({ entries, runId: 'r', contextTokens: 400 });
    expect(selected.map(({ role }) => role)).toEqual(['user', 'assistant', 'toolResult']);
    expect(messageText(selected[2] as Message)).toMatch(/^y/);
  });
});

const benches: Bench[] = [];
async function open(options: BenchOptions): Promise<Bench> {
  const bench = await Bench.open(options);
  benches.push(bench);
  return bench;
}
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.remove();
});

const SMALL: OpenClawConfig = { agents: { defaults: { contextTokens: 4_000, compaction: { keepRecentTokens: 100 } } } };
const isSummary = (system: string | undefined) => system?.startsWith('You write the notes') === true;

/** Answers the question for a summary with `notes n`, everything else as `script` does. */
function withSummaries(script: Script): Script & { summaries: string[] } {
  const summaries: string[] = [];
  const wrapped: Script = async function* (request, signal) {
    if (!isSummary(request.system)) return yield* script(request, signal);
    summaries.push(messageText(request.messages[0] as Message));
    yield START;
    yield { type: 'text', text: `notes ${summaries.length}` };
    yield { type: 'usage', usage: USAGE };
    yield { type: 'stop', reason: 'stop' };
  };
  return Object.assign(wrapped, { summaries });
}

const big = tool('big', () => textResult('z'.repeat(5_000)));

describe('a run whose conversation grows too long', () => {
  it('summarises the older part in the middle of its work, and goes on', async () => {
    const asked = steps(...Array.from({ length: 5 }, () => ({ calls: [{ name: 'big' }] })), { text: 'finished' });
    const script = withSummaries(asked);
    const bench = await open({ script, tools: [big], config: SMALL });
    await bench.call('sessions.subscribe', {});
    await bench.chat('the task', 'main', 'r1');
    await bench.ended('r1');
    expect(bench.endsOf('r1')[0]).toMatchObject({ state: 'final' });
    expect(script.summaries.length).toBeGreaterThan(0);
    expect(script.summaries[0]).toContain('the task');
    const phases = bench
      .of('agent')
      .filter(({ stream }) => stream === 'compaction')
      .map(({ data }) => data.phase);
    expect(phases.slice(0, 2)).toEqual(['start', 'end']);
    const history = await bench.history();
    const shown = history.find(({ __openclaw }) => __openclaw?.kind === 'compaction');
    expect(shown).toMatchObject({ role: 'system', content: [{ text: 'Compaction' }] });
    expect(history.filter(({ role }) => role === 'toolResult')).toHaveLength(5);
    const last = asked.requests.at(-1)?.messages ?? [];
    expect(messageText(last[0] as Message)).toContain('notes');
    expect(last.map(messageText).join('\n')).toContain('the task');
    expect(last.length).toBeLessThan(8);
    expect(bench.of('sessions.changed').some(({ reason }) => reason === 'compact')).toBe(true);
  });

  it('keeps the summary over a restart', async () => {
    const script = withSummaries(steps(...Array.from({ length: 5 }, () => ({ calls: [{ name: 'big' }] }))));
    const first = await open({ script, tools: [big], config: SMALL });
    await first.chat('the task', 'main', 'r1');
    await first.ended('r1');
    await first.stop();
    const after = steps({ text: 'hi' });
    const second = await open({ home: first.home, script: withSummaries(after), config: SMALL });
    await second.chat('next', 'main', 'r2');
    await second.ended('r2');
    expect(messageText(after.requests[0]?.messages[0] as Message)).toContain(`notes ${script.summaries.length}`);
  });

  it('is shortened once more when the provider says it is too long', async () => {
    const asked = steps({ text: 'a'.repeat(2_000) }, { text: 'b'.repeat(2_000) }, { text: 'answer' });
    let refused = 0;
    const script = withSummaries(async function* (request, signal) {
      if (asked.requests.length === 2 && refused === 0) {
        refused += 1;
        throw new AppError('model.context_full');
      }
      yield* asked(request, signal);
    });
    const config = { agents: { defaults: { compaction: { keepRecentTokens: 100 } } } };
    const bench = await open({ script, config });
    for (const runId of ['r1', 'r2', 'r3']) {
      await bench.chat(`question ${runId}`, 'main', runId);
      await bench.ended(runId);
    }
    expect(bench.endsOf('r3')[0]).toMatchObject({ state: 'final' });
    expect(script.summaries).toHaveLength(1);
    expect(asked.requests[2]?.messages.map(messageText).join('\n')).not.toContain('aaaa');
  });

  it('fails with that error when shortening does not help', async () => {
    const script: Script = async function* () {
      yield START;
      throw new AppError('model.context_full');
    };
    const bench = await open({ script });
    await bench.chat('x', 'main', 'r1');
    await bench.ended('r1');
    expect(bench.endsOf('r1')[0]).toMatchObject({ state: 'error', errorDetail: { code: 'model.context_full' } });
  });

  it('lets somebody save what matters first, with tools, unseen', async () => {
    const saved: string[] = [];
    const note = tool('note', ({ text }) => {
      saved.push(String(text));
      return textResult('kept');
    });
    const main = steps(...Array.from({ length: 5 }, () => ({ calls: [{ name: 'big' }] })), { text: 'finished' });
    const script = withSummaries(async function* (request, signal) {
      const question = request.messages.findLast(({ role }) => role === 'user');
      if (!question || messageText(question) !== 'Save now') return yield* main(request, signal);
      const isFirst = request.messages.at(-1)?.role === 'user';
      yield* steps(isFirst ? { calls: [{ name: 'note', args: { text: 'the task' } }] } : { text: 'saved' })(
        request,
        signal,
      );
    });
    const words: string[] = [];
    const beforeCompaction = async ({ ask }: { ask: (question: string) => Promise<string> }) => {
      words.push(await ask('Save now'));
    };
    const bench = await open({ script, tools: [big, note], config: SMALL, runs: { beforeCompaction } });
    await bench.chat('the task', 'main', 'r1');
    await bench.ended('r1');
    expect(saved.length).toBeGreaterThan(0);
    expect(words[0]).toBe('saved');
    expect(JSON.stringify(await bench.history())).not.toContain('Save now');
  });
});

describe('/compact', () => {
  it('summarises when a person asks for it, looking after what they name', async () => {
    const asked = steps({ text: 'a'.repeat(9_000) }, { text: 'b'.repeat(900) });
    const script = withSummaries(asked);
    const config = { agents: { defaults: { compaction: { keepRecentTokens: 300 } } } };
    const bench = await open({ script, config });
    await bench.chat('first', 'main', 'r1');
    await bench.ended('r1');
    await bench.chat('second', 'main', 'r2');
    await bench.ended('r2');
    expect(await bench.chat('/compact the prices', 'main', 'r3')).toEqual({ runId: 'r3', status: 'started' });
    await bench.ended('r3');
    expect(script.summaries[0]).toContain('the prices');
    // Two answers and the summary.
    expect((await bench.store.find('agent:main:main'))?.entry.estimatedCostUsd).toBe(1.5);
    const history = await bench.history();
    expect(history.map(({ role, __openclaw }) => __openclaw?.kind ?? role)).toEqual([
      'user',
      'assistant',
      'user',
      'assistant',
      'user',
      'compaction',
      'assistant',
    ]);
    expect(messageText(history.at(-1) as Message)).toContain('summarised');
    await bench.chat('third', 'main', 'r4');
    await bench.ended('r4');
    expect(asked.requests[2]?.messages.map(messageText).join('\n')).not.toContain('aaaa');
  });

  it('says so when there is nothing to summarise', async () => {
    const bench = await open({ script: steps() });
    await bench.chat('/compact', 'main', 'r1');
    await bench.ended('r1');
    expect(messageText((await bench.history()).at(-1) as Message)).toBe('There is nothing to summarise yet.');
  });
});
