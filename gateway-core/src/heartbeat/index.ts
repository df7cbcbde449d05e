// The heartbeat room: agents that look around by themselves.

/** Agents waking up at intervals and on request (spec/gateway-config.md §6, heartbeat). */
export { createHeartbeat, type Heartbeat } from './heartbeat.js';
/** Which agents have a heartbeat, and what they are asked without a prompt of their own. */
export {
  DEFAULT_HEARTBEAT_PROMPT,
  defaultEvery,
  hasHeartbeat,
  type HeartbeatAgent,
  heartbeatAgents,
  nextBeatMs,
} from './settings.js';
export type { BeatRequest, BeatResult, HeartbeatOptions, LastAlert, Wake, Woken } from './types.js';
export type { Route } from './visibility.js';
