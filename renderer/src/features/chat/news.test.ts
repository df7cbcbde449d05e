import { describe, expect, it } from 'vitest';
import type { AgentEvent, ChatEvent, Message } from '../../../../gateway-core/src/protocol/index.js';
import { newsWords, readNews } from './news.js';
import { type AnswerRow, questionOf, type TimelineRow, type ToolStep } from './rows.js';
import { EMPTY_TIMELINE, reduceTimeline, type TimelineAction } from './timeline.js';

const KEY = 'agent:main:main';
const T = 1_700_000_000_000;
const APPROVAL = '37efa79a-0000-4000-8000-000000000000';
const FINISHED = 'System: Exec finished: session f7ba3a0d, approval 37efa79a (exit code 0) Output ends with: two files';
const WAKE = '[Sat 2026-11-21 11:44 UTC] Look around. When nothing needs attention, answer HEARTBEAT_OK.';

const message = (id: string, role: Message['role'], value: string, more: Partial<Message> = {}): Message => ({
  role,
  content: [{ type: 'text', text: value }],
  timestamp: T,
  __openclaw: { id, seq: 1 },
  ...more,
});
const stored = (told: Message): TimelineAction => ({
  type: 'stored',
  message: told,
  messageId: told.__openclaw?.id,
  atMs: T,
});
const history = (messages: Message[]): TimelineAction => ({ type: 'history', messages, running: false, atMs: T });
const play = (...actions: TimelineAction[]) => actions.reduce(reduceTimeline, EMPTY_TIMELINE).rows;
const shape = (rows: readonly TimelineRow[]) => rows.map((row) => (row.kind === 'note' ? row.about : row.kind));
const callOf = (rows: readonly TimelineRow[]): ToolStep | undefined =>
  rows
    .flatMap((row) => (row.kind === 'answer' ? row.parts : []))
    .flatMap((part) => (part.kind === 'tool' && part.tool) || [])[0];

const asked = [
  message('u', 'user', 'list it', { idempotencyKey: 'r0' }),
  message('a', 'assistant', '', {
    content: [{ type: 'toolCall', id: 'c', name: 'exec', arguments: { command: 'ls' } }],
  }),
  message('t', 'toolResult', 'It waits.', {
    toolCallId: 'c',
    toolName: 'exec',
    details: { status: 'approval-pending', approvalId: APPROVAL, expiresAtMs: T, command: 'ls' },
  }),
];

describe('news of the gateway', () => {
  it.each([
    [FINISHED, 'A command has ended.'],
    ['System: Exec finished: session a1 (Command exited with code 2)', 'A command has ended with exit code 2.'],
    [
      'System: Exec finished: session a1 (Command took longer than 5 s and was ended) Output ends with: (x)',
      'A command has ended: Command took longer than 5 s and was ended',
    ],
    ['System: Exec finished: node n-1, approval 37efa79a. Output ends with: done', 'A command has ended.'],
    [
      'System: Exec denied: approval 37efa79a. Nobody answered in time. Command: rm x',
      'A command was not run. Nobody answered in time.',
    ],
    [
      'System: Exec running: session a1, approval 37efa79a. It was allowed.',
      'A command that you allowed is still running.',
    ],
    ['System: The parcel is here', 'The parcel is here'],
  ])('%s', (text, words) => {
    expect(readNews(text).map(newsWords)).toEqual([words]);
  });

  it('is read line by line, and is none without its mark', () => {
    expect(readNews(`${FINISHED}\nSystem: The parcel is here`)).toHaveLength(2);
    expect(readNews('The conversation was reset.')).toEqual([]);
  });

  it('tells the card of a command that waited how it ended, from history and as it comes', () => {
    const news = message('n', 'system', FINISHED);
    const end = { kind: 'finished', exitCode: 0, output: 'two files' };
    expect(callOf(play(history([...asked, news])))?.later).toMatchObject(end);
    expect(callOf(play(history(asked), stored(news)))?.later).toMatchObject(end);
    const other = message('n', 'system', FINISHED.replace('37efa79a', 'ffffffff'));
    expect(callOf(play(history([...asked, other])))?.later).toBeUndefined();
  });

  it('tells a command in the background by its session', () => {
    const running = { ...asked[2], details: { status: 'running', sessionId: 'f7ba3a0d' } } as Message;
    const news = message('n', 'system', 'System: Exec finished: session f7ba3a0d (Command exited with code 1)');
    expect(callOf(play(history([asked[0] as Message, asked[1] as Message, running, news])))?.later).toMatchObject({
      exitCode: 1,
    });
  });
});

describe('an agent that woke by itself', () => {
  const wake = message('w', 'user', WAKE);
  const news = message('n', 'system', FINISHED);
  const answer = message('b', 'assistant', 'There are two files.');
  const start: AgentEvent = {
    runId: 'r1',
    stream: 'lifecycle',
    data: { phase: 'start' },
    sessionKey: KEY,
    seq: 1,
    ts: T,
  };
  const final: ChatEvent = {
    runId: 'r1',
    sessionKey: KEY,
    seq: 2,
    state: 'final',
    message: { role: 'assistant', content: [{ type: 'text', text: 'There are two files.' }] },
  };

  it('was not asked by the person', () => {
    const rows = play(history([...asked, wake, news, answer]));
    expect(shape(rows)).toEqual(['user', 'answer', 'wake', 'news', 'answer']);
    expect(questionOf(rows, rows.at(-1) as AnswerRow)).toMatchObject({ kind: 'note', about: 'wake' });
  });

  it('shows its answer once, below what woke it, although that is heard of last', () => {
    const rows = play(
      history(asked),
      { type: 'agent', event: start, atMs: T },
      { type: 'chat', event: final, atMs: T },
      stored(wake),
      stored(news),
      stored(answer),
    );
    expect(shape(rows)).toEqual(['user', 'answer', 'wake', 'news', 'answer']);
    expect(rows.at(-1)).toMatchObject({ parts: [{ text: 'There are two files.' }], liveText: '' });
  });

  it('is told from a person who writes the same word', () => {
    expect(shape(play(history([message('u', 'user', 'Why HEARTBEAT_OK?', { idempotencyKey: 'k' })])))[0]).toBe('user');
  });
});

describe('a schedule', () => {
  it('is named above what it asks', () => {
    const [row] = play(
      history([message('u', 'user', '[Sat 2026-11-21 11:44 UTC] [cron:7b-c1 Morning look] Say hello')]),
    );
    expect(row).toMatchObject({ kind: 'user', schedule: 'Morning look', text: 'Say hello' });
  });
});
