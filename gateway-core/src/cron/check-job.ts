// Pure: what is wrong with a job that a client wants to add, in the words clients know (spec/gateway-protocol.md §7.6).
import type { JobInput } from './job.js';
import { AppError } from '../shared/app-error.js';
import { parseMoment } from './schedule.js';

/** A moment may be this long gone and still count as now. */
const PAST_GRACE_MS = 60_000;
const MS_PER_MINUTE = 60_000;
const PARTS = { min: 5, max: 7 } as const;

/** What is checked of a job, new or changed. */
export type Checked = Pick<JobInput, 'schedule' | 'sessionTarget' | 'payload' | 'delivery'>;

function invalid(message: string): AppError {
  return new AppError('request.invalid', { message });
}

export function rejected(message: string): AppError {
  return new AppError('cron.rejected', { message });
}

function checkMoment(at: string, nowMs: number): void {
  const atMs = parseMoment(at);
  if (Number.isNaN(atMs)) throw invalid(`Invalid schedule.at: expected ISO-8601 timestamp (got ${at})`);
  if (atMs >= nowMs - PAST_GRACE_MS) return;
  const minutes = Math.floor((nowMs - atMs) / MS_PER_MINUTE);
  const [moment, now] = [atMs, nowMs].map((time) => new Date(time).toISOString());
  throw invalid(`schedule.at is in the past: ${moment} (${minutes} minutes ago). Current time: ${now}`);
}

function checkTarget({ sessionTarget, payload }: Checked): void {
  const isMain = sessionTarget === 'main';
  if (isMain && payload.kind !== 'systemEvent') {
    throw rejected('Error: main cron jobs require payload.kind="systemEvent"');
  }
  if (!isMain && payload.kind !== 'agentTurn') {
    throw rejected('Error: isolated/current/session cron jobs require payload.kind="agentTurn"');
  }
}

/** True for an address that a webhook may be sent to. */
export function isHttpUrl(text: string | undefined): boolean {
  if (text === undefined || !URL.canParse(text)) return false;
  return ['http:', 'https:'].includes(new URL(text).protocol);
}

function checkDelivery({ sessionTarget, delivery }: Checked): void {
  if (!delivery) return;
  if (delivery.mode === 'webhook' && !isHttpUrl(delivery.to?.trim())) {
    throw rejected('Error: cron webhook delivery requires delivery.to to be a valid http(s) URL');
  }
  if (sessionTarget === 'main' && (delivery.mode ?? 'announce') === 'announce') {
    throw rejected('Error: cron channel delivery config is only supported for sessionTarget="isolated"');
  }
  const failed = delivery.failureDestination;
  if (failed?.mode === 'webhook' && !isHttpUrl(failed.to?.trim())) {
    throw rejected(
      'Error: cron failure destination webhook requires delivery.failureDestination.to to be a valid http(s) URL',
    );
  }
}

function checkExpression(expr: string): void {
  const parts = expr.trim().split(/\s+/).length;
  if (expr.trim().startsWith('@') || (parts >= PARTS.min && parts <= PARTS.max)) return;
  const need = 'exactly five, six, or seven space separated parts are required.';
  throw rejected(`TypeError: CronPattern: invalid configuration format ('${expr}'), ${need}`);
}

/** Throws AppError request.invalid or cron.rejected for the first thing that is wrong. */
export function checkJob(job: Checked, nowMs: number): void {
  if (job.schedule.kind === 'at') checkMoment(job.schedule.at, nowMs);
  checkTarget(job);
  checkDelivery(job);
  if (job.schedule.kind === 'cron') checkExpression(job.schedule.expr);
}
