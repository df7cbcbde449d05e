// Pure: what is wrong with a job that a client wants to add, in the words clients know (spec/gateway-protocol.md §7.6).
import type { CronAddParams } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';

/** A moment may be this long gone and still count as now. */
const PAST_GRACE_MS = 60_000;
const MS_PER_MINUTE = 60_000;
const PARTS = { min: 5, max: 7 } as const;

function invalid(message: string): AppError {
  return new AppError('request.invalid', { message });
}

function rejected(message: string): AppError {
  return new AppError('cron.rejected', { message });
}

/** Times without a zone are UTC. */
function parseMoment(text: string): number {
  const hasZone = /(z|[+-]\d{2}:?\d{2})$/i.test(text);
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  return Date.parse(hasZone || isDate ? text : `${text}Z`);
}

function checkMoment(at: string, nowMs: number): void {
  const atMs = parseMoment(at.trim());
  if (Number.isNaN(atMs)) throw invalid(`Invalid schedule.at: expected ISO-8601 timestamp (got ${at})`);
  if (atMs >= nowMs - PAST_GRACE_MS) return;
  const minutes = Math.floor((nowMs - atMs) / MS_PER_MINUTE);
  const [moment, now] = [atMs, nowMs].map((time) => new Date(time).toISOString());
  throw invalid(`schedule.at is in the past: ${moment} (${minutes} minutes ago). Current time: ${now}`);
}

function checkTarget({ sessionTarget, payload }: CronAddParams): void {
  const isMain = sessionTarget === 'main';
  if (isMain && payload.kind !== 'systemEvent') {
    throw rejected('Error: main cron jobs require payload.kind="systemEvent"');
  }
  if (!isMain && payload.kind !== 'agentTurn') {
    throw rejected('Error: isolated/current/session cron jobs require payload.kind="agentTurn"');
  }
}

function checkExpression(expr: string): void {
  const parts = expr.trim().split(/\s+/).length;
  if (expr.trim().startsWith('@') || (parts >= PARTS.min && parts <= PARTS.max)) return;
  const need = 'exactly five, six, or seven space separated parts are required.';
  throw rejected(`TypeError: CronPattern: invalid configuration format ('${expr}'), ${need}`);
}

/** Throws AppError request.invalid or cron.rejected for the first thing that is wrong. */
export function checkJob(job: CronAddParams, nowMs: number): void {
  if (job.schedule.kind === 'at') checkMoment(job.schedule.at, nowMs);
  checkTarget(job);
  if (job.schedule.kind === 'cron') checkExpression(job.schedule.expr);
}
