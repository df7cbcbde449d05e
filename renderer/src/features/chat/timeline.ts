// The pure reducer of a conversation: what is stored, what streams in and what was just sent → rows.
import type { AgentEvent, ChatEvent, ImagePart, Message } from '../../../../gateway-core/src/protocol/index.js';
import type { FailureText } from '../../data/explain-error.js';
import { t } from '../../i18n/t.js';
import { interrupt, type LoadedHistory, mergeHistory, rowsFromMessages } from './history-rows.js';
import {
  addAssistantMessage,
  addToolResult,
  idOf,
  isDivider,
  plainUserText,
  runIdOf,
  textOf,
} from './message-parts.js';
import { tellCalls } from './news.js';
import {
  type AnswerRow,
  endAnswer,
  isActive,
  newAnswer,
  type TimelineRow,
  type ToolStep,
  unstoredText,
  withTool,
} from './rows.js';
import { endsElsewhere, goOnBelow, hearsAfter, rowWithCall, runTexts, saysMore } from './steering.js';

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
  /** `isSteering` when it is meant for the answer under way. */
  | { type: 'sending'; sendId: string; text: string; images: ImagePart[]; isSteering?: boolean; atMs: number }
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

type Change = (row: AnswerRow) => AnswerRow;

/** Changes the row of a run; makes it at the end when the run is new here. */
function changeRun(rows: Rows, runId: string, atMs: number, change: Change): Rows {
  const known = rowOfRun(rows, runId) ?? rowBelowMessage(rows, runId);
  if (known) return replaceRow(rows, known, change(known.runId === runId ? known : { ...known, runId }));
  const nameless = rows.findLast((row) => isActive(row) && row.runId === undefined);
  if (nameless?.kind === 'answer') return replaceRow(rows, nameless, change({ ...nameless, runId }));
  return [...rows, change(newAnswer(`run-${runId}`, atMs, { runId }))];
}

function withLiveText(row: AnswerRow, text: string): AnswerRow {
  return { ...row, liveText: unstoredText(text, runTexts(row)) };
}

/** Like `changeRun`, for news that may be the first of a run after a message which it has heard. */
function changeRunWithText(rows: Rows, event: { runId: string; atMs: number; text: unknown }, change: Change): Rows {
  const { runId, atMs, text } = event;
  const row = rowOfRun(rows, runId);
  const isNews = row !== undefined && typeof text === 'string' && saysMore(row, text);
  return changeRun(isNews ? goOnBelow(rows, row, atMs) : rows, runId, atMs, change);
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
    usage: event.usage ?? event.message?.usage ?? row.usage,
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

/** The text of a result as events carry it: `{content: [{type: 'text', text}], details}`, or plain text. */
function resultText(result: unknown): string | undefined {
  if (typeof result === 'string') return result;
  const content = typeof result === 'object' && result !== null ? (result as { content?: unknown }).content : undefined;
  if (!Array.isArray(content)) return undefined;
  return content.map((part: { text?: unknown }) => (typeof part?.text === 'string' ? part.text : '')).join('');
}

function detailsOf(result: unknown): { details?: unknown } {
  const details = typeof result === 'object' && result !== null ? (result as { details?: unknown }).details : undefined;
  return details === undefined ? {} : { details };
}

function toolChange(data: Record<string, unknown>, atMs: number): Partial<ToolStep> {
  const args = typeof data.args === 'object' && data.args !== null ? (data.args as Record<string, unknown>) : undefined;
  const common = {
    ...(typeof data.name === 'string' && { name: data.name }),
    ...(args && { args }),
  };
  if (data.phase === 'start') return { ...common, startedAtMs: atMs };
  if (data.phase === 'update') {
    const partial = resultText(data.partialResult);
    return { ...common, ...(partial !== undefined && { partial }), ...detailsOf(data.partialResult) };
  }
  if (data.phase !== 'result') return common;
  const result = resultText(data.result);
  return {
    ...common,
    state: data.isError === true ? 'failed' : 'done',
    endedAtMs: atMs,
    ...(result !== undefined && { result, partial: undefined }),
    ...detailsOf(data.result),
  };
}

function applyTool(row: AnswerRow, data: Record<string, unknown>, atMs: number): AnswerRow {
  const id = data.toolCallId;
  if (typeof id !== 'string') return row;
  // What is stored is whole; a late event knows less.
  const isStored = row.parts.some(
    (part) => part.kind === 'tool' && part.tool.id === id && part.tool.state !== 'running',
  );
  return isStored ? row : { ...row, parts: withTool(row.parts, id, toolChange(data, atMs)) };
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
    case 'compaction':
      return { ...seen, isCompacting: data.phase === 'start' };
    default:
      return seen;
  }
}

function reduceAgent(rows: Rows, event: AgentEvent, atMs: number): Rows {
  const { runId, data } = event;
  const known = rowOfRun(rows, runId);
  if (!known && !startsRun(event)) return rows;
  const change = (row: AnswerRow) => applyAgentEvent(row, event, atMs);
  if (event.stream !== 'tool') return changeRunWithText(rows, { runId, atMs, text: data.text }, change);
  const owner = rowWithCall(rows, data.toolCallId);
  // A call keeps its place when the run has gone on below a message meanwhile.
  if (owner && known && owner !== known) return replaceRow(rows, owner, applyTool(owner, data, atMs));
  return changeRun(owner || !known ? rows : goOnBelow(rows, known, atMs), runId, atMs, change);
}

function reduceChat(rows: Rows, event: ChatEvent, atMs: number): Rows {
  if (endsElsewhere(rows, event)) return rows;
  const text = event.message && textOf(event.message);
  return changeRunWithText(rows, { runId: event.runId, atMs, text }, (row) => applyChatEvent(row, event, atMs));
}

/** A run is only shown because of events that can be the first sign of it. */
function startsRun(event: AgentEvent): boolean {
  return event.stream !== 'lifecycle' || event.data.phase === 'start';
}

/**
 * A stored message belongs before an answer that has not begun to speak, and before one of which nothing is stored
 * when nothing above it asked for it: what another device or the clock asked is heard of late.
 */
function insertAsked(rows: Rows, row: TimelineRow): Rows {
  const last = rows.at(-1);
  if (last?.kind !== 'answer') return [...rows, row];
  const isSilent = isActive(last) && last.parts.length === 0 && last.liveText === '';
  const isUnasked = last.messageIds.length === 0 && last.runId !== undefined && rows.at(-2)?.kind !== 'user';
  return isSilent || isUnasked ? [...rows.slice(0, -1), row, last] : [...rows, row];
}

function storeUser(rows: Rows, message: Message, atMs: number): Rows {
  const [row] = rowsFromMessages([message], atMs);
  if (row?.kind === 'note') return insertAsked(rows, row);
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
  if (echo?.kind !== 'user')
    return insertAsked(rows, { ...row, key: row.messageId ?? `stored-${atMs}-${rows.length}` });
  return replaceRow(rows, echo, { ...echo, messageId: row.messageId, state: 'sent', failure: undefined });
}

function storeResult(rows: Rows, message: Message, atMs: number): Rows | undefined {
  const owner = message.role === 'toolResult' ? rowWithCall(rows, message.toolCallId) : undefined;
  return owner && replaceRow(rows, owner, addToolResult(owner, message, atMs));
}

function storeAnswer(rows: Rows, message: Message, atMs: number): Rows {
  const withResult = storeResult(rows, message, atMs);
  if (withResult) return withResult;
  const runId = runIdOf(message);
  const find = (list: Rows) =>
    (runId === undefined ? undefined : rowOfRun(list, runId)) ?? list.findLast(isActive) ?? list.at(-1);
  const first = find(rows);
  const isNext = first?.kind === 'answer' && message.role === 'assistant';
  const list = isNext ? goOnBelow(rows, first, atMs) : rows;
  const target = list === rows ? first : find(list);
  const add = message.role === 'toolResult' ? addToolResult : addAssistantMessage;
  if (target?.kind === 'answer') return replaceRow(list, target, add(target, message, atMs));
  const at = message.timestamp ?? atMs;
  const key = idOf(message) ?? `stored-${atMs}-${rows.length}`;
  return [...rows, add(newAnswer(key, at, { phase: 'done', endedAtMs: at, runId }), message, at)];
}

/** A divider that a run draws stands above its answer, which goes on below. */
function storeNote(rows: Rows, message: Message, atMs: number): Rows {
  const notes = rowsFromMessages([message], atMs);
  const [note] = notes;
  if (note?.kind === 'note' && note.about === 'news') return insertAsked(tellCalls(rows, note.text), note);
  const at = isDivider(message) && isActive(rows.at(-1)) ? rows.length - 1 : rows.length;
  return [...rows.slice(0, at), ...notes, ...rows.slice(at)];
}

function hasMessage(rows: Rows, id: string): boolean {
  return rows.some((row) => (row.kind === 'answer' ? row.messageIds.includes(id) : row.messageId === id));
}

function store(rows: Rows, stored: Message, messageId: string | undefined, atMs: number): Rows {
  const id = messageId ?? idOf(stored);
  if (id !== undefined && hasMessage(rows, id)) return rows;
  const message: Message = id === undefined ? stored : { ...stored, __openclaw: { seq: 0, ...stored.__openclaw, id } };
  if (message.role === 'user') return storeUser(rows, message, atMs);
  if (message.role === 'system') return storeNote(rows, message, atMs);
  return storeAnswer(rows, message, atMs);
}

function addSending(rows: Rows, action: TimelineAction & { type: 'sending' }): Rows {
  const { type: _, isSteering = false, ...row } = action;
  const mine = (old: TimelineRow) => old.kind === 'user' && old.sendId === action.sendId;
  if (rows.some((old) => mine(old) && old.kind === 'user' && old.messageId !== undefined)) return rows;
  const steers = isSteering && { steersAfter: hearsAfter(rows.findLast(isActive)) };
  const sending = { kind: 'user', key: `send-${action.sendId}`, state: 'sending', ...row, ...steers } as const;
  return [...rows.filter((old) => !mine(old)), sending];
}

function markSent(rows: Rows, action: { sendId: string; runId?: string; atMs: number }): Rows {
  const sent = rows.map((row) =>
    row.kind === 'user' && row.sendId === action.sendId ? { ...row, state: 'sent' as const, failure: undefined } : row,
  );
  const { runId } = action;
  const isSteering = sent.some(
    (row) => row.kind === 'user' && row.sendId === action.sendId && row.steersAfter !== undefined,
  );
  // The answer under way takes it in; should it have a run of its own, that says so when it begins.
  return runId === undefined || isSteering ? sent : changeRun(sent, runId, action.atMs, (row) => row);
}

function reduceRows(rows: Rows, action: TimelineAction): Rows {
  switch (action.type) {
    case 'history':
      return mergeHistory(rows, action);
    case 'stored':
      return store(rows, action.message, action.messageId, action.atMs);
    case 'chat':
      return reduceChat(rows, action.event, action.atMs);
    case 'agent':
      return reduceAgent(rows, action.event, action.atMs);
    case 'sending':
      return addSending(rows, action);
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
