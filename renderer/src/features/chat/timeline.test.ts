import { describe, expect, it } from 'vitest';
import type { AgentEvent, ChatEvent, Message } from '../../../../gateway-core/src/protocol/index.js';
import { type AnswerRow, answerText, isActive } from './rows.js';
import {
  activeAnswer,
  EMPTY_TIMELINE,
  lastUserText,
  reduceTimeline,
  type Timeline,
  type TimelineAction,
} from './timeline.js';

const KEY = 'agent:main:main';
const T = 1_700_000_000_000;

const text = (value: string) => [{ type: 'text' as const, text: value }];
const user = (id: string, value: string, more: Partial<Message> = {}): Message => ({
  role: 'user',
  content: value,
  timestamp: T,
  __openclaw: { id, seq: 1 },
  ...more,
});
const assistant = (id: string, value: string, more: Partial<Message> = {}): Message => ({
  role: 'assistant',
  content: text(value),
  timestamp: T,
  __openclaw: { id, seq: 2 },
  ...more,
});
const chat = (
  state: ChatEvent['state'],
  seq: number,
  value?: string,
  more: Partial<ChatEvent> = {},
): TimelineAction => ({
  type: 'chat',
  atMs: T,
  event: {
    runId: 'r1',
    sessionKey: KEY,
    seq,
    state,
    ...(value === undefined ? {} : { message: { role: 'assistant', content: text(value) } }),
    ...more,
  },
});
const agent = (stream: string, seq: number, data: AgentEvent['data'], runId = 'r1'): TimelineAction => ({
  type: 'agent',
  atMs: T,
  event: { runId, stream, data, sessionKey: KEY, seq, ts: T },
});
const stored = (message: Message): TimelineAction => ({
  type: 'stored',
  message,
  messageId: message.__openclaw?.id,
  atMs: T,
});
const history = (
  messages: Message[],
  more: Partial<Extract<TimelineAction, { type: 'history' }>> = {},
): TimelineAction => ({
  type: 'history',
  messages,
  running: false,
  atMs: T,
  ...more,
});
const sending: TimelineAction = { type: 'sending', sendId: 'r1', text: 'hi', images: [], atMs: T };
const sent: TimelineAction = { type: 'sent', sendId: 'r1', runId: 'r1', atMs: T };
const start = agent('lifecycle', 1, { phase: 'start', startedAt: T });

function play(...actions: TimelineAction[]): Timeline {
  return actions.reduce(reduceTimeline, EMPTY_TIMELINE);
}

/** A row in a few letters, for tables. */
function sketch(timeline: Timeline): string[] {
  return timeline.rows.map((row) => {
    if (row.kind === 'user') return `user:${row.text}:${row.state}`;
    if (row.kind === 'note') return `note:${row.text}`;
    return `answer:${answerText(row)}:${row.phase}`;
  });
}

function answer(timeline: Timeline): AnswerRow {
  const row = timeline.rows.findLast((candidate) => candidate.kind === 'answer');
  if (row?.kind !== 'answer') throw new Error('no answer row');
  return row;
}

interface Case {
  name: string;
  actions: TimelineAction[];
  rows: string[];
}

const CASES: Case[] = [
  {
    name: 'shows a message at once and the answer below it',
    actions: [sending, sent],
    rows: ['user:hi:sent', 'answer::waiting'],
  },
  {
    name: 'streams the whole text so far',
    actions: [sending, sent, chat('delta', 2, 'Hel'), chat('delta', 3, 'Hello')],
    rows: ['user:hi:sent', 'answer:Hello:streaming'],
  },
  {
    name: 'takes text from agent events too',
    actions: [
      start,
      agent('assistant', 2, { text: 'He', delta: 'He' }),
      chat('delta', 2, 'He'),
      agent('assistant', 3, { text: 'Hey', delta: 'y' }),
    ],
    rows: ['answer:Hey:streaming'],
  },
  {
    name: 'ignores a delta that was overtaken',
    actions: [start, chat('delta', 5, 'Hello'), chat('delta', 3, 'Hel')],
    rows: ['answer:Hello:streaming'],
  },
  {
    name: 'ignores a delta after the end',
    actions: [start, chat('final', 4, 'Hello'), chat('delta', 9, 'Hello again')],
    rows: ['answer:Hello:done'],
  },
  {
    name: 'ends once although the end arrives twice',
    actions: [start, chat('final', 4, 'Hello'), chat('error', 5, undefined, { errorMessage: 'late' })],
    rows: ['answer:Hello:done'],
  },
  { name: 'ends without a text', actions: [start, chat('final', 4)], rows: ['answer::done'] },
  {
    name: 'keeps the partial text of a stopped answer',
    actions: [start, chat('delta', 2, 'Hel'), chat('aborted', 3)],
    rows: ['answer:Hel:stopped'],
  },
  {
    name: 'keeps the partial text of a failed answer',
    actions: [start, chat('delta', 2, 'Hel'), chat('error', 3, undefined, { errorMessage: 'boom' })],
    rows: ['answer:Hel:failed'],
  },
  {
    name: 'goes on when a failed attempt is followed by another',
    actions: [
      start,
      chat('error', 3, undefined, { errorMessage: 'boom' }),
      chat('delta', 4, 'Now'),
      chat('final', 5, 'Now it works'),
    ],
    rows: ['answer:Now it works:done'],
  },
  {
    name: 'does not go on for an event from before the failure',
    actions: [
      start,
      chat('delta', 2, 'Hel'),
      chat('error', 5, undefined, { errorMessage: 'boom' }),
      chat('delta', 4, 'Hello'),
    ],
    rows: ['answer:Hel:failed'],
  },
  {
    name: 'does not show a run because of its end alone',
    actions: [agent('lifecycle', 7, { phase: 'end' })],
    rows: [],
  },
  {
    name: 'joins the stored copy of an own message',
    actions: [sending, sent, stored(user('u1', 'hi', { idempotencyKey: 'r1' }))],
    rows: ['user:hi:sent', 'answer::waiting'],
  },
  {
    name: 'joins a stored copy that carries no key by its text',
    actions: [sending, sent, stored(user('u1', '[Sat 2026-11-21 02:15 UTC] hi'))],
    rows: ['user:hi:sent', 'answer::waiting'],
  },
  {
    name: 'takes a message that is stored twice once',
    actions: [
      sending,
      sent,
      stored({ role: 'user', content: 'hi', __openclaw: { seq: 6 } }),
      stored(user('u1', 'hi')),
      stored(user('u1', 'hi')),
    ],
    rows: ['user:hi:sent', 'answer::waiting'],
  },
  {
    name: "puts another client's message before the answer that has begun",
    actions: [start, stored(user('u1', 'from afar')), chat('delta', 2, 'Yes')],
    rows: ['user:from afar:sent', 'answer:Yes:streaming'],
  },
  {
    name: 'does not repeat live text once it is stored',
    actions: [
      start,
      chat('delta', 2, 'Hello'),
      stored(assistant('a1', 'Hello')),
      chat('delta', 6, 'Hello'),
      chat('final', 6, 'Hello'),
    ],
    rows: ['answer:Hello:done'],
  },
  {
    name: 'understands text that starts anew after a tool step',
    actions: [
      start,
      chat('delta', 2, 'First.'),
      stored(assistant('a1', 'First.')),
      chat('delta', 4, 'Second'),
      chat('final', 5, 'Second.'),
    ],
    rows: ['answer:First.\n\nSecond.:done'],
  },
  {
    name: 'understands text that goes on after a tool step',
    actions: [start, chat('delta', 2, 'First.'), stored(assistant('a1', 'First.')), chat('delta', 4, 'First. Second')],
    rows: ['answer:First.\n\n Second:streaming'],
  },
  {
    name: 'keeps what is streaming when the same text ends with a blank',
    actions: [
      start,
      chat('delta', 2, 'word0 word1'),
      chat('aborted', 3, 'word0 word1'),
      stored(assistant('a1', 'word0 word1', { openclawAbort: { aborted: true, origin: 'rpc', runId: 'r1' } })),
      stored(assistant('a2', 'word0 word1 ', { stopReason: 'aborted' })),
    ],
    rows: ['answer:word0 word1:stopped'],
  },
  {
    name: 'says when a message could not be sent',
    actions: [sending, { type: 'sendFailed', sendId: 'r1', failure: { message: 'no', retryable: true } }],
    rows: ['user:hi:failed'],
  },
  {
    name: 'takes a message back that goes into the queue again',
    actions: [sending, { type: 'withdrawn', sendId: 'r1' }],
    rows: [],
  },
  {
    name: 'does not take back what is stored',
    actions: [sending, stored(user('u1', 'hi', { idempotencyKey: 'r1' })), { type: 'withdrawn', sendId: 'r1' }],
    rows: ['user:hi:sent'],
  },
  {
    name: 'does not show a message again that is sent a second time',
    actions: [history([user('u1', 'hi', { idempotencyKey: 'r1' })]), sending],
    rows: ['user:hi:sent'],
  },
  {
    name: 'marks an interrupted answer and keeps its text',
    actions: [start, chat('delta', 2, 'Hel'), { type: 'interrupted', atMs: T }],
    rows: ['answer:Hel:failed'],
  },
  { name: 'forgets everything when the session is emptied', actions: [sending, { type: 'cleared' }], rows: [] },
  {
    name: 'shows injected messages',
    actions: [
      history([user('u1', 'hi'), assistant('a1', 'yes')]),
      stored(user('u2', 'more')),
      stored(assistant('a2', 'note')),
    ],
    rows: ['user:hi:sent', 'answer:yes:done', 'user:more:sent', 'answer:note:done'],
  },
  {
    name: 'draws a divider for system messages',
    actions: [stored({ role: 'system', content: 'reset', __openclaw: { id: 's1', seq: 1 } })],
    rows: ['note:reset'],
  },
];

describe('timeline: live events', () => {
  it.each(CASES)('$name', ({ actions, rows }) => {
    expect(sketch(play(...actions))).toEqual(rows);
  });

  it('carries reason, hint and wait of a failure', () => {
    const errorDetail = { code: 'model.rate_limit', hint: 'Wait a little.', retryable: true, retryAfterMs: 9_000 };
    const row = answer(play(start, chat('error', 3, undefined, { errorMessage: 'Too often.', errorDetail })));
    expect(row.failure).toEqual({ message: 'Too often.', ...errorDetail });
  });

  it('keeps the row on screen when the text is stored', () => {
    const before = answer(play(start, chat('delta', 2, 'Hello')));
    const after = answer(
      play(start, chat('delta', 2, 'Hello'), stored(assistant('a1', 'Hello')), history([assistant('a1', 'Hello')])),
    );
    expect(after.key).toBe(before.key);
  });

  it('takes citations from the final event', () => {
    const citations = [{ index: 1, title: 'T', uri: 'docs:x', quote: 'Q' }];
    expect(answer(play(start, chat('final', 3, 'See [1]', { citations }))).citations).toEqual(citations);
  });

  it('follows a tool step from its start to its stored result', () => {
    const timeline = play(
      start,
      agent('tool', 2, { phase: 'start', name: 'exec', toolCallId: 'c1', args: { command: 'ls' } }),
      stored(
        assistant('a1', '', { content: [{ type: 'toolCall', id: 'c1', name: 'exec', arguments: { command: 'ls' } }] }),
      ),
      agent('tool', 3, { phase: 'result', name: 'exec', toolCallId: 'c1', isError: false }),
      stored({
        role: 'toolResult',
        toolCallId: 'c1',
        toolName: 'exec',
        content: text('a.txt'),
        __openclaw: { id: 't1', seq: 3 },
      }),
    );
    expect(answer(timeline).parts).toMatchObject([
      { kind: 'tool', tool: { id: 'c1', name: 'exec', state: 'done', result: 'a.txt' } },
    ]);
  });

  it('does not leave a tool step running when the run has ended', () => {
    const row = answer(
      play(start, agent('tool', 2, { phase: 'start', name: 'exec', toolCallId: 'c1' }), chat('aborted', 3)),
    );
    expect(row.parts).toMatchObject([{ tool: { state: 'failed' } }]);
  });

  it('answers the same object when nothing changed', () => {
    const timeline = play(start, chat('final', 4, 'x'), stored(assistant('a1', 'x')));
    expect(reduceTimeline(timeline, stored(assistant('a1', 'x')))).toBe(timeline);
  });

  it('knows the active answer and the last own text', () => {
    const timeline = play(sending, sent);
    expect(activeAnswer(timeline)?.runId).toBe('r1');
    expect(lastUserText(timeline.rows)).toBe('hi');
    expect(activeAnswer(play(sending, sent, chat('final', 2, 'x')))).toBeUndefined();
  });
});

describe('timeline: history', () => {
  const question = user('u1', 'hi', { idempotencyKey: 'r1' });

  it('puts everything of one turn into one answer', () => {
    const timeline = play(
      history([
        question,
        assistant('a1', 'Let me look.', {
          content: [...text('Let me look.'), { type: 'toolCall', id: 'c1', name: 'read', arguments: {} }],
        }),
        { role: 'toolResult', toolCallId: 'c1', content: 'data', __openclaw: { id: 't1', seq: 3 } },
        assistant('a2', 'Here it is.'),
      ]),
    );
    expect(sketch(timeline)).toEqual(['user:hi:sent', 'answer:Let me look.\n\nHere it is.:done']);
    expect(timeline.loaded).toBe(true);
  });

  it('shows stored failures and stops as such, with a hint by code', () => {
    const timeline = play(
      history([
        question,
        assistant('a1', 'Par', { stopReason: 'error', errorMessage: 'refused', errorCode: 'model.auth' }),
        user('u2', 'again'),
        assistant('a2', 'Par', { stopReason: 'aborted' }),
      ]),
    );
    expect(sketch(timeline)).toEqual(['user:hi:sent', 'answer:Par:failed', 'user:again:sent', 'answer:Par:stopped']);
    const first = timeline.rows[1];
    expect(first?.kind === 'answer' && first.failure?.hint).toBeTruthy();
  });

  it('does not double what was shown live', () => {
    const timeline = play(sending, sent, chat('final', 3, 'Hello'), history([question, assistant('a1', 'Hello')]));
    expect(sketch(timeline)).toEqual(['user:hi:sent', 'answer:Hello:done']);
  });

  it('keeps a message that is still on its way', () => {
    expect(sketch(play(sending, history([])))).toEqual(['user:hi:sending']);
  });

  it('finds out after a gap that the answer was finished meanwhile', () => {
    const timeline = play(sending, sent, chat('delta', 2, 'Hel'), history([question, assistant('a1', 'Hello there')]));
    expect(sketch(timeline)).toEqual(['user:hi:sent', 'answer:Hello there:done']);
  });

  it('lets an answer go on after a gap when it still runs', () => {
    const gap = history([question], { running: true });
    const timeline = play(sending, sent, chat('delta', 2, 'Hel'), gap, chat('delta', 9, 'Hello there'));
    expect(sketch(timeline)).toEqual(['user:hi:sent', 'answer:Hello there:streaming']);
  });

  it('says that an answer was cut off when its gateway is gone', () => {
    const timeline = play(sending, sent, chat('delta', 2, 'Hel'), history([question]));
    expect(sketch(timeline)).toEqual(['user:hi:sent', 'answer:Hel:failed']);
    expect(answer(timeline).failure?.code).toBe('run.interrupted');
  });

  it('shows that a run is active in a session that is opened in the middle of it', () => {
    const timeline = play(history([question], { running: true, runStartedAtMs: T - 5 }), chat('delta', 7, 'Hey'));
    expect(sketch(timeline)).toEqual(['user:hi:sent', 'answer:Hey:streaming']);
    expect(timeline.rows.filter(isActive)).toHaveLength(1);
  });

  it('says so when an old question never got an answer', () => {
    expect(sketch(play(history([question], { atMs: T + 60_000 })))).toEqual(['user:hi:sent', 'answer::failed']);
    expect(sketch(play(history([question], { atMs: T + 1_000 })))).toEqual(['user:hi:sent']);
  });

  it('keeps the wording of a failure that the history knows less about', () => {
    const errorDetail = { code: 'model.auth', hint: 'Check the key.', retryable: false };
    const failed = assistant('a1', '', { stopReason: 'error', errorMessage: 'refused' });
    const timeline = play(
      sending,
      sent,
      stored(failed),
      chat('error', 3, undefined, { errorMessage: 'refused', errorDetail }),
      history([question, failed]),
    );
    expect(answer(timeline).failure?.hint).toBe('Check the key.');
  });

  it('takes sender block and time stamp off stored user text', () => {
    const block = 'Sender (untrusted metadata):\n```json\n{"label":"x"}\n```\n\n[Sat 2026-11-21 02:15 UTC] hello';
    expect(sketch(play(history([user('u1', block)])))).toEqual(['user:hello:sent']);
  });

  it('is the same whether events arrive before or after the history', () => {
    const live = [
      stored(question),
      start,
      chat('delta', 2, 'Hel'),
      stored(assistant('a1', 'Hello')),
      chat('final', 3, 'Hello'),
    ];
    const rows = sketch(play(...live, history([question, assistant('a1', 'Hello')])));
    expect(sketch(play(history([question, assistant('a1', 'Hello')]), ...live))).toEqual(rows);
  });
});

describe('timeline: history that was asked for before a message was sent', () => {
  const earlier = [user('u0', 'before'), assistant('a0', 'done before')];
  const asked = { requestedAtMs: T, atMs: T };

  it('keeps the message and its active answer, apart from the answer before', () => {
    const timeline = play(history(earlier), sending, sent, history(earlier, { ...asked, running: true }));
    expect(sketch(timeline)).toEqual([
      'user:before:sent',
      'answer:done before:done',
      'user:hi:sent',
      'answer::waiting',
    ]);
  });

  it('keeps a quick answer that has already ended', () => {
    const timeline = play(history(earlier), sending, sent, chat('final', 3, 'quick'), history(earlier, asked));
    expect(sketch(timeline)).toEqual([
      'user:before:sent',
      'answer:done before:done',
      'user:hi:sent',
      'answer:quick:done',
    ]);
  });

  it('does not double a quick answer that the history already has', () => {
    const both = [...earlier, user('u1', 'hi', { idempotencyKey: 'r1' }), assistant('a1', 'quick')];
    const timeline = play(history(earlier), sending, sent, chat('final', 3, 'quick'), history(both, asked));
    expect(sketch(timeline).slice(2)).toEqual(['user:hi:sent', 'answer:quick:done']);
  });

  it('drops what an emptied session no longer has', () => {
    const timeline = play(history(earlier), history([], { requestedAtMs: T + 5, atMs: T + 6 }));
    expect(sketch(timeline)).toEqual([]);
  });
});
