// The sessions room: conversations by key, their transcripts, and who watches them.
export {
  type ChatType,
  type ConversationPlace,
  type DmScope,
  keyFacts,
  type KeyConfig,
  type KeyFacts,
  type SessionConfig,
  sessionKeyFor,
} from './conversation-key.js';
export { type ListContext, oneLine, recentStatusRows } from './list-sessions.js';
export {
  applyPlan,
  copyLargeIndex,
  type MaintenanceReport,
  planForAgent,
  removePlannedFiles,
  type SessionMaintenance,
  type SessionMaintenanceOptions,
  startSessionMaintenance,
} from './maintenance/maintenance.js';
export {
  countActions,
  type EntryAction,
  type MaintenancePlan,
  type PlanContext,
  type PlannedEntry,
  planMaintenance,
} from './maintenance/plan.js';
export { maintenanceSettings, type MaintenanceSettings } from './maintenance/settings.js';
export { readStoreFacts, type StoreFacts } from './maintenance/store-facts.js';
export { patchSession, SESSION_CHOICES, sessionModelRef, splitModelRef } from './patch-session.js';
export { renewIfStale, type RenewOptions, resetTriggers } from './renew-session.js';
export {
  hostOffset,
  lastDailyReset,
  type ResetPolicy,
  resetPolicyFor,
  resetPolicyOf,
  staleReason,
} from './reset-policy.js';
export { sessionGone } from './session-gone.js';
export { maySend, type SendDecision, type SendQuestion } from './send-policy.js';
export {
  type RunEnd,
  type StoredSession,
  withCompaction,
  withRunEnded,
  withRunInterrupted,
  withRunStarted,
} from './session-entry.js';
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
export { LIFE_REASONS, type LifeListener, type LifeReason, type SessionLife } from './session-life.js';
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
export { shownEntry } from './shown-entry.js';
export type { Compaction, TranscriptEntry } from './transcript/lines.js';
export { createUsageMethods, type UsageMethodName, type UsageMethodsOptions } from './usage/usage-methods.js';
export { asShown, createStamp, type Stamp, stripEnvelope } from './user-envelope.js';
