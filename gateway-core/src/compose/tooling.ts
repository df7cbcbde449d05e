// What agents can do: the tools of all rooms behind one policy, and where they work.
import { agentWorkspaceDir } from '../agents/index.js';
import { parseSessionKey } from '../sessions/index.js';
import {
  createToolbox,
  explainTools,
  type ExplainedTool,
  type OpenToolbox,
  type ToolScope,
  type ToolSource,
} from '../tools/index.js';
import type { Base } from './base.js';

export interface Tooling {
  openToolbox: OpenToolbox;
  /** Every tool of an agent's conversation with the decision of the policy. */
  explain(agentId: string, sessionKey?: string): Promise<ExplainedTool[]>;
}

export interface ToolingNeeds {
  sources: readonly ToolSource[];
  isSandboxed: (scope: { agentId: string; sessionKey: string; isMain: boolean }) => boolean;
}

const MAIN = 'main';

/** The scope of a conversation that no run is in. */
function quietScope({ config, paths }: Base, agentId: string, sessionKey = `agent:${agentId}:${MAIN}`): ToolScope {
  const rest = parseSessionKey(sessionKey, agentId)?.rest ?? MAIN;
  return {
    agentId,
    sessionKey,
    sessionId: '',
    runId: '',
    workspaceDir: agentWorkspaceDir(config(), paths, agentId),
    isMain: rest === MAIN,
    subagentDepth: rest.split(':').filter((part) => part === 'subagent').length,
  };
}

/** Joins the tools of all rooms. */
export function buildTooling(base: Base, { sources, isSandboxed }: ToolingNeeds): Tooling {
  const options = {
    sources,
    config: base.config,
    facts: (scope: ToolScope) => ({ isSandboxed: isSandboxed(scope) }),
    log: base.hub.logger('tools'),
  };
  return {
    openToolbox: createToolbox(options),
    explain: (agentId, sessionKey) => explainTools(options, quietScope(base, agentId, sessionKey)),
  };
}
