// The table of `openclaw cron list`.
import { columns } from './text-format.js';

const WIDTHS = [36, 24, 32, 10, 10, 9, 9, 10, 20];
const HEADER = ['ID', 'Name', 'Schedule', 'Next', 'Last', 'Status', 'Target', 'Agent ID', 'Model'];
const UNITS: Array<[number, string]> = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1_000, 's'],
];

/** The fields of a job that the table shows; a gateway may send more. */
export interface ListedJob {
  id: string;
  name: string;
  enabled: boolean;
  schedule: { kind: string; at?: string; everyMs?: number; expr?: string; tz?: string };
  sessionTarget?: string;
  agentId?: string | null;
  payload?: { model?: string };
  state?: {
    nextRunAtMs?: number;
    lastRunAtMs?: number;
    lastStatus?: string;
    lastRunStatus?: string;
    runningAtMs?: number;
  };
}

function shortDuration(ms: number): string {
  const unit = UNITS.find(([size]) => ms >= size && ms % size === 0);
  return unit ? `${ms / unit[0]}${unit[1]}` : `${ms}ms`;
}

/** "every 1h", "cron 0 9 * * * @ Europe/Berlin", "at 2026-11-21T02:46:34Z" */
export function scheduleText({ kind, at, everyMs, expr, tz }: ListedJob['schedule']): string {
  if (kind === 'every') return `every ${shortDuration(everyMs ?? 0)}`;
  if (kind === 'at') return `at ${at ?? ''}`;
  return `cron ${expr ?? ''}${tz ? ` @ ${tz}` : ''}`;
}

function distance(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  if (minutes < 1) return '<1m';
  if (minutes < 120) return `${minutes}m`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours}h` : `${Math.round(hours / 24)}d`;
}

function relative(timeMs: number | undefined, nowMs: number): string {
  if (timeMs === undefined) return '-';
  return timeMs > nowMs ? `in ${distance(timeMs - nowMs)}` : `${distance(nowMs - timeMs)} ago`;
}

function statusText({ enabled, state = {} }: ListedJob): string {
  if (!enabled) return 'disabled';
  if (state.runningAtMs !== undefined) return 'running';
  return state.lastStatus ?? state.lastRunStatus ?? 'idle';
}

function fit(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 3)}...` : text;
}

/** The table, line by line. */
export function jobLines(jobs: readonly ListedJob[], nowMs: number): string[] {
  if (jobs.length === 0) return ['No cron jobs.'];
  const rows = jobs.map((job) => [
    job.id,
    job.name,
    scheduleText(job.schedule),
    job.enabled ? relative(job.state?.nextRunAtMs, nowMs) : '-',
    relative(job.state?.lastRunAtMs, nowMs),
    statusText(job),
    job.sessionTarget ?? '-',
    job.agentId ?? '-',
    job.payload?.model ?? '-',
  ]);
  return [HEADER, ...rows].map((row) =>
    columns(
      row.map((cell, at) => fit(cell, WIDTHS[at] ?? 10)),
      WIDTHS,
    ),
  );
}
