// The life of one run: noted on disk, carried out, delivered, noted again, told.
import { INTERRUPTED, runBegan, runEnded } from './after-run.js';
import { postFinished, sendNotice, webhookOf } from './deliver.js';
import { agentOfJob, type Executed, executeJob, sessionKeyOf } from './execute.js';
import { type PlannedNotice, planFailure } from './failure-alert.js';
import type { JobStore } from './job-store.js';
import type { CronEvent, Job, Outcome, RunEntry } from './job.js';
import type { ScheduleMaths } from './schedule.js';
import { retentionMs, runLogLimits } from './settings.js';
import { nextOrNever } from './next-run.js';
import type { CronStorage } from './storage.js';
import type { CronOptions } from './types.js';

/** An opened schedule. */
export interface Schedule {
  file: string;
  storage: CronStorage;
  store: JobStore;
  maths: ScheduleMaths;
}

interface Ended {
  job: Job;
  isGone: boolean;
  nextRunAtMs: number | undefined;
  notices: readonly PlannedNotice[];
}

const PRUNE_EVERY_MS = 5 * 60_000;

function resultFields(outcome: Outcome): Omit<RunEntry, 'ts' | 'jobId' | 'action' | 'nextRunAtMs'> {
  const { startedAtMs, endedAtMs, errorReason: _reason, ...fields } = outcome;
  return { ...fields, runAtMs: startedAtMs, durationMs: Math.max(0, endedAtMs - startedAtMs) };
}

/** The outcome, or undefined as soon as the scheduler stops. */
function untilStopped(work: Promise<Executed>, signal: AbortSignal): Promise<Executed> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
    work.then(resolve, reject);
  });
}

export class JobRunner {
  readonly #options: CronOptions;
  #prunedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: CronOptions) {
    this.#options = options;
  }

  /**
   * Runs a job if it is (still) to be run. Throws AppError state.unwritable when that could not be noted; then it did
   * not begin.
   */
  async run(schedule: Schedule, jobId: string, isForced: boolean, signal: AbortSignal): Promise<void> {
    const job = await this.#begin(schedule, jobId, isForced);
    if (!job) return;
    const startedAtMs = job.state.runningAtMs ?? this.#options.clock.now();
    this.#options.broadcast('cron', { jobId, action: 'started', runAtMs: startedAtMs });
    const executed = await untilStopped(executeJob(job, this.#options, signal), signal);
    // Cut off by a stop: the mark on disk stays, and the next start finds it.
    if (!executed) return;
    const outcome: Outcome = { ...executed, startedAtMs, endedAtMs: this.#options.clock.now() };
    await this.#finish(schedule, job, outcome);
    await this.pruneSessions(job);
  }

  /** Notes a run in the log that the end of the process cut off, and tells those who want to know. */
  async noteInterrupted(schedule: Schedule, job: Job): Promise<void> {
    const { clock } = this.#options;
    const endedAtMs = clock.now();
    const startedAtMs = job.state.runningAtMs ?? endedAtMs;
    const outcome: Outcome = {
      status: 'error',
      error: INTERRUPTED,
      errorReason: 'interrupted',
      deliveryStatus: 'unknown',
      startedAtMs,
      endedAtMs,
    };
    const current = schedule.store.get(job.id) ?? job;
    const { notices, alerted } = planFailure(current, outcome, this.#options.config().cron);
    if (alerted) await this.#noteAlert(schedule, job.id, endedAtMs);
    await this.#tell(
      schedule,
      { job: current, isGone: false, nextRunAtMs: current.state.nextRunAtMs, notices },
      outcome,
    );
  }

  /** Removes conversations of runs that are older than the config keeps them; at most every five minutes. */
  async pruneSessions(job?: Job): Promise<void> {
    if (job && job.sessionTarget !== 'isolated') return;
    const { config, clock, pruneSessions, log } = this.#options;
    const olderThanMs = retentionMs(config().cron);
    const now = clock.now();
    if (olderThanMs === undefined || now - this.#prunedAtMs < PRUNE_EVERY_MS) return;
    this.#prunedAtMs = now;
    try {
      const count = await pruneSessions({ olderThanMs });
      if (count > 0) log.info('Conversations of old runs were removed.', { count });
    } catch (error) {
      log.error('Conversations of old runs could not be removed.', { err: error });
    }
  }

  /** A gateway that ends again and again sends no more alerts than a job that fails again and again. */
  async #noteAlert({ store }: Schedule, jobId: string, alertedAtMs: number): Promise<void> {
    const noted = (job: Job) => ({ ...job, state: { ...job.state, lastFailureAlertAtMs: alertedAtMs } });
    await store.change(
      (jobs) => ({ jobs: jobs.map((job) => (job.id === jobId ? noted(job) : job)), result: undefined }),
      { irrevocable: true },
    );
  }

  async #begin({ store, maths }: Schedule, jobId: string, isForced: boolean): Promise<Job | undefined> {
    const { clock } = this.#options;
    return store.change((jobs) => {
      const now = clock.now();
      const job = jobs.find(({ id }) => id === jobId);
      const isDue = job?.enabled && job.state.nextRunAtMs !== undefined && job.state.nextRunAtMs <= now;
      if (!job || !(isForced || isDue)) return { jobs, result: undefined };
      const begun = runBegan(job, now, nextOrNever(job, now, maths));
      return { jobs: jobs.map((other) => (other === job ? begun : other)), result: begun };
    });
  }

  async #finish(schedule: Schedule, job: Job, outcome: Outcome): Promise<void> {
    const delivered = await this.#postWebhook(schedule, job, outcome);
    const ended = await this.#end(schedule, job, { ...outcome, ...delivered });
    await this.#tell(schedule, ended, { ...outcome, ...delivered });
  }

  async #postWebhook({ maths }: Schedule, job: Job, outcome: Outcome): Promise<Partial<Outcome>> {
    const { config, log } = this.#options;
    const url = webhookOf(job, config().cron);
    if (url === undefined) return {};
    const nextRunAtMs = job.enabled ? nextOrNever(job, outcome.endedAtMs, maths) : undefined;
    const { delivered: _delivered, ...fields } = resultFields({ ...outcome, deliveryStatus: 'unknown' });
    const event: CronEvent = {
      jobId: job.id,
      action: 'finished',
      ...fields,
      ...(nextRunAtMs !== undefined && { nextRunAtMs }),
    };
    const result = await postFinished(url, event, this.#options, config().cron?.webhookToken);
    if (result.deliveryError !== undefined) {
      log.warn('The webhook of a job was not reached.', { jobId: job.id, reason: result.deliveryError });
    }
    return result;
  }

  async #end({ store, maths }: Schedule, begun: Job, outcome: Outcome): Promise<Ended> {
    const { cron } = this.#options.config();
    return store.change<Ended>(
      (jobs) => {
        const job = jobs.find(({ id }) => id === begun.id);
        if (!job) return { jobs, result: { job: begun, isGone: false, nextRunAtMs: undefined, notices: [] } };
        const facts = { naturalNextMs: nextOrNever(job, outcome.endedAtMs, maths), begun };
        const after = runEnded(job, outcome, facts, cron?.retry);
        const last = after.job ?? job;
        const { notices, alerted } = planFailure(last, outcome, cron);
        const noted = alerted ? { ...last, state: { ...last.state, lastFailureAlertAtMs: outcome.endedAtMs } } : last;
        const isGone = after.job === undefined;
        return {
          jobs: jobs.flatMap((other) => (other !== job ? [other] : isGone ? [] : [noted])),
          result: { job: noted, isGone, nextRunAtMs: after.nextRunAtMs, notices },
        };
      },
      { irrevocable: true },
    );
  }

  async #tell({ storage }: Schedule, ended: Ended, outcome: Outcome): Promise<void> {
    const { config, broadcast, log } = this.#options;
    const { job, nextRunAtMs, isGone, notices } = ended;
    const next = nextRunAtMs === undefined ? {} : { nextRunAtMs };
    const finished = { jobId: job.id, action: 'finished', ...resultFields(outcome), ...next } as const;
    const entry: RunEntry = { ts: outcome.endedAtMs, ...finished };
    try {
      await storage.appendRun(job.id, JSON.stringify(entry), runLogLimits(config().cron));
    } catch (error) {
      log.error('The run log of a job could not be written.', { jobId: job.id, err: error });
    }
    if (outcome.status === 'error') log.warn('A scheduled job failed.', { jobId: job.id, reason: outcome.error });
    broadcast('cron', finished);
    if (isGone) broadcast('cron', { jobId: job.id, action: 'removed' });
    for (const notice of notices) await this.#notify(job, outcome, notice);
  }

  async #notify(job: Job, outcome: Outcome, { destination, text }: PlannedNotice): Promise<void> {
    const { agents, config, log } = this.#options;
    const agentId = agentOfJob(job, agents.defaultId());
    const sessionKey = outcome.sessionKey ?? sessionKeyOf(job, agentId, 'notice');
    const token = config().cron?.webhookToken;
    const error = await sendNotice({ job, agentId, sessionKey, text }, destination, this.#options, token);
    if (error !== undefined)
      log.warn('The notice about a failed job was not delivered.', { jobId: job.id, reason: error });
  }
}
