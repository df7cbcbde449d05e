// The runs room: a message in, one turn, its events.
export { configuredQueueMode } from './queue-mode.js';
export { type ChatMethodsOptions, createChatMethods } from './chat-methods.js';
export type { RunAcceptance, RunKind, RunOutcome, RunOwner, RunRecord, StopReason } from './run-record.js';
export { createRuns, type RunsOptions } from './runs.js';
export type { Exchange, ModelWishes, RunOrigin } from './run-request.js';
export type { CompactOptions, Reply, Runs, StartedRun, StartRun } from './runs-types.js';
export type { BeforeCompaction, RunHappening } from './turn.js';
