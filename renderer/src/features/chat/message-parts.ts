// Reads messages as the gateway stores them.
import type { ImagePart, Message } from '../../../../gateway-core/src/protocol/index.js';
import { type FailureText } from '../../data/explain-error.js';
import { t, tMaybe } from '../../i18n/t.js';
import {
  type AnswerPart,
  type AnswerRow,
  isActive,
  type ModelCall,
  storedTexts,
  type ToolStep,
  unstoredText,
  withTool,
} from './rows.js';

const SENDER_BLOCK = /^Sender \(untrusted metadata\):\n```json\n[\s\S]*?\n```\n\n/;
const TIME_STAMP = /^\[[A-Z][a-z]{2} \d{4}-\d{2}-\d{2} \d{2}:\d{2}[^\]]*\] /;
/** A title may be cut off before the bracket closes. */
const SCHEDULE = /^\[cron:[^\s\]]+ ([^\]\n]*)(?:\] ?|$)/;

/** What a person typed, without the sender block, time stamp and schedule that stored messages may carry in front. */
export function plainUserText(text: string): string {
  return withoutStamp(text).replace(SCHEDULE, '');
}

function withoutStamp(text: string): string {
  return text.replace(SENDER_BLOCK, '').replace(TIME_STAMP, '');
}

/** The schedule that wrote a message, by its name. */
export function scheduleName(text: string): string | undefined {
  return SCHEDULE.exec(withoutStamp(text))?.[1]?.trim() || undefined;
}

/** The text of a message, parts joined, reasoning and calls left out. */
export function textOf(message: Pick<Message, 'content'>): string {
  if (typeof message.content === 'string') return message.content;
  return message.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

export function imagesOf(message: Pick<Message, 'content'>): ImagePart[] {
  return typeof message.content === 'string' ? [] : message.content.filter((part) => part.type === 'image');
}

/** True for the divider under a part that is summarised for the model. */
export function isDivider(message: Message): boolean {
  return message.role === 'system' && message.__openclaw?.kind === 'compaction';
}

export function idOf(message: Message): string | undefined {
  return message.__openclaw?.id;
}

/** The run that wrote a message, where the message says so. */
export function runIdOf(message: Message): string | undefined {
  if (message.openclawAbort) return message.openclawAbort.runId;
  return message.idempotencyKey?.endsWith(':assistant')
    ? message.idempotencyKey.slice(0, -':assistant'.length)
    : undefined;
}

/** The failure that a stored message records, or undefined. */
export function failureOf(message: Message): FailureText | undefined {
  if (message.stopReason !== 'error' && message.errorCode === undefined) return undefined;
  const code = message.errorCode;
  const hint = code === undefined ? undefined : tMaybe(`hint.${code}`);
  return { code, message: message.errorMessage ?? t('error.run.unknown'), hint, retryable: true };
}

function wasStopped(message: Message): boolean {
  return message.openclawAbort !== undefined || message.stopReason === 'aborted';
}

function toolOf(parts: readonly AnswerPart[], id: string): ToolStep | undefined {
  return parts.flatMap((part) => (part.kind === 'tool' && part.tool.id === id ? [part.tool] : []))[0];
}

function callIds(message: Message): string[] {
  if (typeof message.content === 'string') return [];
  return message.content.flatMap((part) => (part.type === 'toolCall' ? [part.id] : []));
}

/** A call may be seen at work before its message is stored: it moves to its place behind the text of the message. */
function appendParts(parts: AnswerPart[], message: Message): AnswerPart[] {
  if (typeof message.content === 'string') {
    return message.content.trim() === '' ? parts : [...parts, { kind: 'text', text: message.content }];
  }
  const ids = callIds(message);
  const others = parts.filter((part) => part.kind !== 'tool' || !ids.includes(part.tool.id));
  return message.content.reduce<AnswerPart[]>((list, part) => {
    if (part.type === 'text') return part.text.trim() === '' ? list : [...list, { kind: 'text', text: part.text }];
    if (part.type === 'thinking') return [...list, { kind: 'thinking', text: part.thinking }];
    if (part.type !== 'toolCall') return list;
    const known = toolOf(parts, part.id);
    const startedAtMs = known?.startedAtMs ?? message.timestamp;
    return withTool(list, part.id, { ...known, name: part.name, args: part.arguments, startedAtMs });
  }, others);
}

function modelCall(message: Message, atMs: number): ModelCall {
  const { provider, model, usage, timestamp = atMs } = message;
  return { atMs: timestamp, provider, model, usage, toolIds: callIds(message), hasText: textOf(message).trim() !== '' };
}

/** A stopped run may be stored twice, once by the gateway and once by the model call: the second copy adds nothing. */
function repeatsStoppedText(row: AnswerRow, message: Message): boolean {
  const last = storedTexts(row).at(-1);
  return wasStopped(message) && last !== undefined && last.trim() === textOf(message).trim();
}

/** The row with one stored assistant message in it; the live text gives way to what is stored now. */
export function addAssistantMessage(row: AnswerRow, message: Message, atMs: number): AnswerRow {
  const id = idOf(message);
  const messageIds = id === undefined ? row.messageIds : [...row.messageIds, id];
  if (repeatsStoppedText(row, message)) return { ...row, messageIds };
  const parts = appendParts(row.parts, message);
  const next: AnswerRow = {
    ...row,
    parts,
    messageIds,
    calls: [...row.calls, modelCall(message, atMs)],
    citations: message.citations ?? row.citations,
    model: message.model ?? row.model,
    liveThinking: '',
    lastSignAtMs: atMs,
  };
  next.liveText = unstoredText(row.liveText, storedTexts(next));
  if (isActive(row)) return next;
  return settle(next, message, atMs);
}

function settle(row: AnswerRow, message: Message, atMs: number): AnswerRow {
  const endedAtMs = message.timestamp ?? row.endedAtMs ?? atMs;
  if (wasStopped(message)) return { ...row, phase: 'stopped', endedAtMs };
  const failure = failureOf(message);
  if (failure) return { ...row, phase: 'failed', endedAtMs, failure: row.failure?.hint ? row.failure : failure };
  return row;
}

/** The row with the result of one tool call in it. */
export function addToolResult(row: AnswerRow, message: Message, atMs: number): AnswerRow {
  const id = idOf(message);
  return {
    ...row,
    messageIds: id === undefined ? row.messageIds : [...row.messageIds, id],
    lastSignAtMs: atMs,
    parts: withTool(row.parts, message.toolCallId ?? `result-${id ?? atMs}`, {
      ...(message.toolName ? { name: message.toolName } : {}),
      state: message.isError ? 'failed' : 'done',
      result: textOf(message),
      partial: undefined,
      ...(imagesOf(message).length > 0 && { images: imagesOf(message) }),
      ...(message.details !== undefined && { details: message.details }),
      endedAtMs: message.timestamp ?? atMs,
    }),
  };
}
