// The sessions room: conversations by key, their transcripts, and who watches them.
export { type ListContext, oneLine, recentStatusRows } from './list-sessions.js';
export { sessionModelRef, splitModelRef } from './patch-session.js';
export { type RunEnd, type StoredSession, withRunEnded, withRunInterrupted, withRunStarted } from './session-entry.js';
export { type ChangeReason, SessionEvents, type SessionEventsOptions } from './session-events.js';
export {
  buildSessionKey,
  isAgentId,
  MAIN_KEY,
  mainSessionKey,
  normalizeAgentId,
  parseSessionKey,
  requireSessionKey,
  type SessionKey,
} from './session-key.js';
export {
  type AgentDirectory,
  createSessionsMethods,
  type SessionAbort,
  type SessionMethodsOptions,
  type SessionRuns,
  type SessionSend,
} from './session-methods.js';
export { buildSessionRow, buildStatusRow, type SessionModelDefaults, sessionModel } from './session-row.js';
export {
  createSessionUpkeepMethods,
  type SessionUpkeepMethodName,
  type SessionUpkeepOptions,
} from './session-upkeep-methods.js';
export { createSessionStore, type FoundSession, SessionStore, type SessionStoreOptions } from './session-store.js';
export type { TranscriptEntry } from './transcript/lines.js';
export { createUsageMethods, type UsageMethodName, type UsageMethodsOptions } from './usage/usage-methods.js';
export { asShown, createStamp, type Stamp, stripEnvelope } from './user-envelope.js';
