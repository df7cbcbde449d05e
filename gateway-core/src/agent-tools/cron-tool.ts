// cron: plan work for later.
import { listAgents } from '../agents/index.js';
import type { OperatorScope } from '../protocol/index.js';
import { mainSessionKey, parseSessionKey } from '../sessions/index.js';
import { textResult, type Tool, type ToolContext, type ToolResult } from '../tools/index.js';
import { type Args, isRecord, refused, requiredText, textArg } from './arguments.js';
import { type JobAsker, jobPatch, jobToAdd, writtenJob } from './cron-job.js';
import type { AgentToolsOptions } from './options.js';
import { actsForOwner, checkOwner } from './owner-only.js';
import { parameters } from './parameters.js';
import { mayReachAgent, type Sight } from './visibility.js';

type Json = Record<string, unknown>;

interface Deps {
  options: AgentToolsOptions;
  sight: Sight;
  /** Of jobs that name no agent. */
  defaultAgentId: () => string;
}

const READ: OperatorScope[] = ['operator.read'];
const WRITE: OperatorScope[] = ['operator.admin'];
const PAGE = 200;
const NAMED_TARGET = /^session:(.+)$/s;

function agentOf(job: Json, deps: Deps): string {
  return textArg(job, 'agentId')?.toLowerCase() ?? deps.defaultAgentId();
}

/** Its own jobs; acting for the owner, those of its agent, and of agents that it may talk to. */
function mayTouch(job: Json, context: ToolContext, deps: Deps): boolean {
  const agentId = agentOf(job, deps);
  if (agentId === context.agentId && job.sessionKey === context.sessionKey) return true;
  return actsForOwner(context) && mayReachAgent(deps.options.config(), context.agentId, agentId);
}

async function allJobs({ options }: Deps): Promise<Json[]> {
  const jobs: Json[] = [];
  for (let offset: unknown = 0; typeof offset === 'number';) {
    const params = { includeDisabled: true, limit: PAGE, offset };
    const page = (await options.callMethod('cron.list', params, READ)) as { jobs: Json[]; nextOffset: unknown };
    jobs.push(...page.jobs);
    offset = page.nextOffset;
  }
  return jobs;
}

async function ownJob(args: Args, context: ToolContext, deps: Deps): Promise<Json> {
  const id = textArg(args, 'id') ?? requiredText({ id: args.jobId }, 'id');
  const job = (await allJobs(deps)).find((one) => one.id === id);
  if (job && mayTouch(job, context, deps)) return job;
  throw refused(`There is no job "${id}" that you may change.`);
}

function asker(context: ToolContext, { options }: Deps): JobAsker {
  const { agentId, sessionKey, isMain } = context;
  return { agentId, sessionKey, isMain, nowMs: options.clock.now() };
}

/** The conversation that a job is to work in; undefined for one that is made for it. */
function placeOf(job: Json, context: ToolContext, deps: Deps): string | undefined {
  const target = String(job.sessionTarget);
  const agentId = agentOf(job, deps);
  if (target === 'main') return mainSessionKey(agentId);
  if (target === 'current') return context.sessionKey;
  const named = NAMED_TARGET.exec(target)?.[1];
  if (named === undefined) return undefined;
  const parsed = parseSessionKey(named, agentId);
  if (!parsed) throw refused(`malformed session key "${named}"`);
  return parsed.key;
}

/** A job runs in another conversation: it must not reach one that its asker cannot. */
async function checkReach(job: Json, context: ToolContext, deps: Deps): Promise<void> {
  const { options, sight } = deps;
  const { config, store, isSandboxed } = options;
  const agentId = agentOf(job, deps);
  if (agentId !== context.agentId && !(actsForOwner(context) && mayReachAgent(config(), context.agentId, agentId))) {
    throw refused(`You may not plan work of the agent "${agentId}".`);
  }
  const key = placeOf(job, context, deps);
  const place = { agentId, sessionKey: key ?? `agent:${agentId}:cron:new`, isMain: key === mainSessionKey(agentId) };
  if (isSandboxed(context) && !isSandboxed(place)) throw refused('A job of yours may not work outside your sandbox.');
  if (key === context.sessionKey) return;
  // A conversation of its own would not be bound as the helper is.
  if (!actsForOwner(context)) throw refused('A helper plans work for its own conversation only.');
  if (key === undefined) return;
  const target = parseSessionKey(key, '')?.agentId ?? '';
  const isKnown = listAgents(config()).some(({ id }) => id === target);
  const isOwnMain = key === mainSessionKey(context.agentId);
  const isNew = isKnown && target === context.agentId && !(await store.find(key));
  if (isKnown && (isOwnMain || isNew || (await sight.sees(sight.viewer(context), key)))) return;
  throw refused(`There is no conversation "${key}" that you can see.`);
}

function jobLine(job: Json): string {
  const state = isRecord(job.state) ? job.state : {};
  const next = typeof state.nextRunAtMs === 'number' ? new Date(state.nextRunAtMs).toISOString() : 'not planned';
  return `${String(job.id)} "${String(job.name)}": ${JSON.stringify(job.schedule)}, next ${next}${job.enabled === false ? ', off' : ''}`;
}

async function add(args: Args, context: ToolContext, deps: Deps): Promise<ToolResult> {
  const job = jobToAdd(writtenJob(args), asker(context, deps));
  await checkReach(job, context, deps);
  const added = (await deps.options.callMethod('cron.add', job, WRITE)) as Json;
  return textResult(`Planned: ${jobLine(added)}`, added);
}

async function update(args: Args, context: ToolContext, deps: Deps): Promise<ToolResult> {
  const before = await ownJob(args, context, deps);
  const patch = jobPatch(isRecord(args.patch) ? args.patch : writtenJob(args), before, deps.options.clock.now());
  await checkReach({ ...before, ...patch }, context, deps);
  // What `current` means is the conversation that asks now.
  const own = patch.sessionTarget === 'current' ? { sessionKey: context.sessionKey } : {};
  const params = { id: before.id, patch: { ...patch, ...own } };
  const changed = (await deps.options.callMethod('cron.update', params, WRITE)) as Json;
  return textResult(`Changed: ${jobLine(changed)}`, changed);
}

async function list(context: ToolContext, deps: Deps): Promise<ToolResult> {
  const jobs = (await allJobs(deps)).filter((job) => mayTouch(job, context, deps));
  return textResult(jobs.length === 0 ? 'Nothing is planned.' : jobs.map(jobLine).join('\n'), { jobs });
}

function shown(value: unknown): ToolResult {
  return textResult(JSON.stringify(value), value);
}

async function act(args: Args, context: ToolContext, deps: Deps): Promise<ToolResult> {
  checkOwner('cron', context);
  const { callMethod } = deps.options;
  const action = requiredText(args, 'action');
  switch (action) {
    case 'status':
      return shown(await callMethod('cron.status', {}, READ));
    case 'list':
      return list(context, deps);
    case 'add':
      return add(args, context, deps);
    case 'update':
      return update(args, context, deps);
    case 'remove': {
      const { id } = await ownJob(args, context, deps);
      return shown(await callMethod('cron.remove', { id }, WRITE));
    }
    case 'run': {
      const { id } = await ownJob(args, context, deps);
      return shown(await callMethod('cron.run', { id, mode: 'force' }, WRITE));
    }
    case 'runs': {
      const { id } = await ownJob(args, context, deps);
      return shown(await callMethod('cron.runs', { id, limit: 20 }, READ));
    }
    default:
      throw refused(`unknown action "${action}"`);
  }
}

export function createCronTool(deps: Deps): Tool {
  return {
    name: 'cron',
    label: 'Plan work for later',
    group: 'automation',
    description:
      'Plan work. job: {name?, at (time or "in 20m") | every ("30m") | cron + tz, text (note to this conversation) or message (task), sessionTarget? main|isolated|current}.',
    parameters: parameters.cron,
    isExclusive: true,
    execute: (args, context) => act(args, context, deps),
  };
}
