// Pure: which agents wake up by themselves, how often and how (spec/gateway-config.md §6, heartbeat).
import { createHash } from 'node:crypto';
import { listAgents } from '../agents/index.js';
import { type HeartbeatConfig, type OpenClawConfig, parseDurationMs } from '../config/index.js';
import { mainSessionKey, parseSessionKey } from '../sessions/index.js';

const DEFAULT_EVERY = '30m';
/** What a subscription allows is used up sooner. */
const SUBSCRIPTION_EVERY = '1h';
const ACK_MAX_CHARS = 300;
const RUN_LIMIT_MS = 10 * 60_000;
/** Timers that are set for longer fire at once. */
const LONGEST_LIMIT_MS = 2 ** 31 - 1;

export const DEFAULT_HEARTBEAT_PROMPT =
  'If the workspace has a HEARTBEAT.md, read it and do exactly what it says. ' +
  'Leave finished and older tasks alone. When nothing needs attention, answer HEARTBEAT_OK.';

/** How often an agent looks around without a word about it; `subscribes`: its usual model is paid by a sign-in. */
export function defaultEvery(subscribes: boolean): string {
  return subscribes ? SUBSCRIPTION_EVERY : DEFAULT_EVERY;
}

export interface HeartbeatAgent {
  isDefault: boolean;
  /** The agent's own block, if it has one. */
  heartbeat?: HeartbeatConfig;
}

/** Agents with a block of their own; without any such agent the default one. */
export function hasHeartbeat(agent: HeartbeatAgent, all: readonly HeartbeatAgent[]): boolean {
  return all.some(({ heartbeat }) => heartbeat) ? agent.heartbeat !== undefined : agent.isDefault;
}

export interface HeartbeatSettings {
  agentId: string;
  everyMs: number;
  prompt: string;
  /** none, last, or a channel id. */
  target: string;
  to?: string;
  accountId?: string;
  model?: string;
  /** Full key of the conversation that is looked at. */
  sessionKey: string;
  ackMaxChars: number;
  includeReasoning: boolean;
  lightContext: boolean;
  isolatedSession: boolean;
  directPolicy: 'allow' | 'block';
  skipWhenBusy: boolean;
  activeHours?: HeartbeatConfig['activeHours'];
  timeoutMs: number;
}

function settingsOf(agentId: string, block: HeartbeatConfig, everyMs: number): HeartbeatSettings {
  const named = block.session === undefined ? undefined : parseSessionKey(block.session, agentId);
  const { to, accountId, model, activeHours } = block;
  return {
    agentId,
    everyMs,
    prompt: block.prompt?.trim() || DEFAULT_HEARTBEAT_PROMPT,
    target: block.target?.trim() || 'none',
    ...(to !== undefined && { to }),
    ...(accountId !== undefined && { accountId }),
    ...(model !== undefined && { model }),
    sessionKey: named?.agentId === agentId ? named.key : mainSessionKey(agentId),
    ackMaxChars: block.ackMaxChars ?? ACK_MAX_CHARS,
    includeReasoning: block.includeReasoning ?? false,
    lightContext: block.lightContext ?? false,
    isolatedSession: block.isolatedSession ?? false,
    directPolicy: block.directPolicy ?? 'allow',
    skipWhenBusy: block.skipWhenBusy ?? false,
    ...(activeHours && { activeHours }),
    timeoutMs:
      block.timeoutSeconds === undefined ? RUN_LIMIT_MS : Math.min(block.timeoutSeconds * 1000, LONGEST_LIMIT_MS),
  };
}

/** The agents that have a heartbeat now, in the order of the config. `subscribes`: see `defaultEvery`. */
export function heartbeatAgents(
  config: OpenClawConfig,
  subscribes: (agentId: string) => boolean = () => false,
): HeartbeatSettings[] {
  const agents = listAgents(config).map((agent) => ({ ...agent, heartbeat: agent.config?.heartbeat }));
  return agents.flatMap((agent) => {
    const block: HeartbeatConfig = { ...config.agents?.defaults?.heartbeat, ...agent.heartbeat };
    const everyMs = parseDurationMs(block.every ?? defaultEvery(subscribes(agent.id))) ?? 0;
    return everyMs > 0 && hasHeartbeat(agent, agents) ? [settingsOf(agent.id, block, everyMs)] : [];
  });
}

/** Where in its interval an agent looks around: agents do not all look at once, and a restart moves none of them. */
export function phaseMs(agentId: string, everyMs: number): number {
  return createHash('sha256').update(`heartbeat:${agentId}`).digest().readUInt32BE(0) % everyMs;
}

/** The first time after `afterMs` (exclusive) at which an agent looks around. */
export function nextBeatMs(agentId: string, everyMs: number, afterMs: number): number {
  const phase = phaseMs(agentId, everyMs);
  return phase + (Math.floor((afterMs - phase) / everyMs) + 1) * everyMs;
}
