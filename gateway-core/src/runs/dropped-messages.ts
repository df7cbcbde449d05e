// Pure: what a model reads of messages that were dropped because too many waited.
import { type Message, messageText } from '../protocol/index.js';
import type { TranscriptEntry } from '../sessions/index.js';

const LINE_CHARS = 160;
const LEAD = 'More messages came than may wait. These were not answered; they begin:';
const CODES: ReadonlySet<unknown> = new Set(['run.dropped', 'run.dropped_briefly']);

function firstLine(message: Message): string {
  const line = messageText(message).trim().split('\n', 1)[0] ?? '';
  return line.length > LINE_CHARS ? `${line.slice(0, LINE_CHARS - 1)}…` : line;
}

function withText(entry: TranscriptEntry, text: string): TranscriptEntry {
  const content: Message['content'] = text === '' ? [] : [{ type: 'text', text }];
  return { ...entry, message: { ...entry.message, content } };
}

/** The code with which each dropped run ended. */
function droppedRuns(entries: readonly TranscriptEntry[]): Map<string, unknown> {
  const runs = new Map<string, unknown>();
  for (const { runId, message } of entries) {
    if (runId !== undefined && CODES.has(message.errorCode)) runs.set(runId, message.errorCode);
  }
  return runs;
}

/**
 * The entries, in their order, with nothing in those of dropped messages; where a line about them was promised, the
 * first of neighbours holds the lines of all. No entry is left out, so that places in the conversation stay what they
 * are.
 */
export function foldDropped(entries: readonly TranscriptEntry[]): readonly TranscriptEntry[] {
  const runs = droppedRuns(entries);
  if (runs.size === 0) return entries;
  const folded: TranscriptEntry[] = [];
  let listAt: number | undefined;
  for (const entry of entries) {
    const code = entry.runId === undefined ? undefined : runs.get(entry.runId);
    if (code === undefined) listAt = undefined;
    if (code === undefined || entry.message.role !== 'user') {
      folded.push(entry);
      continue;
    }
    folded.push(withText(entry, ''));
    if (code !== 'run.dropped_briefly') continue;
    listAt ??= folded.length - 1;
    const list = folded[listAt] ?? entry;
    const before = messageText(list.message);
    folded[listAt] = withText(list, `${before === '' ? LEAD : before}\n- ${firstLine(entry.message)}`);
  }
  return folded;
}
