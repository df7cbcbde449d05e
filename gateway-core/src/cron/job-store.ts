// The jobs of a gateway: held in memory by one owner, on disk before a change is acknowledged.
import { AppError, isAppError } from '../shared/app-error.js';
import type { Logger } from '../shared/logger.js';
import type { Job } from './job.js';
import { type ReadJobs, readJobs, UnreadableJobs, writeJobs } from './read-jobs.js';
import type { CronStorage } from './storage.js';

export interface JobStoreOptions {
  storage: CronStorage;
  /** For messages. */
  file: string;
  nowMs: number;
  log: Logger;
  /** Makes jobs that another program wrote meanwhile ready to run. */
  adopt?: (jobs: readonly Job[]) => readonly Job[];
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

/** Jobs of the file, the entries that are none, and what the log has to say about those. */
function parse(text: string, { file, nowMs, log }: JobStoreOptions): ReadJobs {
  try {
    const read = readJobs(text, nowMs);
    if (read.foreign.length > 0) {
      log.warn('Entries of the schedule are no jobs this version knows; they are kept and never run.', {
        file,
        count: read.foreign.length,
      });
    }
    return read;
  } catch (error) {
    if (!(error instanceof UnreadableJobs)) throw error;
    throw unreadable(file, error.message, error);
  }
}

function unreadable(file: string, why: string, cause: unknown): AppError {
  return new AppError('cron.store_broken', { message: `The schedule ${file} cannot be read: ${why}.`, cause });
}

export class JobStore {
  readonly #options: JobStoreOptions;
  #foreign: readonly unknown[];
  #jobs: readonly Job[];
  #written: string | undefined;
  /** Something happened that the disk did not take. */
  #isAhead = false;
  #changes = 0;
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(options: JobStoreOptions, jobs: readonly Job[], foreign: readonly unknown[]) {
    this.#options = options;
    this.#jobs = jobs;
    this.#foreign = foreign;
  }

  /** Reads the file; no file means no jobs. Throws AppError cron.store_broken; then the file stays as it is. */
  static async open(options: JobStoreOptions): Promise<JobStore> {
    const { storage, file } = options;
    const text = await storage.readJobs().catch((error: NodeJS.ErrnoException) => {
      throw unreadable(file, error.code ?? 'unknown error', error);
    });
    if (text === undefined) return new JobStore(options, [], []);
    const { jobs, foreign } = parse(text, options);
    const store = new JobStore(options, jobs, foreign);
    store.#written = text;
    return store;
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
   * Changes the list, one change after another; `edit` sees what all earlier ones left, and what another program wrote
   * into the file. Resolves when it is on disk. Throws AppError state.unwritable, cron.store_broken for a file that
   * somebody broke meanwhile, and what `edit` throws; then nothing changed.
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
    const fault = await this.#takeIn();
    if (fault && !options.irrevocable) throw fault;
    const { jobs, result } = edit(this.#jobs);
    const text = writeJobs({ jobs, foreign: this.#foreign });
    if (text === this.#written) return result;
    try {
      if (fault) throw fault;
      await this.#write(text, options.backup ?? false);
    } catch (error) {
      const failure = isAppError(error) ? error : unwritable(this.#options.file, error);
      if (!options.irrevocable) throw failure;
      this.#isAhead = true;
      this.#options.log.error('The schedule could not be saved; it is saved with the next change.', { err: failure });
    }
    this.#jobs = jobs;
    this.#changes += 1;
    return result;
  }

  /** Takes over what another program wrote: a person with an editor, or a second gateway. Why it could not, if so. */
  async #takeIn(): Promise<AppError | undefined> {
    const { storage, file, log, adopt } = this.#options;
    try {
      const text = await storage.readJobs();
      // A file that is gone is written anew; what is not saved yet goes before what others saved.
      if (text === undefined || text === this.#written) return undefined;
      const { jobs, foreign } = parse(text, this.#options);
      if (this.#isAhead) return undefined;
      log.info('Another program changed the schedule; its changes are taken over.', { file });
      this.#jobs = adopt ? adopt(jobs) : jobs;
      this.#foreign = foreign;
      this.#written = text;
      this.#changes += 1;
      return undefined;
    } catch (error) {
      return isAppError(error) ? error : unwritable(file, error);
    }
  }

  async #write(text: string, backup: boolean): Promise<void> {
    const { storage } = this.#options;
    if (backup && this.#written !== undefined) await storage.keepBackup(this.#written);
    await storage.writeJobs(text);
    this.#written = text;
    this.#isAhead = false;
  }
}
