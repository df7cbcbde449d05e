// Pure: the next time of a job, whatever its schedule says.
import type { Job } from './job.js';
import type { ScheduleMaths } from './schedule.js';

/** An expression that cannot be read must not keep the others from running. */
export function nextOrNever(job: Job, afterMs: number, maths: ScheduleMaths): number | undefined {
  try {
    return maths.next(job, afterMs);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return undefined;
    throw error;
  }
}
