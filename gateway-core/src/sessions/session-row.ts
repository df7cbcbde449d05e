// How a conversation looks in lists and events (spec/gateway-protocol.md §7.4, Row).
import type { SessionRow } from '../protocol/index.js';
import type { StoredSession } from './session-entry.js';

/** What a session uses when it has no model of its own. */
export interface SessionModelDefaults {
  provider: string;
  model: string;
  contextTokens: number;
  /** What becomes of a message for a busy conversation, when the config says so. */
  queueMode?: string;
}

const GROUP_TYPES = new Set(['group', 'channel', 'room']);

export function sessionKind(key: string, entry: StoredSession | undefined): SessionRow['kind'] {
  if (key === 'global' || key.endsWith(':global')) return 'global';
  if (key === 'unknown' || key.endsWith(':unknown')) return 'unknown';
  return GROUP_TYPES.has(entry?.chatType ?? '') ? 'group' : 'direct';
}

function originLabel(entry: StoredSession): string | undefined {
  const label = entry.origin?.label;
  return typeof label === 'string' && label !== '' ? label : undefined;
}

/** Which model the next turn of the session uses. */
export function sessionModel(
  entry: StoredSession | undefined,
  defaults: SessionModelDefaults,
): { modelProvider: string; model: string } {
  if (entry?.modelOverride) {
    return { modelProvider: entry.providerOverride ?? defaults.provider, model: entry.modelOverride };
  }
  return { modelProvider: defaults.provider, model: defaults.model };
}

function definedOnly<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}

/** A setting that another program may have stored in another form. */
function textSetting(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The row of one session. `defaults` fill in the model of a session that has not run yet. */
export function buildSessionRow(key: string, entry: StoredSession, defaults: SessionModelDefaults): SessionRow {
  const next = sessionModel(entry, defaults);
  const ran = entry.modelOverride === undefined && entry.model !== undefined;
  return definedOnly<SessionRow>({
    key,
    kind: sessionKind(key, entry),
    label: entry.label,
    displayName: entry.displayName ?? entry.label ?? entry.subject ?? originLabel(entry),
    chatType: entry.chatType,
    channel: entry.channel,
    origin: entry.origin,
    updatedAt: entry.updatedAt,
    sessionId: entry.sessionId,
    systemSent: entry.systemSent,
    abortedLastRun: entry.abortedLastRun,
    thinkingLevel: entry.thinkingLevel,
    verboseLevel: entry.verboseLevel,
    reasoningLevel: textSetting(entry.reasoningLevel),
    responseUsage: textSetting(entry.responseUsage),
    queueMode: textSetting(entry.queueMode) ?? defaults.queueMode,
    inputTokens: entry.inputTokens,
    outputTokens: entry.outputTokens,
    totalTokens: entry.totalTokens,
    totalTokensFresh: entry.totalTokensFresh ?? false,
    estimatedCostUsd: entry.estimatedCostUsd,
    // The table's type of `status` is narrower than its schema.
    status: entry.status as SessionRow['status'],
    startedAt: entry.startedAt,
    endedAt: entry.endedAt,
    runtimeMs: entry.runtimeMs,
    modelProvider: ran ? entry.modelProvider : next.modelProvider,
    model: ran ? entry.model : next.model,
    contextTokens: entry.contextTokens ?? defaults.contextTokens,
  });
}

/** The row of `status`: sizes against the context window, and flags in a word each. */
export function buildStatusRow(
  agentId: string,
  row: SessionRow & { cacheRead?: number; cacheWrite?: number },
  now: number,
): Record<string, unknown> {
  const total = row.totalTokens;
  const context = row.contextTokens ?? null;
  const known = total !== undefined && context !== null && context > 0;
  return definedOnly<Record<string, unknown>>({
    agentId,
    key: row.key,
    kind: row.kind,
    sessionId: row.sessionId,
    updatedAt: row.updatedAt ?? null,
    age: row.updatedAt == null ? null : Math.max(0, now - row.updatedAt),
    thinkingLevel: row.thinkingLevel,
    verboseLevel: row.verboseLevel,
    systemSent: row.systemSent,
    abortedLastRun: row.abortedLastRun,
    inputTokens: row.inputTokens,
    outputTokens: row.outputTokens,
    cacheRead: row.cacheRead,
    cacheWrite: row.cacheWrite,
    totalTokens: total ?? null,
    totalTokensFresh: row.totalTokensFresh,
    remainingTokens: known ? Math.max(0, context - total) : null,
    percentUsed: known ? Math.min(999, Math.round((total / context) * 100)) : null,
    model: row.model ?? null,
    contextTokens: context,
    flags: [
      ...(row.thinkingLevel ? [`think:${row.thinkingLevel}`] : []),
      ...(row.verboseLevel ? [`verbose:${row.verboseLevel}`] : []),
      ...(row.systemSent ? ['system'] : []),
      ...(row.abortedLastRun ? ['aborted'] : []),
      ...(row.sessionId ? [`id:${row.sessionId}`] : []),
    ],
  });
}
