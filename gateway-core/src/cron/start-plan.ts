// Pure: what a scheduler that starts makes of the jobs it finds: cut-off runs, and times that passed meanwhile.
import { runInterrupted } from './after-run.js';
import type { Job } from './job.js';
import { nextOrNever } from './next-run.js';
import { replanned } from './replan.js';
import { parseMoment, type ScheduleMaths } from './schedule.js';

/** Missed jobs that run at once; each further one waits `spacingMs` longer. */
export const CATCH_UP = { atOnce: 5, spacingMs: 5_000 } as const;

export interface StartPlan {
  jobs: readonly Job[];
  /** Jobs as they were when their run was cut off. */
  interrupted: readonly Job[];
  changed: boolean;
}

export interface CatchUpPlan {
  jobs: readonly Job[];
  /** How many jobs are overdue. */
  missed: number;
  changed: boolean;
}

/** A job of another program may have no next time yet. */
export function withNextRun(job: Job, nowMs: number, maths: ScheduleMaths): Job {
  if (!job.enabled || job.state.nextRunAtMs !== undefined) return job;
  const hasRun = job.state.lastRunAtMs !== undefined;
  const atMs = job.schedule.kind === 'at' ? parseMoment(job.schedule.at) : undefined;
  const next = atMs === undefined ? nextOrNever(job, nowMs, maths) : hasRun || Number.isNaN(atMs) ? undefined : atMs;
  return next === undefined ? job : { ...job, state: { nextRunAtMs: next, ...job.state } };
}

/** Every job with a next time that its schedule gives now; those that were spread to be made up for keep theirs. */
export function replanAll(jobs: readonly Job[], nowMs: number, maths: ScheduleMaths): readonly Job[] {
  const now = { nowMs, spreadMs: jobs.length * CATCH_UP.spacingMs };
  return jobs.map((job) => replanned(job, now, maths));
}

/** Clears the marks of cut-off runs and gives every enabled job its next time. */
export function planStart(jobs: readonly Job[], nowMs: number, maths: ScheduleMaths): StartPlan {
  const interrupted = jobs.filter((job) => job.state.runningAtMs !== undefined);
  const cleared = jobs.map((job) => (job.state.runningAtMs === undefined ? job : runInterrupted(job, nowMs)));
  const timed = cleared.map((job) => withNextRun(job, nowMs, maths));
  const planned = replanAll(timed, nowMs, maths);
  return { jobs: planned, interrupted, changed: planned.some((job, at) => job !== jobs[at]) };
}

/** Spreads the jobs whose time passed: the five longest overdue stay due, the others follow one by one. */
export function planCatchUp(jobs: readonly Job[], nowMs: number): CatchUpPlan {
  const due = jobs.filter(({ enabled, state }) => enabled && (state.nextRunAtMs ?? Number.POSITIVE_INFINITY) <= nowMs);
  const late = due
    .toSorted((a, b) => (a.state.nextRunAtMs ?? 0) - (b.state.nextRunAtMs ?? 0))
    .slice(CATCH_UP.atOnce)
    .map((job, index) => [job.id, nowMs + (index + 1) * CATCH_UP.spacingMs] as const);
  const delayed = new Map(late);
  const spread = jobs.map((job) => {
    const nextRunAtMs = delayed.get(job.id);
    return nextRunAtMs === undefined ? job : { ...job, state: { ...job.state, nextRunAtMs } };
  });
  return { jobs: spread, missed: due.length, changed: late.length > 0 };
}
