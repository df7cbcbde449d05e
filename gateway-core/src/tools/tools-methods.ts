// The wire of tools (spec/gateway-protocol.md §7.5; tools.effective: spec/interop.md §5).
import type { OpenClawConfig } from '../config/index.js';
import type { MethodParams, MethodResult } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import type { WireHandlers } from '../shared/wire.js';
import type { ExplainedTool } from './open-toolbox.js';
import { profileOf } from './policy-layers.js';
import { byGroup, catalogueGroups, TOOL_PROFILES } from './tool-catalogue.js';

export interface ToolsMethodsOptions {
  config: () => OpenClawConfig;
  agents: { ids(): readonly string[]; defaultId(): string };
  /** The agent of a conversation that exists, by the key a client sent. */
  agentOfSession: (sessionKey: string) => Promise<string | undefined>;
  /** Every tool of an agent's conversation with its decision; the agent's main conversation when none is named. */
  explain: (agentId: string, sessionKey?: string) => Promise<ExplainedTool[]>;
}

export type ToolsMethodsName = 'tools.catalog' | 'tools.effective' | 'desktop.tools.explain';

function invalid(message: string): AppError {
  return new AppError('request.invalid', { message });
}

function requireAgent({ agents }: ToolsMethodsOptions, agentId: string | undefined): string {
  const id = agentId?.trim().toLowerCase() ?? agents.defaultId();
  if (!agents.ids().includes(id)) throw invalid(`unknown agent id "${agentId}"`);
  return id;
}

async function requireSessionAgent(options: ToolsMethodsOptions, sessionKey: string, asked: string | undefined) {
  const agentId = await options.agentOfSession(sessionKey);
  if (agentId === undefined) throw invalid(`unknown session key "${sessionKey}"`);
  if (asked !== undefined && requireAgent(options, asked) !== agentId) {
    throw invalid(`agent id "${asked}" does not match session agent "${agentId}"`);
  }
  return agentId;
}

function shown({ tool }: ExplainedTool) {
  const source = tool.group === 'mcp' ? ('plugin' as const) : ('core' as const);
  return { id: tool.name, label: tool.label, description: tool.description, rawDescription: tool.description, source };
}

async function effective(options: ToolsMethodsOptions, sessionKey: string, asked: string | undefined) {
  const agentId = await requireSessionAgent(options, sessionKey, asked);
  const explained = await options.explain(agentId, sessionKey);
  const allowed = explained.filter(({ isAllowed }) => isAllowed);
  const groups = byGroup(allowed.map((row) => ({ ...row, group: row.tool.group }))).map(({ id, label, tools }) => ({
    id,
    label,
    source: id === 'mcp' ? ('plugin' as const) : ('core' as const),
    tools: tools.map(shown),
  }));
  return { agentId, profile: profileOf(options.config(), agentId).profile, groups };
}

async function explainAll(
  options: ToolsMethodsOptions,
  { agentId: asked, sessionKey }: MethodParams<'desktop.tools.explain'>,
): Promise<MethodResult<'desktop.tools.explain'>> {
  const agentId =
    sessionKey === undefined ? requireAgent(options, asked) : await requireSessionAgent(options, sessionKey, asked);
  const { profile, key } = profileOf(options.config(), agentId);
  const tools = (await options.explain(agentId, sessionKey)).map(({ tool, isAllowed, reason, key: decidedBy }) => ({
    name: tool.name,
    label: tool.label,
    group: tool.group,
    description: tool.description,
    isAllowed,
    reason,
    ...(decidedBy !== undefined && { key: decidedBy }),
  }));
  return { agentId, profile, ...(key !== undefined && { profileKey: key }), tools };
}

/** The handlers of `tools.*` and `desktop.tools.explain`. Refusals are AppError request.invalid. */
export function createToolsMethods(options: ToolsMethodsOptions): WireHandlers<ToolsMethodsName> {
  return {
    'tools.catalog': ({ agentId }) => ({
      agentId: requireAgent(options, agentId),
      profiles: TOOL_PROFILES,
      groups: catalogueGroups(),
    }),
    'tools.effective': ({ sessionKey, agentId }) => effective(options, sessionKey, agentId),
    'desktop.tools.explain': (params) => explainAll(options, params),
  };
}
