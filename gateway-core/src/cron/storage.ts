// Where jobs and their run logs are kept: files beside each other, in the layout of the reference.
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { appendLine, readTextIfExists, writeTextDurably } from '../shared/json-file.js';

export interface RunLogLimits {
  maxBytes: number;
  keepLines: number;
}

/** The seam to the disk. Every write resolves when a crash can no longer undo it. */
export interface CronStorage {
  /** Text of the job file; undefined when there is none. */
  readJobs(): Promise<string | undefined>;
  writeJobs(text: string): Promise<void>;
  /** Keeps an earlier text of the job file. */
  keepBackup(text: string): Promise<void>;
  /** Adds a line to the log of a job and drops the oldest lines beyond the limits. */
  appendRun(jobId: string, line: string, limits: RunLogLimits): Promise<void>;
  /** The log of a job, oldest line first; empty when there is none. */
  readRuns(jobId: string): Promise<string>;
  /** Ids of all jobs that have a log. */
  listRuns(): Promise<string[]>;
}

const LOG_END = '.jsonl';

/** Pure: the last lines of a log that fit the limits. */
export function pruneLog(text: string, { maxBytes, keepLines }: RunLogLimits): string {
  const lines = text.split('\n').filter((line) => line !== '');
  let bytes = 0;
  const kept: string[] = [];
  for (const line of lines.slice(-keepLines).reverse()) {
    bytes += Buffer.byteLength(line) + 1;
    // The newest one stays, however long it is.
    if (bytes > maxBytes && kept.length > 0) break;
    kept.push(line);
  }
  return kept
    .reverse()
    .map((line) => `${line}\n`)
    .join('');
}

class DiskStorage implements CronStorage {
  readonly #file: string;
  readonly #runs: string;
  #appending: Promise<unknown> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
    this.#runs = path.join(path.dirname(file), 'runs');
  }

  readJobs(): Promise<string | undefined> {
    return readTextIfExists(this.#file);
  }

  writeJobs(text: string): Promise<void> {
    return writeTextDurably(this.#file, text);
  }

  keepBackup(text: string): Promise<void> {
    return writeTextDurably(`${this.#file}.bak`, text);
  }

  appendRun(jobId: string, line: string, limits: RunLogLimits): Promise<void> {
    const append = this.#appending.then(() => this.#append(jobId, line, limits));
    // A line that could not be written must not keep later ones out; whoever wrote it hears of it.
    this.#appending = append.catch(() => undefined);
    return append;
  }

  async readRuns(jobId: string): Promise<string> {
    return (await readTextIfExists(this.#logFile(jobId))) ?? '';
  }

  async listRuns(): Promise<string[]> {
    try {
      const names = await readdir(this.#runs);
      return names.filter((name) => name.endsWith(LOG_END)).map((name) => name.slice(0, -LOG_END.length));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  async #append(jobId: string, line: string, limits: RunLogLimits): Promise<void> {
    const file = this.#logFile(jobId);
    if ((await appendLine(file, line)) <= limits.maxBytes) return;
    await writeTextDurably(file, pruneLog(await this.readRuns(jobId), limits));
  }

  /** Ids of other programs are names of files too, so none may lead out of the folder. */
  #logFile(jobId: string): string {
    return path.join(this.#runs, `${path.basename(jobId.replaceAll('\\', '/'))}${LOG_END}`);
  }
}

/** The files of a schedule: `file`, its `.bak`, and `runs/<job>.jsonl` in the same folder. */
export function openDiskStorage(file: string): CronStorage {
  return new DiskStorage(file);
}
