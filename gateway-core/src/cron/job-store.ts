// The jobs of a gateway: held in memory by one owner, on disk before a change is acknowledged.
import { AppError } from '../shared/app-error.js';
import type { Logger } from '../shared/logger.js';
import type { Job } from './job.js';
import { readJobs, UnreadableJobs, writeJobs } from './read-jobs.js';
import type { CronStorage } from './storage.js';

export interface JobStoreOptions {
  storage: CronStorage;
  /** For messages. */
  file: string;
  nowMs: number;
  log: Logger;
}

export interface Change<T> {
  jobs: readonly Job[];
  result: T;
}

export interface ChangeOptions {
  /** Keep the file as it was before this change beside it. */
  backup?: boolean;
  /** What happened, happened: a disk that refuses it delays it until the next change. */
  irrevocable?: boolean;
}

function unwritable(file: string, cause: unknown): AppError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
  return new AppError('state.unwritable', { message: `The schedule ${file} could not be saved (${code}).`, cause });
}

export class JobStore {
  readonly #options: JobStoreOptions;
  readonly #foreign: readonly unknown[];
  #jobs: readonly Job[];
  #written: string | undefined;
  #changes = 0;
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(options: JobStoreOptions, jobs: readonly Job[], foreign: readonly unknown[]) {
    this.#options = options;
    this.#jobs = jobs;
    this.#foreign = foreign;
  }

  /** Reads the file; no file means no jobs. Throws AppError cron.store_broken; then the file stays as it is. */
  static async open(options: JobStoreOptions): Promise<JobStore> {
    const { storage, file, nowMs, log } = options;
    try {
      const text = await storage.readJobs();
      if (text === undefined) return new JobStore(options, [], []);
      const { jobs, foreign } = readJobs(text, nowMs);
      if (foreign.length > 0) {
        log.warn('Entries of the schedule are no jobs this version knows; they are kept and never run.', {
          file,
          count: foreign.length,
        });
      }
      const store = new JobStore(options, jobs, foreign);
      store.#written = text;
      return store;
    } catch (error) {
      const isContent = error instanceof UnreadableJobs;
      const why = isContent ? error.message : ((error as NodeJS.ErrnoException).code ?? 'unknown error');
      throw new AppError('cron.store_broken', {
        message: `The schedule ${file} cannot be read: ${why}.`,
        cause: error,
      });
    }
  }

  list(): readonly Job[] {
    return this.#jobs;
  }

  get(id: string): Job | undefined {
    return this.#jobs.find((job) => job.id === id);
  }

  /** Another text for every state of the list. */
  get revision(): string {
    return `${this.#options.nowMs.toString(36)}-${this.#changes}`;
  }

  /**
   * Changes the list, one change after another; `edit` sees what all earlier ones left. Resolves when it is on disk.
   * Throws AppError state.unwritable, and what `edit` throws; then nothing changed.
   */
  change<T>(edit: (jobs: readonly Job[]) => Change<T>, options: ChangeOptions = {}): Promise<T> {
    const change = this.#changing.then(() => this.#apply(edit, options));
    this.#changing = change.catch(() => undefined);
    return change;
  }

  /** Resolves when no change is under way. */
  async settled(): Promise<void> {
    await this.#changing;
  }

  async #apply<T>(edit: (jobs: readonly Job[]) => Change<T>, options: ChangeOptions): Promise<T> {
    const { jobs, result } = edit(this.#jobs);
    const text = writeJobs({ jobs, foreign: this.#foreign });
    if (text === this.#written) return result;
    try {
      await this.#write(text, options.backup ?? false);
    } catch (error) {
      const failure = unwritable(this.#options.file, error);
      if (!options.irrevocable) throw failure;
      this.#options.log.error('The schedule could not be saved; it is saved with the next change.', { err: failure });
    }
    this.#jobs = jobs;
    this.#changes += 1;
    return result;
  }

  async #write(text: string, backup: boolean): Promise<void> {
    const { storage } = this.#options;
    if (backup && this.#written !== undefined) await storage.keepBackup(this.#written);
    await storage.writeJobs(text);
    this.#written = text;
  }
}
