// Pure: when a schedule comes due next (spec/gateway-config.md §6, cron).
import { createHash } from 'node:crypto';
import type { Cron } from 'croner';
import type { Job, Schedule } from './job.js';

const DEFAULT_STAGGER_MS = 5 * 60_000;
const SECOND_MS = 1000;
/** Parsed expressions that are kept. */
const CACHE = 500;

/** A moment as clients write it, in epoch milliseconds; without a zone it is UTC. NaN when it is none. */
export function parseMoment(text: string): number {
  const trimmed = text.trim();
  const hasZone = /(z|[+-]\d{2}:?\d{2})$/i.test(trimmed);
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(trimmed);
  return Date.parse(hasZone || isDate ? trimmed : `${trimmed}Z`);
}

/** Many jobs are written for the full hour; those that recur are spread over the minutes after it. */
export function defaultStaggerMs(expr: string): number | undefined {
  const text = expr.trim();
  if (text.toLowerCase() === '@hourly') return DEFAULT_STAGGER_MS;
  const fields = text.split(/\s+/);
  const [second, minute, hour] = fields.length === 5 ? ['0', ...fields] : fields;
  return second === '0' && minute === '0' && hour?.includes('*') ? DEFAULT_STAGGER_MS : undefined;
}

/** The same job is always late by the same time. */
export function staggerOffsetMs(jobId: string, schedule: Extract<Schedule, { kind: 'cron' }>): number {
  const staggerMs = schedule.staggerMs ?? defaultStaggerMs(schedule.expr) ?? 0;
  if (staggerMs < 1) return 0;
  return createHash('sha256').update(jobId).digest().readUInt32BE(0) % staggerMs;
}

function nextOfInterval(everyMs: number, anchorMs: number, afterMs: number): number {
  if (afterMs < anchorMs) return anchorMs;
  return anchorMs + (Math.floor((afterMs - anchorMs) / everyMs) + 1) * everyMs;
}

export interface ScheduleMaths {
  /**
   * The first time after `afterMs` (exclusive) at which the job comes due; undefined when there is none. A time that
   * a change of the clocks leaves out comes at the first moment after it; one that comes twice counts once, unless
   * the expression has a wildcard or step.
   */
  next(job: Pick<Job, 'id' | 'schedule' | 'createdAtMs'>, afterMs: number): number | undefined;
  /** Throws a TypeError or RangeError for an expression or a time zone that does not exist. */
  parse(expr: string, timeZone: string | undefined): void;
}

/** Brings the library of expressions in. `hostTimeZone` is what an expression without a zone means. */
export async function loadScheduleMaths(hostTimeZone?: string): Promise<ScheduleMaths> {
  const { Cron: Expression } = await import('croner');
  const parsed = new Map<string, Cron>();
  const expression = (expr: string, timeZone: string | undefined): Cron => {
    const key = `${timeZone ?? ''} ${expr}`;
    const known = parsed.get(key);
    if (known) return known;
    const timezone = timeZone ?? hostTimeZone;
    const made = new Expression(expr, { timezone, paused: true, fixedTimeRule: 'no-wildcard' });
    if (parsed.size >= CACHE) parsed.clear();
    parsed.set(key, made);
    return made;
  };
  const nextOfExpression = (schedule: Extract<Schedule, { kind: 'cron' }>, offset: number, afterMs: number) => {
    const cron = expression(schedule.expr.trim(), schedule.tz?.trim() || undefined);
    let from = afterMs - offset;
    for (let tries = 0; tries < 3; tries += 1) {
      const found = cron.nextRun(new Date(from));
      if (!found) return undefined;
      if (found.getTime() + offset > afterMs) return found.getTime() + offset;
      from += SECOND_MS;
    }
    return undefined;
  };
  return {
    parse: (expr, timeZone) => void expression(expr.trim(), timeZone?.trim() || undefined).nextRun(),
    next({ id, schedule, createdAtMs }, afterMs) {
      if (schedule.kind === 'every') {
        return nextOfInterval(Math.max(1, schedule.everyMs), schedule.anchorMs ?? createdAtMs, afterMs);
      }
      if (schedule.kind === 'cron') return nextOfExpression(schedule, staggerOffsetMs(id, schedule), afterMs);
      const atMs = parseMoment(schedule.at);
      return atMs > afterMs ? atMs : undefined;
    },
  };
}
