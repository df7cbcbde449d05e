// Pure: what becomes of a job when a run of it begins, ends, or was cut off (spec/gateway-config.md §6, cron).
import { isDeepStrictEqual } from 'node:util';
import type { OpenClawConfig } from '../config/index.js';
import type { Job, JobState, Outcome } from './job.js';

type CronConfig = NonNullable<OpenClawConfig['cron']>;

/** How long a job that keeps failing waits: after the first failure, the second, and so on. */
const RECURRING_BACKOFF_MS = [30_000, 60_000, 5 * 60_000, 15 * 60_000, 60 * 60_000] as const;
const RETRY = {
  maxAttempts: 3,
  backoffMs: [30_000, 60_000, 300_000],
  retryOn: ['rate_limit', 'overloaded', 'network', 'server_error'],
} as const;

const CLASSES: ReadonlyArray<[name: string, pattern: RegExp]> = [
  ['rate_limit', /\b429\b|rate.?limit|too many requests|quota/i],
  ['overloaded', /\b529\b|overloaded|high demand|capacity/i],
  ['timeout', /timed? ?out|etimedout/i],
  ['network', /network|econn\w+|enotfound|eai_again|fetch failed|socket|unreachable/i],
  ['server_error', /\b5\d\d\b|internal (?:server )?error|server error/i],
];

/** The class of a failure by its words; undefined for one that trying again will not mend. */
export function failureClass(error: string | undefined): string | undefined {
  return CLASSES.find(([, pattern]) => pattern.test(error ?? ''))?.[0];
}

/** The delay after the `failures`-th failure in a row, from 1; the last entry stands for all later ones. */
export function backoffMs(failures: number, delays: readonly number[] = RECURRING_BACKOFF_MS): number {
  return delays[Math.min(failures, delays.length) - 1] ?? 0;
}

function retryDelayMs(failures: number, reason: string | undefined, retry: CronConfig['retry']): number | undefined {
  const { maxAttempts = RETRY.maxAttempts, backoffMs: delays = RETRY.backoffMs, retryOn = RETRY.retryOn } = retry ?? {};
  if (failures > maxAttempts || reason === undefined) return undefined;
  // A timeout of the network is one of the network; the list of the reference has no word of its own for it.
  const names: readonly string[] = retryOn;
  if (!names.includes(reason) && !(reason === 'timeout' && names.includes('network'))) return undefined;
  return backoffMs(failures, delays.length > 0 ? delays : RETRY.backoffMs);
}

/** The state of a job whose run begins now. The next time is on disk before the run, so a crash costs none. */
export function runBegan(job: Job, nowMs: number, naturalNextMs: number | undefined): Job {
  const { nextRunAtMs, ...state } = job.state;
  const isLater = nextRunAtMs !== undefined && nextRunAtMs > nowMs;
  const next = isLater ? nextRunAtMs : job.enabled && job.schedule.kind !== 'at' ? naturalNextMs : undefined;
  return { ...job, state: { ...(next !== undefined && { nextRunAtMs: next }), ...state, runningAtMs: nowMs } };
}

function endedState(before: JobState, outcome: Outcome): JobState {
  const failures = outcome.status === 'error' ? (before.consecutiveErrors ?? 0) + 1 : 0;
  const alertedAt = outcome.status === 'ok' ? undefined : before.lastFailureAlertAtMs;
  const { status, error, errorReason, delivered, deliveryStatus, deliveryError } = outcome;
  return {
    lastRunAtMs: outcome.startedAtMs,
    lastRunStatus: status,
    lastStatus: status,
    ...(error !== undefined && { lastError: error }),
    ...(errorReason !== undefined && { lastErrorReason: errorReason }),
    lastDurationMs: Math.max(0, outcome.endedAtMs - outcome.startedAtMs),
    ...(delivered !== undefined && { lastDelivered: delivered }),
    lastDeliveryStatus: deliveryStatus,
    ...(deliveryError !== undefined && { lastDeliveryError: deliveryError }),
    consecutiveErrors: failures,
    ...(alertedAt !== undefined && { lastFailureAlertAtMs: alertedAt }),
  };
}

interface AfterRun {
  /** Undefined when the job has done what it was for. */
  job: Job | undefined;
  nextRunAtMs: number | undefined;
}

/** What the end of a run needs to know besides. */
export interface EndFacts {
  /** The first time after the end of the run. */
  naturalNextMs: number | undefined;
  /** The job as it was when the run began. */
  begun: Pick<Job, 'schedule'>;
}

function afterOnce(job: Job, state: JobState, outcome: Outcome, retry: CronConfig['retry']): AfterRun {
  if (outcome.status === 'ok' && job.deleteAfterRun !== false) return { job: undefined, nextRunAtMs: undefined };
  const delay =
    outcome.status === 'error' && job.enabled
      ? retryDelayMs(state.consecutiveErrors ?? 1, outcome.errorReason ?? failureClass(outcome.error), retry)
      : undefined;
  if (delay === undefined) return { job: { ...job, enabled: false, state }, nextRunAtMs: undefined };
  const nextRunAtMs = outcome.endedAtMs + delay;
  return { job: { ...job, state: { nextRunAtMs, ...state } }, nextRunAtMs };
}

/** Somebody, often the run itself, gave the job another moment meanwhile: that one has not been yet. */
function afterMove(job: Job, state: JobState): AfterRun {
  const { nextRunAtMs } = job.state;
  return { job: { ...job, state: { ...(nextRunAtMs !== undefined && { nextRunAtMs }), ...state } }, nextRunAtMs };
}

/**
 * The job after a run. A one-shot goes when it worked (`deleteAfterRun` false keeps it, disabled), is tried again
 * after passing failures, else stays, disabled.
 */
export function runEnded(
  job: Job,
  outcome: Outcome,
  { naturalNextMs, begun }: EndFacts,
  retry: CronConfig['retry'],
): AfterRun {
  const state = endedState(job.state, outcome);
  if (job.schedule.kind === 'at') {
    const isMoved = !isDeepStrictEqual(job.schedule, begun.schedule);
    return isMoved ? afterMove(job, state) : afterOnce(job, state, outcome, retry);
  }
  if (!job.enabled) return { job: { ...job, state }, nextRunAtMs: undefined };
  const notBefore = outcome.status === 'error' ? outcome.endedAtMs + backoffMs(state.consecutiveErrors ?? 1) : 0;
  const nextRunAtMs = naturalNextMs === undefined ? undefined : Math.max(naturalNextMs, notBefore);
  return { job: { ...job, state: { ...(nextRunAtMs !== undefined && { nextRunAtMs }), ...state } }, nextRunAtMs };
}

export const INTERRUPTED = 'The gateway ended while this job ran.';

/**
 * A job whose run the end of the process cut off. It began, so it is not begun again by itself: a recurring one waits
 * for its next time, a one-shot stays, disabled, for people to decide.
 */
export function runInterrupted(job: Job, nowMs: number): Job {
  const { runningAtMs = nowMs, ...state } = job.state;
  const once = job.schedule.kind === 'at';
  const { nextRunAtMs, ...rest } = state;
  return {
    ...job,
    ...(once && { enabled: false }),
    state: {
      ...(nextRunAtMs !== undefined && !once && { nextRunAtMs }),
      ...rest,
      lastRunAtMs: runningAtMs,
      lastRunStatus: 'error',
      lastStatus: 'error',
      lastError: INTERRUPTED,
      lastErrorReason: 'interrupted',
      lastDeliveryStatus: 'unknown',
    },
  };
}
