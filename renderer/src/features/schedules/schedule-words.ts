// Pure: schedules and their runs in words.
import type { CronJob, CronRunEntry } from '../../../../gateway-core/src/protocol/index.js';
import { t, tCount } from '../../i18n/t.js';
import { formatAgo, formatMoment, formatSpan } from '../../ui/format-time.js';
import { readExpression } from './schedule-draft.js';

type Schedule = CronJob['schedule'];

const UNITS = [
  ['days', 86_400_000],
  ['hours', 3_600_000],
  ['minutes', 60_000],
  ['seconds', 1_000],
] as const;

/** As the browser knows it: `Europe/Berlin`. */
export function ownTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Sunday is 0; in the language of the browser. */
export function weekdayName(day: number): string {
  return new Intl.DateTimeFormat(undefined, { weekday: 'long', timeZone: 'UTC' }).format(
    new Date(Date.UTC(2023, 0, 1 + day)),
  );
}

function everyWords(everyMs: number): string {
  const [unit, ms] = UNITS.find(([, size]) => everyMs % size === 0) ?? ['seconds', 1_000];
  return tCount(`schedule.every.${unit}`, Math.max(1, Math.round(everyMs / ms)));
}

function cronWords(expr: string): string {
  const { repeat, time, weekday, day } = readExpression(expr);
  switch (repeat) {
    case 'hourly':
      return t('schedule.words.hourly', { minute: time.slice(3) });
    case 'weekly':
      return t('schedule.words.weekly', { day: weekdayName(Number(weekday)), time });
    case 'monthly':
      return t('schedule.words.monthly', { day, time });
    case 'custom':
      return t('schedule.words.custom', { expr });
    default:
      return t(`schedule.words.${repeat}`, { time });
  }
}

/** When a schedule comes due, as a sentence; the zone is named when it is not the one of this computer. */
export function scheduleWords(schedule: Schedule, ownZone: string): string {
  if (schedule.kind === 'at') return t('schedule.words.once', { moment: formatMoment(Date.parse(schedule.at)) });
  if (schedule.kind === 'every') return everyWords(schedule.everyMs);
  const words = cronWords(schedule.expr);
  return schedule.tz && schedule.tz !== ownZone ? t('schedule.words.zone', { words, zone: schedule.tz }) : words;
}

/** When a job runs next: `in 5 min`, or why it does not. */
export function nextWords(job: CronJob, nowMs: number): string {
  if (!job.enabled) return t('schedule.off');
  if (job.state.runningAtMs !== undefined) return t('schedule.running');
  const { nextRunAtMs } = job.state;
  if (nextRunAtMs === undefined) return t('schedule.never');
  const leftMs = nextRunAtMs - nowMs;
  return leftMs <= 0 ? t('schedule.due') : t('schedule.in', { time: formatSpan(leftMs) });
}

/** The next run as a date. A job with a zone of its own says that this is the time of the reader. */
export function nextRunWords(job: CronJob, ownZone: string): string {
  const { schedule, state } = job;
  if (!job.enabled) return t('schedule.off');
  if (state.nextRunAtMs === undefined) return t('schedule.never');
  const moment = formatMoment(state.nextRunAtMs);
  const isElsewhere = schedule.kind === 'cron' && schedule.tz !== undefined && schedule.tz !== ownZone;
  return isElsewhere ? t('schedule.yourTime', { moment, zone: ownZone }) : moment;
}

export type RunStatus = 'ok' | 'error' | 'skipped';

export function lastStatus({ state }: CronJob): RunStatus | undefined {
  return state.lastRunStatus ?? state.lastStatus;
}

/** When the last run was: `5 min ago`. */
export function lastWords({ state }: CronJob, nowMs: number): string {
  if (state.lastRunAtMs === undefined) return '';
  const ago = formatAgo(state.lastRunAtMs, nowMs);
  return ago === t('time.justNow') ? t('schedule.justNow') : t('schedule.ago', { ago });
}

/** What a run left behind: its error, or what the agent said. */
export function runText({ error, summary }: CronRunEntry): string {
  return (error ?? summary ?? '').trim();
}
