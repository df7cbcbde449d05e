// The cron room: jobs on a schedule.

/** Jobs that run by themselves (spec/gateway-config.md §6, cron; spec/gateway-protocol.md §7.6). */
export { createCron, type Cron } from './cron.js';
export type { CronMethodName } from './cron-methods.js';
export type {
  AgentTurnRequest,
  AgentTurnResult,
  Announcement,
  CronHouse,
  CronOptions,
  WakeRequest,
  WakeResult,
} from './types.js';
/** The words of a failure as the class that `cron.retry.retryOn` names; undefined when it has none. */
export { failureClass } from './after-run.js';
/** Where jobs are kept; in the place of the disk for tests. */
export type { CronStorage, RunLogLimits } from './storage.js';
