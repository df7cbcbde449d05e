// Pure: what `openclaw sandbox explain` says, as JSON and as lines (spec/gateway-cli.md §8).
import { defaultAgentId } from '../agents/index.js';
import type { OpenClawConfig } from '../config/index.js';
import { sandboxLists } from '../tools/index.js';
import { planSandbox } from './plan/plan-sandbox.js';
import type { Decision, PlanPlaces, PlanScope, SandboxPlan } from './plan/plan-types.js';

const DOCS_URL = 'https://docs.openclaw.ai/sandbox';
const LAST_CHANNEL = 'webchat';

interface ListSource {
  source: 'agent' | 'global' | 'default';
  key: string;
}

export interface ToolPolicyReport {
  allow: string[];
  deny: string[];
  sources: { allow: ListSource; deny: ListSource };
}

export interface ElevatedReport {
  enabled: boolean;
  channel: string;
  allowedByConfig: boolean;
  alwaysAllowedByConfig: boolean;
  allowFrom: { global: Array<string | number>; agent?: Array<string | number> };
  failures: Array<{ gate: string; key: string }>;
}

export interface SandboxReport {
  docsUrl: string;
  agentId: string;
  sessionKey: string;
  mainSessionKey: string;
  sandbox: {
    mode: string;
    scope: string;
    perSession: boolean;
    workspaceAccess: string;
    workspaceRoot: string;
    sessionIsSandboxed: boolean;
    tools: ToolPolicyReport;
    backend: string;
    /** Every decision with its reason. */
    decisions: Decision[];
    /** Why nothing may run, and which setting to correct. */
    refusal?: { key: string; reason: string; hint?: string };
    name?: string;
    workdir?: string;
    mounts?: Array<{ source: string; target: string; isReadOnly: boolean }>;
  };
  elevated: ElevatedReport;
  fixIt: string[];
}

export interface ExplainQuestion {
  agentId?: string;
  /** Full, or short as in the config: `main`, `telegram:123`. */
  session?: string;
  /** Folder of an agent's workspace. */
  workspaceOf(agentId: string): string;
}

/** `agent:ops:main` names its agent; a short name belongs to the one asked for, or the default one. */
function conversation(config: OpenClawConfig, { agentId, session }: ExplainQuestion) {
  const named = /^agent:([^:]+):(.+)$/i.exec(session?.trim() ?? '');
  const agent = (named?.[1] ?? agentId ?? defaultAgentId(config)).trim().toLowerCase();
  const rest = named?.[2] ?? (session?.trim() || 'main');
  return { agentId: agent, sessionKey: `agent:${agent}:${rest}`, isMain: rest === 'main', rest };
}

function channelOf(config: OpenClawConfig, rest: string): string {
  const [first = ''] = rest.split(':');
  return Object.keys(config.channels ?? {}).includes(first) ? first : LAST_CHANNEL;
}

function elevatedOf(config: OpenClawConfig, agentId: string, channel: string): ElevatedReport {
  const common = config.tools?.elevated;
  const own = config.agents?.list?.find(({ id }) => id.trim().toLowerCase() === agentId)?.tools?.elevated;
  const global = common?.allowFrom?.[channel] ?? [];
  const agent = own?.allowFrom?.[channel];
  const gates = [
    { gate: 'enabled', key: 'tools.elevated.enabled', isOpen: common?.enabled !== false },
    { gate: 'allowFrom', key: `tools.elevated.allowFrom.${channel}`, isOpen: global.length > 0 },
    { gate: 'enabled', key: 'agents.list[].tools.elevated.enabled', isOpen: own?.enabled !== false },
    {
      gate: 'allowFrom',
      key: `agents.list[].tools.elevated.allowFrom.${channel}`,
      isOpen: own?.allowFrom === undefined || (agent ?? []).length > 0,
    },
  ];
  const failures = gates.filter(({ isOpen }) => !isOpen).map(({ gate, key }) => ({ gate, key }));
  const everybody = global.includes('*') && (own?.allowFrom === undefined || (agent ?? []).includes('*'));
  return {
    enabled: common?.enabled !== false && own?.enabled !== false,
    channel,
    allowedByConfig: failures.length === 0,
    alwaysAllowedByConfig: failures.length === 0 && everybody,
    allowFrom: { global: [...global], ...(agent && { agent: [...agent] }) },
    failures,
  };
}

function toolsOf(config: OpenClawConfig, agentId: string): ToolPolicyReport {
  const { allow, deny } = sandboxLists(config, agentId);
  const { list: allowed, ...allowSource } = allow;
  const { list: denied, ...denySource } = deny;
  return { allow: [...allowed], deny: [...denied], sources: { allow: allowSource, deny: denySource } };
}

function boxPart(plan: SandboxPlan) {
  if (plan.kind === 'refused') {
    const { key, reason, hint } = plan;
    return { refusal: { key, reason, ...(hint !== undefined && { hint }) } };
  }
  return plan.kind === 'box' ? { name: plan.name, workdir: plan.workdir, mounts: plan.mounts } : {};
}

/** The report for a conversation. Asks no engine and no gateway. */
export function explainSandbox(config: OpenClawConfig, question: ExplainQuestion, places: PlanPlaces): SandboxReport {
  const { rest, ...named } = conversation(config, question);
  const scope: PlanScope = { ...named, workspaceDir: question.workspaceOf(named.agentId) };
  const plan = planSandbox(config, scope, places);
  const { mode, scope: kind, perSession, workspaceAccess, workspaceRoot, backend } = plan.settings;
  const elevated = elevatedOf(config, named.agentId, channelOf(config, rest));
  const tools = toolsOf(config, named.agentId);
  return {
    docsUrl: DOCS_URL,
    agentId: named.agentId,
    sessionKey: named.sessionKey,
    mainSessionKey: `agent:${named.agentId}:main`,
    sandbox: {
      mode,
      scope: kind,
      perSession,
      workspaceAccess,
      workspaceRoot,
      sessionIsSandboxed: plan.kind !== 'off',
      tools,
      backend,
      decisions: plan.decisions,
      ...boxPart(plan),
    },
    elevated,
    fixIt: [
      ...(plan.kind === 'refused' ? [plan.key] : []),
      ...['tools.sandbox.tools.allow', 'tools.sandbox.tools.deny'],
      ...['agents.list[].tools.sandbox.tools.allow', 'agents.list[].tools.sandbox.tools.deny'],
      'tools.elevated.enabled',
      ...elevated.failures.map(({ key }) => key).filter((key) => key !== 'tools.elevated.enabled'),
    ],
  };
}

function effectiveLines({ agentId, sessionKey, mainSessionKey, sandbox }: SandboxReport): string[] {
  const { mode, scope, perSession, workspaceAccess, workspaceRoot, sessionIsSandboxed } = sandbox;
  return [
    'Effective sandbox:',
    `  agentId: ${agentId}`,
    `  sessionKey: ${sessionKey}`,
    `  mainSessionKey: ${mainSessionKey}`,
    `  runtime: ${sessionIsSandboxed ? 'sandboxed' : 'direct'}`,
    `  mode: ${mode} scope: ${scope} perSession: ${perSession}`,
    `  workspaceAccess: ${workspaceAccess} workspaceRoot: ${workspaceRoot}`,
  ];
}

/** What a sandboxed conversation gets; nothing for one on the host. */
function boxLines({ sandbox }: SandboxReport): string[] {
  if (!sandbox.sessionIsSandboxed) return [];
  const mounts = (sandbox.mounts ?? []).map(
    ({ source, target, isReadOnly }) => `  mount: ${source} → ${target} (${isReadOnly ? 'ro' : 'rw'})`,
  );
  return [
    '',
    'Decisions:',
    ...sandbox.decisions.map(({ what, value, reason }) => `  ${what}: ${value} — ${reason}`),
    ...(sandbox.name === undefined ? [] : [`  name: ${sandbox.name}`, `  workdir: ${sandbox.workdir}`]),
    ...mounts,
    ...(sandbox.refusal ? [`  refused: ${sandbox.refusal.reason} (${sandbox.refusal.key})`] : []),
    ...(sandbox.refusal?.hint ? [`  hint: ${sandbox.refusal.hint}`] : []),
  ];
}

function elevatedLines({ elevated }: SandboxReport): string[] {
  const failing = elevated.failures.map(({ gate, key }) => `${gate} (${key})`).join(', ');
  return [
    'Elevated:',
    `  enabled: ${elevated.enabled}`,
    `  channel: ${elevated.channel}`,
    `  allowedByConfig: ${elevated.allowedByConfig}`,
    ...(failing === '' ? [] : [`  failing gates: ${failing}`]),
  ];
}

/** The report as text, line by line. `toolLines` are decisions on single tools, shown below the lists. */
export function explainLines(report: SandboxReport, toolLines: readonly string[] = []): string[] {
  const { allow, deny, sources } = report.sandbox.tools;
  const names = (list: string[]) => (list.length === 0 ? '(empty)' : list.join(', '));
  return [
    ...effectiveLines(report),
    ...boxLines(report),
    '',
    'Sandbox tool policy:',
    `  allow (${sources.allow.source}): ${names(allow)}`,
    `  deny  (${sources.deny.source}): ${names(deny)}`,
    ...toolLines.map((line) => `  ${line}`),
    '',
    ...elevatedLines(report),
    '',
    'Fix-it:',
    ...report.fixIt.map((key) => `  - ${key}`),
    '',
    `Docs: ${report.docsUrl}`,
    '',
  ];
}
