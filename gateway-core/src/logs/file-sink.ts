// Writes log records to a file, one JSON object per line.
import {
  chmodSync,
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { dayName } from '../config/index.js';
import { formatFileRecord, type LogLevel, type LogRecord, type LogSink, passesLevel } from '../shared/logger.js';

const DAILY = /^(.*-)\d{4}-\d{2}-\d{2}(\.log)$/;
const KEEP_MS = 24 * 60 * 60 * 1_000;
const CHECK_MS = 1_000;
export const DEFAULT_MAX_FILE_BYTES = 500 * 1024 * 1024;

export interface FileSinkOptions {
  /** A name that ends in `-YYYY-MM-DD.log` gets a new file each local day. */
  file: string;
  level: LogLevel;
  now: () => number;
  /** Beyond this size the file moves to `<file>.1` and a new one begins. */
  maxFileBytes?: number;
  /** Told once when the file cannot be written, and again after it could. */
  onError?: (error: unknown) => void;
}

export interface FileSink extends LogSink {
  /** The file that is written now. */
  currentFile(): string;
  setLevel(level: LogLevel): void;
  stop(): void;
}

interface OpenFile {
  fd: number;
  file: string;
  inode: number;
  size: number;
  checkedMs: number;
}

/** The file of the day: `base` with its date replaced, or `base` itself when its name has none. */
export function fileOfDay(base: string, timeMs: number): string {
  const name = path.basename(base).replace(DAILY, `$1${dayName(timeMs)}$2`);
  return path.join(path.dirname(base), name);
}

/** Daily files that nobody wrote to for a day. */
function prune(base: string, timeMs: number): void {
  const parts = DAILY.exec(path.basename(base));
  if (!parts) return;
  const folder = path.dirname(base);
  for (const name of readdirSync(folder)) {
    const daily = DAILY.exec(name.replace(/\.1$/, ''));
    if (daily?.[1] !== parts[1]) continue;
    const file = path.join(folder, name);
    if (timeMs - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? timeMs) > KEEP_MS) removeIfThere(file);
  }
}

function removeIfThere(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    // Another gateway shares the folder and may have been faster; files of other users stay.
    if (!['ENOENT', 'EPERM', 'EACCES', 'EBUSY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

function openForAppend(file: string, now: number): OpenFile {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const fd = openSync(file, 'a', 0o600);
  const info = fstatSync(fd);
  if (process.platform !== 'win32' && (info.mode & 0o077) !== 0 && info.uid === process.getuid?.())
    chmodSync(file, 0o600);
  return { fd, file, inode: info.ino, size: info.size, checkedMs: now };
}

/** Writes each record at once, so that a line that was logged survives the end of the process. */
class RollingFile implements FileSink {
  #open: OpenFile | undefined;
  #level: LogLevel;
  #failing = false;

  constructor(private readonly options: FileSinkOptions) {
    this.#level = options.level;
  }

  write(record: LogRecord): void {
    if (!passesLevel(record.level, this.#level)) return;
    try {
      const line = Buffer.from(`${formatFileRecord(record)}\n`);
      const target = this.#target(line.length);
      target.size += writeSync(target.fd, line);
      this.#failing = false;
    } catch (error) {
      this.#close();
      if (!this.#failing) this.options.onError?.(error);
      this.#failing = true;
    }
  }

  currentFile(): string {
    return fileOfDay(this.options.file, this.options.now());
  }

  setLevel(level: LogLevel): void {
    this.#level = level;
  }

  stop(): void {
    this.#close();
  }

  #target(bytes: number): OpenFile {
    const now = this.options.now();
    const file = fileOfDay(this.options.file, now);
    if (this.#open && (this.#open.file !== file || this.#wasReplaced(this.#open, now))) this.#close();
    const max = this.options.maxFileBytes ?? DEFAULT_MAX_FILE_BYTES;
    if (this.#open && this.#open.size > 0 && this.#open.size + bytes > max) {
      this.#close();
      renameSync(file, `${file}.1`);
    }
    if (!this.#open) {
      this.#open = openForAppend(file, now);
      prune(file, now);
    }
    return this.#open;
  }

  /** Somebody moved or deleted the file; checked once a second. */
  #wasReplaced(open: OpenFile, now: number): boolean {
    if (now - open.checkedMs < CHECK_MS) return false;
    open.checkedMs = now;
    const info = statSync(open.file, { throwIfNoEntry: false });
    if (info?.ino !== open.inode) return true;
    open.size = info.size;
    return false;
  }

  #close(): void {
    if (this.#open) closeSync(this.#open.fd);
    this.#open = undefined;
  }
}

/** A sink that appends to `file` (folder 0700, file 0600) and never throws; see `FileSinkOptions.onError`. */
export function createFileSink(options: FileSinkOptions): FileSink {
  return new RollingFile(options);
}
