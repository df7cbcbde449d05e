// The pure reducer of a conversation: what is stored, what streams in and what was just sent → rows.
import type { AgentEvent, ChatEvent, ImagePart, Message } from '../../../../gateway-core/src/protocol/index.js';
import type { FailureText } from '../../data/explain-error.js';
import { t } from '../../i18n/t.js';
import { interrupt, type LoadedHistory, mergeHistory, rowsFromMessages } from './history-rows.js';
import { addAssistantMessage, addToolResult, idOf, plainUserText, runIdOf, textOf } from './message-parts.js';
import {
  type AnswerRow,
  endAnswer,
  isActive,
  newAnswer,
  storedTexts,
  type TimelineRow,
  unstoredText,
  withTool,
} from './rows.js';

export interface Timeline {
  rows: readonly TimelineRow[];
  /** False until the first history has arrived. */
  loaded: boolean;
}

export const EMPTY_TIMELINE: Timeline = { rows: [], loaded: false };

export type TimelineAction =
  | ({ type: 'history' } & LoadedHistory)
  | { type: 'stored'; message: Message; messageId?: string; atMs: number }
  | { type: 'chat'; event: ChatEvent; atMs: number }
  | { type: 'agent'; event: AgentEvent; atMs: number }
  | { type: 'sending'; sendId: string; text: string; images: ImagePart[]; atMs: number }
  | { type: 'sent'; sendId: string; runId?: string; atMs: number }
  | { type: 'sendFailed'; sendId: string; failure: FailureText }
  | { type: 'withdrawn'; sendId: string }
  | { type: 'interrupted'; atMs: number }
  | { type: 'cleared' };

type Rows = readonly TimelineRow[];

/** The run that is being answered now, or undefined. */
export function activeAnswer(timeline: Timeline): AnswerRow | undefined {
  return timeline.rows.findLast(isActive);
}

/** The text of the last message that a person wrote, or undefined. */
export function lastUserText(rows: Rows): string | undefined {
  const row = rows.findLast((candidate) => candidate.kind === 'user');
  return row?.kind === 'user' ? row.text : undefined;
}

function replaceRow(rows: Rows, old: TimelineRow, next: TimelineRow): Rows {
  return rows.map((row) => (row === old ? next : row));
}

function rowOfRun(rows: Rows, runId: string): AnswerRow | undefined {
  return rows.findLast((row): row is AnswerRow => row.kind === 'answer' && row.runId === runId);
}

/** The answer below the message that began the run: history does not say which run wrote an answer. */
function rowBelowMessage(rows: Rows, runId: string): AnswerRow | undefined {
  const at = rows.findIndex((row) => row.kind === 'user' && row.sendId === runId);
  const below = at < 0 ? undefined : rows[at + 1];
  return below?.kind === 'answer' && below.runId === undefined ? below : undefined;
}

/** Changes the row of a run; makes it at the end when the run is new here. */
function changeRun(rows: Rows, runId: string, atMs: number, change: (row: AnswerRow) => AnswerRow): Rows {
  const known = rowOfRun(rows, runId) ?? rowBelowMessage(rows, runId);
  if (known) return replaceRow(rows, known, change(known.runId === runId ? known : { ...known, runId }));
  const nameless = rows.findLast((row) => isActive(row) && row.runId === undefined);
  if (nameless?.kind === 'answer') return replaceRow(rows, nameless, change({ ...nameless, runId }));
  return [...rows, change(newAnswer(`run-${runId}`, atMs, { runId }))];
}

function withLiveText(row: AnswerRow, text: string): AnswerRow {
  return { ...row, liveText: unstoredText(text, storedTexts(row)) };
}

/** A late event of a run that has ended, or one that was overtaken. A failed attempt may be followed by another. */
function isStale(row: AnswerRow, seq: number): boolean {
  if (isActive(row)) return seq < row.lastSeq;
  return row.phase === 'failed' ? seq <= row.lastSeq : true;
}

function stream(row: AnswerRow, seq: number, atMs: number): AnswerRow {
  return { ...row, phase: 'streaming', failure: undefined, endedAtMs: undefined, lastSeq: seq, lastSignAtMs: atMs };
}

function failureFrom(event: ChatEvent): FailureText {
  const detail = event.errorDetail;
  return {
    code: detail?.code ?? event.errorKind,
    message: event.errorMessage ?? t('error.run.unknown'),
    hint: detail?.hint,
    retryable: detail?.retryable ?? true,
    retryAfterMs: detail?.retryAfterMs,
  };
}

function applyChatEvent(row: AnswerRow, event: ChatEvent, atMs: number): AnswerRow {
  const isFirstEnd = isActive(row) || (row.phase === 'failed' && event.seq > row.lastSeq);
  if (event.state === 'delta' ? isStale(row, event.seq) : !isFirstEnd) return row;
  const text = event.message && textOf(event.message);
  const citations = event.citations ?? event.message?.citations ?? row.citations;
  const base = {
    ...row,
    citations,
    model: event.message?.model ?? row.model,
    lastSeq: Math.max(row.lastSeq, event.seq),
  };
  switch (event.state) {
    case 'delta':
      return text === undefined ? stream(base, event.seq, atMs) : withLiveText(stream(base, event.seq, atMs), text);
    case 'final':
      return endAnswer(text === undefined ? base : withLiveText({ ...base, failure: undefined }, text), 'done', atMs);
    case 'aborted':
      return endAnswer(text ? withLiveText(base, text) : base, 'stopped', atMs);
    case 'error':
      return { ...endAnswer(base, 'failed', atMs), failure: failureFrom(event) };
  }
}

function applyTool(row: AnswerRow, data: Record<string, unknown>, atMs: number): AnswerRow {
  if (typeof data.toolCallId !== 'string') return row;
  const args = typeof data.args === 'object' && data.args !== null ? (data.args as Record<string, unknown>) : undefined;
  const ended = data.phase === 'result';
  const change = {
    ...(typeof data.name === 'string' ? { name: data.name } : {}),
    ...(args ? { args } : {}),
    ...(data.phase === 'start' ? { startedAtMs: atMs } : {}),
    ...(ended ? { state: data.isError === true ? ('failed' as const) : ('done' as const), endedAtMs: atMs } : {}),
    ...(ended && typeof data.result === 'string' ? { result: data.result } : {}),
  };
  return { ...row, parts: withTool(row.parts, data.toolCallId, change) };
}

function applyAgentEvent(row: AnswerRow, event: AgentEvent, atMs: number): AnswerRow {
  if (isStale(row, event.seq)) return row;
  const { data } = event;
  const seen = { ...row, lastSeq: event.seq, lastSignAtMs: atMs };
  switch (event.stream) {
    case 'assistant':
      return typeof data.text === 'string' ? withLiveText(stream(row, event.seq, atMs), data.text) : seen;
    case 'thinking':
      return typeof data.text === 'string' ? { ...seen, liveThinking: data.text } : seen;
    case 'tool':
      return applyTool(seen, data, atMs);
    default:
      return seen;
  }
}

/** A run is only shown because of events that can be the first sign of it. */
function startsRun(event: AgentEvent): boolean {
  return event.stream !== 'lifecycle' || event.data.phase === 'start';
}

/** A stored user message belongs before an answer that has not begun to speak. */
function insertUser(rows: Rows, row: TimelineRow): Rows {
  const last = rows.at(-1);
  const silent = isActive(last) && last.parts.length === 0 && last.liveText === '';
  return silent ? [...rows.slice(0, -1), row, last] : [...rows, row];
}

function storeUser(rows: Rows, message: Message, atMs: number): Rows {
  const [row] = rowsFromMessages([message], atMs);
  if (row?.kind !== 'user') return rows;
  const text = plainUserText(textOf(message));
  const echo = rows.findLast(
    (candidate) =>
      candidate.kind === 'user' &&
      candidate.messageId === undefined &&
      (candidate.sendId !== undefined && row.sendId !== undefined
        ? candidate.sendId === row.sendId
        : candidate.text === text),
  );
  if (echo?.kind !== 'user') return insertUser(rows, { ...row, key: row.messageId ?? `stored-${atMs}-${rows.length}` });
  return replaceRow(rows, echo, { ...echo, messageId: row.messageId, state: 'sent', failure: undefined });
}

function storeAnswer(rows: Rows, message: Message, atMs: number): Rows {
  const runId = runIdOf(message);
  const last = rows.at(-1);
  const target = (runId === undefined ? undefined : rowOfRun(rows, runId)) ?? rows.findLast(isActive) ?? last;
  const add = message.role === 'toolResult' ? addToolResult : addAssistantMessage;
  if (target?.kind === 'answer') return replaceRow(rows, target, add(target, message, atMs));
  const at = message.timestamp ?? atMs;
  const key = idOf(message) ?? `stored-${atMs}-${rows.length}`;
  return [...rows, add(newAnswer(key, at, { phase: 'done', endedAtMs: at, runId }), message, at)];
}

function hasMessage(rows: Rows, id: string): boolean {
  return rows.some((row) => (row.kind === 'answer' ? row.messageIds.includes(id) : row.messageId === id));
}

function store(rows: Rows, stored: Message, messageId: string | undefined, atMs: number): Rows {
  const id = messageId ?? idOf(stored);
  if (id !== undefined && hasMessage(rows, id)) return rows;
  const message: Message = id === undefined ? stored : { ...stored, __openclaw: { seq: 0, ...stored.__openclaw, id } };
  if (message.role === 'user') return storeUser(rows, message, atMs);
  if (message.role === 'system') return [...rows, ...rowsFromMessages([message], atMs)];
  return storeAnswer(rows, message, atMs);
}

function markSent(rows: Rows, action: { sendId: string; runId?: string; atMs: number }): Rows {
  const sent = rows.map((row) =>
    row.kind === 'user' && row.sendId === action.sendId ? { ...row, state: 'sent' as const, failure: undefined } : row,
  );
  const { runId } = action;
  return runId === undefined ? sent : changeRun(sent, runId, action.atMs, (row) => row);
}

function reduceRows(rows: Rows, action: TimelineAction): Rows {
  switch (action.type) {
    case 'history':
      return mergeHistory(rows, action);
    case 'stored':
      return store(rows, action.message, action.messageId, action.atMs);
    case 'chat':
      return changeRun(rows, action.event.runId, action.atMs, (row) => applyChatEvent(row, action.event, action.atMs));
    case 'agent': {
      if (!rowOfRun(rows, action.event.runId) && !startsRun(action.event)) return rows;
      return changeRun(rows, action.event.runId, action.atMs, (row) => applyAgentEvent(row, action.event, action.atMs));
    }
    case 'sending': {
      const { type: _, ...row } = action;
      const mine = (old: TimelineRow) => old.kind === 'user' && old.sendId === action.sendId;
      if (rows.some((old) => mine(old) && old.kind === 'user' && old.messageId !== undefined)) return rows;
      const others = rows.filter((old) => !mine(old));
      return [...others, { kind: 'user', key: `send-${action.sendId}`, state: 'sending', ...row }];
    }
    case 'sent':
      return markSent(rows, action);
    case 'sendFailed':
      return rows.map((row) =>
        row.kind === 'user' && row.sendId === action.sendId
          ? { ...row, state: 'failed', failure: action.failure }
          : row,
      );
    case 'withdrawn':
      return rows.filter((row) => row.kind !== 'user' || row.sendId !== action.sendId || row.messageId !== undefined);
    case 'interrupted':
      return rows.map((row) => (isActive(row) ? interrupt(row, action.atMs) : row));
    case 'cleared':
      return [];
  }
}

/** One step of a conversation. Answers the same object when nothing changed. */
export function reduceTimeline(timeline: Timeline, action: TimelineAction): Timeline {
  const rows = reduceRows(timeline.rows, action);
  const loaded = timeline.loaded || action.type === 'history';
  return rows === timeline.rows && loaded === timeline.loaded ? timeline : { rows, loaded };
}
