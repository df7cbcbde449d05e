// Pure: may a helper be started, and with what (agents.defaults.subagents, agents.list[].subagents).
import { listAgents } from '../agents/index.js';
import type { ModelSelection, OpenClawConfig } from '../config/index.js';
import { spawnDepth, type ToolScope } from '../tools/index.js';
import { type Args, isRecord, refused, requiredText, textArg } from './arguments.js';
import type { Cleanup } from './child-record.js';
import { helperAgents } from './visibility.js';

export interface SpawnPlan {
  agentId: string;
  task: string;
  label?: string;
  /** As written: `provider/model` or a bare id. */
  model?: string;
  thinking?: string;
  /** 0 means without limit; the usual one when absent. */
  timeoutMs?: number;
  cleanup: Cleanup;
}

export interface SpawnLoad {
  /** Helpers at work for this conversation, and for all. */
  own: number;
  all: number;
}

const DEFAULTS = { maxConcurrent: 8, maxChildrenPerAgent: 5 } as const;
const LABEL_CHARS = 80;
/** Timers that are set for longer fire at once. */
const LONGEST_SECONDS = Math.floor((2 ** 31 - 1) / 1000);
const THINKING = ['off', 'minimal', 'low', 'medium', 'high', 'xhigh', 'adaptive', 'max'];

type Settings = NonNullable<NonNullable<NonNullable<OpenClawConfig['agents']>['defaults']>['subagents']>;

/** The settings of an agent's helpers: its own, else those of all. */
export function helperSettings(config: OpenClawConfig, agentId: string): Settings {
  const own = listAgents(config).find(({ id }) => id === agentId)?.config?.subagents;
  return { ...config.agents?.defaults?.subagents, ...own };
}

function agentFor(args: Args, scope: ToolScope, config: OpenClawConfig): string {
  const asked = textArg(args, 'agentId')?.toLowerCase();
  if (asked === undefined) {
    if (helperSettings(config, scope.agentId).requireAgentId) throw refused('agentId required');
    return scope.agentId;
  }
  const allowed = helperAgents(config, scope.agentId);
  const isKnown = listAgents(config).some(({ id }) => id === asked);
  if (asked === scope.agentId || (isKnown && (allowed.includes('*') || allowed.includes(asked)))) return asked;
  throw refused(`The agent "${asked}" may not help you. agents_list names those that may.`);
}

function checkLimits(scope: ToolScope, config: OpenClawConfig, load: SpawnLoad): void {
  // Limits are of all helpers; an agent cannot have more of its own.
  const { maxConcurrent, maxChildrenPerAgent } = { ...DEFAULTS, ...config.agents?.defaults?.subagents };
  const depth = spawnDepth(config);
  if (scope.subagentDepth >= depth) {
    throw refused(`Helpers may not be nested deeper than ${depth} (agents.defaults.subagents.maxSpawnDepth).`);
  }
  if (load.own >= maxChildrenPerAgent) {
    throw refused(`${load.own} helpers work for you already. Wait for one with sessions_yield.`);
  }
  if (load.all >= maxConcurrent) {
    throw refused(`${load.all} helpers are at work in the whole house, and no more may be. Try again later.`);
  }
}

function primary(choice: ModelSelection | undefined): string | undefined {
  return typeof choice === 'string' ? choice : choice?.primary;
}

/** `tools.subagents.model`, the older place for the model of all helpers. */
function sharedModel(config: OpenClawConfig): string | undefined {
  const choice = config.tools?.subagents?.model;
  const ref = isRecord(choice) ? choice.primary : choice;
  return typeof ref === 'string' && ref.trim() !== '' ? ref.trim() : undefined;
}

/** A call may ask for less time than the settings give, never for more. */
function timeoutFor(asked: unknown, configured: number | undefined): number | undefined {
  const seconds = typeof asked === 'number' && asked > 0 ? Math.floor(asked) : undefined;
  if (seconds === undefined) return configured === undefined ? undefined : Math.min(configured, LONGEST_SECONDS) * 1000;
  return Math.max(1, Math.min(seconds, configured || LONGEST_SECONDS, LONGEST_SECONDS)) * 1000;
}

/** What to start. Throws AppError request.invalid with the reason why not. */
export function planSpawn(args: Args, scope: ToolScope, config: OpenClawConfig, load: SpawnLoad): SpawnPlan {
  const task = requiredText(args, 'task');
  checkLimits(scope, config, load);
  const agentId = agentFor(args, scope, config);
  const settings = helperSettings(config, agentId);
  const model = textArg(args, 'model') ?? primary(settings.model) ?? sharedModel(config);
  const thinking = textArg(args, 'thinking') ?? settings.thinking;
  if (thinking !== undefined && !THINKING.includes(thinking)) {
    throw refused(`thinking must be one of ${THINKING.join(', ')}`);
  }
  const label = textArg(args, 'label')?.slice(0, LABEL_CHARS);
  const timeoutMs = timeoutFor(args.runTimeoutSeconds, settings.runTimeoutSeconds);
  return {
    ...{ agentId, task, cleanup: args.cleanup === 'delete' ? 'delete' : 'keep' },
    ...(label !== undefined && { label }),
    ...(model !== undefined && { model }),
    ...(thinking !== undefined && { thinking }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}
