// Turns chat.history into rows and joins them with what the window already shows.
import type { Message } from '../../../../gateway-core/src/protocol/index.js';
import { t } from '../../i18n/t.js';
import {
  addAssistantMessage,
  addToolResult,
  idOf,
  imagesOf,
  isDivider,
  plainUserText,
  runIdOf,
  scheduleName,
  textOf,
} from './message-parts.js';
import { isWakePrompt, readNews, tellCalls } from './news.js';
import {
  type AnswerPart,
  type AnswerRow,
  endAnswer,
  isActive,
  newAnswer,
  type NoteRow,
  storedTexts,
  type TimelineRow,
  unstoredText,
  type UserRow,
} from './rows.js';
import { continuation, rowWithCall, runTexts } from './steering.js';

export interface LoadedHistory {
  messages: readonly Message[];
  /** A run is active in this session, as far as the gateway says. */
  running: boolean;
  /** Epoch milliseconds of the run's start, if one is active. */
  runStartedAtMs?: number;
  /** When the history was asked for: what changed later may not be in it. */
  requestedAtMs?: number;
  atMs: number;
}

/** How old a question without an answer must be before it counts as abandoned. */
const ABANDONED_AFTER_MS = 5_000;
/** A message may be sent just before the history is asked for and be stored just after it was read. */
const SEND_SLACK_MS = 5_000;

function userRow(message: Message, index: number, atMs: number): UserRow | NoteRow {
  const messageId = idOf(message);
  const text = plainUserText(textOf(message));
  if (isWakePrompt(message, text))
    return {
      kind: 'note',
      key: messageId ?? `note-${index}`,
      text,
      about: 'wake',
      atMs: message.timestamp ?? atMs,
      messageId,
    };
  const schedule = message.idempotencyKey === undefined ? scheduleName(textOf(message)) : undefined;
  return {
    kind: 'user',
    key: messageId ?? message.idempotencyKey ?? `user-${index}`,
    text,
    images: imagesOf(message),
    atMs: message.timestamp ?? atMs,
    messageId,
    sendId: message.idempotencyKey,
    state: 'sent',
    ...(schedule !== undefined && { schedule }),
  };
}

function noteRow(message: Message, index: number, atMs: number): NoteRow {
  const messageId = idOf(message);
  const text = textOf(message);
  const about = isDivider(message) ? 'compaction' : readNews(text).length > 0 ? 'news' : undefined;
  return { kind: 'note', key: messageId ?? `note-${index}`, text, ...(about && { about }), atMs, messageId };
}

/**
 * Messages → rows: everything an agent did between two user messages is one answer. While a run is active, calls of
 * the last answer that have no result are at work.
 */
export function rowsFromMessages(messages: readonly Message[], atMs: number, isRunning = false): TimelineRow[] {
  let rows: TimelineRow[] = [];
  messages.forEach((message, index) => {
    const at = message.timestamp ?? atMs;
    if (message.role === 'user') return rows.push(userRow(message, index, atMs));
    const last = rows.at(-1);
    if (message.role === 'system') {
      rows = tellCalls(rows, textOf(message));
      // A run may draw the divider in its middle: the answer stays one, with the divider above it.
      const next = messages[index + 1]?.role;
      const isInside = isDivider(message) && last?.kind === 'answer' && (next === 'assistant' || next === 'toolResult');
      return rows.splice(isInside ? -1 : rows.length, 0, noteRow(message, index, at));
    }
    // A message may have been sent into a run between a call and its result.
    const owner = message.role === 'toolResult' ? rowWithCall(rows, message.toolCallId) : undefined;
    if (owner && owner !== last) {
      rows[rows.indexOf(owner)] = addToolResult(owner, message, at);
      return;
    }
    const base =
      last?.kind === 'answer'
        ? last
        : newAnswer(idOf(message) ?? `answer-${index}`, at, { phase: 'done', endedAtMs: at, runId: runIdOf(message) });
    const next =
      message.role === 'assistant' ? addAssistantMessage(base, message, at) : addToolResult(base, message, at);
    if (last?.kind === 'answer') rows[rows.length - 1] = next;
    else rows.push(next);
  });
  return rows.map((row, index) =>
    row.kind === 'answer' && row.phase === 'done' && !(isRunning && index === rows.length - 1)
      ? endAnswer(row, 'done', row.lastSignAtMs)
      : row,
  );
}

function sharesMessage(old: TimelineRow, built: TimelineRow): boolean {
  if (old.kind === 'user' && built.kind === 'user') {
    if (old.messageId !== undefined) return old.messageId === built.messageId;
    if (old.sendId !== undefined && built.sendId !== undefined) return old.sendId === built.sendId;
    return old.state !== 'failed' && old.text === built.text && Math.abs(old.atMs - built.atMs) < 300_000;
  }
  if (old.kind === 'answer' && built.kind === 'answer') {
    if (old.runId !== undefined && old.runId === built.runId) return true;
    return old.messageIds.some((id) => built.messageIds.includes(id));
  }
  return old.kind === 'note' && built.kind === 'note' && old.key === built.key;
}

/** Keeps the identity of a row on screen, and what only the window knows about it. */
function adopt(old: TimelineRow, built: TimelineRow): TimelineRow {
  if (old.kind === 'user' && built.kind === 'user')
    return { ...built, key: old.key, sendId: old.sendId ?? built.sendId, steersAfter: old.steersAfter };
  if (old.kind !== 'answer' || built.kind !== 'answer') return { ...built, key: old.key };
  const merged: AnswerRow = { ...built, key: old.key, runId: old.runId ?? built.runId, startedAtMs: old.startedAtMs };
  if (isActive(old)) return merged;
  const phase = built.phase === 'done' ? old.phase : built.phase;
  return {
    ...merged,
    phase,
    failure: old.failure ?? built.failure,
    citations: built.citations.length > 0 ? built.citations : old.citations,
  };
}

/** What the window saw of calls that are not stored as ended: when they began, and what they print. */
function withLive(parts: AnswerPart[], seen: readonly AnswerPart[]): AnswerPart[] {
  return parts.map((part) => {
    if (part.kind !== 'tool' || part.tool.state !== 'running') return part;
    const live = seen.find((other) => other.kind === 'tool' && other.tool.id === part.tool.id);
    return live ? { kind: 'tool', tool: { ...part.tool, ...(live.kind === 'tool' && live.tool) } } : part;
  });
}

function keepRunning(active: AnswerRow, built: AnswerRow | undefined): AnswerRow {
  if (!built) return active;
  const next: AnswerRow = {
    ...active,
    parts: withLive(built.parts, active.parts),
    messageIds: built.messageIds,
    calls: built.calls,
  };
  return { ...next, liveText: unstoredText(active.liveText, runTexts(next)) };
}

/** A run that is new to the window: what it said above a message that was sent into it. */
function textsSince(rows: readonly TimelineRow[], startedAtMs: number | undefined): string[] {
  if (startedAtMs === undefined) return [];
  return rows.flatMap((row) => (row.kind === 'answer' && row.startedAtMs >= startedAtMs ? storedTexts(row) : []));
}

interface Tail {
  /** The active run on screen. */
  active: AnswerRow | undefined;
  /** The last stored answer belongs to the same turn as the active run. */
  isSameTurn: boolean;
}

/** The end of the list: the active run goes on, was finished meanwhile, or was cut off. */
function joinActive(rows: TimelineRow[], { active, isSameTurn }: Tail, history: LoadedHistory): TimelineRow[] {
  const last = rows.at(-1);
  const lastAnswer = isSameTurn && last?.kind === 'answer' ? last : undefined;
  const before = lastAnswer ? rows.slice(0, -1) : rows;
  if (history.running) {
    const at = history.runStartedAtMs ?? history.atMs;
    const earlierTexts = textsSince(before, history.runStartedAtMs);
    const running = active ?? newAnswer(`pending-${at}`, at, { lastSignAtMs: history.atMs, earlierTexts });
    return [...before, keepRunning(running, lastAnswer)];
  }
  if (!active) return rows;
  if (lastAnswer) return [...before, adopt(active, lastAnswer)];
  return [...rows, interrupt(active, history.atMs)];
}

export function interrupt(row: AnswerRow, atMs: number): AnswerRow {
  const failure = {
    code: 'run.interrupted',
    message: t('error.run.interrupted'),
    hint: t('hint.run.interrupted'),
    retryable: true,
  };
  return { ...endAnswer(row, 'failed', atMs), failure };
}

/** A conversation that ends with a question nobody works on: say so instead of showing nothing. */
function markAbandoned(rows: TimelineRow[], history: LoadedHistory): TimelineRow[] {
  const last = rows.at(-1);
  if (history.running || last?.kind !== 'user' || last.state !== 'sent') return rows;
  if (history.atMs - last.atMs < ABANDONED_AFTER_MS) return rows;
  return [...rows, interrupt(newAnswer(`abandoned-${last.key}`, last.atMs), last.atMs)];
}

/** Not in the history for a good reason: not sent yet, or it came while the history was on its way. */
function isFresh(row: TimelineRow, { requestedAtMs }: LoadedHistory): boolean {
  const isEcho = row.kind === 'user' && row.messageId === undefined;
  if (isEcho && row.state !== 'sent') return true;
  if (requestedAtMs === undefined) return false;
  if (row.kind === 'answer') return row.lastSignAtMs >= requestedAtMs;
  return row.atMs >= requestedAtMs - (isEcho ? SEND_SLACK_MS : 0);
}

/** An answer that was only seen live has no message ids; its place below a known question identifies it. */
function isBelow(shown: readonly TimelineRow[], question: TimelineRow | undefined, candidate: TimelineRow): boolean {
  if (question?.kind !== 'user' || candidate.kind !== 'answer' || candidate.messageIds.length > 0) return false;
  return shown[shown.indexOf(question) + 1] === candidate;
}

/**
 * The active run where it goes on: below the messages that were sent into it, when the stored part of the run ends
 * above one. Undefined when such a run has ended, for then the history holds all of it.
 */
function whereItGoesOn(active: AnswerRow, built: readonly TimelineRow[], begunAt: number, history: LoadedHistory) {
  const begun = built[begunAt];
  const next = built.slice(begunAt + 1).find((row) => row.kind === 'user');
  if (begun?.kind !== 'answer' || !next) return active;
  if (!history.running) return undefined;
  const below = continuation({ ...begun, runId: active.runId }, `${begun.key}-${next.key}`, history.atMs);
  return { ...below, lastSeq: active.lastSeq, liveText: unstoredText(active.liveText, runTexts(below)) };
}

/** Fresh history under what is on screen: nothing twice, nothing lost that is not stored yet. */
export function mergeHistory(shown: readonly TimelineRow[], history: LoadedHistory): TimelineRow[] {
  const active: AnswerRow | undefined = shown.findLast(isActive);
  const unmatched = new Set(shown);
  const taken = new Set<TimelineRow>();
  let begunAt = -1;
  let above: TimelineRow | undefined;
  const built = rowsFromMessages(history.messages, history.atMs, history.running).map((row, index) => {
    const isSame = (old: TimelineRow) =>
      sharesMessage(old, row) || (row.kind === 'answer' && isBelow(shown, above, old));
    const old = shown.find((candidate) => unmatched.has(candidate) && isSame(candidate));
    above = old;
    if (!old) return row;
    const next = adopt(old, row);
    unmatched.delete(old);
    if (old !== active) taken.add(next);
    else begunAt = index;
    return next;
  });
  const kept = [...unmatched].filter((row) => row !== active && isFresh(row, history));
  const activeAt = active ? shown.indexOf(active) : shown.length;
  const keptBefore = kept.filter((row) => shown.indexOf(row) < activeAt);
  const last = built.at(-1);
  const isSameTurn = keptBefore.length === 0 && last !== undefined && !taken.has(last);
  if (!active) return markAbandoned(joinActive([...built, ...kept], { active, isSameTurn }, history), history);
  const keptAfter = kept.filter((row) => shown.indexOf(row) > activeAt);
  const goesOn = begunAt < 0 ? active : whereItGoesOn(active, built, begunAt, history);
  return [...joinActive([...built, ...keptBefore], { active: goesOn, isSameTurn }, history), ...keptAfter];
}
