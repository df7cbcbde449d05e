// The conversations that `openclaw status` shows: from the files, or from what the gateway lists.
import type { MethodResult, SessionRow, StatusResult } from '../../protocol/index.js';
import { agentOfKey, type SessionIndex } from '../session-files.js';
import { sessionFlags } from './sessions.js';

type Sessions = StatusResult['sessions'];
type Row = Record<string, unknown>;

export const RECENT_SESSIONS = 10;

function withAge(row: SessionRow, agentId: string, nowMs: number): Row {
  return { agentId, ...row, age: row.updatedAt ? nowMs - row.updatedAt : null };
}

function withShare(row: SessionRow, agentId: string, nowMs: number): Row {
  const { totalTokens, contextTokens } = row;
  const share =
    typeof totalTokens === 'number' && typeof contextTokens === 'number' && contextTokens > 0
      ? {
          remainingTokens: Math.max(0, contextTokens - totalTokens),
          percentUsed: Math.round((totalTokens / contextTokens) * 100),
        }
      : { remainingTokens: null, percentUsed: null };
  return { ...withAge(row, agentId, nowMs), ...share, flags: sessionFlags(row) };
}

/** What the gateway would say about sessions, from the index files. */
export function sessionsFromFiles(indexes: readonly SessionIndex[], nowMs: number): Sessions {
  const byAgent = indexes.map(({ agentId, path, rows }) => ({
    agentId,
    path,
    count: rows.length,
    recent: rows.slice(0, RECENT_SESSIONS).map((row) => withAge(row, agentId, nowMs)),
  }));
  const all = indexes.flatMap(({ agentId, rows }) => rows.map((row) => ({ agentId, row })));
  all.sort((a, b) => (b.row.updatedAt ?? 0) - (a.row.updatedAt ?? 0));
  return {
    paths: byAgent.map(({ path }) => path),
    count: all.length,
    defaults: { model: null, contextTokens: null },
    recent: all.slice(0, RECENT_SESSIONS).map(({ agentId, row }) => withAge(row, agentId, nowMs)),
    byAgent,
  };
}

/** The counts of a summary without conversations, filled up with the listed ones. `places` are files of this computer. */
export function sessionsFromListing(
  bare: Sessions,
  { sessions, defaults }: MethodResult<'sessions.list'>,
  places: ReadonlyArray<{ agentId: string; path: string }>,
  nowMs: number,
): Sessions {
  const [first] = bare.byAgent;
  const recent = sessions.map((row) => withShare(row, agentOfKey(row.key) ?? first?.agentId ?? 'main', nowMs));
  return {
    paths: places.map(({ path }) => path),
    count: bare.count,
    defaults: { model: defaults.model, contextTokens: defaults.contextTokens },
    recent,
    byAgent: bare.byAgent.map((agent) => ({
      ...agent,
      path: places.find(({ agentId }) => agentId === agent.agentId)?.path ?? agent.path,
      recent: recent.filter(({ agentId }) => agentId === agent.agentId),
    })),
  };
}
