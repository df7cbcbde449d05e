// The lines of a transcript file: a header, then one message per line (spec/gateway-config.md §6, session).
import type { Message } from '../../protocol/index.js';

export interface TranscriptHeader {
  type: 'session';
  version: number;
  /** The session id, which is also the file's name. */
  id: string;
  timestamp: string;
  cwd: string;
  /** Our addition: lets a lost index entry be rebuilt from the file. */
  sessionKey?: string;
}

/** One stored message. `seq`, `runId`, `command` and `took` are our additions; other readers ignore them. */
export interface TranscriptEntry {
  id: string;
  parentId: string | null;
  timestamp: string;
  /** Position among the messages of the file, from 1. */
  seq: number;
  /** The run that the message asked for, or that produced it. */
  runId?: string;
  /** A slash command or its answer: shown in the history, never sent to a model. */
  command?: true;
  /** Set for the divider where older messages were summarised; `message` is what people see of it. */
  compaction?: Compaction;
  /** Ids of messages, stored before under runs of their own, that this run took in: they stand in front of this one. */
  took?: readonly string[];
  message: Message;
}

/** What stands for the messages before `firstKeptEntryId` from here on. The file keeps them all. */
export interface Compaction {
  summary: string;
  /** The first entry that is still sent to the model; null when none is. */
  firstKeptEntryId: string | null;
  /** Tokens of the conversation before. */
  tokensBefore: number;
}

/** An entry as read: files of other programs carry no `seq`. */
export type ReadEntry = Omit<TranscriptEntry, 'seq'> & { seq?: number };

export const TRANSCRIPT_VERSION = 3;

/** Marks a file whose session was deleted while its transcript was kept; repair leaves such files alone. */
export const CLOSED_LINE_TYPE = 'closed';

export function headerLine(header: Omit<TranscriptHeader, 'type' | 'version'>): string {
  return `${JSON.stringify({ type: 'session', version: TRANSCRIPT_VERSION, ...header })}\n`;
}

export function entryLine(entry: TranscriptEntry): string {
  const { compaction, message: _shown, ...place } = entry;
  // The layout of the reference: its readers know this line too.
  if (compaction) return `${JSON.stringify({ type: 'compaction', ...place, ...compaction })}\n`;
  return `${JSON.stringify({ type: 'message', ...entry })}\n`;
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // A damaged line costs that line alone, never the conversation around it.
    return undefined;
  }
}

export function parseHeader(line: string): TranscriptHeader | undefined {
  const value = parseObject(line);
  return value?.type === 'session' && typeof value.id === 'string' ? (value as unknown as TranscriptHeader) : undefined;
}

function hasMessage(value: Record<string, unknown>): boolean {
  const message = value.message as Partial<Message> | undefined;
  if (typeof message !== 'object' || message === null || typeof message.role !== 'string') return false;
  return typeof message.content === 'string' || Array.isArray(message.content);
}

/** The message in a line, or undefined for headers, foreign records and damaged lines. */
export function parseEntry(line: string): ReadEntry | undefined {
  return toMessageEntry(parseObject(line));
}

function toMessageEntry(value: Record<string, unknown> | undefined): ReadEntry | undefined {
  if (value?.type !== 'message' || typeof value.id !== 'string' || !hasMessage(value)) return undefined;
  const { type: _type, ...entry } = value;
  return entry as unknown as ReadEntry;
}

function readCompaction({ summary, firstKeptEntryId, tokensBefore }: Record<string, unknown>): Compaction {
  return {
    summary: typeof summary === 'string' ? summary : '',
    firstKeptEntryId: typeof firstKeptEntryId === 'string' ? firstKeptEntryId : null,
    tokensBefore: typeof tokensBefore === 'number' ? tokensBefore : 0,
  };
}

/** How people see the divider. */
export function dividerMessage(timestamp: number, id?: string): Message {
  const mark = { seq: 0, kind: 'compaction', ...(id !== undefined && { id }) };
  return { role: 'system', content: [{ type: 'text', text: 'Compaction' }], timestamp, __openclaw: mark };
}

function parseDivider(value: Record<string, unknown>): ReadEntry | undefined {
  if (value.type !== 'compaction' || typeof value.id !== 'string') return undefined;
  const { id, parentId, timestamp, seq, runId, took } = value;
  const writtenAt = typeof timestamp === 'string' ? timestamp : new Date(0).toISOString();
  return {
    id,
    parentId: typeof parentId === 'string' ? parentId : null,
    timestamp: writtenAt,
    ...(typeof seq === 'number' && { seq }),
    ...(typeof runId === 'string' && { runId }),
    ...(Array.isArray(took) && { took: took as string[] }),
    compaction: readCompaction(value),
    message: dividerMessage(Date.parse(writtenAt) || 0, id),
  };
}

/** The message or the divider in a line, or undefined for everything else. */
export function parseRecord(line: string): ReadEntry | undefined {
  const value = parseObject(line);
  return value && (parseDivider(value) ?? toMessageEntry(value));
}

/** The lines without those of a run. What followed on them follows on what came before; all else stays as it is. */
export function withoutRun(lines: readonly string[], runId: string): string[] {
  const parentOf = new Map<unknown, string | null>();
  return lines.flatMap((line) => {
    const record = parseRecord(line);
    if (record?.runId === runId) {
      const before = parentOf.get(record.parentId);
      parentOf.set(record.id, before === undefined ? record.parentId : before);
      return [];
    }
    const value = parentOf.size > 0 ? parseObject(line) : undefined;
    const parentId = value && parentOf.get(value.parentId);
    return [parentId === undefined ? line : JSON.stringify({ ...value, parentId })];
  });
}

export function isClosedLine(line: string): boolean {
  return parseObject(line)?.type === CLOSED_LINE_TYPE;
}

/** Numbers entries that carry no `seq`, counting down from the one that follows them. */
export function numberEntries(entries: ReadEntry[], nextSeq: number): TranscriptEntry[] {
  let seq = nextSeq;
  const numbered: TranscriptEntry[] = [];
  for (const entry of [...entries].reverse()) {
    seq = entry.seq ?? Math.max(1, seq - 1);
    numbered.push({ ...entry, seq });
  }
  return numbered.reverse();
}

/** What entries took in, by the one that took it. Only what was stored before it counts, whatever a file says. */
function findTaken(entries: readonly TranscriptEntry[]): Map<TranscriptEntry, TranscriptEntry[]> {
  const before = new Map<string, TranscriptEntry>();
  const takenBy = new Map<TranscriptEntry, TranscriptEntry[]>();
  for (const entry of entries) {
    if (Array.isArray(entry.took)) {
      const taken = entry.took.flatMap((id) => before.get(id) ?? []);
      for (const { id } of taken) before.delete(id);
      takenBy.set(entry, taken);
    } else before.set(entry.id, entry);
  }
  return takenBy;
}

/**
 * Puts every answer behind the message it answers. A message that waits for its turn is stored at once, so the
 * file may read `ask 1, ask 2, answer 1, answer 2`; the conversation reads `ask 1, answer 1, ask 2, answer 2`. What
 * an answer took in stands right before it.
 */
export function inConversationOrder(entries: readonly TranscriptEntry[]): TranscriptEntry[] {
  const groups: TranscriptEntry[][] = [];
  const groupOfRun = new Map<string, TranscriptEntry[]>();
  const takenBy = findTaken(entries);
  const taken = new Set([...takenBy.values()].flat());
  for (const entry of entries) {
    if (taken.has(entry)) continue;
    const moved = takenBy.get(entry) ?? [];
    const known = entry.runId === undefined ? undefined : groupOfRun.get(entry.runId);
    if (known) {
      known.push(...moved, entry);
      continue;
    }
    const group = [...moved, entry];
    groups.push(group);
    if (entry.runId !== undefined) groupOfRun.set(entry.runId, group);
  }
  return groups.flat();
}
