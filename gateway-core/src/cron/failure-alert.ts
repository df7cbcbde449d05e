// Pure: who is told about a run that failed, and when again (spec/gateway-config.md §6, cron.failureAlert).
import type { OpenClawConfig } from '../config/index.js';
import { type Destination, deliveryOf } from './deliver.js';
import type { Job, Outcome } from './job.js';

type CronConfig = NonNullable<OpenClawConfig['cron']>;

const AFTER = 2;
const COOLDOWN_MS = 60 * 60_000;

export interface PlannedNotice {
  destination: Destination;
  text: string;
}

export interface FailurePlan {
  notices: PlannedNotice[];
  /** The alert counts against the cooldown from now on. */
  alerted: boolean;
}

interface AlertRule extends Destination {
  after: number;
  cooldownMs: number;
  includeSkipped: boolean;
}

function alertRule(job: Job, config: CronConfig | undefined): AlertRule | undefined {
  const shared = config?.failureAlert || undefined;
  const own = job.failureAlert;
  if (own === false || (own === undefined && shared?.enabled !== true)) return undefined;
  const { channel, to, accountId } = deliveryOf(job);
  const rule = { ...shared, ...own };
  return {
    mode: rule.mode ?? 'announce',
    channel: rule.channel ?? channel,
    to: rule.to ?? (rule.mode === 'webhook' ? undefined : to),
    accountId: rule.accountId ?? accountId,
    after: rule.after ?? AFTER,
    cooldownMs: rule.cooldownMs ?? COOLDOWN_MS,
    includeSkipped: shared?.includeSkipped ?? false,
  };
}

function failureDestination(job: Job, config: CronConfig | undefined): Destination | undefined {
  const given = job.delivery?.failureDestination ?? config?.failureDestination;
  if (!given) return undefined;
  return { ...given, mode: given.mode ?? 'announce' };
}

function failureText(job: Job, outcome: Outcome, failures: number): string {
  if (outcome.status === 'skipped') {
    return `The scheduled job "${job.name}" was skipped: ${outcome.error ?? 'no reason was given'}`;
  }
  const count = failures > 1 ? ` ${failures} times in a row` : '';
  return `The scheduled job "${job.name}" failed${count}: ${outcome.error ?? 'no reason was given'}`;
}

/** `job` is as it is after the run. A job that may fail quietly (`bestEffort`) sends nothing. */
export function planFailure(job: Job, outcome: Outcome, config: CronConfig | undefined): FailurePlan {
  if (outcome.status === 'ok' || job.delivery?.bestEffort) return { notices: [], alerted: false };
  const failures = Math.max(1, job.state.consecutiveErrors ?? 0);
  const text = failureText(job, outcome, failures);
  const notices: PlannedNotice[] = [];
  const destination = outcome.status === 'error' ? failureDestination(job, config) : undefined;
  if (destination) notices.push({ destination, text });
  const rule = alertRule(job, config);
  const counts = rule && (outcome.status === 'error' ? failures >= rule.after : rule.includeSkipped);
  const { lastFailureAlertAtMs } = job.state;
  const sinceMs = outcome.endedAtMs - (lastFailureAlertAtMs ?? 0);
  // An alert of a time to come was noted with a clock that went fast.
  const isCool = lastFailureAlertAtMs === undefined || sinceMs < 0 || sinceMs >= (rule?.cooldownMs ?? 0);
  const alerted = Boolean(counts && isCool);
  if (rule && alerted) notices.push({ destination: rule, text });
  return { notices, alerted };
}
