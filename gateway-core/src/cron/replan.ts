// Pure: next times that no longer follow from their schedule: the clock was set, the zone or the file changed meanwhile.
import { backoffMs } from './after-run.js';
import type { Job } from './job.js';
import { nextOrNever } from './next-run.js';
import type { ScheduleMaths } from './schedule.js';

/** A clock set back by less repeats no time of a job that comes more rarely than this. */
const REPEATED_MS = 3 * 60 * 60_000;

export interface ReplanNow {
  nowMs: number;
  /** Times within this stretch stay: what was missed is spread over it. */
  spreadMs: number;
}

/** From when on the times of a job count. */
function countFrom(job: Job, nowMs: number, maths: ScheduleMaths): number {
  const { lastRunAtMs = nowMs } = job.state;
  if (lastRunAtMs <= nowMs || lastRunAtMs - nowMs > REPEATED_MS) return nowMs;
  const afterLast = nextOrNever(job, lastRunAtMs, maths);
  return afterLast !== undefined && afterLast - lastRunAtMs > REPEATED_MS ? lastRunAtMs : nowMs;
}

/** An interval that began when the job was made or changed, by a clock that went fast, began earlier in truth. */
function anchored(job: Job, nowMs: number): Job {
  const { schedule, createdAtMs, updatedAtMs } = job;
  if (schedule.kind !== 'every') return job;
  const anchorMs = schedule.anchorMs ?? createdAtMs;
  // One that lies beyond both stamps is what somebody asked for.
  if (anchorMs <= nowMs || anchorMs > Math.max(createdAtMs, updatedAtMs)) return job;
  const everyMs = Math.max(1, schedule.everyMs);
  return { ...job, schedule: { ...schedule, anchorMs: anchorMs - Math.ceil((anchorMs - nowMs) / everyMs) * everyMs } };
}

/**
 * The job with a next time that its schedule gives now. A time that lies too far ahead was found with a clock that
 * went fast, or for another schedule; one of an expression that the expression does not give, in another zone.
 */
export function replanned(found: Job, { nowMs, spreadMs }: ReplanNow, maths: ScheduleMaths): Job {
  const job = anchored(found, nowMs);
  const { nextRunAtMs: before, consecutiveErrors: failures = 0 } = job.state;
  if (!job.enabled || job.schedule.kind === 'at' || before === undefined || before <= nowMs + spreadMs) return job;
  const natural = nextOrNever(job, countFrom(job, nowMs, maths), maths);
  if (natural === undefined) return job;
  const latest = failures > 0 ? Math.max(natural, nowMs + backoffMs(failures)) : natural;
  const isForeign = failures === 0 && job.schedule.kind === 'cron' && nextOrNever(job, before - 1, maths) !== before;
  if (before <= latest && !isForeign) return job;
  return { ...job, state: { ...job.state, nextRunAtMs: latest } };
}
