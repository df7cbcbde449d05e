// Pure: builds the health snapshot and the answer of `status` (spec/gateway-protocol.md §5, §7.1).
import type { HeartbeatConfig } from '../config/index.js';
import type { HealthSnapshot, SessionsSummary, StatusResult, TailscaleStatus } from '../protocol/index.js';
import { describeHeartbeat } from './heartbeat.js';

export interface HealthAgent {
  agentId: string;
  name?: string;
  isDefault: boolean;
  heartbeat?: HeartbeatConfig;
  /** Its usual model is paid by a sign-in, which makes its heartbeat slower. */
  subscribes?: boolean;
}

export interface HealthFacts {
  agents: readonly HealthAgent[];
  heartbeatDefaults: HeartbeatConfig | undefined;
  sessions: (agentId: string) => SessionsSummary;
}

export type StatusRow = Record<string, unknown>;

export interface StatusFacts extends HealthFacts {
  version: string;
  /** Undefined while gateway.tailscale.mode is off. */
  tailscale?: TailscaleStatus;
  /** Latest sessions of an agent, latest first, each with `updatedAt`. */
  statusRows: (agentId: string) => StatusRow[];
  defaults: { model: string | null; contextTokens: number | null };
  /** Lines that wait for the next turn of the main conversation, oldest first. */
  queuedSystemEvents: readonly string[];
}

const RECENT_ROWS = 10;
const REDACTED = '[redacted]';

function defaultAgentOf(agents: readonly HealthAgent[]): string {
  return (agents.find(({ isDefault }) => isDefault) ?? agents[0])?.agentId ?? 'main';
}

function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== 'object') return value;
  for (const item of Object.values(value)) deepFreeze(item);
  return Object.freeze(value);
}

/** Frozen, so that the server serialises it once. `startedMs` and `nowMs` frame the time it took to gather. */
export function buildHealthSnapshot(facts: HealthFacts, startedMs: number, now: () => number): HealthSnapshot {
  const { agents, heartbeatDefaults } = facts;
  const defaultAgentId = defaultAgentOf(agents);
  const described = agents.map((agent) => ({
    agentId: agent.agentId,
    ...(agent.name !== undefined && { name: agent.name }),
    isDefault: agent.agentId === defaultAgentId,
    heartbeat: describeHeartbeat(agent, agents, heartbeatDefaults),
    sessions: facts.sessions(agent.agentId),
  }));
  const main = described.find(({ isDefault }) => isDefault);
  return deepFreeze<HealthSnapshot>({
    ok: true,
    ts: startedMs,
    durationMs: Math.max(0, now() - startedMs),
    channels: {},
    channelOrder: [],
    channelLabels: {},
    heartbeatSeconds: Math.round((main?.heartbeat.everyMs ?? 0) / 1000),
    defaultAgentId,
    agents: described,
    sessions: main?.sessions ?? { path: '', count: 0, recent: [] },
  });
}

function latestFirst(rows: StatusRow[]): StatusRow[] {
  const time = (row: StatusRow): number => (typeof row.updatedAt === 'number' ? row.updatedAt : 0);
  return rows.sort((a, b) => time(b) - time(a)).slice(0, RECENT_ROWS);
}

function buildSessions(facts: StatusFacts): StatusResult['sessions'] {
  const byAgent = facts.agents.map(({ agentId }) => {
    const { path, count } = facts.sessions(agentId);
    return { agentId, path, count, recent: facts.statusRows(agentId).slice(0, RECENT_ROWS) };
  });
  return {
    paths: byAgent.map(({ path }) => path),
    count: byAgent.reduce((sum, { count }) => sum + count, 0),
    defaults: facts.defaults,
    recent: latestFirst(byAgent.flatMap(({ recent }) => recent)),
    byAgent,
  };
}

export function buildStatus(facts: StatusFacts): StatusResult {
  const { agents, heartbeatDefaults } = facts;
  return {
    runtimeVersion: facts.version,
    heartbeat: {
      defaultAgentId: defaultAgentOf(agents),
      agents: agents.map((agent) => {
        const { enabled, every, everyMs } = describeHeartbeat(agent, agents, heartbeatDefaults);
        return { agentId: agent.agentId, enabled, every, everyMs };
      }),
    },
    channelSummary: [],
    queuedSystemEvents: [...facts.queuedSystemEvents],
    ...(facts.tailscale && { tailscale: facts.tailscale }),
    sessions: buildSessions(facts),
  };
}

/** What a caller without admin may see: numbers, but no paths, models or conversations. */
export function redactStatus(status: StatusResult): StatusResult {
  return {
    ...status,
    sessions: {
      paths: [],
      count: status.sessions.count,
      defaults: { model: null, contextTokens: null },
      recent: [],
      byAgent: status.sessions.byAgent.map((agent) => ({ ...agent, path: REDACTED, recent: [] })),
    },
  };
}
