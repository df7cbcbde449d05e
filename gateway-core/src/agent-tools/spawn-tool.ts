// sessions_spawn: a helper with a conversation of its own.
import { buildSessionKey, type StoredSession } from '../sessions/index.js';
import { isAppError } from '../shared/app-error.js';
import { textResult, type Tool, type ToolContext, type ToolResult } from '../tools/index.js';
import { type Args, refused } from './arguments.js';
import type { Child } from './child-record.js';
import type { Children } from './children.js';
import { hopsOf, runIdWith } from './hops.js';
import type { AgentToolsOptions } from './options.js';
import { parameters } from './parameters.js';
import { originOf } from './run-facts.js';
import { planSpawn, type SpawnPlan } from './spawn-plan.js';

interface Deps {
  options: AgentToolsOptions;
  children: Children;
}

/** Conversations whose helper is being made, one entry each: several at once must not pass the limits together. */
type Starting = string[];

function checkSandbox(childKey: string, agentId: string, context: ToolContext, { options }: Deps): void {
  const child = { agentId, sessionKey: childKey, isMain: false };
  if (!options.isSandboxed(context) || options.isSandboxed(child)) return;
  throw refused(`The agent "${agentId}" works outside the sandbox, and you may not leave yours.`);
}

/** The model as it is kept in the entry. Throws AppError request.invalid for one that may not be used. */
function modelFields(plan: SpawnPlan, { options }: Deps): Partial<StoredSession> {
  if (plan.model === undefined) return {};
  const { config, models } = options;
  try {
    const { provider, model } = models.resolve(plan.model);
    const allowed = Object.keys(config().agents?.defaults?.models ?? {});
    const ref = `${provider}/${model}`;
    if (allowed.length > 0 && !allowed.includes(ref)) {
      throw refused(`The model ${ref} is not among agents.defaults.models.`);
    }
    return { providerOverride: provider, modelOverride: model };
  } catch (error) {
    if (!isAppError(error) || error.code === 'request.invalid') throw error;
    throw refused(`The model ${plan.model} cannot be used: ${error.message}`);
  }
}

/** Labels are unique among the conversations of an agent. */
async function freeLabel(plan: SpawnPlan, id: string, { options }: Deps): Promise<string | undefined> {
  if (plan.label === undefined) return undefined;
  const isTaken = (await options.store.index(plan.agentId)).keysWithLabel(plan.label).length > 0;
  return isTaken ? `${plan.label} (${id.slice(0, 8)})` : plan.label;
}

async function makeChild(plan: SpawnPlan, context: ToolContext, deps: Deps): Promise<Child> {
  const { newId, clock, store, events } = deps.options;
  const id = newId();
  const key = buildSessionKey(plan.agentId, `subagent:${id}`);
  checkSandbox(key, plan.agentId, context, deps);
  const model = modelFields(plan, deps);
  const label = await freeLabel(plan, id, deps);
  const origin = originOf(context);
  const found = await store.findOrCreate(key, plan.agentId);
  const entry = await store.update(found, (before) => ({
    ...before,
    ...model,
    ...(label !== undefined && { label }),
    ...(plan.thinking !== undefined && { thinkingLevel: plan.thinking }),
    spawnedBy: context.sessionKey,
    spawnDepth: context.subagentDepth + 1,
  }));
  if (entry) events.changed(key, 'create', { key, agentId: plan.agentId, entry });
  const runId = runIdWith(hopsOf(context.runId), newId());
  const { task, cleanup, timeoutMs } = plan;
  return {
    key,
    agentId: plan.agentId,
    state: {
      ...{ runId, requester: context.sessionKey, requesterRunId: context.runId, task, cleanup },
      ...{ status: 'running', startedAt: clock.now(), isTold: false },
      ...(label !== undefined && { label }),
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(origin && { origin }),
    },
  };
}

function planCounted(args: Args, context: ToolContext, { options, children }: Deps, starting: Starting): SpawnPlan {
  const requesters = [...children.table.running().map(({ state }) => state.requester), ...starting];
  const own = requesters.filter((requester) => requester === context.sessionKey).length;
  return planSpawn(args, context, options.config(), { own, all: requesters.length });
}

/** Makes a helper and starts it; it counts from now on. */
async function begin(plan: SpawnPlan, context: ToolContext, deps: Deps, starting: Starting): Promise<Child> {
  const { children } = deps;
  const { sessionKey } = context;
  let isCounted = true;
  const uncount = () => {
    if (isCounted) starting.splice(starting.indexOf(sessionKey), 1);
    isCounted = false;
  };
  starting.push(sessionKey);
  try {
    const child = await makeChild(plan, context, deps);
    // Nobody would look after its conversation.
    if (context.signal.aborted) await children.table.archive(child);
    context.signal.throwIfAborted();
    // Before it can end: its result waits for this run's end.
    children.noteRun(context);
    // The table has it at once.
    uncount();
    await children.start(child);
    return child;
  } finally {
    uncount();
  }
}

async function spawn(args: Args, context: ToolContext, deps: Deps, starting: Starting): Promise<ToolResult> {
  const { children } = deps;
  await children.load();
  const plan = planCounted(args, context, deps, starting);
  const child = await begin(plan, context, deps, starting);
  const { runId, label } = child.state;
  return textResult(`Helper ${label ?? child.key} has begun (${child.key}). Its result comes by itself.`, {
    status: 'accepted',
    childSessionKey: child.key,
    runId,
    ...(label !== undefined && { label }),
  });
}

export function createSpawnTool(deps: Deps): Tool {
  const starting: Starting = [];
  return {
    name: 'sessions_spawn',
    label: 'Give a task to a helper',
    group: 'sessions',
    description:
      'Start a helper with a task; it knows nothing of this conversation. Returns at once; the result comes later, or with sessions_yield.',
    parameters: parameters.sessionsSpawn,
    // Several at once could pass the limits together.
    isExclusive: true,
    execute: (args, context) => spawn(args, context, deps, starting),
  };
}
