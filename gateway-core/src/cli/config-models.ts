// What the config says about agents and models, for the commands that list them without a gateway.
import path from 'node:path';
import { expandHome, type OpenClawConfig, type StatePaths } from '../config/index.js';
import { agentIds } from './session-files.js';

export interface ModelChoice {
  primary?: string;
  fallbacks: string[];
}

/** `"a/b"` and `{primary, fallbacks}` alike. */
export function readChoice(value: unknown): ModelChoice {
  if (typeof value === 'string') return { primary: value, fallbacks: [] };
  const { primary, fallbacks } = (value ?? {}) as { primary?: string; fallbacks?: string[] };
  return { primary, fallbacks: fallbacks ?? [] };
}

export interface AgentFacts {
  id: string;
  isDefault: boolean;
  name?: string;
  workspace: string;
  agentDir: string;
  model?: string;
  bindings: number;
}

function workspaceOf(config: OpenClawConfig, paths: StatePaths, id: string, isDefault: boolean): string {
  const own = config.agents?.list?.find((agent) => agent.id === id)?.workspace;
  if (own) return expandHome(own, paths.home);
  const shared = config.agents?.defaults?.workspace;
  const base = shared ? expandHome(shared, paths.home) : paths.defaultWorkspaceDir;
  return isDefault ? base : path.join(paths.stateDir, `workspace-${id}`);
}

/** Every agent of the config, the default one first. */
export function agentFacts(config: OpenClawConfig, paths: StatePaths): AgentFacts[] {
  return agentIds(config).map((id, index) => {
    const entry = config.agents?.list?.find((agent) => agent.id === id);
    const model = readChoice(entry?.model).primary ?? readChoice(config.agents?.defaults?.model).primary;
    const bindings = (config.bindings ?? []) as Array<{ agentId?: string }>;
    return {
      id,
      isDefault: index === 0,
      ...(entry?.name !== undefined && { name: entry.name }),
      workspace: workspaceOf(config, paths, id, index === 0),
      agentDir: entry?.agentDir
        ? expandHome(entry.agentDir, paths.home)
        : path.join(paths.stateDir, 'agents', id, 'agent'),
      ...(model !== undefined && { model }),
      bindings: bindings.filter(({ agentId }) => agentId === id).length,
    };
  });
}
