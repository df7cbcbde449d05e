// Which conversations a conversation may see (tools.sessions.visibility, tools.agentToAgent, sandbox).
import type { OpenClawConfig } from '../config/index.js';
import { listAgents } from '../agents/index.js';
import { parseSessionKey, type SessionStore } from '../sessions/index.js';
import type { ToolScope } from '../tools/index.js';
import type { AgentToolsOptions } from './options.js';

export type Visibility = 'self' | 'tree' | 'agent' | 'all';

export interface Viewer {
  agentId: string;
  sessionKey: string;
  visibility: Visibility;
}

/** A line of helpers is never longer; a longer one is a circle somebody wrote. */
const MAX_LINE = 32;

function agentPattern(written: string): RegExp {
  const parts = written
    .trim()
    .toLowerCase()
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

/** Pure: may agents of these two ids talk to each other (tools.agentToAgent)? An empty list lists everybody. */
export function mayReachAgent(config: OpenClawConfig, from: string, to: string): boolean {
  if (from === to) return true;
  const { enabled = false, allow = [] } = config.tools?.agentToAgent ?? {};
  if (!enabled) return false;
  const patterns = allow.filter((entry) => entry.trim() !== '').map(agentPattern);
  const isListed = (id: string) => patterns.some((pattern) => pattern.test(id));
  return patterns.length === 0 || (isListed(from) && isListed(to));
}

/** Pure: agents that helpers may be started with, besides the agent itself; `*` means every one. */
export function helperAgents(config: OpenClawConfig, agentId: string): readonly string[] {
  const own = listAgents(config).find(({ id }) => id === agentId)?.config?.subagents?.allowAgents;
  const entries = own ?? config.agents?.defaults?.subagents?.allowAgents ?? [];
  return entries.map((entry) => entry.trim().toLowerCase());
}

function showsAllToSandbox(config: OpenClawConfig, agentId: string): boolean {
  const own = listAgents(config).find(({ id }) => id === agentId)?.config?.sandbox?.sessionToolsVisibility;
  return (own ?? config.agents?.defaults?.sandbox?.sessionToolsVisibility) === 'all';
}

/** Pure: how far a conversation sees. Helpers, sandboxes and strangers see their own tree at most. */
export function viewerOf(config: OpenClawConfig, scope: ToolScope, isSandboxed: boolean): Viewer {
  const { agentId, sessionKey } = scope;
  const wanted = config.tools?.sessions?.visibility ?? 'tree';
  const isConfined =
    scope.subagentDepth > 0 || scope.isOwner === false || (isSandboxed && !showsAllToSandbox(config, agentId));
  const visibility = isConfined && wanted !== 'self' ? 'tree' : wanted;
  return { agentId, sessionKey, visibility };
}

export class Sight {
  readonly #options: Pick<AgentToolsOptions, 'config' | 'store' | 'isSandboxed'>;

  constructor(options: Pick<AgentToolsOptions, 'config' | 'store' | 'isSandboxed'>) {
    this.#options = options;
  }

  viewer(scope: ToolScope): Viewer {
    return viewerOf(this.#options.config(), scope, this.#options.isSandboxed(scope));
  }

  /** May the viewer see the conversation under this full key, whether or not there is one? */
  async sees(viewer: Viewer, key: string): Promise<boolean> {
    const agentId = parseSessionKey(key, '')?.agentId;
    if (agentId === undefined) return false;
    if (key === viewer.sessionKey) return true;
    if (viewer.visibility === 'self') return false;
    if (await isBelow(this.#options.store, key, viewer.sessionKey)) return true;
    if (viewer.visibility === 'tree') return false;
    if (agentId === viewer.agentId) return true;
    return viewer.visibility === 'all' && mayReachAgent(this.#options.config(), viewer.agentId, agentId);
  }

  /** Agents whose conversations the viewer may see something of. */
  async agents(viewer: Viewer): Promise<string[]> {
    const config = this.#options.config();
    const ids = listAgents(config).map(({ id }) => id);
    if (viewer.visibility === 'self' || viewer.visibility === 'agent') return ids.filter((id) => id === viewer.agentId);
    // Helpers may be with other agents.
    return ids;
  }
}

/** True when a helper's line of askers leads to `root`. */
export async function isBelow(store: SessionStore, key: string, root: string): Promise<boolean> {
  let at: string | undefined = key;
  for (let step = 0; step < MAX_LINE && at !== undefined; step += 1) {
    const entry: { spawnedBy?: string } | undefined = (await store.find(at))?.entry;
    at = entry?.spawnedBy;
    if (at === root) return true;
  }
  return false;
}
