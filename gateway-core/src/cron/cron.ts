// The cron room as a whole: a scheduler, its edits, its wire.
import type { WireHandlers } from '../shared/wire.js';
import { createCronMethods, type CronMethodName } from './cron-methods.js';
import { JobEdits } from './job-edits.js';
import type { Job, JobInput, JobPatch } from './job.js';
import { Scheduler } from './scheduler.js';
import type { CronOptions } from './types.js';

export interface Cron {
  readonly methods: WireHandlers<CronMethodName>;
  /** Reads the jobs, catches up with what was missed, and runs jobs from now on. Never throws for a broken file. */
  start(): Promise<void>;
  /** Takes `cron.*` of the config over. */
  reload(): Promise<void>;
  /** Cuts every run off and resolves when the disk is quiet. */
  stop(): Promise<void>;
  /** Throws AppError request.invalid, cron.rejected, cron.store_broken or state.unwritable. */
  add(input: JobInput): Promise<Job>;
  update(id: string, patch: JobPatch): Promise<Job>;
  remove(id: string): Promise<boolean>;
}

/**
 * Jobs on a schedule (spec/gateway-config.md §6, cron). Nothing is read before `start()` or the first method. Stop it
 * before what it was given stops.
 */
export function createCron(options: CronOptions): Cron {
  const scheduler = new Scheduler(options);
  const edits = new JobEdits(options, scheduler);
  return {
    methods: createCronMethods({ scheduler, edits, nowMs: () => options.clock.now() }),
    start: () => scheduler.start(),
    reload: () => scheduler.reload(),
    stop: () => scheduler.stop(),
    add: (input) => edits.add(input),
    update: (id, patch) => edits.update(id, patch),
    remove: (id) => edits.remove(id),
  };
}
