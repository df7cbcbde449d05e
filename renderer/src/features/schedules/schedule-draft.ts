// Pure: the form of a schedule ↔ the job as the gateway keeps it.
import type { CronAddParams, CronJob } from '../../../../gateway-core/src/protocol/index.js';
import type { JobPatch } from '../../data/schedules.js';

type Schedule = CronJob['schedule'];

export const REPEATS = ['hourly', 'daily', 'weekdays', 'weekly', 'monthly', 'custom'] as const;
export type Repeat = (typeof REPEATS)[number];
export const UNITS = ['minutes', 'hours', 'days'] as const;
export type Unit = (typeof UNITS)[number];

export interface ScheduleDraft {
  name: string;
  agentId: string;
  text: string;
  /** `isolated`: a conversation of its own for each run; `main`: a note for the agent's main conversation. */
  target: string;
  kind: 'at' | 'every' | 'cron';
  /** As a field for date and time has it: `2026-11-21T09:00`, in the time of this computer. */
  at: string;
  count: string;
  unit: Unit;
  repeat: Repeat;
  /** `09:00` */
  time: string;
  /** 0 is Sunday. */
  weekday: string;
  /** Day of the month. */
  day: string;
  expr: string;
  timeZone: string;
}

export type DraftFault = 'name' | 'text' | 'at' | 'past' | 'count' | 'expr' | 'timeZone';

const UNIT_MS: Record<Unit, number> = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 };
const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)$/;

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

/** A moment as a field for date and time has it. */
export function localMoment(ms: number): string {
  const date = new Date(ms);
  const day = [date.getFullYear(), pad(date.getMonth() + 1), pad(date.getDate())].join('-');
  return `${day}T${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

export function emptyDraft(agentId: string, timeZone: string, nowMs: number): ScheduleDraft {
  return {
    name: '',
    agentId,
    text: '',
    target: 'isolated',
    kind: 'cron',
    at: localMoment(nowMs + UNIT_MS.hours),
    count: '30',
    unit: 'minutes',
    repeat: 'daily',
    time: '09:00',
    weekday: '1',
    day: '1',
    expr: '0 9 * * *',
    timeZone,
  };
}

/** The parts of an expression that one of the simple forms can say. */
export function readExpression(expr: string): Pick<ScheduleDraft, 'repeat' | 'time' | 'weekday' | 'day'> {
  const plain = { repeat: 'custom' as Repeat, time: '09:00', weekday: '1', day: '1' };
  const [minute = '', hour = '', day = '', month, weekday = '', more] = expr.trim().split(/\s+/);
  if (!/^\d{1,2}$/.test(minute) || Number(minute) > 59 || month !== '*' || more !== undefined) return plain;
  if (hour === '*' && day === '*' && weekday === '*')
    return { ...plain, repeat: 'hourly', time: `00:${pad(Number(minute))}` };
  if (!/^\d{1,2}$/.test(hour) || Number(hour) > 23) return plain;
  const at = { ...plain, time: `${pad(Number(hour))}:${pad(Number(minute))}` };
  if (day === '*' && weekday === '*') return { ...at, repeat: 'daily' };
  if (day === '*' && weekday === '1-5') return { ...at, repeat: 'weekdays' };
  if (day === '*' && /^[0-7]$/.test(weekday)) return { ...at, repeat: 'weekly', weekday: String(Number(weekday) % 7) };
  const isDay = /^\d{1,2}$/.test(day) && Number(day) >= 1 && Number(day) <= 31;
  return isDay && weekday === '*' ? { ...at, repeat: 'monthly', day: String(Number(day)) } : plain;
}

export function writeExpression({ repeat, time, weekday, day, expr }: ScheduleDraft): string {
  if (repeat === 'custom') return expr.trim();
  const [, hour = '9', minute = '0'] = CLOCK.exec(time) ?? [];
  const [h, m] = [Number(hour), Number(minute)];
  if (repeat === 'hourly') return `${m} * * * *`;
  if (repeat === 'monthly') return `${m} ${h} ${day} * *`;
  const days = { daily: '*', weekdays: '1-5', weekly: weekday }[repeat];
  return `${m} ${h} * * ${days}`;
}

function largestUnit(ms: number): Pick<ScheduleDraft, 'count' | 'unit'> {
  const unit = UNITS.findLast((candidate) => ms % UNIT_MS[candidate] === 0) ?? 'minutes';
  return { count: String(Math.max(1, Math.round(ms / UNIT_MS[unit]))), unit };
}

function draftOfSchedule(schedule: Schedule): Partial<ScheduleDraft> {
  if (schedule.kind === 'at') return { kind: 'at', at: localMoment(Date.parse(schedule.at)) };
  if (schedule.kind === 'every') return { kind: 'every', ...largestUnit(schedule.everyMs) };
  const { expr, tz } = schedule;
  return { kind: 'cron', expr, ...readExpression(expr), ...(tz && { timeZone: tz }) };
}

export function draftOfJob(job: CronJob, base: ScheduleDraft): ScheduleDraft {
  const { payload } = job;
  return {
    ...base,
    ...draftOfSchedule(job.schedule),
    name: job.name,
    agentId: job.agentId ?? base.agentId,
    text: payload.kind === 'agentTurn' ? payload.message : payload.text,
    target: job.sessionTarget,
  };
}

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** What is wrong with the form; [] when it may be saved. The gateway judges expressions. */
export function draftFaults(draft: ScheduleDraft, nowMs: number): DraftFault[] {
  const faults: DraftFault[] = [];
  if (draft.name.trim() === '') faults.push('name');
  if (draft.text.trim() === '') faults.push('text');
  if (draft.kind === 'at') {
    const atMs = Date.parse(draft.at);
    if (Number.isNaN(atMs)) faults.push('at');
    else if (atMs <= nowMs) faults.push('past');
  }
  if (draft.kind === 'every' && !/^[1-9]\d{0,5}$/.test(draft.count.trim())) faults.push('count');
  if (draft.kind === 'cron') {
    if (writeExpression(draft) === '') faults.push('expr');
    if (!isTimeZone(draft.timeZone)) faults.push('timeZone');
  }
  return faults;
}

export function scheduleOf(draft: ScheduleDraft): Schedule {
  if (draft.kind === 'at') return { kind: 'at', at: new Date(draft.at).toISOString() };
  if (draft.kind === 'every') return { kind: 'every', everyMs: Number(draft.count) * UNIT_MS[draft.unit] };
  return { kind: 'cron', expr: writeExpression(draft), tz: draft.timeZone };
}

function payloadOf({ target, text }: ScheduleDraft): CronAddParams['payload'] {
  if (target === 'main') return { kind: 'systemEvent', text: text.trim() };
  return { kind: 'agentTurn', message: text.trim() };
}

/** A new job. Its answer stays in its conversation; nothing is sent to a channel. */
export function jobOfDraft(draft: ScheduleDraft): CronAddParams {
  const isMain = draft.target === 'main';
  return {
    name: draft.name.trim(),
    agentId: draft.agentId,
    schedule: scheduleOf(draft),
    sessionTarget: draft.target,
    payload: payloadOf(draft),
    wakeMode: 'now',
    ...(!isMain && { delivery: { mode: 'none' } }),
  };
}

function sameSchedule(a: Schedule, b: Schedule): boolean {
  if (a.kind === 'every' && b.kind === 'every') return a.everyMs === b.everyMs;
  if (a.kind === 'cron' && b.kind === 'cron') return a.expr === b.expr && a.tz === b.tz;
  return a.kind === 'at' && b.kind === 'at' && localMoment(Date.parse(a.at)) === localMoment(Date.parse(b.at));
}

/** What the form changes of a job; everything it does not show stays. */
export function patchOfDraft(draft: ScheduleDraft, job: CronJob): JobPatch {
  const schedule = scheduleOf(draft);
  const targetChanged = draft.target !== job.sessionTarget;
  return {
    name: draft.name.trim(),
    agentId: draft.agentId,
    payload: payloadOf(draft),
    ...(!sameSchedule(schedule, job.schedule) && { schedule }),
    ...(targetChanged && { sessionTarget: draft.target }),
    ...(targetChanged && draft.target !== 'main' && { delivery: { mode: 'none' as const } }),
  };
}
