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

/** Like `formatSpan`, down to `120 ms`. */
export function formatShortSpan(ms: number): string {
  return ms < SECOND ? t('time.milliseconds', { n: Math.max(1, Math.round(ms)) }) : formatSpan(ms);
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

export function formatTimeOfDay(ms: number): string {
  return new Date(ms).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
}
