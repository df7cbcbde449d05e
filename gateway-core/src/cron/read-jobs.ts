// Pure: the job file, ours or the reference's, as jobs; what cannot be a job is kept as it is.
import { CronJob, fits } from '../protocol/index.js';
import type { Job } from './job.js';

const VERSION = 1;

export interface ReadJobs {
  jobs: Job[];
  /** Entries that are no jobs to us; written back unchanged. */
  foreign: unknown[];
}

/** The file cannot be taken over; nothing may be written to it. */
export class UnreadableJobs extends Error {}

type Raw = Record<string, unknown>;

const isObject = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Older files name the moment in milliseconds, or leave the kind out. */
function readSchedule(raw: unknown): unknown {
  if (!isObject(raw)) return raw;
  const { kind, at, atMs, everyMs, anchorMs, expr, cron, tz, staggerMs } = raw;
  if (kind === 'at' || (kind === undefined && (at ?? atMs) !== undefined)) {
    const moment = at ?? atMs;
    return { kind: 'at', at: typeof moment === 'number' ? new Date(moment).toISOString() : moment };
  }
  if (kind === 'every' || (kind === undefined && everyMs !== undefined)) {
    return { kind: 'every', everyMs, ...(anchorMs !== undefined && { anchorMs }) };
  }
  const expression = expr ?? cron;
  return {
    kind: kind ?? 'cron',
    expr: expression,
    ...(typeof tz === 'string' && { tz }),
    ...(staggerMs !== undefined && { staggerMs }),
  };
}

function readPayload(raw: unknown): unknown {
  if (!isObject(raw)) return raw;
  const kind = String(raw.kind ?? (raw.message === undefined ? 'systemEvent' : 'agentTurn'));
  if (kind.toLowerCase() === 'agentturn') return { ...raw, kind: 'agentTurn' };
  return kind.toLowerCase() === 'systemevent' ? { ...raw, kind: 'systemEvent' } : raw;
}

function withoutNulls(raw: Raw): Raw {
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== null));
}

function readJob(raw: unknown, nowMs: number): Job | undefined {
  if (!isObject(raw)) return undefined;
  const { jobId, ...rest } = withoutNulls(raw);
  const payload = readPayload(rest.payload);
  const isTurn = isObject(payload) && payload.kind === 'agentTurn';
  const createdAtMs = typeof rest.createdAtMs === 'number' ? rest.createdAtMs : nowMs;
  const job: unknown = {
    ...rest,
    id: rest.id ?? jobId,
    name: rest.name ?? 'job',
    enabled: rest.enabled ?? true,
    createdAtMs,
    updatedAtMs: rest.updatedAtMs ?? createdAtMs,
    schedule: readSchedule(rest.schedule),
    sessionTarget: rest.sessionTarget ?? (isTurn ? 'isolated' : 'main'),
    wakeMode: rest.wakeMode ?? 'now',
    payload,
    state: isObject(rest.state) ? withoutNulls(rest.state) : {},
  };
  return fits(CronJob, job) ? (job as Job) : undefined;
}

/** The jobs in `text`. Throws UnreadableJobs when it is no job file, or one of a newer kind. */
export function readJobs(text: string, nowMs: number): ReadJobs {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UnreadableJobs(`it is not valid JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  const list = Array.isArray(value) ? value : isObject(value) ? value.jobs : undefined;
  if (!Array.isArray(list)) throw new UnreadableJobs('it holds no list of jobs');
  const version = isObject(value) ? value.version : undefined;
  if (typeof version === 'number' && version > VERSION) {
    throw new UnreadableJobs(`it has version ${version}, and this version of the gateway reads ${VERSION}`);
  }
  const jobs = new Map<string, Job>();
  const foreign: unknown[] = [];
  for (const raw of list) {
    const job = readJob(raw, nowMs);
    if (job && !jobs.has(job.id)) jobs.set(job.id, job);
    else foreign.push(raw);
  }
  return { jobs: [...jobs.values()], foreign };
}

/** The file for these jobs. */
export function writeJobs({ jobs, foreign }: { jobs: readonly Job[]; foreign: readonly unknown[] }): string {
  return `${JSON.stringify({ version: VERSION, jobs: [...jobs, ...foreign] }, null, 2)}\n`;
}
