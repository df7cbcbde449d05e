// Joins the tools of all rooms and lets through what the policy allows.
import type { OpenClawConfig } from '../config/index.js';
import { errorMessage } from '../shared/app-error.js';
import type { Logger } from '../shared/logger.js';
import { decideTools, type ToolDecision } from './policy.js';
import type { PolicyScope } from './policy-layers.js';
import type { Tool, ToolScope, ToolSource } from './tool.js';
import type { OpenToolbox } from './toolbox.js';

export interface ToolboxOptions {
  sources: readonly ToolSource[];
  config: () => OpenClawConfig;
  /** What the policy must know besides the scope: whether tools of it work in a sandbox, lists of a chat group. */
  facts: (scope: ToolScope) => Pick<PolicyScope, 'isSandboxed' | 'group' | 'isOwner'>;
  log: Logger;
}

export interface ExplainedTool extends ToolDecision {
  tool: Tool;
}

async function gather({ sources, log }: ToolboxOptions, scope: ToolScope): Promise<Tool[]> {
  const lists = await Promise.all(
    sources.map(async (source) => {
      try {
        return await source.tools(scope);
      } catch (error) {
        // One server that does not answer must not take the other tools away.
        log.warn(`Some tools are missing: ${errorMessage(error)}`, { agentId: scope.agentId });
        return [];
      }
    }),
  );
  const byName = new Map<string, Tool>();
  for (const tool of lists.flat()) {
    if (!byName.has(tool.name)) byName.set(tool.name, tool);
  }
  return [...byName.values()];
}

/** Every tool there is for a conversation, each with the decision of the policy and its reason. */
export async function explainTools(options: ToolboxOptions, scope: ToolScope): Promise<ExplainedTool[]> {
  const tools = await gather(options, scope);
  const decisions = decideTools(options.config(), { ...scope, ...options.facts(scope) }, tools);
  return tools.flatMap((tool, index) => {
    const decision = decisions[index];
    return decision ? [{ ...decision, tool }] : [];
  });
}

/** The toolbox of a run; nothing that the policy refuses is in it. */
export function createToolbox(options: ToolboxOptions): OpenToolbox {
  return async (scope) => {
    const explained = await explainTools(options, scope);
    const refused = new Map(explained.filter(({ isAllowed }) => !isAllowed).map(({ name, reason }) => [name, reason]));
    return {
      tools: explained.filter(({ isAllowed }) => isAllowed).map(({ tool }) => tool),
      refusal: (name) => refused.get(name),
    };
  };
}
