// Pure: which agents the config names, and which of them is the default.
import type { AgentConfig, OpenClawConfig } from '../config/index.js';
import type { AgentEntry } from '../protocol/index.js';
import { isAgentId, normalizeAgentId } from '../sessions/index.js';

export const MAIN_AGENT_ID = 'main';

export interface Agent {
  id: string;
  isDefault: boolean;
  name?: string;
  config?: AgentConfig;
}

function configured(config: OpenClawConfig): AgentConfig[] {
  const seen = new Set<string>();
  return (config.agents?.list ?? []).flatMap((agent) => {
    const id = normalizeAgentId(agent.id);
    if (!isAgentId(id) || seen.has(id)) return [];
    seen.add(id);
    return [{ ...agent, id }];
  });
}

/** The agent that is meant when none is named: the one marked so, else the first, else `main`. */
export function defaultAgentId(config: OpenClawConfig): string {
  const agents = configured(config);
  return (agents.find((agent) => agent.default === true) ?? agents[0])?.id ?? MAIN_AGENT_ID;
}

/** Every agent there is, in the order of the config; without any there is `main`. */
export function listAgents(config: OpenClawConfig): Agent[] {
  const defaultId = defaultAgentId(config);
  const agents = configured(config);
  if (agents.length === 0) return [{ id: MAIN_AGENT_ID, isDefault: true }];
  return agents.map((agent) => ({
    id: agent.id,
    isDefault: agent.id === defaultId,
    ...(agent.name !== undefined && { name: agent.name }),
    config: agent,
  }));
}

/** The agent as `agents.list` shows it. */
export function describeAgent(agent: Agent): AgentEntry {
  const { identity } = agent.config ?? {};
  const isWebAvatar = /^(https?:|data:)/.test(identity?.avatar ?? '');
  return {
    id: agent.id,
    ...(agent.name !== undefined && { name: agent.name }),
    ...(identity && { identity: { ...identity, ...(isWebAvatar && { avatarUrl: identity.avatar }) } }),
  };
}
