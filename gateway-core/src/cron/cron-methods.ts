// The wire of scheduled jobs (spec/gateway-protocol.md §7.6).
import type { ProtocolVersion, WholeWireMethods } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import type { WireHandlers } from '../shared/wire.js';
import { type JobEdits, unknownJob } from './job-edits.js';
import { pageOf, selectJobs } from './page.js';
import { pageOfRuns } from './run-log.js';
import type { Scheduler } from './scheduler.js';

export type CronMethodName = Extract<keyof WholeWireMethods, `cron.${string}`>;

export interface CronMethodsParts {
  scheduler: Scheduler;
  edits: JobEdits;
  nowMs: () => number;
}

function requireJobId(method: string, { id, jobId }: { id?: string; jobId?: string }): string {
  const found = id ?? jobId;
  if (found === undefined) throw new AppError('request.invalid', { message: `invalid ${method} params: missing id` });
  return found;
}

interface RunWish {
  id: string;
  mode: 'due' | 'force';
  protocol: ProtocolVersion;
}

async function runJob({ scheduler, nowMs }: CronMethodsParts, { id, mode, protocol }: RunWish) {
  const { store } = await scheduler.schedule();
  const job = store.get(id);
  if (!job) throw unknownJob(id, protocol);
  const idle = { ok: true, ran: false } as const;
  if (scheduler.isBusy(id)) return { ...idle, reason: 'already-running' };
  const { nextRunAtMs } = job.state;
  const isDue = job.enabled && nextRunAtMs !== undefined && nextRunAtMs <= nowMs();
  if (mode === 'due' && !isDue) return { ...idle, reason: 'not-due' };
  return { ok: true as const, enqueued: true, runId: scheduler.force(id) };
}

/**
 * The handlers of `cron.*`. Refusals are AppError request.invalid, cron.rejected, cron.store_broken and
 * state.unwritable.
 */
export function createCronMethods(parts: CronMethodsParts): WireHandlers<CronMethodName> {
  const { scheduler, edits } = parts;
  return {
    'cron.list': async (params) => {
      const { store } = await scheduler.schedule();
      const { items, ...page } = pageOf(selectJobs(store.list(), params), params);
      // The newest command line wants to know which state of the list it pages through.
      return { jobs: items, ...page, snapshotRevision: store.revision };
    },
    'cron.status': () => scheduler.status(),
    'cron.add': (job) => edits.add(job),
    'cron.update': async (params, { caller }) =>
      edits.update(requireJobId('cron.update', params), params.patch, caller.protocol),
    'cron.remove': async (params, { caller }) => {
      const id = requireJobId('cron.remove', params);
      const removed = await edits.remove(id);
      // Newer clients want to hear that there was nothing to remove.
      if (!removed && caller.protocol >= 4) throw unknownJob(id, caller.protocol);
      return { ok: true, removed };
    },
    'cron.run': async (params, { caller }) => {
      const wish = { mode: params.mode ?? 'force', protocol: caller.protocol };
      return runJob(parts, { id: requireJobId('cron.run', params), ...wish });
    },
    'cron.runs': async (params) => {
      const id = params.scope === 'all' ? undefined : requireJobId('cron.runs', params);
      const { storage, store } = await scheduler.schedule();
      return pageOfRuns(storage, { ...params, id }, store.list());
    },
  };
}
