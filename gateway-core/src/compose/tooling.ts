// What agents can do: the tools of all rooms behind one policy, where they work, and who is asked before a command.
import path from 'node:path';
import { agentWorkspaceDir } from '../agents/index.js';
import { ApprovalsFileStore, createExecGate, PendingApprovals } from '../approvals/index.js';
import type { BrowserRoom } from '../browser/index.js';
import { expandHome, type OpenClawConfig } from '../config/index.js';
import { createExecTools, createHostWorkplace, type ExecTools } from '../exec/index.js';
import { createFileTools } from '../files/index.js';
import type { Heartbeat } from '../heartbeat/index.js';
import { createMcpServers } from '../mcp/index.js';
import { createMemoryTools, readWorkspaceFile } from '../memory/index.js';
import type { ConnectedNode, Nodes } from '../nodes/index.js';
import type { OfflineAssistant } from '../offline/index.js';
import { createSandboxes, type SandboxPlan, type Sandboxes } from '../sandbox/index.js';
import { parseSessionKey } from '../sessions/index.js';
import type { MethodHandlers, WireBroadcast } from '../shared/wire.js';
import type { SkillReach, Skills } from '../skills/index.js';
import type { SystemEventQueue } from '../system/index.js';
import {
  createToolbox,
  decideTools,
  explainTools,
  type ExplainedTool,
  type OpenToolbox,
  type ToolboxOptions,
  type ToolScope,
  type ToolSource,
  type Workplaces,
} from '../tools/index.js';
import { createWebTools } from '../web/index.js';
import type { Base } from './base.js';
import { buildBrowser } from './browsing.js';

/** Rooms that are built after the tools and that tools reach when they are called. */
export interface LateRooms {
  nodes?: Nodes;
  heartbeat?: Heartbeat;
  handlers?: MethodHandlers;
  skills?: Skills;
}

/** A conversation, as far as it decides where its tools work. */
export interface Place {
  agentId: string;
  sessionKey: string;
  isMain: boolean;
}

export interface Tooling {
  openToolbox: OpenToolbox;
  workplaces: Workplaces;
  /** Every tool of an agent's conversation with the decision of the policy. */
  explain(agentId: string, sessionKey?: string): Promise<ExplainedTool[]>;
  approvals: PendingApprovals;
  approvalsFile: ApprovalsFileStore;
  browser: BrowserRoom;
  late: LateRooms;
  /** True when the tools of a conversation work in a sandbox. */
  isSandboxed(place: Place): boolean;
  /** What of the host a conversation's tools can read. */
  reachOf(place: Place): SkillReach;
  /** Rooms whose tools need the runs join here. */
  sources: ToolSource[];
  /** Ends what an earlier gateway left running. Once, before the first run. */
  start(): Promise<void>;
}

export interface ToolingNeeds {
  queue: SystemEventQueue;
  offline: Pick<OfflineAssistant, 'search'>;
  broadcast: WireBroadcast<'exec.approval.requested' | 'exec.approval.resolved'>;
}

const MAIN = 'main';
const SUBAGENT = 'subagent';

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
    subagentDepth: rest.split(':').filter((part) => part === SUBAGENT).length,
  };
}

function agentTools(config: OpenClawConfig, agentId: string) {
  return config.agents?.list?.find(({ id }) => id.trim().toLowerCase() === agentId)?.tools;
}

function hostWorkplaceOf({ config, env, paths }: Base, { agentId, workspaceDir }: ToolScopeIds) {
  return createHostWorkplace({
    workspaceDir,
    env,
    configEnv: () => config().env?.vars ?? {},
    pathPrepend: () => {
      const own = agentTools(config(), agentId)?.exec?.pathPrepend ?? config().tools?.exec?.pathPrepend ?? [];
      return own.map((folder) => expandHome(folder, paths.home));
    },
    workspaceOnly: () => agentTools(config(), agentId)?.fs?.workspaceOnly ?? config().tools?.fs?.workspaceOnly ?? false,
  });
}

type ToolScopeIds = Pick<ToolScope, 'agentId' | 'workspaceDir'>;

function buildSandboxes(base: Base): Sandboxes {
  const { config, paths, env, hub, clock, stops } = base;
  const sandboxes = createSandboxes({
    ...{ config, paths, env, clock, log: hub.logger('sandbox') },
    host: (scope) => hostWorkplaceOf(base, scope),
  });
  stops.push(() => sandboxes.stop());
  return sandboxes;
}

/** A sandbox sees the workspace, or not even that. */
function reach(plan: SandboxPlan): SkillReach {
  if (plan.kind === 'off') return 'all';
  return plan.kind === 'box' && plan.workspaceAccess !== 'none' ? 'workspace' : 'none';
}

interface Asking {
  approvals: PendingApprovals;
  approvalsFile: ApprovalsFileStore;
  late: LateRooms;
  /** True when the policy lets a conversation have a tool. */
  has: (scope: ToolScope, name: string) => boolean;
}

/** By id or name; nobody named means the only one there is. */
function findNode(nodes: readonly ConnectedNode[], named: string | undefined) {
  const wanted = named?.trim().toLowerCase();
  const fitting = nodes.filter(
    ({ nodeId, displayName }) =>
      wanted === undefined || nodeId.toLowerCase() === wanted || displayName?.toLowerCase() === wanted,
  );
  const [node] = fitting;
  return node && fitting.length === 1 ? { nodeId: node.nodeId, platform: node.platform } : undefined;
}

function buildExec(base: Base, needs: ToolingNeeds, { approvals, approvalsFile, late, has }: Asking): ExecTools {
  const { config, paths, hub, clock, stops } = base;
  const log = hub.logger('exec');
  const exec = createExecTools({
    ...{ config, stateDir: paths.stateDir, clock, log },
    hostWorkplace: (scope) => hostWorkplaceOf(base, scope),
    gate: createExecGate({
      ...{ config, file: approvalsFile, pending: approvals, broadcast: needs.broadcast },
      ...{ home: paths.home, platform: process.platform, clock, log },
      skillBins: async () => (await late.skills?.bins()) ?? [],
    }),
    notify: ({ sessionKey, agentId, text }) => {
      needs.queue.add(sessionKey, text);
      void late.heartbeat?.wake({ agentId, sessionKey, reason: 'exec-event' });
    },
    invokeNode: async ({ node, command, params, timeoutMs }) => {
      if (!late.nodes) throw new Error('a node was asked before the nodes room was there');
      return (await late.nodes.invoke({ nodeId: node, command, params, timeoutMs })).payload;
    },
    findNode: (named) => findNode(late.nodes?.registry.list() ?? [], named),
    isProcessAllowed: (scope) => has(scope, 'process'),
    skillEnv: async ({ agentId }) => (await late.skills?.envOf(agentId)) ?? {},
  });
  stops.push(() => exec.stop());
  return exec;
}

interface Acting {
  exec: ExecTools;
  browser: BrowserRoom;
}

function standingSources(base: Base, { offline }: ToolingNeeds, { exec, browser }: Acting): ToolSource[] {
  const { config, env, hub, clock, stops } = base;
  const web = createWebTools({ config, env, clock, log: hub.logger('web') });
  const mcp = createMcpServers({ config, clock, log: hub.logger('mcp') });
  stops.push(() => web.stop());
  stops.push(() => mcp.stop());
  const files = createFileTools({ config, fetchImage: (url, options) => web.fetchImage(url, options) });
  const memory = createMemoryTools({
    search: (agentId, question, keep) => offline.search(agentId, question, keep),
    read: readWorkspaceFile,
  });
  return [files, exec, web, browser, memory, mcp];
}

/** Joins the tools of all rooms. What must be undone is pushed on `base.stops`. */
export function buildTooling(base: Base, needs: ToolingNeeds): Tooling {
  const { config, paths, hub, clock, stops } = base;
  const approvals = new PendingApprovals(clock);
  // Under the home folder whatever the state folder is (spec/gateway-config.md §1).
  const approvalsFile = new ApprovalsFileStore(path.join(paths.home, '.openclaw', 'exec-approvals.json'));
  const workspaceOf = (agentId: string) => agentWorkspaceDir(config(), paths, agentId);
  const late: LateRooms = {};
  const sandboxes = buildSandboxes(base);
  const facts = (scope: ToolScope) => ({ isSandboxed: sandboxes.explain(scope).kind !== 'off' });
  const has = (scope: ToolScope, name: string) =>
    decideTools(config(), { ...scope, ...facts(scope) }, [{ name, group: 'runtime' }])[0]?.isAllowed ?? false;
  const exec = buildExec(base, needs, { approvals, approvalsFile, late, has });
  const browser = buildBrowser(base);
  const sources = standingSources(base, needs, { exec, browser });
  // Before the commands end: whoever waits for an answer then hears that there is none.
  stops.push(() => approvals.stop());
  const options: ToolboxOptions = { sources, config, facts, log: hub.logger('tools') };
  return {
    openToolbox: createToolbox(options),
    workplaces: sandboxes,
    explain: (agentId, sessionKey) => explainTools(options, quietScope(base, agentId, sessionKey)),
    approvals,
    approvalsFile,
    browser,
    late,
    reachOf: (place) => reach(sandboxes.explain({ ...place, workspaceDir: workspaceOf(place.agentId) })),
    isSandboxed: (place) => sandboxes.explain({ ...place, workspaceDir: workspaceOf(place.agentId) }).kind !== 'off',
    sources,
    start: () => exec.reap(),
  };
}
