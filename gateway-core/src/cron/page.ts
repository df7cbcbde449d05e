// Pure: pages of lists, and which jobs a list shows in which order (spec/gateway-protocol.md §7.6).
import type { MethodParams } from '../protocol/index.js';
import type { Job } from './job.js';

export interface Page {
  total: number;
  offset: number;
  limit: number;
  hasMore: boolean;
  nextOffset: number | null;
}

const EMPTY_LIMIT = 50;
const MAX_LIMIT = 200;

/** One page of `all`; without a limit everything, up to 200. */
export function pageOf<T>(
  all: readonly T[],
  { offset = 0, limit }: { offset?: number; limit?: number },
): Page & { items: T[] } {
  const total = all.length;
  const size = Math.min(MAX_LIMIT, Math.max(1, limit ?? (total === 0 ? EMPTY_LIMIT : total)));
  const start = Math.min(offset, total);
  const end = Math.min(start + size, total);
  const hasMore = end < total;
  return {
    items: all.slice(start, end),
    total,
    offset: start,
    limit: size,
    hasMore,
    nextOffset: hasMore ? end : null,
  };
}

function isWanted(job: Job, { includeDisabled, enabled, query }: MethodParams<'cron.list'>): boolean {
  const which = enabled ?? (includeDisabled ? 'all' : 'enabled');
  if (which !== 'all' && job.enabled !== (which === 'enabled')) return false;
  const words = query?.trim().toLowerCase();
  if (!words) return true;
  return [job.name, job.description, job.agentId].some((text) => text?.toLowerCase().includes(words));
}

type Order = (a: Job, b: Job) => number;

const byName: Order = (a, b) => a.name.localeCompare(b.name);

const ORDERS: Record<'nextRunAtMs' | 'updatedAtMs' | 'name', Order> = {
  name: byName,
  updatedAtMs: (a, b) => a.updatedAtMs - b.updatedAtMs || byName(a, b),
  nextRunAtMs: (a, b) => (a.state.nextRunAtMs ?? 0) - (b.state.nextRunAtMs ?? 0) || byName(a, b),
};

/** The jobs that a list shows, in its order; those that do not come due stand last whatever the direction. */
export function selectJobs(jobs: readonly Job[], params: MethodParams<'cron.list'>): Job[] {
  const { sortBy = 'nextRunAtMs', sortDir = 'asc' } = params;
  const sign = sortDir === 'desc' ? -1 : 1;
  const hasNoTime = (job: Job) => (sortBy === 'nextRunAtMs' && job.state.nextRunAtMs === undefined ? 1 : 0);
  return jobs
    .filter((job) => isWanted(job, params))
    .sort((a, b) => hasNoTime(a) - hasNoTime(b) || sign * ORDERS[sortBy](a, b));
}
