// What jobs have done: one line per run, and pages of them.
import type { MethodParams } from '../protocol/index.js';
import type { Job, RunEntry } from './job.js';
import type { CronStorage } from './storage.js';
import { pageOf, type Page } from './page.js';

type RunsParams = MethodParams<'cron.runs'>;

function parseLine(line: string): RunEntry | undefined {
  try {
    const value = JSON.parse(line) as Partial<RunEntry> | null;
    const isRun = typeof value === 'object' && value !== null && value.action === 'finished';
    return isRun && typeof value.ts === 'number' && typeof value.jobId === 'string' ? (value as RunEntry) : undefined;
  } catch {
    // A line that a crash cut off costs that line alone.
    return undefined;
  }
}

async function readAll(storage: CronStorage, jobId: string): Promise<RunEntry[]> {
  const text = await storage.readRuns(jobId);
  return text.split('\n').flatMap((line) => (line === '' ? [] : (parseLine(line) ?? [])));
}

/** Pure: whether a run is among those asked for. */
export function matchesRun(entry: RunEntry, params: RunsParams): boolean {
  const statuses = params.statuses ?? (params.status && params.status !== 'all' ? [params.status] : undefined);
  if (statuses && !(entry.status && statuses.includes(entry.status))) return false;
  const deliveries = params.deliveryStatuses ?? (params.deliveryStatus ? [params.deliveryStatus] : undefined);
  if (deliveries && !deliveries.includes(entry.deliveryStatus ?? 'not-requested')) return false;
  const query = params.query?.trim().toLowerCase();
  if (!query) return true;
  return [entry.summary, entry.error, entry.jobId, entry.jobName].some((text) => text?.toLowerCase().includes(query));
}

/** A page of the runs of one job, or of all (`scope` all); newest first unless asked otherwise. */
export async function pageOfRuns(
  storage: CronStorage,
  params: RunsParams & { id?: string },
  jobs: readonly Job[],
): Promise<Page & { entries: RunEntry[] }> {
  const ids = params.id === undefined ? await storage.listRuns() : [params.id];
  const all: RunEntry[] = [];
  // One after the other: years of reminders are more files than a process may have open.
  for (const id of ids) all.push(...(await readAll(storage, id)));
  const names = new Map(jobs.map((job) => [job.id, job.name]));
  const named = all.map((entry): RunEntry => {
    const jobName = entry.jobName ?? names.get(entry.jobId);
    return params.id === undefined && jobName !== undefined ? { ...entry, jobName } : entry;
  });
  const newestFirst = params.sortDir !== 'asc';
  const found = named
    .filter((entry) => matchesRun(entry, params))
    .sort((a, b) => (newestFirst ? b.ts - a.ts : a.ts - b.ts));
  const { items, ...page } = pageOf(found, { offset: params.offset, limit: params.limit ?? 50 });
  return { entries: items, ...page };
}
