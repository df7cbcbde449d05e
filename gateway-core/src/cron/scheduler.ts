// Runs jobs when they come due: one timer for the earliest, a line for those that wait, a limit for those that run.
import { isAppError } from '../shared/app-error.js';
import type { Timer } from '../shared/clock.js';
import { JobStore } from './job-store.js';
import type { Job } from './job.js';
import { JobRunner, type Schedule } from './run-job.js';
import { loadScheduleMaths, type ScheduleMaths } from './schedule.js';
import { maxConcurrentRuns } from './settings.js';
import { planCatchUp, planStart, replanAll, withNextRun } from './start-plan.js';
import { openDiskStorage } from './storage.js';
import type { CronOptions } from './types.js';

/** Longer timers overflow; shorter ones notice that the computer slept, or that its clock was set. */
const MAX_TIMER_MS = 60_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** A disk that does not take the note of a run is asked again after this time. */
const HOLD_MS = 30_000;
/** Clocks are corrected by less all the time. */
const SET_BACK_MS = 60_000;

interface Waiting {
  jobId: string;
  isForced: boolean;
}

interface Running {
  controller: AbortController;
  done: Promise<void>;
}

export interface SchedulerStatus {
  enabled: boolean;
  storePath: string;
  jobs: number;
  nextWakeAtMs: number | null;
}

export class Scheduler {
  readonly #options: CronOptions;
  readonly #runner: JobRunner;
  readonly #running = new Map<string, Running>();
  #waiting: Waiting[] = [];
  #opening: Promise<Schedule> | undefined;
  #schedule: Schedule | undefined;
  #maths: Promise<ScheduleMaths> | undefined;
  #timer: Timer | undefined;
  #holdUntilMs = 0;
  /** When the jobs were looked at last; a clock that shows less was set back. */
  #lookedAtMs = 0;
  #manualRuns = 0;
  #wasEnabled = false;
  #isEngaged = false;
  #noting: Promise<void> = Promise.resolve();
  #state: 'new' | 'started' | 'stopped' = 'new';

  constructor(options: CronOptions) {
    this.#options = options;
    this.#runner = new JobRunner(options);
  }

  get isEnabled(): boolean {
    return this.#options.mayRun !== false && this.#options.config().cron?.enabled !== false;
  }

  /** Reads the jobs and begins to run them. A file that cannot be read is logged; then nothing runs. */
  async start(): Promise<void> {
    this.#state = 'started';
    try {
      await this.schedule();
      // A client may have had the jobs read before this.
      await this.#engage();
      await this.#noting;
      if (this.#schedule?.store.list().length) await this.#runner.pruneSessions();
    } catch (error) {
      if (!isAppError(error)) throw error;
      this.#options.log.error(error.message, { hint: error.hint });
    }
  }

  /** Takes the config over as it is now: another file, on or off, more or fewer at once. */
  async reload(): Promise<void> {
    if (this.#state !== 'started') return;
    if (this.#schedule && this.#schedule.file !== this.#options.storePath()) {
      this.#waiting = [];
      await this.#schedule.store.settled();
      this.#schedule = undefined;
      this.#opening = undefined;
      this.#isEngaged = false;
    }
    if (this.isEnabled !== this.#wasEnabled) this.#isEngaged = false;
    await this.start();
    this.wake();
  }

  /** Ends every run and waits for the disk. What ran is found as cut off by the next start. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#waiting = [];
    const running = [...this.#running.values()];
    for (const { controller } of running) controller.abort('shutdown');
    await Promise.all(running.map(({ done }) => done));
    // Whoever asked for a file that cannot be read was told so.
    await this.#opening?.catch(() => undefined);
    await this.#noting;
    await this.#schedule?.store.settled();
  }

  /** The opened schedule; one that could not be read is tried again. Throws AppError cron.store_broken. */
  schedule(): Promise<Schedule> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  maths(): Promise<ScheduleMaths> {
    this.#maths ??= loadScheduleMaths(this.#options.hostTimeZone);
    return this.#maths;
  }

  async status(): Promise<SchedulerStatus> {
    const { file, store } = await this.schedule();
    const times = store.list().flatMap(({ enabled, state }) => (enabled ? (state.nextRunAtMs ?? []) : []));
    const next = times.length === 0 || !this.isEnabled ? null : Math.min(...times);
    return { enabled: this.isEnabled, storePath: file, jobs: store.list().length, nextWakeAtMs: next };
  }

  /** True while a job runs or waits for its turn. */
  isBusy(jobId: string): boolean {
    return this.#running.has(jobId) || this.#waiting.some((waiting) => waiting.jobId === jobId);
  }

  /** Puts a job in line whatever its time; the id of the request. */
  force(jobId: string): string {
    this.#manualRuns += 1;
    this.#waiting.push({ jobId, isForced: true });
    this.#pump();
    return `manual:${jobId}:${this.#options.clock.now()}:${this.#manualRuns}`;
  }

  /** Looks at the jobs anew: after each change of them. */
  wake(): void {
    const schedule = this.#schedule;
    if (this.#state !== 'started' || !schedule) return;
    this.#noticeSetBack(schedule);
    if (this.isEnabled) this.#lineUp(schedule);
    this.#pump();
    this.#arm();
  }

  async #open(): Promise<Schedule> {
    const { clock, log, storePath, openStorage = openDiskStorage } = this.#options;
    const file = storePath();
    const storage = openStorage(file);
    const maths = await this.maths();
    const adopt = (jobs: readonly Job[]) => jobs.map((job) => withNextRun(job, clock.now(), maths));
    const store = await JobStore.open({ storage, file, nowMs: clock.now(), log, adopt });
    const schedule = { file, storage, store, maths };
    const { interrupted } = await store.change((jobs) => {
      const plan = planStart(jobs, clock.now(), schedule.maths);
      return { jobs: plan.jobs, result: plan };
    });
    this.#schedule = schedule;
    // Telling people may take its time.
    this.#noting = this.#note(schedule, interrupted);
    await this.#engage();
    return schedule;
  }

  async #note(schedule: Schedule, interrupted: readonly Job[]): Promise<void> {
    for (const job of interrupted) await this.#runner.noteInterrupted(schedule, job);
  }

  /** Begins to run the opened jobs, once. */
  async #engage(): Promise<void> {
    if (this.#state !== 'started' || this.#isEngaged || !this.#schedule) return;
    this.#isEngaged = true;
    this.#wasEnabled = this.isEnabled;
    if (this.isEnabled) await this.#catchUp();
    this.wake();
  }

  async #catchUp(): Promise<void> {
    const { clock, log } = this.#options;
    const missed = await this.#schedule?.store.change((jobs) => {
      const plan = planCatchUp(jobs, clock.now());
      return { jobs: plan.jobs, result: plan.missed };
    });
    if (missed) log.info('Scheduled jobs came due while the scheduler was off; they run now.', { count: missed });
  }

  /** Times that were found with a clock that went fast would come too late. */
  #noticeSetBack({ store, maths }: Schedule): void {
    const { clock, log } = this.#options;
    const [now, before] = [clock.now(), this.#lookedAtMs];
    this.#lookedAtMs = now;
    if (now >= before - SET_BACK_MS) return;
    log.info('The clock was set back; jobs get their next times anew.', { byMs: before - now });
    this.#holdUntilMs = Math.min(this.#holdUntilMs, now);
    const replan = store.change((jobs) => ({ jobs: replanAll(jobs, clock.now(), maths), result: undefined }), {
      irrevocable: true,
    });
    const done = Promise.all([this.#noting, replan]);
    this.#noting = done.then(() => this.wake());
  }

  #lineUp({ store }: Schedule): void {
    const now = this.#options.clock.now();
    if (now < this.#holdUntilMs) return;
    const isDue = ({ id, enabled, state }: Job) =>
      enabled && state.nextRunAtMs !== undefined && state.nextRunAtMs <= now && !this.isBusy(id);
    const due = store.list().filter(isDue);
    due.sort((a, b) => (a.state.nextRunAtMs ?? 0) - (b.state.nextRunAtMs ?? 0));
    for (const { id } of due) this.#waiting.push({ jobId: id, isForced: false });
  }

  #pump(): void {
    const limit = maxConcurrentRuns(this.#options.config().cron);
    // Switched off meanwhile: only what somebody asked for runs.
    if (!this.isEnabled) this.#waiting = this.#waiting.filter(({ isForced }) => isForced);
    while (this.#schedule && this.#state !== 'stopped' && this.#running.size < limit) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#begin(this.#schedule, next);
    }
  }

  #begin(schedule: Schedule, { jobId, isForced }: Waiting): void {
    const controller = new AbortController();
    const done = this.#runner.run(schedule, jobId, isForced, controller.signal).then(
      () => this.#ended(jobId),
      (error: unknown) => {
        this.#options.log.error('A scheduled job could not be run.', { jobId, err: error });
        this.#holdUntilMs = this.#options.clock.now() + HOLD_MS;
        this.#ended(jobId);
      },
    );
    this.#running.set(jobId, { controller, done });
  }

  #ended(jobId: string): void {
    this.#running.delete(jobId);
    this.wake();
    // Forced runs go on while the scheduler is new.
    if (this.#state === 'new') this.#pump();
  }

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const { clock, maxTimerMs = MAX_TIMER_MS } = this.#options;
    const times = (this.#schedule?.store.list() ?? []).flatMap(({ id, enabled, state }) =>
      enabled && state.nextRunAtMs !== undefined && !this.isBusy(id) ? [state.nextRunAtMs] : [],
    );
    if (times.length === 0 || !this.isEnabled) return;
    const wait = Math.max(Math.min(...times), this.#holdUntilMs) - clock.now();
    const delay = Math.min(Math.max(0, wait), maxTimerMs, LONGEST_TIMER_MS);
    this.#timer = clock.after(delay, () => {
      this.#timer = undefined;
      this.wake();
    });
  }
}
