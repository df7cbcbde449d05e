// The wire of tools (spec/gateway-protocol.md §7.5; tools.effective: spec/interop.md §5).
import type { OpenClawConfig } from '../config/index.js';
import type { WholeWireMethods } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import type { WireHandlers } from '../shared/wire.js';
import { groupsOfProfile, TOOL_GROUPS, TOOL_PROFILES } from './tool-catalogue.js';

export interface ToolsMethodsOptions {
  config: () => OpenClawConfig;
  agents: { ids(): readonly string[]; defaultId(): string };
  /** The agent of a conversation that exists, by the key a client sent. */
  agentOfSession: (sessionKey: string) => Promise<string | undefined>;
}

export type ToolsMethodName = Extract<keyof WholeWireMethods, `tools.${string}`>;

const DEFAULT_PROFILE = 'full';

function invalid(message: string): AppError {
  return new AppError('request.invalid', { message });
}

function requireAgent({ agents }: ToolsMethodsOptions, agentId: string | undefined): string {
  const id = agentId?.trim().toLowerCase() ?? agents.defaultId();
  if (!agents.ids().includes(id)) throw invalid(`unknown agent id "${agentId}"`);
  return id;
}

function profileOf(config: OpenClawConfig, agentId: string): string {
  const agent = config.agents?.list?.find(({ id }) => id.trim().toLowerCase() === agentId);
  return agent?.tools?.profile ?? config.tools?.profile ?? DEFAULT_PROFILE;
}

async function effective(options: ToolsMethodsOptions, sessionKey: string, asked: string | undefined) {
  const agentId = await options.agentOfSession(sessionKey);
  if (agentId === undefined) throw invalid(`unknown session key "${sessionKey}"`);
  if (asked !== undefined && requireAgent(options, asked) !== agentId) {
    throw invalid(`agent id "${asked}" does not match session agent "${agentId}"`);
  }
  const profile = profileOf(options.config(), agentId);
  const groups = groupsOfProfile(profile).map(({ id, label, source, tools }) => ({
    id,
    label,
    source,
    tools: tools.map(({ defaultProfiles: _profiles, ...tool }) => ({ ...tool, rawDescription: tool.description })),
  }));
  return { agentId, profile, groups };
}

/** The handlers of `tools.*`. Refusals are AppError request.invalid. */
export function createToolsMethods(options: ToolsMethodsOptions): WireHandlers<ToolsMethodName> {
  return {
    'tools.catalog': ({ agentId }) => ({
      agentId: requireAgent(options, agentId),
      profiles: TOOL_PROFILES,
      groups: TOOL_GROUPS,
    }),
    'tools.effective': ({ sessionKey, agentId }) => effective(options, sessionKey, agentId),
  };
}
