// Adding, changing and removing jobs on behalf of clients.
import type { ProtocolVersion } from '../protocol/index.js';
import { AppError, errorMessage } from '../shared/app-error.js';
import { checkJob, rejected } from './check-job.js';
import type { Job, JobInput, JobPatch } from './job.js';
import { checkedAfterPatch, makeJob, movesNextRun, patchJob } from './make-job.js';
import type { ScheduleMaths } from './schedule.js';
import type { Scheduler } from './scheduler.js';
import type { CronOptions } from './types.js';

/** A job that a method was asked about and that is not there, in the words of the protocol the caller speaks. */
export function unknownJob(id: string, protocol: ProtocolVersion): AppError {
  if (protocol < 4) return rejected(`Error: unknown cron job id: ${id}`);
  const details = { code: 'CRON_JOB_NOT_FOUND', jobId: id };
  return new AppError('cron.not_found', { message: `There is no scheduled job ${id}.`, details });
}

/** The first time of a job that is on. Throws AppError cron.rejected for one that never comes due. */
function firstRun(job: Job, nowMs: number, maths: ScheduleMaths): number | undefined {
  if (!job.enabled) return undefined;
  try {
    if (job.schedule.kind === 'cron') maths.parse(job.schedule.expr, job.schedule.tz);
    // A moment that just passed still counts.
    const next = job.schedule.kind === 'at' ? Date.parse(job.schedule.at) : maths.next(job, nowMs);
    if (next === undefined) throw rejected('Error: the schedule never comes due');
    return next;
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw rejected(`${error.name}: ${errorMessage(error)}`);
  }
}

function withNext(job: Job, nextRunAtMs: number | undefined): Job {
  const { nextRunAtMs: _before, ...state } = job.state;
  return { ...job, state: { ...(nextRunAtMs !== undefined && { nextRunAtMs }), ...state } };
}

export class JobEdits {
  readonly #options: CronOptions;
  readonly #scheduler: Scheduler;

  constructor(options: CronOptions, scheduler: Scheduler) {
    this.#options = options;
    this.#scheduler = scheduler;
  }

  /** The new job, on disk. Throws AppError request.invalid, cron.rejected, cron.store_broken or state.unwritable. */
  async add(input: JobInput): Promise<Job> {
    const { clock, newId, agents, broadcast } = this.#options;
    const nowMs = clock.now();
    checkJob(input, nowMs);
    this.#checkAgent(input.agentId ?? undefined);
    const { store, maths } = await this.#scheduler.schedule();
    const made = makeJob(input, { id: newId(), nowMs, defaultAgentId: agents.defaultId() });
    const job = withNext(made, firstRun(made, nowMs, maths));
    await store.change((jobs) => ({ jobs: [...jobs, job], result: undefined }), { backup: true });
    this.#scheduler.wake();
    const { nextRunAtMs } = job.state;
    broadcast('cron', { jobId: job.id, action: 'added', ...(nextRunAtMs !== undefined && { nextRunAtMs }) });
    return job;
  }

  /** The changed job, on disk. Throws as `add` does. */
  async update(id: string, patch: JobPatch, protocol: ProtocolVersion = 4): Promise<Job> {
    const { clock, agents, broadcast } = this.#options;
    this.#checkAgent(patch.agentId ?? undefined);
    const { store, maths } = await this.#scheduler.schedule();
    const job = await store.change(
      (jobs) => {
        const nowMs = clock.now();
        const before = jobs.find((known) => known.id === id);
        if (!before) throw unknownJob(id, protocol);
        const patched = patchJob(before, patch, { nowMs, defaultAgentId: agents.defaultId() });
        const moves = movesNextRun(before, patch);
        checkJob(checkedAfterPatch(patched, moves), nowMs);
        const after = moves ? withNext(patched, firstRun(patched, nowMs, maths)) : patched;
        return { jobs: jobs.map((known) => (known === before ? after : known)), result: after };
      },
      { backup: true },
    );
    this.#scheduler.wake();
    const { nextRunAtMs } = job.state;
    broadcast('cron', { jobId: id, action: 'updated', ...(nextRunAtMs !== undefined && { nextRunAtMs }) });
    return job;
  }

  /** False when there was no such job. */
  async remove(id: string): Promise<boolean> {
    const { store } = await this.#scheduler.schedule();
    const removed = await store.change(
      (jobs) => {
        const left = jobs.filter((job) => job.id !== id);
        return { jobs: left.length === jobs.length ? jobs : left, result: left.length < jobs.length };
      },
      { backup: true },
    );
    if (!removed) return false;
    this.#scheduler.wake();
    this.#options.broadcast('cron', { jobId: id, action: 'removed' });
    return true;
  }

  #checkAgent(agentId: string | undefined): void {
    const id = agentId?.trim().toLowerCase();
    if (id === undefined || id === '' || this.#options.agents.ids().includes(id)) return;
    throw new AppError('request.invalid', { message: `unknown agent id "${agentId}"` });
  }
}
