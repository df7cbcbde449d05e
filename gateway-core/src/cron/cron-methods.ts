// The wire of scheduled jobs (spec/gateway-protocol.md §7.6) of a gateway that schedules nothing.
import type { WholeWireMethods } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { WireHandlers } from '../shared/wire.js';
import { checkJob } from './check-job.js';

export interface CronMethodsOptions {
  /** `cron.store` of the config, or `<stateDir>/cron/jobs.json`. */
  storePath: () => string;
  clock: Clock;
}

export type CronMethodName = Extract<keyof WholeWireMethods, `cron.${string}`>;

const PAGE = 50;

function requireJobId(method: string, { id, jobId }: { id?: string; jobId?: string }): string {
  const found = id ?? jobId;
  if (found === undefined) throw new AppError('request.invalid', { message: `invalid ${method} params: missing id` });
  return found;
}

function unknownJob(id: string): AppError {
  return new AppError('cron.rejected', { message: `Error: unknown cron job id: ${id}` });
}

function emptyPage({ limit = PAGE, offset = 0 }: { limit?: number; offset?: number }) {
  return { total: 0, offset, limit, hasMore: false, nextOffset: null };
}

/**
 * The handlers of `cron.*` without a scheduler: there are no jobs, adding one is refused once it is known to be
 * valid. Refusals are AppError request.invalid, cron.rejected and feature.unavailable.
 */
export function createCronMethods({ storePath, clock }: CronMethodsOptions): WireHandlers<CronMethodName> {
  return {
    // The newest command line wants to know which state of the list it pages through.
    'cron.list': (params) => ({ jobs: [], ...emptyPage(params), snapshotRevision: '0' }),
    'cron.status': () => ({ enabled: false, storePath: storePath(), jobs: 0, nextWakeAtMs: null }),
    'cron.add': (job) => {
      checkJob(job, clock.now());
      throw new AppError('feature.unavailable', {
        message: 'This version of the gateway does not run jobs on a schedule, so the job was not added.',
        hint: 'Use the scheduler of your system with `openclaw agent` until a version with scheduling is here.',
      });
    },
    'cron.update': (params) => {
      throw unknownJob(requireJobId('cron.update', params));
    },
    'cron.remove': (params) => {
      requireJobId('cron.remove', params);
      return { ok: true, removed: false };
    },
    'cron.run': (params) => {
      throw unknownJob(requireJobId('cron.run', params));
    },
    'cron.runs': (params) => {
      if (params.scope !== 'all') requireJobId('cron.runs', params);
      return { entries: [], ...emptyPage(params) };
    },
  };
}
