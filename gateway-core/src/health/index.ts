// The health room: how the gateway is, in the snapshot that clients show.
import { Health, type HealthOptions } from './health.js';

export { Health, type HealthOptions } from './health.js';
export { createHealthMethods, type HealthMethodName, type HealthMethodsOptions } from './health-methods.js';
export { describeHeartbeat } from './heartbeat.js';
export type { HealthAgent, HealthFacts, StatusFacts, StatusRow } from './snapshot.js';

/** Health that has not started: `start()` makes the first snapshot, `stop()` ends its timers. */
export function createHealth(options: HealthOptions): Health {
  return new Health(options);
}
