// After a crash the index may lag behind the transcripts: finds what it misses, from the files alone.
import { statSync } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Message } from '../protocol/index.js';
import { type StoredSession, withRunEnded, withRunInterrupted } from './session-entry.js';
import { isClosedLine, parseEntry, parseHeader, type ReadEntry, type TranscriptHeader } from './transcript/lines.js';
import { readLinesBefore, readRange } from './transcript/read-lines.js';

export interface RepairInput {
  folder: string;
  entries: ReadonlyMap<string, StoredSession>;
  keyOfSession: ReadonlyMap<string, string>;
  /** When the index was last written; undefined means never, so every transcript counts. */
  writtenAt: number | undefined;
  now: number;
}

/** A transcript may be a moment older than an index that was put together before it. */
const MARGIN_MS = 5000;
const STATS_PER_TURN = 256;
const HEADER_BYTES = 8192;
const TAIL = { lines: 16, bytes: 256 * 1024 } as const;

export async function fileTime(file: string): Promise<number> {
  return (await stat(file)).mtimeMs;
}

async function listTranscripts(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.jsonl'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The transcripts written since `since`. Gives way to other work between slices of a large folder. */
async function changedSince(folder: string, since: number): Promise<string[]> {
  const names = await listTranscripts(folder);
  const changed: string[] = [];
  for (let from = 0; from < names.length; from += STATS_PER_TURN) {
    for (const name of names.slice(from, from + STATS_PER_TURN)) {
      const time = statSync(path.join(folder, name), { throwIfNoEntry: false })?.mtimeMs;
      if (time !== undefined && time >= since) changed.push(name);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return changed;
}

interface Ends {
  header: TranscriptHeader | undefined;
  last: ReadEntry | undefined;
  closed: boolean;
}

async function readEnds(file: string): Promise<Ends> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const head = (await readRange(handle, 0, Math.min(HEADER_BYTES, size))).toString('utf8');
    const header = parseHeader(head.slice(0, head.indexOf('\n') + 1 || undefined));
    const whole = await endOfLastLine(handle, size);
    const { lines } = await readLinesBefore(handle, whole, TAIL);
    const last = lines
      .map(parseEntry)
      .filter((entry) => entry !== undefined)
      .at(-1);
    return { header, last, closed: isClosedLine(lines.at(-1) ?? '') };
  } finally {
    await handle.close();
  }
}

async function endOfLastLine(handle: Awaited<ReturnType<typeof open>>, size: number): Promise<number> {
  const from = Math.max(0, size - TAIL.bytes);
  const at = (await readRange(handle, from, size - from)).lastIndexOf('\n');
  return from + at + 1;
}

function timeOf(entry: ReadEntry): number {
  return entry.message.timestamp ?? Date.parse(entry.timestamp);
}

function endStatus(message: Message): 'done' | 'failed' | 'killed' {
  if (message.stopReason === 'error') return 'failed';
  return message.stopReason === 'aborted' ? 'killed' : 'done';
}

/** Pure: the entry as the last stored message tells it. */
export function reconcileEntry(entry: StoredSession, last: ReadEntry): StoredSession {
  const at = timeOf(last);
  const isToolStep = last.message.role === 'assistant' && last.message.stopReason === 'toolUse';
  // A run may end with calls that its caller answers; the index knows when it did.
  if (isToolStep && entry.status === 'done' && entry.updatedAt >= at) return entry;
  if (last.message.role !== 'assistant' || isToolStep) {
    if (entry.status === 'failed' && entry.updatedAt >= at) return entry;
    return withRunInterrupted({ ...entry, updatedAt: Math.max(entry.updatedAt, at) }, at);
  }
  if (entry.status !== 'running' && entry.updatedAt >= at) return entry;
  return withRunEnded(entry, {
    status: endStatus(last.message),
    endedAt: Math.max(at, entry.startedAt ?? at),
    provider: last.message.provider,
    model: last.message.model,
    usage: last.message.usage,
  });
}

function adopt(ends: Ends, name: string, input: RepairInput): [string, StoredSession] | undefined {
  const { header, last } = ends;
  const key = header?.sessionKey;
  if (!header || key === undefined || ends.closed || name !== `${header.id}.jsonl`) return undefined;
  const startedAt = Date.parse(header.timestamp) || input.now;
  const known = input.entries.get(key);
  if (known && known.updatedAt > startedAt) return undefined;
  const fresh: StoredSession = { ...known, sessionId: header.id, updatedAt: startedAt };
  return [key, last ? reconcileEntry(fresh, last) : fresh];
}

/**
 * The entries to change: sessions whose transcript is newer than the index, sessions the index never saw, and
 * runs that were under way when the process ended (they become `failed`).
 */
export async function repairIndex(input: RepairInput): Promise<Map<string, StoredSession>> {
  const repaired = new Map<string, StoredSession>();
  const since = input.writtenAt === undefined ? 0 : input.writtenAt - MARGIN_MS;
  for (const name of await changedSince(input.folder, since)) {
    const ends = await readEnds(path.join(input.folder, name));
    const key = input.keyOfSession.get(name.slice(0, -'.jsonl'.length));
    const entry = key === undefined ? undefined : input.entries.get(key);
    if (key === undefined || !entry) {
      const adopted = adopt(ends, name, input);
      if (adopted) repaired.set(...adopted);
    } else if (ends.last) {
      const next = reconcileEntry(entry, ends.last);
      if (next !== entry) repaired.set(key, next);
    }
  }
  for (const [key, entry] of input.entries) {
    if (entry.status === 'running' && !repaired.has(key)) repaired.set(key, withRunInterrupted(entry, entry.updatedAt));
  }
  return repaired;
}
