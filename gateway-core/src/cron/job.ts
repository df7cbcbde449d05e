// The words of this room: jobs, their parts, and how a run of one ended.
import type { CronAddParams, CronJob, CronRunEntry, MethodParams, WholeWireEvents } from '../protocol/index.js';
import type { Static } from 'typebox';

export type Job = CronJob;
export type Schedule = CronJob['schedule'];
export type Payload = CronJob['payload'];
export type AgentTurn = Extract<Payload, { kind: 'agentTurn' }>;
export type JobState = CronJob['state'];
export type Delivery = NonNullable<CronJob['delivery']>;
export type DeliveryStatus = NonNullable<CronRunEntry['deliveryStatus']>;
export type JobInput = CronAddParams;
export type JobPatch = MethodParams<'cron.update'>['patch'];
export type RunEntry = CronRunEntry;
export type CronEvent = Static<WholeWireEvents['cron']['payload']>;

/** How a run ended, delivery included. Times in epoch milliseconds. */
export interface Outcome {
  status: 'ok' | 'error' | 'skipped';
  error?: string;
  /** Class of the failure: rate_limit, overloaded, network, server_error, timeout, or a code of ours. */
  errorReason?: string;
  summary?: string;
  startedAtMs: number;
  endedAtMs: number;
  delivered?: boolean;
  deliveryStatus: DeliveryStatus;
  deliveryError?: string;
  sessionId?: string;
  sessionKey?: string;
  model?: string;
  provider?: string;
  usage?: Record<string, number>;
}
