// Pure: the numbers and switches of tools.exec and tools.elevated, with their defaults (spec/gateway-config.md §6).
import type { OpenClawConfig } from '../config/index.js';
import type { ToolScope } from '../tools/index.js';

type ExecConfig = NonNullable<NonNullable<OpenClawConfig['tools']>['exec']>;
type ElevatedConfig = NonNullable<NonNullable<OpenClawConfig['tools']>['elevated']>;

export interface ExecSettings {
  host: NonNullable<ExecConfig['host']>;
  node?: string;
  pathPrepend: readonly string[];
  /** After this time a command goes on in the background. */
  yieldMs: number;
  timeoutMs: number;
  /** How long an ended command can be asked about: 1 minute to 3 hours. */
  keptMs: number;
  notifyOnExit: boolean;
  notifyOnExitEmptySuccess: boolean;
  /** 0 for never. */
  runningNoticeMs: number;
}

const MINUTE_MS = 60_000;
/** Timers that are set for longer go off at once. */
export const MAX_TIMER_MS = 2_147_483_647;

export function between(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

function agentTools(config: OpenClawConfig, agentId: string) {
  return config.agents?.list?.find(({ id }) => id === agentId)?.tools;
}

export function execSettings(config: OpenClawConfig, agentId: string): ExecSettings {
  const exec: ExecConfig = { ...config.tools?.exec, ...agentTools(config, agentId)?.exec };
  return {
    host: exec.host ?? 'auto',
    node: exec.node,
    pathPrepend: exec.pathPrepend ?? [],
    yieldMs: Math.min(exec.backgroundMs ?? 10_000, MAX_TIMER_MS),
    timeoutMs: Math.min((exec.timeoutSec ?? 1_800) * 1_000, MAX_TIMER_MS),
    keptMs: between(exec.cleanupMs ?? 30 * MINUTE_MS, MINUTE_MS, 180 * MINUTE_MS),
    notifyOnExit: exec.notifyOnExit ?? true,
    notifyOnExitEmptySuccess: exec.notifyOnExitEmptySuccess ?? false,
    runningNoticeMs: Math.min(exec.approvalRunningNoticeMs ?? 10_000, MAX_TIMER_MS),
  };
}

/** Without the decoration that channels and people put before an id. */
function plainId(id: string, channel: string): string {
  const text = id.trim().toLowerCase();
  const bare = text.startsWith(`${channel}:`) ? text.slice(channel.length + 1) : text;
  return bare.replace(/^(user:|@)/, '');
}

function admits(elevated: ElevatedConfig, channel: string, senderId: string): boolean {
  const listed = Object.entries(elevated.allowFrom ?? {}).find(([name]) => name.toLowerCase() === channel)?.[1];
  return (listed ?? []).some((item) => {
    const text = plainId(String(item), channel);
    return text === '*' || text === plainId(senderId, channel);
  });
}

const OUTSIDE_SESSION = /^agent:[^:]+:hook:/;

/**
 * Why this conversation may not run commands outside its sandbox; undefined when it may. The window and the command
 * line are the owner's own; a person on a channel must be listed, for all agents and, where the agent has a list, there
 * too. What agents start themselves, and what comes in through a hook, asks in nobody's name.
 */
export function refuseElevated(config: OpenClawConfig, scope: ToolScope): string | undefined {
  const everyone = config.tools?.elevated ?? {};
  const own = agentTools(config, scope.agentId)?.elevated ?? {};
  if (everyone.enabled === false || own.enabled === false) return 'tools.elevated.enabled is false';
  if (scope.subagentDepth > 0) return 'a subagent cannot leave the sandbox';
  if (OUTSIDE_SESSION.test(scope.sessionKey)) return 'a hook cannot leave the sandbox';
  if (scope.isOwner === false) return 'the sender is not the owner';
  const channel = scope.channel?.toLowerCase();
  if (channel === undefined) return undefined;
  const sender = scope.senderId ?? '';
  const lists = own.allowFrom ? [everyone, own] : [everyone];
  if (sender !== '' && lists.every((list) => admits(list, channel, sender))) return undefined;
  return `the sender is not listed in tools.elevated.allowFrom.${channel}`;
}
