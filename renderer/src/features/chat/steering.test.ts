import { describe, expect, it } from 'vitest';
import type { AgentEvent, ChatEvent, Message } from '../../../../gateway-core/src/protocol/index.js';
import { answerText, isActive, unstoredText } from './rows.js';
import { EMPTY_TIMELINE, reduceTimeline, type Timeline, type TimelineAction } from './timeline.js';

const KEY = 'agent:main:main';
const T = 1_700_000_000_000;

const agent = (stream: string, seq: number, data: AgentEvent['data'], runId = 'r1'): TimelineAction => ({
  type: 'agent',
  atMs: T + seq,
  event: { runId, stream, data, sessionKey: KEY, seq, ts: T + seq },
});
const says = (seq: number, text: string) => agent('assistant', seq, { text, delta: text });
const chat = (state: ChatEvent['state'], more: Partial<ChatEvent> = {}): TimelineAction => ({
  type: 'chat',
  atMs: T + 900,
  event: { runId: 'r1', sessionKey: KEY, seq: 99, state, ...more },
});
const stored = (message: Message): TimelineAction => ({ type: 'stored', message, atMs: T });
const assistant = (id: string, text: string, toolIds: string[] = []): Message => ({
  role: 'assistant',
  content: [
    { type: 'text', text },
    ...toolIds.map((call) => ({ type: 'toolCall' as const, id: call, name: 'exec', arguments: { command: call } })),
  ],
  timestamp: T,
  __openclaw: { id, seq: 1 },
});
const result = (id: string, toolCallId: string): Message => ({
  role: 'toolResult',
  toolCallId,
  toolName: 'exec',
  content: [{ type: 'text', text: 'out' }],
  timestamp: T,
  __openclaw: { id, seq: 2 },
});
const person = (id: string, content: string): Message => ({
  role: 'user',
  content,
  timestamp: T,
  __openclaw: { id, seq: 0 },
});
const sends = (isSteering = true): TimelineAction[] => [
  { type: 'sending', sendId: 's2', text: 'also this', images: [], isSteering, atMs: T },
  { type: 'sent', sendId: 's2', runId: 's2', atMs: T },
];
const start = [stored(person('u1', 'do it')), agent('lifecycle', 1, { phase: 'start' })];

function play(...actions: TimelineAction[]): Timeline {
  return actions.reduce(reduceTimeline, EMPTY_TIMELINE);
}

function sketch({ rows }: Timeline): string[] {
  return rows.map((row) => {
    if (row.kind === 'user') return `user:${row.text}`;
    if (row.kind === 'note') return 'note';
    const tools = row.parts.flatMap((part) => (part.kind === 'tool' ? [`${part.tool.id}=${part.tool.state}`] : []));
    return [isActive(row) ? 'active' : row.phase, answerText(row).replaceAll('\n\n', '|'), ...tools].join(':');
  });
}

describe('a message that is sent into an answer', () => {
  it('stands below what the model was saying, and the run goes on below it', () => {
    const speaking = [...start, says(2, 'Look'), ...sends()];
    expect(sketch(play(...speaking))).toEqual(['user:do it', 'active:Look', 'user:also this']);
    const heard = [...speaking, says(3, 'Looking.'), stored(assistant('a1', 'Looking.', ['t1']))];
    expect(sketch(play(...heard))).toEqual(['user:do it', 'active:Looking.:t1=running', 'user:also this']);
    const next = [...heard, agent('tool', 4, { phase: 'start', toolCallId: 't1', name: 'exec' })];
    const ended = [...next, stored(result('x1', 't1')), says(5, 'Looking.\n\nThat'), says(6, 'Looking.\n\nThat too.')];
    expect(sketch(play(...ended))).toEqual([
      'user:do it',
      'done:Looking.:t1=done',
      'user:also this',
      'active:That too.',
    ]);
    const message = { role: 'assistant' as const, content: 'Looking.\n\nThat too.' };
    const all = play(...ended, stored(assistant('a2', 'That too.')), chat('final', { message }));
    expect(sketch(all).slice(1)).toEqual(['done:Looking.:t1=done', 'user:also this', 'done:That too.']);
    expect(new Set(all.rows.map((row) => row.key)).size).toBe(4);
  });

  it('is heard right after the tools that are at work', () => {
    const working = [...start, stored(assistant('a1', 'Wait.', ['t1'])), ...sends()];
    const after = play(...working, stored(result('x1', 't1')), says(5, 'Wait.\n\nNew'));
    expect(sketch(after)).toEqual(['user:do it', 'done:Wait.:t1=done', 'user:also this', 'active:New']);
  });

  it('leaves the answer in one piece when it came too late to be heard', () => {
    const late = play(...start, says(2, 'All'), ...sends(), stored(assistant('a1', 'All.')), says(3, 'All.'));
    const message = { role: 'assistant' as const, content: 'All.' };
    expect(sketch(reduceTimeline(late, chat('final', { message })))).toEqual([
      'user:do it',
      'done:All.',
      'user:also this',
    ]);
  });

  it('shows no empty answer when its own run ends without a word', () => {
    const timeline = play(...start, says(2, 'Look'), ...sends());
    for (const state of ['final', 'aborted', 'error'] as const) {
      const after = reduceTimeline(timeline, chat(state, { runId: 's2' }));
      expect(sketch(after)).toEqual(sketch(timeline));
    }
    const own = reduceTimeline(timeline, agent('lifecycle', 1, { phase: 'start' }, 's2'));
    expect(sketch(own).at(-1)).toBe('active:');
  });

  it('waits for an answer of its own when it is not meant for the one under way', () => {
    expect(sketch(play(...start, says(2, 'Look'), ...sends(false))).at(-1)).toBe('active:');
  });

  it('keeps its place when the history is loaded meanwhile', () => {
    const live = play(
      ...start,
      stored(assistant('a1', 'Wait.', ['t1'])),
      ...sends(),
      stored(person('u2', 'also this')),
    );
    const messages = [person('u1', 'do it'), assistant('a1', 'Wait.', ['t1']), person('u2', 'also this')];
    const history = (running: boolean, more: Message[] = []): TimelineAction => ({
      type: 'history',
      messages: [...messages, ...more],
      running,
      requestedAtMs: T + 500,
      atMs: T + 600,
    });
    const merged = reduceTimeline(live, history(true, [result('x1', 't1'), assistant('a2', 'Then.', ['t2'])]));
    expect(sketch(merged)).toEqual(['user:do it', 'done:Wait.:t1=done', 'user:also this', 'active:Then.:t2=running']);
    expect(new Set(merged.rows.map((row) => row.key)).size).toBe(4);
    const later = reduceTimeline(merged, says(700, 'Wait.\n\nThen.\n\nDone.'));
    expect(sketch(later).at(-1)).toBe('active:Then.|Done.:t2=running');
    const over = reduceTimeline(live, history(false, [result('x1', 't1'), assistant('a2', 'Done.')]));
    expect(sketch(over)).toEqual(['user:do it', 'done:Wait.:t1=done', 'user:also this', 'done:Done.']);
  });
});

describe('the text of a run that is not stored', () => {
  it.each([
    ['One.\n\nTwo.\n\nThree', ['One.', 'Two.'], 'Three'],
    ['One.\n\nTwo.', ['One.', 'Two.'], ''],
    ['One. Two', ['One.'], ' Two'],
    ['Other', ['One.'], 'Other'],
  ])('%j behind %j is %j', (live, texts, rest) => {
    expect(unstoredText(live, texts)).toBe(rest);
  });
});
