import { describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import { decideTools } from './policy.js';
import type { PolicyScope } from './policy-layers.js';
import { CATALOGUE } from './tool-catalogue.js';
import type { NamedTool } from './tool-names.js';

const MCP: NamedTool = { name: 'notes__search', group: 'mcp' };
const TOOLS: readonly NamedTool[] = [...CATALOGUE, MCP];
const ALL = TOOLS.map(({ name }) => name);

const FS = ['read', 'write', 'edit', 'apply_patch'];
const RUNTIME = ['exec', 'process'];
const WEB = ['web_search', 'web_fetch'];
const MEMORY = ['memory_search', 'memory_get'];
const SESSIONS = [
  'sessions_list',
  'sessions_history',
  'sessions_send',
  'sessions_spawn',
  'sessions_yield',
  'subagents',
  'session_status',
];
const CODING = [...FS, ...RUNTIME, ...WEB, ...MEMORY, ...SESSIONS, 'cron', 'image'];
const SANDBOX = [...FS, ...RUNTIME, ...SESSIONS, 'image'];

const without = (names: readonly string[], ...gone: string[]) => names.filter((name) => !gone.includes(name));

function scopeOf(changes: Partial<PolicyScope> = {}): PolicyScope {
  return { agentId: 'main', isSandboxed: false, subagentDepth: 0, ...changes };
}

function agent(tools: Record<string, unknown>): OpenClawConfig {
  return { agents: { list: [{ id: 'main', tools }] } };
}

interface Case {
  when: string;
  config?: OpenClawConfig;
  scope?: Partial<PolicyScope>;
  allowed: readonly string[];
}

/** Every case is decided for every tool: each pair is one row. */
const CASES: Case[] = [
  { when: 'nothing is configured', allowed: ALL },
  { when: 'the profile is full', config: { tools: { profile: 'full' } }, allowed: ALL },
  { when: 'the profile is minimal', config: { tools: { profile: 'minimal' } }, allowed: ['session_status'] },
  { when: 'the profile is coding', config: { tools: { profile: 'coding' } }, allowed: CODING },
  {
    when: 'the profile is messaging',
    config: { tools: { profile: 'messaging' } },
    allowed: ['message', 'sessions_list', 'sessions_history', 'sessions_send', 'session_status'],
  },
  {
    when: 'the profile is coding and something is added',
    config: { tools: { profile: 'coding', alsoAllow: ['browser', 'group:mcp'] } },
    allowed: [...CODING, 'browser', MCP.name],
  },
  {
    when: 'a deny takes from the profile',
    config: { tools: { profile: 'coding', deny: ['group:runtime'] } },
    allowed: without(CODING, ...RUNTIME),
  },
  {
    when: 'deny and alsoAllow name the same tool',
    config: { tools: { profile: 'minimal', alsoAllow: ['exec'], deny: ['exec'] } },
    allowed: ['session_status'],
  },
  { when: 'everything is denied', config: { tools: { deny: ['*'] } }, allowed: [] },
  { when: 'only one tool is allowed', config: { tools: { allow: ['read'] } }, allowed: ['read'] },
  { when: 'allow is empty', config: { tools: { allow: [] } }, allowed: ALL },
  {
    when: 'allow and alsoAllow stand side by side',
    config: { tools: { allow: ['read'], alsoAllow: ['write'] } },
    allowed: ['read', 'write'],
  },
  { when: 'case and blanks differ', config: { tools: { allow: [' READ ', 'Exec'] } }, allowed: ['read', 'exec'] },
  { when: 'bash is meant', config: { tools: { deny: ['bash'] } }, allowed: without(ALL, 'exec') },
  {
    when: 'a pattern is denied',
    config: { tools: { deny: ['sessions_*'] } },
    allowed: ALL.filter((name) => !name.startsWith('sessions_')),
  },
  {
    when: 'a pattern with special characters is denied',
    config: { tools: { deny: ['se.*', 'notes__*'] } },
    allowed: without(ALL, MCP.name),
  },
  { when: 'an entry is blank', config: { tools: { deny: ['', '  '] } }, allowed: ALL },
  { when: 'an unknown group is denied', config: { tools: { deny: ['group:nothing'] } }, allowed: ALL },
  {
    when: 'all built-in tools are denied',
    config: { tools: { deny: ['group:openclaw'] } },
    allowed: [MCP.name],
  },
  { when: 'plugins are denied', config: { tools: { deny: ['group:plugins'] } }, allowed: without(ALL, MCP.name) },
  {
    when: 'the agent has a smaller profile',
    config: { ...agent({ profile: 'minimal' }), tools: { profile: 'coding' } },
    allowed: ['session_status'],
  },
  {
    when: 'the agent has a larger profile',
    config: { ...agent({ profile: 'coding' }), tools: { profile: 'minimal' } },
    allowed: CODING,
  },
  {
    when: 'the agent allows what everybody is denied',
    config: { ...agent({ allow: ['exec', 'read'] }), tools: { deny: ['exec'] } },
    allowed: ['read'],
  },
  {
    when: 'the agent adds to the profile',
    config: { ...agent({ alsoAllow: ['nodes'] }), tools: { profile: 'minimal' } },
    allowed: ['session_status', 'nodes'],
  },
  {
    when: 'another agent is restricted',
    config: { agents: { list: [{ id: 'ops', tools: { deny: ['*'] } }] } },
    allowed: ALL,
  },
  {
    when: 'a provider has a smaller profile',
    config: { tools: { byProvider: { acme: { profile: 'minimal' } } } },
    scope: { provider: 'acme', model: 'small' },
    allowed: ['session_status'],
  },
  {
    when: 'a model of the provider has its own lists',
    config: { tools: { byProvider: { acme: { profile: 'minimal' }, 'ACME/big': { deny: ['group:web'] } } } },
    scope: { provider: 'acme', model: 'big' },
    allowed: without(ALL, ...WEB),
  },
  {
    when: 'another provider is restricted',
    config: { tools: { byProvider: { acme: { deny: ['*'] } } } },
    scope: { provider: 'local', model: 'small' },
    allowed: ALL,
  },
  {
    when: 'the agent restricts a provider',
    config: agent({ byProvider: { acme: { allow: ['group:fs'] } } }),
    scope: { provider: 'acme' },
    allowed: FS,
  },
  {
    when: 'the message came from a group with a list',
    scope: { group: { key: 'channels.chat.groups["1"].tools', allow: ['session_status', 'message'] } },
    allowed: ['session_status', 'message'],
  },
  {
    when: 'the sender is not the owner',
    scope: { isOwner: false },
    allowed: without(ALL, 'gateway', 'cron', 'nodes'),
  },
  { when: 'the tools work in a sandbox', scope: { isSandboxed: true }, allowed: SANDBOX },
  {
    when: 'the sandbox is given more, but not what it denies',
    config: { tools: { sandbox: { tools: { alsoAllow: ['web_fetch', 'browser'] } } } },
    scope: { isSandboxed: true },
    allowed: [...SANDBOX, 'web_fetch'],
  },
  {
    when: 'the sandbox has its own lists',
    config: { tools: { sandbox: { tools: { allow: ['group:fs', 'group:ui'], deny: ['write'] } } } },
    scope: { isSandboxed: true },
    allowed: [...without(FS, 'write'), 'browser'],
  },
  {
    when: 'the agent has its own sandbox list',
    config: {
      ...agent({ sandbox: { tools: { allow: ['exec'] } } }),
      tools: { sandbox: { tools: { allow: ['read'] } } },
    },
    scope: { isSandboxed: true },
    allowed: ['exec'],
  },
  {
    when: 'a helper runs',
    scope: { subagentDepth: 1 },
    allowed: [...FS, ...RUNTIME, ...WEB, 'sessions_yield', 'browser', 'nodes', 'image', MCP.name],
  },
  {
    when: 'a helper may ask helpers',
    config: { agents: { defaults: { subagents: { maxSpawnDepth: 2 } } } },
    scope: { subagentDepth: 1 },
    allowed: without(ALL, 'gateway', 'cron', 'agents_list', 'session_status', 'sessions_send', 'message', ...MEMORY),
  },
  {
    when: 'a helper is given memory',
    config: { tools: { subagents: { tools: { alsoAllow: ['group:memory'], deny: ['exec'] } } } },
    scope: { subagentDepth: 1 },
    allowed: [...FS, 'process', ...WEB, ...MEMORY, 'sessions_yield', 'browser', 'nodes', 'image', MCP.name],
  },
  {
    when: 'a helper works in a sandbox',
    scope: { subagentDepth: 1, isSandboxed: true },
    allowed: [...FS, ...RUNTIME, 'sessions_yield', 'image'],
  },
];

const ROWS = CASES.flatMap((row) =>
  TOOLS.map((tool) => ({ ...row, tool, isAllowed: row.allowed.includes(tool.name) })),
);

describe('the tool policy', () => {
  it('is tried on at least two hundred rows', () => {
    expect(ROWS.length).toBeGreaterThanOrEqual(200);
  });

  it.each(ROWS)('when $when: $tool.name → $isAllowed', ({ config = {}, scope, tool, isAllowed }) => {
    const [decision] = decideTools(config, scopeOf(scope), [tool]);
    expect(decision).toMatchObject({ name: tool.name, isAllowed });
    expect(decision?.reason).toMatch(/^[A-Z`a-z].*\.$/);
  });

  it.each<[string, OpenClawConfig, Partial<PolicyScope>, string, string]>([
    ['a deny', { tools: { deny: ['group:runtime'] } }, {}, 'exec', 'tools.deny refuses "group:runtime".'],
    [
      'a profile',
      { tools: { profile: 'minimal' } },
      {},
      'exec',
      'The profile "minimal" (tools.profile) does not list it.',
    ],
    ['an allow list', { tools: { allow: ['read'] } }, {}, 'exec', 'tools.allow does not list it.'],
    ['an agent', agent({ deny: ['exec'] }), {}, 'exec', 'agents.list[main].tools.deny refuses "exec".'],
    [
      'a provider',
      { tools: { byProvider: { acme: { deny: ['exec'] } } } },
      { provider: 'acme' },
      'exec',
      'tools.byProvider["acme"].deny refuses "exec".',
    ],
    ['a sandbox', {}, { isSandboxed: true }, 'cron', 'The sandbox (tools.sandbox.tools.deny) refuses "cron".'],
    ['a helper', {}, { subagentDepth: 1 }, 'cron', 'A helper (tools.subagents.tools.deny) refuses "cron".'],
    ['nobody', {}, {}, 'exec', 'No setting refuses it.'],
    ['an allow list that has it', { tools: { allow: ['group:fs'] } }, {}, 'read', 'tools.allow lists "group:fs".'],
  ])('says who decided: %s', (...[, config, scope, name, reason]) => {
    const tool = TOOLS.find((known) => known.name === name);
    expect(decideTools(config, scopeOf(scope), tool ? [tool] : [])[0]?.reason).toBe(reason);
  });

  it('cannot be widened by a name that imitates a group or a pattern', () => {
    const config: OpenClawConfig = { tools: { allow: ['read'] } };
    const hostile: NamedTool[] = [
      { name: 'group:fs', group: 'mcp' },
      { name: 'READ ', group: 'mcp' },
      { name: '*', group: 'mcp' },
    ];
    expect(decideTools(config, scopeOf(), hostile).filter(({ isAllowed }) => isAllowed)).toEqual([]);
  });
});
