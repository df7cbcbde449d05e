// Rows of one JSON file, kept in memory and written whole, one write at a time.
import path from 'node:path';
import { errorMessage } from '../shared/app-error.js';
import type { Clock, Timer } from '../shared/clock.js';
import { readTextIfExists, writeJsonDurably, writeTextDurably } from '../shared/json-file.js';
import { inBackground, type Logger } from '../shared/logger.js';

const LAZY_WRITE_MS = 1000;

export interface JsonTableOptions<T> {
  file: string;
  clock: Clock;
  log: Logger;
  /** Rows that do not pass are dropped at load. */
  isRow: (value: unknown) => value is T;
}

function parseRows<T>(text: string, isRow: (value: unknown) => value is T): Map<string, T> {
  const value: unknown = JSON.parse(text);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Error('it is not a JSON object');
  return new Map(Object.entries(value).filter((pair): pair is [string, T] => isRow(pair[1])));
}

export class JsonTable<T> {
  readonly rows: Map<string, T>;
  readonly #options: JsonTableOptions<T>;
  #writing: Promise<void> = Promise.resolve();
  /** The write that has not begun: whoever saves meanwhile shares it. */
  #queued: Promise<void> | undefined;
  #lazy: Timer | undefined;

  private constructor(options: JsonTableOptions<T>, rows: Map<string, T>) {
    this.#options = options;
    this.rows = rows;
  }

  /** Reads the file. One that is not JSON is kept beside it as `….broken-<time>`, and the table starts empty. */
  static async load<T>(options: JsonTableOptions<T>): Promise<JsonTable<T>> {
    const text = await readTextIfExists(options.file);
    if (text === undefined) return new JsonTable(options, new Map());
    try {
      return new JsonTable(options, parseRows(text, options.isRow));
    } catch (error) {
      const kept = `${options.file}.broken-${options.clock.now()}`;
      await writeTextDurably(kept, text);
      options.log.error(`${path.basename(options.file)} could not be read (${errorMessage(error)}); kept as ${kept}`);
      return new JsonTable(options, new Map());
    }
  }

  /** Takes over what other processes wrote into the file meanwhile; a file that cannot be read changes nothing. */
  async refresh(): Promise<void> {
    const { file, isRow, log } = this.#options;
    // Until our own writes are done, the file is behind us.
    await this.#writing.catch(() => undefined);
    const text = await readTextIfExists(file);
    try {
      const rows = text === undefined ? new Map<string, T>() : parseRows(text, isRow);
      this.rows.clear();
      for (const [key, row] of rows) this.rows.set(key, row);
    } catch (error) {
      log.warn(`${path.basename(file)} could not be read again (${errorMessage(error)})`);
    }
  }

  /** Resolves when everything that is in `rows` now is on disk. */
  save(): Promise<void> {
    this.#lazy?.cancel();
    this.#lazy = undefined;
    if (!this.#queued) {
      const write = (): Promise<void> => {
        this.#queued = undefined;
        return writeJsonDurably(this.#options.file, Object.fromEntries(this.rows));
      };
      // The next write must run although the one before it failed; its caller hears of that failure.
      this.#queued = this.#writing.then(write, write);
      this.#writing = this.#queued;
    }
    return this.#queued;
  }

  /** For changes that may be lost in a crash, such as a time of last use. */
  saveSoon(): void {
    this.#lazy ??= this.#options.clock.after(LAZY_WRITE_MS, () => {
      inBackground(this.save(), this.#options.log, `could not write ${path.basename(this.#options.file)}`);
    });
  }

  async stop(): Promise<void> {
    if (this.#lazy) await this.save();
    else await this.#writing;
  }
}
