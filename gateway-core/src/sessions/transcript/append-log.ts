// A file that only grows: appends made at the same time share one write and one fsync.
import { fstatSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { AppError, isAppError } from '../../shared/app-error.js';
import { ensureFolder } from '../../shared/json-file.js';
import type { FolderSync } from './folder-sync.js';
import { readRange } from './read-lines.js';

interface Waiting {
  text: string;
  durable: boolean;
  resolve: () => void;
  reject: (error: unknown) => void;
}

const SMALL_BYTES = 64 * 1024;
const NEWLINE = 10;
const REPAIR_WINDOW_BYTES = 256 * 1024;

/** The folder is there for all but the first conversation, so it is made only when it is missed. */
async function createFile(file: string, folders: FolderSync): Promise<FileHandle> {
  try {
    return await open(file, 'wx+', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const folder = path.dirname(file);
    await folders.forget(folder);
    await ensureFolder(folder);
    return open(file, 'wx+', 0o600);
  }
}

/**
 * Writes what it can and says how much. A few lines go into the memory of the system in less time than it takes to ask
 * another thread for it; the disk is waited for by the sync, which is not done here.
 */
async function writePart(handle: FileHandle, bytes: Buffer, from: number, at: number): Promise<number> {
  const length = bytes.length - from;
  if (length <= SMALL_BYTES) return writeSync(handle.fd, bytes, from, length, at);
  return (await handle.write(bytes, from, length, at)).bytesWritten;
}

/** Finds the end of the last whole line at or before `size`. */
async function lastLineEnd(handle: FileHandle, size: number): Promise<number> {
  let end = size;
  while (end > 0) {
    const length = Math.min(REPAIR_WINDOW_BYTES, end);
    const chunk = await readRange(handle, end - length, length);
    const at = chunk.lastIndexOf(NEWLINE);
    if (at !== -1) return end - length + at + 1;
    end -= length;
  }
  return 0;
}

function isWholeJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // Half a line is what is being looked for here.
    return false;
  }
}

/**
 * Makes the file end with a whole line: a last line that lacks only its newline gets it, half a line is cut off.
 * Half a line was never acknowledged. Returns the new size and how many bytes were dropped.
 */
async function repairEnd(handle: FileHandle): Promise<{ size: number; droppedBytes: number }> {
  const { size } = await handle.stat();
  const end = await lastLineEnd(handle, size);
  if (end === size) return { size, droppedBytes: 0 };
  const rest = (await readRange(handle, end, size - end)).toString('utf8');
  if (isWholeJson(rest)) {
    await handle.write('\n', size);
    return { size: size + 1, droppedBytes: 0 };
  }
  await handle.truncate(end);
  return { size: end, droppedBytes: size - end };
}

export interface AppendLogOptions {
  file: string;
  /** True when nobody can have made the file yet. */
  isNew?: boolean;
  folders: FolderSync;
  /** Written in front of the first append to an empty file. */
  header: () => string;
  onRepaired: (droppedBytes: number) => void;
}

/** One per file: two writers for the same file would mix their lines. */
export class AppendLog {
  readonly #options: AppendLogOptions;
  #handle: FileHandle | undefined;
  #size = 0;
  /** Set once the disk was asked: there is no such file. */
  #isMissing: boolean;
  #waiting: Waiting[] = [];
  #draining: Promise<void> | undefined;

  constructor(options: AppendLogOptions) {
    this.#options = options;
    this.#isMissing = options.isNew ?? false;
  }

  /** Opens the file when it exists, mends a torn end and returns its size; 0 when there is none. */
  async open(): Promise<number> {
    if (this.#handle || this.#isMissing) return this.#size;
    try {
      const handle = await open(this.#options.file, 'r+');
      const { size, droppedBytes } = await repairEnd(handle);
      this.#handle = handle;
      this.#size = size;
      if (droppedBytes > 0) this.#options.onRepaired(droppedBytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw this.#explain(error);
      this.#size = 0;
      this.#isMissing = true;
    }
    return this.#size;
  }

  get handle(): FileHandle | undefined {
    return this.#handle;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Appends whole lines. Durable appends resolve once they are on disk, the others once they are written (a crash of
   * the process cannot lose them; a power cut can, until the sync that follows). Throws AppError state.unwritable.
   */
  append(text: string, durable: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, durable, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  async close(): Promise<void> {
    while (this.#draining) await this.#draining;
    const handle = this.#handle;
    this.#handle = undefined;
    this.#isMissing = false;
    await handle?.close();
  }

  async #drain(): Promise<void> {
    // Lets the callers of this turn of the event loop join the first batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      await this.#writeBatch(batch);
    }
    this.#draining = undefined;
  }

  async #writeBatch(batch: Waiting[]): Promise<void> {
    try {
      const isNew = await this.#ensureOpen();
      const text = batch.map((item) => item.text).join('');
      await this.#write(this.#size === 0 ? this.#options.header() + text : text);
      for (const item of batch) if (!item.durable) item.resolve();
      const { folders, file } = this.#options;
      await Promise.all([this.#handle?.datasync(), isNew && folders.sync(path.dirname(file))]);
      if (batch.some((item) => item.durable)) this.#requireName();
      for (const item of batch) item.resolve();
    } catch (error) {
      await this.#dropHandle();
      const explained = this.#explain(error);
      // Later lines name earlier ones as their parents, so they fail together.
      const failed = [...batch, ...this.#waiting];
      this.#waiting = [];
      for (const item of failed) item.reject(explained);
    }
  }

  /** What is written to a file that somebody removed goes with it when it is closed. */
  #requireName(): void {
    // Of an open file the system knows it without the disk; asking another thread would cost each message more.
    if (!this.#handle || fstatSync(this.#handle.fd).nlink !== 0) return;
    throw new AppError('state.unwritable', {
      message: 'The conversation could not be saved: its file was removed.',
      hint: 'Send the message again. The conversation goes on in a new file.',
    });
  }

  /** True when the file was made by this call. */
  async #ensureOpen(): Promise<boolean> {
    if (this.#handle) return false;
    await this.open();
    if (this.#handle) return false;
    this.#isMissing = false;
    try {
      this.#handle = await createFile(this.#options.file, this.#options.folders);
    } catch (error) {
      // Another program made it since the disk was asked.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      await this.open();
      return false;
    }
    this.#size = 0;
    return true;
  }

  async #write(text: string): Promise<void> {
    const handle = this.#handle;
    if (!handle) throw new Error('the transcript is not open');
    const bytes = Buffer.from(text, 'utf8');
    let written = 0;
    try {
      while (written < bytes.length) {
        written += await writePart(handle, bytes, written, this.#size + written);
      }
    } catch (error) {
      // The lines before stay whole; what arrived of these goes.
      await handle.truncate(this.#size);
      throw error;
    }
    this.#size += bytes.length;
  }

  /** After a failure the file is opened anew, which mends its end. */
  async #dropHandle(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#isMissing = false;
    // The failure that led here is the one to report; closing may fail for the same reason.
    await handle?.close().catch(() => undefined);
  }

  #explain(error: unknown): AppError {
    if (isAppError(error)) return error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return new AppError('state.unwritable', {
      message: `The conversation could not be saved (${code}).`,
      hint: 'Check the free space and the permissions of the state folder.',
      cause: error,
    });
  }
}
