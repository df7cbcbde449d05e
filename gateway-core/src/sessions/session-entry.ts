// What the index keeps about a conversation, and the pure steps from one state of it to the next.
import type { SessionStatus, Usage } from '../protocol/index.js';

/** One value of `sessions.json`. Keys of other programs are kept as they are. */
export interface StoredSession {
  sessionId: string;
  updatedAt: number;
  sessionFile?: string;
  systemSent?: boolean;
  abortedLastRun?: boolean;
  chatType?: string;
  channel?: string;
  subject?: string;
  displayName?: string;
  label?: string;
  origin?: Record<string, unknown>;
  status?: SessionStatus;
  startedAt?: number;
  endedAt?: number;
  runtimeMs?: number;
  modelProvider?: string;
  model?: string;
  providerOverride?: string;
  modelOverride?: string;
  contextTokens?: number;
  inputTokens?: number;
  outputTokens?: number;
  totalTokens?: number;
  totalTokensFresh?: boolean;
  cacheRead?: number;
  cacheWrite?: number;
  estimatedCostUsd?: number;
  thinkingLevel?: string;
  fastMode?: boolean;
  verboseLevel?: string;
  sendPolicy?: string;
  /** What happens to messages that come while it is busy; as configured when absent. */
  queueMode?: string;
  spawnedBy?: string;
  parentSessionKey?: string;
  [other: string]: unknown;
}

export interface RunEnd {
  status: Exclude<SessionStatus, 'running'>;
  endedAt: number;
  provider?: string;
  model?: string;
  contextTokens?: number;
  /** Of the whole run. */
  usage?: Usage;
  /** Of its last model call, which tells what the conversation weighs now; `usage` when absent. */
  lastUsage?: Usage;
}

/** An entry without messages. */
export function newSession(sessionId: string, now: number): StoredSession {
  return { sessionId, updatedAt: now };
}

/** A run of this conversation begins; `now` in epoch milliseconds. */
export function withRunStarted(entry: StoredSession, now: number): StoredSession {
  const { endedAt: _endedAt, runtimeMs: _runtimeMs, ...rest } = entry;
  return { ...rest, updatedAt: now, status: 'running', startedAt: now, abortedLastRun: false };
}

function usageFields(entry: StoredSession, { usage, lastUsage = usage }: RunEnd): Partial<StoredSession> {
  if (!usage || !lastUsage) return {};
  return {
    inputTokens: usage.input,
    outputTokens: usage.output,
    cacheRead: usage.cacheRead,
    cacheWrite: usage.cacheWrite,
    // What the conversation weighs now: everything that was sent to the model.
    totalTokens: lastUsage.input + lastUsage.cacheRead + lastUsage.cacheWrite,
    totalTokensFresh: true,
    estimatedCostUsd: (entry.estimatedCostUsd ?? 0) + (usage.cost?.total ?? 0),
  };
}

/** A run of this conversation ended; its usage becomes that of the conversation, its cost adds up. */
export function withRunEnded(entry: StoredSession, end: RunEnd): StoredSession {
  const startedAt = entry.startedAt ?? end.endedAt;
  return {
    ...entry,
    ...usageFields(entry, end),
    ...(end.provider !== undefined && { modelProvider: end.provider, model: end.model }),
    ...(end.contextTokens !== undefined && { contextTokens: end.contextTokens }),
    systemSent: entry.systemSent === true || end.status === 'done',
    updatedAt: Math.max(entry.updatedAt, end.endedAt),
    status: end.status,
    endedAt: end.endedAt,
    runtimeMs: Math.max(0, end.endedAt - startedAt),
    abortedLastRun: end.status === 'killed' || end.status === 'timeout',
  };
}

/** Older messages were summarised; what the conversation weighs now is known after its next model call. */
export function withCompaction(entry: StoredSession, now: number): StoredSession {
  const { totalTokens: _total, ...rest } = entry;
  const count = typeof entry.compactionCount === 'number' ? entry.compactionCount : 0;
  return { ...rest, totalTokensFresh: false, compactionCount: count + 1, updatedAt: now };
}

/** A run that the end of the process cut off. */
export function withRunInterrupted(entry: StoredSession, endedAt: number): StoredSession {
  const startedAt = entry.startedAt ?? endedAt;
  return {
    ...entry,
    status: 'failed',
    abortedLastRun: true,
    endedAt: Math.max(endedAt, startedAt),
    runtimeMs: Math.max(0, endedAt - startedAt),
  };
}

/** The settings that outlive a reset. */
const KEPT = [
  'label',
  'displayName',
  'chatType',
  'channel',
  'subject',
  'origin',
  'lastChannel',
  'thinkingLevel',
  'fastMode',
  'verboseLevel',
  'reasoningLevel',
  'responseUsage',
  'elevatedLevel',
  'execHost',
  'execSecurity',
  'execAsk',
  'execNode',
  'providerOverride',
  'modelOverride',
  'modelProvider',
  'model',
  'sendPolicy',
  'groupActivation',
  'queueMode',
  'spawnedBy',
  'spawnedWorkspaceDir',
  'spawnDepth',
  'subagentRole',
  'subagentControlScope',
  'parentSessionKey',
] as const;

/** A new, empty conversation under the same name. */
export function resetSession(entry: StoredSession | undefined, sessionId: string, now: number): StoredSession {
  const kept = Object.fromEntries(KEPT.filter((key) => entry?.[key] !== undefined).map((key) => [key, entry?.[key]]));
  return {
    sessionId,
    updatedAt: now,
    systemSent: false,
    abortedLastRun: false,
    ...kept,
    inputTokens: 0,
    outputTokens: 0,
    totalTokens: 0,
    totalTokensFresh: true,
  };
}
