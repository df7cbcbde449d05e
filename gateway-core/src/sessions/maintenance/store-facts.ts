// What lies in the folder of an agent's conversations: transcripts, archives, copies of the index.
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { StoredSession } from '../session-entry.js';

export interface StoredFile {
  name: string;
  /** Epoch milliseconds: of an archive when it was put aside, of other files when they were last written. */
  at: number;
  bytes: number;
}

export interface EntryFacts {
  key: string;
  entry: StoredSession;
  /** Of its transcript; undefined when there is none. */
  bytes?: number;
}

export interface StoreFacts {
  indexBytes: number;
  entries: EntryFacts[];
  /** Transcripts that a conversation left behind, by how it did. */
  archives: Array<StoredFile & { kind: 'reset' | 'deleted' | 'bak' }>;
  /** Transcripts that no conversation has: their owner wanted to keep them. */
  kept: StoredFile[];
  /** Copies of the index. */
  backups: StoredFile[];
}

const STATS_AT_ONCE = 64;
const STAMP = String.raw`(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2}(?:\.\d+)?)Z`;
const ARCHIVE = new RegExp(String.raw`\.jsonl\.(reset|deleted|bak)\.${STAMP}$`);
const BACKUP = new RegExp(String.raw`\.json\.bak\.${STAMP}$`);

/** The time in a file's name, as `archiveStamp` writes it. */
function stampMs([, day, hours, minutes, seconds]: readonly string[]): number {
  return Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`);
}

/** The time as names of files carry it. */
export function archiveStamp(atMs: number): string {
  return new Date(atMs).toISOString().replaceAll(':', '-');
}

async function list(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder, { withFileTypes: true })).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function measure(folder: string, name: string): Promise<StoredFile | undefined> {
  try {
    const { mtimeMs, size } = await stat(path.join(folder, name));
    return { name, at: mtimeMs, bytes: size };
  } catch (error) {
    // It went while we looked.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function measureAll(folder: string): Promise<StoredFile[]> {
  const names = await list(folder);
  const files: StoredFile[] = [];
  for (let from = 0; from < names.length; from += STATS_AT_ONCE) {
    const slice = await Promise.all(names.slice(from, from + STATS_AT_ONCE).map((name) => measure(folder, name)));
    files.push(...slice.filter((file) => file !== undefined));
  }
  return files;
}

function transcriptName(entry: StoredSession): string {
  return path.basename(entry.sessionFile ?? `${entry.sessionId}.jsonl`);
}

/** Looks at the folder of `indexFile`; reads no file. `entries` is what the index says. */
export async function readStoreFacts(
  indexFile: string,
  entries: ReadonlyArray<readonly [string, StoredSession]>,
): Promise<StoreFacts> {
  const files = await measureAll(path.dirname(indexFile));
  const sizes = new Map(files.map(({ name, bytes }) => [name, bytes]));
  const owned = new Set(entries.map(([, entry]) => transcriptName(entry)));
  return {
    indexBytes: sizes.get(path.basename(indexFile)) ?? 0,
    entries: entries.map(([key, entry]) => ({ key, entry, bytes: sizes.get(transcriptName(entry)) })),
    archives: files.flatMap((file) => {
      const [, kind, ...stamp] = ARCHIVE.exec(file.name) ?? [];
      if (kind === undefined) return [];
      return [{ ...file, kind: kind as 'reset' | 'deleted' | 'bak', at: stampMs(['', ...stamp]) }];
    }),
    kept: files.filter(({ name }) => name.endsWith('.jsonl') && !owned.has(name)),
    backups: files.flatMap((file) => {
      const found = file.name.startsWith(path.basename(indexFile)) ? BACKUP.exec(file.name) : null;
      return found ? [{ ...file, at: stampMs(found) }] : [];
    }),
  };
}
