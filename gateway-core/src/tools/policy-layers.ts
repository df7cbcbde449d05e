// Which lists of the config count for a conversation, in the order in which people read them.
import type { OpenClawConfig } from '../config/index.js';
import { DEFAULT_PROFILE, profileEntries } from './tool-names.js';

export interface ToolLists {
  allow?: readonly string[];
  alsoAllow?: readonly string[];
  deny?: readonly string[];
}

/** One set of lists and where it is written. */
export interface PolicyLayer {
  /** Config key of the lists, e.g. `tools` or `agents.list[ops].tools`. */
  key: string;
  /** Undefined lets everything through. */
  allow?: readonly string[];
  /** Where `allow` comes from, when not `<key>.allow`. */
  allowFrom?: string;
  deny?: readonly string[];
  /** Where `deny` comes from, when not `<key>.deny`. */
  denyFrom?: string;
}

/** What the policy needs to know of a conversation. */
export interface PolicyScope {
  agentId: string;
  provider?: string;
  model?: string;
  /** True when the tools of the conversation work in a sandbox. */
  isSandboxed: boolean;
  /** 0 for a run that a person, a schedule or a hook started. */
  subagentDepth: number;
  /** False for a sender on a channel who is not the owner; true when absent. */
  isOwner?: boolean;
  /** Lists of the chat group that the message came from, and their config key. */
  group?: ToolLists & { key: string };
}

export const SANDBOX_DEFAULTS = {
  allow: [
    'exec',
    'process',
    'read',
    'write',
    'edit',
    'apply_patch',
    'image',
    'sessions_list',
    'sessions_history',
    'sessions_send',
    'sessions_spawn',
    'sessions_yield',
    'subagents',
    'session_status',
  ],
  deny: [
    'browser',
    'canvas',
    'nodes',
    'cron',
    'gateway',
    'telegram',
    'whatsapp',
    'discord',
    'irc',
    'googlechat',
    'slack',
    'signal',
    'imessage',
    'line',
  ],
} as const;

/** Who did not come from the owner of this computer may not steer it. */
const OWNER_ONLY = ['gateway', 'cron', 'nodes'];

/** A helper does its task; it does not steer the house or speak for it. */
const SUBAGENT_DENY = ['gateway', 'cron', 'agents_list', 'session_status', 'sessions_send', 'message', 'group:memory'];
/** The last helper in a line asks nobody else. */
const LEAF_DENY = ['sessions_spawn', 'sessions_list', 'sessions_history', 'subagents'];
const DEFAULT_SPAWN_DEPTH = 1;

type AgentTools = NonNullable<NonNullable<NonNullable<OpenClawConfig['agents']>['list']>[number]['tools']>;
type GlobalTools = NonNullable<OpenClawConfig['tools']>;
type Policy = ToolLists & { profile?: string };

function agentTools(config: OpenClawConfig, agentId: string): AgentTools | undefined {
  return config.agents?.list?.find(({ id }) => id.trim().toLowerCase() === agentId)?.tools;
}

/** The profile of an agent and where it is written. */
export function profileOf(config: OpenClawConfig, agentId: string): { profile: string; key?: string } {
  const own = agentTools(config, agentId)?.profile;
  if (own !== undefined) return { profile: own, key: `agents.list[${agentId}].tools.profile` };
  const common = config.tools?.profile;
  if (common !== undefined) return { profile: common, key: 'tools.profile' };
  return { profile: DEFAULT_PROFILE };
}

function withMore(entries: readonly string[] | undefined, more: ReadonlyArray<readonly string[] | undefined>) {
  return entries && [...entries, ...more.flatMap((list) => list ?? [])];
}

/** An empty list is a list that nobody filled, not a wall. */
function filled(list: readonly string[] | undefined): readonly string[] | undefined {
  return list && list.length > 0 ? list : undefined;
}

function listsLayer(key: string, lists: ToolLists | undefined): PolicyLayer {
  return { key, allow: withMore(filled(lists?.allow), [lists?.alsoAllow]), deny: lists?.deny };
}

/** `provider/model` is closer than `provider`. */
function providerPolicy(table: Record<string, Policy> | undefined, { provider, model }: PolicyScope) {
  if (!table || provider === undefined) return undefined;
  const wanted = [model === undefined ? undefined : `${provider}/${model}`, provider];
  const lower = new Map(Object.entries(table).map(([name, policy]) => [name.trim().toLowerCase(), { name, policy }]));
  return wanted.flatMap((name) => lower.get(name?.toLowerCase() ?? '') ?? [])[0];
}

function profileLayers(config: OpenClawConfig, scope: PolicyScope): PolicyLayer[] {
  const { tools } = config;
  const own = agentTools(config, scope.agentId);
  const { profile, key = 'tools.profile' } = profileOf(config, scope.agentId);
  const layers: PolicyLayer[] = [
    {
      key,
      allow: withMore(profileEntries(profile), [tools?.alsoAllow, own?.alsoAllow]),
      allowFrom: `The profile "${profile}" (${key})`,
    },
  ];
  const sides = [
    { base: `agents.list[${scope.agentId}].tools`, table: own?.byProvider },
    { base: 'tools', table: tools?.byProvider },
  ];
  for (const { base, table } of sides) {
    const found = providerPolicy(table, scope);
    if (found?.policy.profile === undefined) continue;
    const where = `${base}.byProvider["${found.name}"].profile`;
    const allow = withMore(profileEntries(found.policy.profile), [found.policy.alsoAllow]);
    layers.push({ key: where, allow, allowFrom: `The profile "${found.policy.profile}" (${where})` });
    // The agent's own profile for a provider takes the place of everybody's.
    break;
  }
  return layers;
}

function providerLayer(base: string, table: Record<string, Policy> | undefined, scope: PolicyScope): PolicyLayer[] {
  const found = providerPolicy(table, scope);
  return found ? [listsLayer(`${base}.byProvider["${found.name}"]`, found.policy)] : [];
}

/** The lists for a sandbox, with where each comes from. */
export function sandboxLists(config: OpenClawConfig, agentId: string) {
  const own = agentTools(config, agentId)?.sandbox?.tools;
  const common = config.tools?.sandbox?.tools;
  const agentKey = `agents.list[${agentId}].tools.sandbox.tools`;
  const pick = (name: 'allow' | 'deny') => {
    if (own?.[name]) return { list: own[name], source: 'agent' as const, key: `${agentKey}.${name}` };
    if (common?.[name]) return { list: common[name], source: 'global' as const, key: `tools.sandbox.tools.${name}` };
    return { list: SANDBOX_DEFAULTS[name], source: 'default' as const, key: `tools.sandbox.tools.${name}` };
  };
  const allow = pick('allow');
  const list = allow.list.length === 0 ? [] : [...allow.list, ...(common?.alsoAllow ?? []), ...(own?.alsoAllow ?? [])];
  return { allow: { ...allow, list }, deny: pick('deny') };
}

function sandboxLayer(config: OpenClawConfig, agentId: string): PolicyLayer {
  const { allow, deny } = sandboxLists(config, agentId);
  return {
    key: 'tools.sandbox.tools',
    allow: filled(allow.list),
    allowFrom: `The sandbox (${allow.key})`,
    deny: deny.list,
    denyFrom: `The sandbox (${deny.key})`,
  };
}

/** How deep helpers may ask helpers; from 1. */
export function spawnDepth(config: OpenClawConfig): number {
  return config.agents?.defaults?.subagents?.maxSpawnDepth ?? DEFAULT_SPAWN_DEPTH;
}

function subagentLayer(config: OpenClawConfig, depth: number): PolicyLayer {
  const lists: ToolLists = config.tools?.subagents?.tools ?? {};
  const standing = depth >= spawnDepth(config) ? [...SUBAGENT_DENY, ...LEAF_DENY] : SUBAGENT_DENY;
  const wanted = new Set([...(lists.allow ?? []), ...(lists.alsoAllow ?? [])].map((name) => name.trim().toLowerCase()));
  return {
    key: 'tools.subagents.tools',
    allow: withMore(filled(lists.allow), [lists.alsoAllow]),
    deny: [...(lists.deny ?? []), ...standing.filter((name) => !wanted.has(name))],
    denyFrom: 'A helper (tools.subagents.tools.deny)',
  };
}

/** Every layer that counts: profile, provider, global, agent, group, sender, sandbox, subagent. */
export function policyLayers(config: OpenClawConfig, scope: PolicyScope): PolicyLayer[] {
  const tools: GlobalTools | undefined = config.tools;
  const own = agentTools(config, scope.agentId);
  const agentKey = `agents.list[${scope.agentId}].tools`;
  return [
    ...profileLayers(config, scope),
    listsLayer('tools', tools),
    ...providerLayer('tools', tools?.byProvider, scope),
    listsLayer(agentKey, own),
    ...providerLayer(agentKey, own?.byProvider, scope),
    ...(scope.group ? [listsLayer(scope.group.key, scope.group)] : []),
    ...(scope.isOwner === false ? [{ key: 'owner', deny: OWNER_ONLY, denyFrom: 'A sender who is not the owner' }] : []),
    ...(scope.isSandboxed ? [sandboxLayer(config, scope.agentId)] : []),
    ...(scope.subagentDepth > 0 ? [subagentLayer(config, scope.subagentDepth)] : []),
  ];
}
