import { describe, expect, it } from 'vitest';
import type { AgentEvent, Message } from '../../../../gateway-core/src/protocol/index.js';
import { type Approval } from '../../data/approvals.js';
import { looseApprovals } from './LooseApprovals.js';
import type { AnswerRow, ToolStep } from './rows.js';
import { runSteps, runTotals } from './run/run-steps.js';
import { EMPTY_TIMELINE, reduceTimeline, type Timeline, type TimelineAction } from './timeline.js';

const KEY = 'agent:main:main';
const T = 1_700_000_000_000;
const USAGE = { input: 100, output: 20, cacheRead: 50, cacheWrite: 0, totalTokens: 170, cost: { total: 0.02 } };

const agent = (stream: string, seq: number, data: AgentEvent['data'], atMs = T): TimelineAction => ({
  type: 'agent',
  atMs,
  event: { runId: 'r1', stream, data, sessionKey: KEY, seq, ts: atMs },
});
const stored = (message: Message): TimelineAction => ({ type: 'stored', message, atMs: T });
const calls = (id: string, text: string, toolIds: string[], atMs = T): Message => ({
  role: 'assistant',
  content: [
    { type: 'text', text },
    ...toolIds.map((toolId) => ({
      type: 'toolCall' as const,
      id: toolId,
      name: 'exec',
      arguments: { command: toolId },
    })),
  ],
  usage: USAGE,
  model: 'm',
  timestamp: atMs,
  __openclaw: { id, seq: 1 },
});
const result = (id: string, toolCallId: string, more: Partial<Message> = {}): Message => ({
  role: 'toolResult',
  toolCallId,
  toolName: 'exec',
  content: [{ type: 'text', text: `out of ${toolCallId}` }],
  timestamp: T + 500,
  __openclaw: { id, seq: 2 },
  ...more,
});
const divider: Message = {
  role: 'system',
  content: [{ type: 'text', text: 'Compaction' }],
  timestamp: T,
  __openclaw: { id: 'd', seq: 0, kind: 'compaction' },
};
const user: Message = { role: 'user', content: 'hi', timestamp: T - 1_000, __openclaw: { id: 'u', seq: 0 } };

function play(...actions: TimelineAction[]): Timeline {
  return actions.reduce(reduceTimeline, EMPTY_TIMELINE);
}
function answerOf(timeline: Timeline): AnswerRow {
  const row = timeline.rows.findLast((candidate) => candidate.kind === 'answer');
  if (row?.kind !== 'answer') throw new Error('no answer');
  return row;
}
function toolOf(timeline: Timeline): ToolStep {
  const part = answerOf(timeline).parts.find((candidate) => candidate.kind === 'tool');
  if (part?.kind !== 'tool') throw new Error('no tool');
  return part.tool;
}
const start = agent('tool', 1, { phase: 'start', name: 'exec', toolCallId: 't1', args: { command: 't1' } });

describe('a tool call', () => {
  it('shows what it prints while it runs, and then what is stored', () => {
    const partialResult = { content: [{ type: 'text', text: 'half' }], details: { status: 'running' } };
    const running = play(start, agent('tool', 2, { phase: 'update', name: 'exec', toolCallId: 't1', partialResult }));
    expect(toolOf(running)).toMatchObject({ state: 'running', partial: 'half' });
    const ended = reduceTimeline(running, stored(result('m', 't1', { details: { exitCode: 0 } })));
    expect(toolOf(ended)).toMatchObject({ state: 'done', result: 'out of t1', details: { exitCode: 0 } });
    expect(toolOf(ended).partial).toBeUndefined();
    const late = reduceTimeline(ended, agent('tool', 3, { phase: 'update', toolCallId: 't1', partialResult }));
    expect(toolOf(late).result).toBe('out of t1');
  });

  it('stands behind the text of its message, also when it was seen before that was stored', () => {
    const row = answerOf(play(start, stored(calls('m', 'I look.', ['t1']))));
    expect(row.parts.map((part) => part.kind)).toEqual(['text', 'tool']);
    expect(toolOf(play(start, stored(calls('m', 'I look.', ['t1'])))).startedAtMs).toBe(T);
  });

  it('keeps pictures and a failed end', () => {
    const picture = { type: 'image' as const, data: 'AA==', mimeType: 'image/png' };
    const content = [{ type: 'text' as const, text: 'x' }, picture];
    const tool = toolOf(play(start, stored(result('m', 't1', { content, isError: true }))));
    expect(tool).toMatchObject({ state: 'failed', images: [picture] });
  });

  it('keeps what it printed when the history is loaded again', () => {
    const partialResult = { content: [{ type: 'text', text: 'half' }] };
    const live = play(
      { type: 'history', messages: [user], running: true, atMs: T },
      start,
      agent('tool', 2, { phase: 'update', toolCallId: 't1', partialResult }),
      { type: 'history', messages: [user, calls('m', 'I look.', ['t1'])], running: true, atMs: T },
    );
    expect(toolOf(live)).toMatchObject({ state: 'running', partial: 'half' });
  });
});

describe('the divider of a summary', () => {
  it('stands above the answer that goes on, live and in the history', () => {
    const live = play(
      { type: 'history', messages: [user], running: true, atMs: T },
      start,
      stored(divider),
      stored(calls('m2', 'Done.', [])),
    );
    const loaded = play({
      type: 'history',
      messages: [user, calls('m1', 'I look.', ['t1']), result('m', 't1'), divider, calls('m2', 'Done.', [])],
      running: false,
      atMs: T,
    });
    for (const timeline of [live, loaded])
      expect(timeline.rows.map((row) => row.kind)).toEqual(['user', 'note', 'answer']);
    expect(loaded.rows[1]).toMatchObject({ kind: 'note', about: 'compaction' });
  });

  it('stands between two turns where it was drawn between them', () => {
    const messages = [user, calls('m1', 'Hi.', []), divider, { ...user, __openclaw: { id: 'u2', seq: 5 } }];
    const { rows } = play({ type: 'history', messages, running: true, atMs: T });
    expect(rows.map((row) => row.kind)).toEqual(['user', 'answer', 'note', 'user', 'answer']);
  });

  it('is announced while the summary is written', () => {
    const during = play(start, agent('compaction', 2, { phase: 'start' }));
    expect(answerOf(during).isCompacting).toBe(true);
    expect(answerOf(reduceTimeline(during, agent('compaction', 3, { phase: 'end' }))).isCompacting).toBe(false);
  });
});

describe('the steps of an answer', () => {
  const messages = [
    user,
    calls('m1', 'I look.', ['t1', 't2']),
    result('r1', 't1'),
    result('r2', 't2'),
    calls('m2', 'Done.', [], T + 900),
  ];
  const row = answerOf(play({ type: 'history', messages, running: false, atMs: T }));
  const facts = { askedAtMs: T - 1_000, approvals: [], sessionKey: KEY };

  it('follow each other in time', () => {
    const steps = runSteps(row, facts);
    expect(steps.map(({ kind, startMs }) => [kind, startMs - T])).toEqual([
      ['model', -1_000],
      ['tool', 0],
      ['tool', 0],
      ['model', 500],
    ]);
  });

  it('add up to tokens, cost and time', () => {
    const totals = runTotals(row, runSteps(row, facts), T);
    expect(totals).toMatchObject({ input: 200, output: 40, cacheRead: 100, cost: 0.04, toolCalls: 2, modelCalls: 2 });
    expect(totals.durationMs).toBe(1_900);
  });

  it('end with what goes on now', () => {
    const active = answerOf(play(start));
    expect(runSteps(active, facts).map(({ kind }) => kind)).toEqual(['tool']);
    const thinking = answerOf(play({ type: 'history', messages: [user], running: true, atMs: T }));
    expect(runSteps(thinking, facts).at(-1)).toMatchObject({ kind: 'model', key: 'model-now' });
  });
});

describe('a question without a card', () => {
  it('is found, and not one that a running call shows', () => {
    const question = (id: string, command: string) =>
      ({ id, state: 'waiting', request: { command, sessionKey: KEY } }) as Approval;
    const { rows } = play(start);
    const all = [question('a', 't1'), question('b', 'other')];
    expect(looseApprovals(all, rows, KEY).map(({ id }) => id)).toEqual(['b']);
    expect(looseApprovals(all, rows, 'agent:main:else')).toEqual([]);
  });
});
