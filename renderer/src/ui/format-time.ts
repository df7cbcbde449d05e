// Times as words and figures.
import { t } from '../i18n/t.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `0:12`, `1:02:03`. */
export function formatClock(ms: number): string {
  const total = Math.max(0, Math.floor(ms / SECOND));
  const seconds = String(total % 60).padStart(2, '0');
  const minutes = Math.floor(total / 60);
  if (minutes < 60) return `${minutes}:${seconds}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${seconds}`;
}

/** A span in its largest unit: `12 s`, `5 min`, `3 h`, `2 d`. */
export function formatSpan(ms: number): string {
  if (ms < MINUTE) return t('time.seconds', { n: Math.max(0, Math.floor(ms / SECOND)) });
  if (ms < HOUR) return t('time.minutes', { n: Math.floor(ms / MINUTE) });
  if (ms < DAY) return t('time.hours', { n: Math.floor(ms / HOUR) });
  return t('time.days', { n: Math.floor(ms / DAY) });
}

/** How long something took: `120 ms`, `2.4 s`, `12 s`, `5 min 12 s`, `3 h 5 min`. */
export function formatShortSpan(ms: number): string {
  if (ms < SECOND) return t('time.milliseconds', { n: Math.max(1, Math.round(ms)) });
  if (ms < 10 * SECOND) return t('time.seconds', { n: (Math.floor(ms / 100) / 10).toLocaleString() });
  if (ms < MINUTE || ms >= DAY) return formatSpan(ms);
  const [unit, rest] = ms < HOUR ? [MINUTE, ms % MINUTE] : [HOUR, ms % HOUR];
  const isWhole = rest < (unit === MINUTE ? SECOND : MINUTE);
  return isWhole ? formatSpan(ms) : t('time.both', { large: formatSpan(ms), small: formatSpan(rest) });
}

/** How long ago, for lists: `now`, `5 min`, `3 h`, `2 d`, then the date. */
export function formatAgo(thenMs: number, nowMs: number): string {
  const ms = nowMs - thenMs;
  if (ms < MINUTE) return t('time.justNow');
  if (ms < 7 * DAY) return formatSpan(ms);
  return new Date(thenMs).toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
}

export function formatMoment(ms: number): string {
  return new Date(ms).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** The time of a message: of another day with the day, of another year with the year. */
export function formatTimeOfDay(ms: number, nowMs: number = Date.now()): string {
  const [then, now] = [new Date(ms), new Date(nowMs)];
  const time = { hour: '2-digit', minute: '2-digit' } as const;
  if (then.toDateString() === now.toDateString()) return then.toLocaleTimeString(undefined, time);
  const year = then.getFullYear() === now.getFullYear() ? {} : ({ year: 'numeric' } as const);
  return then.toLocaleString(undefined, { day: 'numeric', month: 'short', ...year, ...time });
}
