// One conversation on disk: appended to, and read from its end, with the latest messages kept in memory.
import { copyFile, readFile } from 'node:fs/promises';
import { type Message, messageText } from '../../protocol/index.js';
import { writeTextDurably } from '../../shared/json-file.js';
import type { Logger } from '../../shared/logger.js';
import { sessionGone } from '../session-gone.js';
import { AppendLog } from './append-log.js';
import { countRecords } from './count-records.js';
import type { FolderSync } from './folder-sync.js';
import {
  type Compaction,
  dividerMessage,
  entryLine,
  headerLine,
  inConversationOrder,
  numberEntries,
  parseHeader,
  parseRecord,
  type ReadEntry,
  type TranscriptEntry,
  withoutRun,
} from './lines.js';
import { readLinesBefore, readRange } from './read-lines.js';

export interface TranscriptOptions {
  file: string;
  sessionId: string;
  sessionKey: string;
  cwd: string;
  now: () => number;
  newId: () => string;
  folders: FolderSync;
  /** True for a conversation that has just begun: the disk need not be asked for it. */
  isNew?: boolean;
  log: Logger;
}

export interface AppendOptions {
  runId?: string;
  command?: boolean;
  /** Ids of messages that stand in front of this one. */
  took?: readonly string[];
  /** Wait until the message is on disk, not only written. */
  durable?: boolean;
}

/** What stays in memory per open conversation. */
const CACHE = { entries: 256, bytes: 1024 * 1024 } as const;
/** The most that one read takes from disk. */
const READ_BYTES = 32 * 1024 * 1024;
const HEAD_BYTES = 64 * 1024;

interface Cached {
  entry: TranscriptEntry;
  bytes: number;
  /** Byte offset of its line in the file. */
  at: number;
}

interface ReadPart {
  entries: ReadEntry[];
  places: Array<{ bytes: number; at: number }>;
  start: number;
}

export class Transcript {
  readonly #options: TranscriptOptions;
  readonly #log: AppendLog;
  /** The last entries of the file, oldest first, without gaps. */
  #cached: Cached[] = [];
  #cachedBytes = 0;
  /** Byte offset of the first cached entry; undefined until the file was looked at. */
  #cachedFrom: number | undefined;
  #lastId: string | null = null;
  #lastSeq = 0;
  /** Where the next line will begin. */
  #end = 0;
  #header = '';
  #opening: Promise<void> | undefined;
  /** Reads that are under way: the file is not replaced below them. */
  readonly #reading = new Set<Promise<unknown>>();
  #retired = false;
  #firstUserText: string | undefined;

  constructor(options: TranscriptOptions) {
    this.#options = options;
    this.#log = new AppendLog({
      file: options.file,
      folders: options.folders,
      isNew: options.isNew,
      header: () => this.#header,
      onRepaired: (droppedBytes) =>
        options.log.warn('A half-written last line of a transcript was dropped.', {
          sessionId: options.sessionId,
          droppedBytes,
        }),
    });
  }

  /** Reads the end of the file once. Throws AppError state.unwritable when it cannot be opened. */
  open(): Promise<void> {
    if (this.#retired) return Promise.reject(sessionGone());
    this.#opening ??= this.#load().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  /** How many messages the conversation holds. */
  get count(): number {
    return this.#lastSeq;
  }

  /** Stores one message behind all others. Throws AppError state.unwritable; then nothing was stored. */
  append(message: Message, options: AppendOptions = {}): Promise<TranscriptEntry> {
    return this.#whenReady(() => this.#append({ message }, options));
  }

  /** Stores the divider where older messages give way to a summary; they stay in the file. */
  appendCompaction(compaction: Compaction, options: AppendOptions = {}): Promise<TranscriptEntry> {
    const divider = { compaction, message: dividerMessage(this.#options.now()) };
    return this.#whenReady(() => this.#append(divider, options));
  }

  async #append(
    content: Pick<TranscriptEntry, 'message' | 'compaction'>,
    options: AppendOptions,
  ): Promise<TranscriptEntry> {
    const entry: TranscriptEntry = {
      id: this.#options.newId().slice(0, 8),
      parentId: this.#lastId,
      timestamp: new Date(this.#options.now()).toISOString(),
      seq: this.#lastSeq + 1,
      ...(options.runId !== undefined && { runId: options.runId }),
      ...(options.command && { command: true as const }),
      ...(options.took && { took: options.took }),
      ...content,
    };
    const line = entryLine(entry);
    this.#lastId = entry.id;
    this.#lastSeq = entry.seq;
    const bytes = Buffer.byteLength(line);
    this.#remember({ entry, bytes, at: this.#end });
    this.#end += bytes;
    await this.#write(line, options.durable ?? true);
    return entry;
  }

  /** Adds a line that is no message. */
  note(record: Record<string, unknown>): Promise<void> {
    const line = `${JSON.stringify(record)}\n`;
    return this.#whenReady(() => {
      this.#end += Buffer.byteLength(line);
      return this.#write(line, true);
    });
  }

  /** The last `limit` messages in the order of the conversation. */
  tail(limit: number, maxBytes: number = READ_BYTES): Promise<TranscriptEntry[]> {
    return this.#whenReady(() => this.#read(() => this.#tail(limit, maxBytes)));
  }

  async #tail(limit: number, maxBytes: number): Promise<TranscriptEntry[]> {
    if (this.#cached.length < limit && this.#cachedFrom !== 0) await this.#readBefore(limit, maxBytes);
    const entries = this.#cached.slice(-limit).map((item) => item.entry);
    this.#trim();
    return inConversationOrder(entries);
  }

  /**
   * Keeps the last `keep` messages and copies the whole file to `archive` first. On disk when it resolves; how many
   * were kept, or undefined when there are no more. Whoever appends meanwhile waits.
   */
  shorten(keep: number, archive: string): Promise<number | undefined> {
    return this.#whenReady(async () => {
      if (this.#lastSeq <= keep) return undefined;
      return this.#exclusively(() => this.#rewrite(keep, archive));
    });
  }

  /** Takes everything out of the file that a run stored; how many messages. On disk when it resolves. */
  withdraw(runId: string): Promise<number> {
    return this.#whenReady(() => this.#exclusively(() => this.#rewriteWithout(runId)));
  }

  /** The text of the first user message; undefined when there is none near the head of the file. */
  firstUserText(): Promise<string | undefined> {
    return this.#whenReady(() => this.#read(() => this.#findFirstUserText()));
  }

  async #findFirstUserText(): Promise<string | undefined> {
    if (this.#firstUserText !== undefined) return this.#firstUserText;
    const entries = this.#cachedFrom === 0 ? this.#cached.map((item) => item.entry) : await this.#readHead();
    const first = entries.find((entry) => entry.message.role === 'user' && !entry.command);
    this.#firstUserText = first && messageText(first.message);
    return this.#firstUserText;
  }

  /** `close` for good: the file moves away, so nothing may open it again under its old name. */
  async retire(): Promise<void> {
    this.#retired = true;
    await this.close();
  }

  async close(): Promise<void> {
    // A failed opening was reported to whoever asked for it.
    await this.#opening?.catch(() => undefined);
    await this.#letGo();
    this.#forget();
  }

  /**
   * Opens the file and does `work` when nobody rewrites it. What `work` does before it first waits comes before any
   * rewrite that begins later.
   */
  async #whenReady<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      const opening = this.open();
      await opening;
      if (opening === this.#opening) return work();
    }
  }

  async #read<T>(work: () => Promise<T>): Promise<T> {
    const reading = work();
    this.#reading.add(reading);
    try {
      return await reading;
    } finally {
      this.#reading.delete(reading);
    }
  }

  /** Closes the file when all that was begun with it is over. */
  async #letGo(): Promise<void> {
    await Promise.allSettled(this.#reading);
    await this.#log.close();
  }

  /** Whoever comes meanwhile waits. */
  async #exclusively<T>(rewrite: () => Promise<T>): Promise<T> {
    const working = this.#letGo().then(rewrite);
    // A failed rewrite left the file as it was; those who wait go on with it.
    const opening = Promise.allSettled([working]).then(() => this.#reload());
    this.#opening = opening;
    const [reloaded] = await Promise.allSettled([opening]);
    // The next one who comes opens it anew.
    if (reloaded.status === 'rejected' && this.#opening === opening) this.#opening = undefined;
    return working;
  }

  async #rewriteWithout(runId: string): Promise<number> {
    const { file } = this.#options;
    const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
    const kept = withoutRun(lines, runId);
    if (kept.length < lines.length) await writeTextDurably(file, kept.map((line) => `${line}\n`).join(''));
    return lines.length - kept.length;
  }

  async #rewrite(keep: number, archive: string): Promise<number | undefined> {
    const { file } = this.#options;
    const lines = (await readFile(file, 'utf8')).split('\n');
    const header = lines.find((line) => parseHeader(line) !== undefined);
    const messages = lines.filter((line) => parseRecord(line) !== undefined);
    if (messages.length <= keep) return undefined;
    await copyFile(file, archive);
    const kept = messages.slice(-keep);
    await writeTextDurably(file, `${[...(header === undefined ? [] : [header]), ...kept].join('\n')}\n`);
    return kept.length;
  }

  #reload(): Promise<void> {
    this.#forgetContents();
    this.#firstUserText = undefined;
    return this.#load();
  }

  async #write(line: string, durable: boolean): Promise<void> {
    try {
      await this.#log.append(line, durable);
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  async #load(): Promise<void> {
    const size = await this.#log.open();
    this.#end = size;
    if (size === 0) {
      const { sessionId, sessionKey, cwd, now } = this.#options;
      this.#header = headerLine({ id: sessionId, timestamp: new Date(now()).toISOString(), cwd, sessionKey });
      this.#end = Buffer.byteLength(this.#header);
      this.#cachedFrom = 0;
      return;
    }
    const read = await this.#readEntries(size, { lines: 32, bytes: CACHE.bytes });
    const last = read.entries.at(-1);
    const lastSeq = last?.seq ?? (await this.#countRecords(size));
    this.#lastSeq = Math.max(lastSeq, read.entries.length);
    this.#lastId = last?.id ?? null;
    this.#prepend(read, this.#lastSeq + 1);
  }

  async #readEntries(end: number, limits: { lines: number; bytes: number }): Promise<ReadPart> {
    const handle = this.#log.handle;
    if (!handle) return { entries: [], places: [], start: 0 };
    const { lines, start } = await readLinesBefore(handle, end, limits);
    const part: ReadPart = { entries: [], places: [], start };
    let at = start;
    for (const line of lines) {
      const entry = parseRecord(line);
      const bytes = Buffer.byteLength(line) + 1;
      if (entry) {
        part.entries.push(entry);
        part.places.push({ bytes, at });
      }
      at += bytes;
    }
    return part;
  }

  async #readHead(): Promise<ReadEntry[]> {
    const handle = this.#log.handle;
    if (!handle) return [];
    const head = await readRange(handle, 0, Math.min(HEAD_BYTES, this.#log.size));
    const whole = head.toString('utf8', 0, head.lastIndexOf('\n') + 1);
    return whole.split('\n').flatMap((line) => parseRecord(line) ?? []);
  }

  /** Files of other programs carry no numbers. */
  async #countRecords(size: number): Promise<number> {
    const handle = this.#log.handle;
    return handle ? countRecords(handle, size) : 0;
  }

  async #readBefore(limit: number, maxBytes: number): Promise<void> {
    while (this.#cached.length < limit && (this.#cachedFrom ?? 0) > 0 && this.#cachedBytes < maxBytes) {
      const before = this.#cachedFrom ?? 0;
      const missing = limit - this.#cached.length;
      const read = await this.#readEntries(before, { lines: missing, bytes: maxBytes - this.#cachedBytes });
      // Someone else read the same part while this read was under way.
      if (this.#cachedFrom !== before) continue;
      this.#prepend(read, this.#cached[0]?.entry.seq ?? this.#lastSeq + 1);
    }
  }

  #prepend(part: ReadPart, nextSeq: number): void {
    const older = numberEntries(part.entries, nextSeq).map((entry, index) => {
      const place = part.places[index] ?? { bytes: 0, at: part.start };
      this.#cachedBytes += place.bytes;
      return { entry, ...place };
    });
    this.#cached = [...older, ...this.#cached];
    this.#cachedFrom = part.start;
  }

  #remember(item: Cached): void {
    this.#cached.push(item);
    this.#cachedBytes += item.bytes;
    // Twice the limit before cutting, so that a cut is rare.
    if (this.#cached.length > CACHE.entries * 2 || this.#cachedBytes > CACHE.bytes * 2) this.#trim();
  }

  #trim(): void {
    let left = this.#cached.length;
    while (left > 1 && (left > CACHE.entries || this.#cachedBytes > CACHE.bytes)) {
      this.#cachedBytes -= this.#cached[this.#cached.length - left]?.bytes ?? 0;
      left -= 1;
    }
    if (left === this.#cached.length) return;
    this.#cached = this.#cached.slice(-left);
    this.#cachedFrom = this.#cached[0]?.at;
  }

  #forget(): void {
    this.#forgetContents();
    this.#opening = undefined;
  }

  #forgetContents(): void {
    this.#cached = [];
    this.#cachedBytes = 0;
    this.#cachedFrom = undefined;
    this.#lastId = null;
    this.#lastSeq = 0;
  }
}
