// Pure: a message that goes into an answer under way – when the answer has heard it, and goes on below it.
import type { ChatEvent } from '../../../../gateway-core/src/protocol/index.js';
import { type AnswerRow, isActive, newAnswer, storedTexts, type TimelineRow, unstoredText } from './rows.js';

type Rows = readonly TimelineRow[];

/** The texts of a run as far as they are stored, those above a message that was sent into it first. */
export function runTexts(row: AnswerRow): string[] {
  return [...(row.earlierTexts ?? []), ...storedTexts(row)];
}

/** How many model calls the answer under way will have made when it hears a message that is sent now. */
export function hearsAfter(answer: AnswerRow | undefined): number {
  if (!answer) return 0;
  const isToolAtWork = answer.parts.some((part) => part.kind === 'tool' && part.tool.state === 'running');
  const isSpeaking = answer.liveText !== '' || answer.liveThinking !== '';
  // A model that is at it has been asked already; one that waits for its tools has not.
  return answer.calls.length + (isToolAtWork && !isSpeaking ? 0 : 1);
}

/** The part of a run that comes after a message which the run has heard. */
export function continuation(row: AnswerRow, key: string, atMs: number): AnswerRow {
  const { runId, lastSeq, model } = row;
  return newAnswer(key, atMs, { runId, lastSeq, model, phase: 'streaming', earlierTexts: runTexts(row) });
}

/** Rows in which a run has a row of its own below a message that it has heard; the same rows when there is none. */
export function goOnBelow(rows: Rows, row: AnswerRow, atMs: number): Rows {
  const heard = rows
    .slice(rows.indexOf(row) + 1)
    .findLast(
      (other) => other.kind === 'user' && other.steersAfter !== undefined && row.calls.length >= other.steersAfter,
    );
  if (!heard || !isActive(row)) return rows;
  const above: AnswerRow = { ...row, phase: 'done', endedAtMs: row.lastSignAtMs, runId: undefined, liveThinking: '' };
  const below = continuation(row, `${row.key}-${heard.key}`, atMs);
  return [...rows.map((other) => (other === row ? above : other)), below];
}

/** True when `text`, the text of a run so far, says more than the row shows. */
export function saysMore(row: AnswerRow, text: string): boolean {
  const rest = unstoredText(text, runTexts(row));
  return rest.trim() !== '' && rest.length > row.liveText.length;
}

/** The row that a tool call stands in. */
export function rowWithCall(rows: Rows, toolCallId: unknown): AnswerRow | undefined {
  return rows.findLast(
    (row): row is AnswerRow =>
      row.kind === 'answer' && row.parts.some((part) => part.kind === 'tool' && part.tool.id === toolCallId),
  );
}

/** The end of a message that another run took in: people saw the answer there. */
export function endsElsewhere(rows: Rows, event: ChatEvent): boolean {
  if (event.state === 'delta' || event.message !== undefined) return false;
  if (rows.some((row) => row.kind === 'answer' && row.runId === event.runId)) return false;
  if (rows.some((row) => row.kind === 'user' && row.sendId === event.runId && row.steersAfter !== undefined))
    return true;
  // Another window sent it. A run whose name is not known yet may end without a word.
  return event.state === 'final' && !rows.some((row) => isActive(row) && row.runId === undefined);
}
