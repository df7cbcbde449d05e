// Carries out one run of a job: a line for the main conversation, or a turn of an agent.
import { buildSessionKey, mainSessionKey, parseSessionKey } from '../sessions/index.js';
import { errorMessage } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import { failureClass } from './after-run.js';
import { announceResult, deliveryOf } from './deliver.js';
import type { AgentTurn, Job, Outcome } from './job.js';
import type { AgentTurnRequest, AgentTurnResult, CronOptions } from './types.js';

export type ExecuteDeps = Pick<
  CronOptions,
  'runAgentTurn' | 'enqueueSystemEvent' | 'wakeHeartbeat' | 'announce' | 'fetch' | 'clock' | 'newId' | 'agents'
>;

/** `undefined` in place of an outcome: the gateway stops, the run is cut off. */
export type Executed = Omit<Outcome, 'startedAtMs' | 'endedAtMs'> | undefined;

const EVENT_LIMIT_MS = 10 * 60_000;
const TURN_LIMIT_MS = 60 * 60_000;
/** A main conversation that stays busy longer sees the line with its next turn. */
const BUSY_WAIT_MS = 2 * 60_000;
const SUMMARY_CHARS = 2000;
/** Timers that are set for longer fire at once. */
const LONGEST_LIMIT_MS = 2 ** 31 - 1;

/** The agent that a job belongs to. */
export function agentOfJob(job: Job, defaultAgentId: string): string {
  const target = job.sessionTarget.startsWith('session:') ? job.sessionTarget.slice('session:'.length) : job.sessionKey;
  const named = target === undefined ? undefined : parseSessionKey(target, job.agentId ?? defaultAgentId)?.agentId;
  return job.agentId ?? named ?? defaultAgentId;
}

/** The conversation that a run works in. `runId` sets the runs of an isolated job apart. */
export function sessionKeyOf(job: Job, agentId: string, runId: string): string {
  const { sessionTarget } = job;
  if (sessionTarget === 'main') {
    return (job.sessionKey && parseSessionKey(job.sessionKey, agentId)?.key) || mainSessionKey(agentId);
  }
  const named = sessionTarget.startsWith('session:') ? sessionTarget.slice('session:'.length) : undefined;
  const parsed = named === undefined ? undefined : parseSessionKey(named, agentId);
  return parsed?.key ?? buildSessionKey(agentId, `cron:${job.id}:run:${runId}`);
}

/** Milliseconds a run may take; 0 without limit. */
export function limitOf({ payload }: Job): number {
  if (payload.kind === 'systemEvent') return EVENT_LIMIT_MS;
  if (payload.timeoutSeconds === undefined) return TURN_LIMIT_MS;
  return Math.min(Math.ceil(payload.timeoutSeconds * 1000), LONGEST_LIMIT_MS);
}

function first<T>(clock: Clock, work: Promise<T>, ms: number, otherwise: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(ms, () => resolve(otherwise()));
    work.then(resolve, reject).finally(() => timer.cancel());
  });
}

async function runEvent(job: Job, text: string, deps: ExecuteDeps): Promise<Executed> {
  const agentId = agentOfJob(job, deps.agents.defaultId());
  const sessionKey = sessionKeyOf(job, agentId, '');
  deps.enqueueSystemEvent(sessionKey, text);
  const done = { status: 'ok', summary: text, deliveryStatus: 'not-requested' } as const;
  if (job.wakeMode !== 'now') return done;
  const looking = deps.wakeHeartbeat({ agentId, sessionKey, reason: `cron:${job.id}`, mode: 'now' });
  const { status, reason } = await first(deps.clock, looking, BUSY_WAIT_MS, () => ({
    status: 'ran' as const,
    reason: undefined,
  }));
  if (status === 'ran') return done;
  return { ...done, status: status === 'failed' ? 'error' : 'skipped', ...(reason !== undefined && { error: reason }) };
}

function usageFields(usage: AgentTurnResult['usage']): Record<string, number> | undefined {
  if (!usage) return undefined;
  return {
    input_tokens: usage.input,
    output_tokens: usage.output,
    total_tokens: usage.totalTokens,
    ...(usage.cacheRead && { cache_read_tokens: usage.cacheRead }),
    ...(usage.cacheWrite && { cache_write_tokens: usage.cacheWrite }),
  };
}

function turnRequest(job: Job, turn: AgentTurn, run: Pick<AgentTurnRequest, 'agentId' | 'sessionKey' | 'runId'>) {
  const { model, fallbacks, thinking, lightContext } = turn;
  return {
    ...run,
    message: `[cron:${job.id} ${job.name}] ${turn.message}`,
    timeoutMs: limitOf(job),
    ...(model !== undefined && { model }),
    ...(fallbacks && { fallbacks }),
    ...(thinking !== undefined && { thinking }),
    ...(lightContext !== undefined && { lightContext }),
  };
}

async function askAgent(request: AgentTurnRequest, deps: ExecuteDeps, signal: AbortSignal): Promise<AgentTurnResult> {
  const controller = new AbortController();
  const stop = () => controller.abort(signal.reason);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  const asked = deps.runAgentTurn(request, controller.signal);
  try {
    if (request.timeoutMs === 0) return await asked;
    return await first<AgentTurnResult>(deps.clock, asked, request.timeoutMs, () => {
      controller.abort('timeout');
      return { status: 'timeout' };
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function failedTurn(result: AgentTurnResult): Pick<Outcome, 'status' | 'error' | 'errorReason'> {
  const isTimeout = result.status === 'timeout';
  const error = result.error ?? (isTimeout ? 'The run took too long and was stopped.' : 'The run failed.');
  const errorReason = result.errorReason ?? (isTimeout ? 'timeout' : failureClass(error));
  return { status: 'error', error, ...(errorReason !== undefined && { errorReason }) };
}

async function runTurn(job: Job, turn: AgentTurn, deps: ExecuteDeps, signal: AbortSignal): Promise<Executed> {
  const agentId = agentOfJob(job, deps.agents.defaultId());
  const runId = deps.newId();
  const sessionKey = sessionKeyOf(job, agentId, runId);
  const nowhere = { delivered: false, deliveryStatus: 'not-delivered', sessionKey } as const;
  if (!deps.agents.ids().includes(agentId)) {
    return { ...nowhere, status: 'error', error: `unknown agent id "${agentId}"`, errorReason: 'agent.not_found' };
  }
  const result = await askAgent(turnRequest(job, turn, { agentId, sessionKey, runId }), deps, signal);
  if (result.status === 'interrupted') return undefined;
  const { text = '', sessionId, model, provider } = result;
  const usage = usageFields(result.usage);
  const told = {
    ...(text.trim() !== '' && { summary: text.trim().slice(0, SUMMARY_CHARS) }),
    ...(sessionId !== undefined && { sessionId }),
    sessionKey,
    ...(model !== undefined && { model }),
    ...(provider !== undefined && { provider }),
    ...(usage && { usage }),
  };
  if (result.status !== 'ok') return { ...nowhere, ...told, ...failedTurn(result) };
  const delivered = await announceResult(job, { agentId, sessionKey, text }, deps);
  if (delivered.deliveryError === undefined || deliveryOf(job).bestEffort)
    return { status: 'ok', ...told, ...delivered };
  return { status: 'error', error: delivered.deliveryError, errorReason: 'delivery', ...told, ...delivered };
}

/** Runs a job once. Never throws: what breaks is an outcome too. */
export async function executeJob(job: Job, deps: ExecuteDeps, signal: AbortSignal): Promise<Executed> {
  const { payload } = job;
  try {
    return await (payload.kind === 'systemEvent'
      ? runEvent(job, payload.text, deps)
      : runTurn(job, payload, deps, signal));
  } catch (thrown) {
    const error = errorMessage(thrown);
    const errorReason = failureClass(error);
    return { status: 'error', error, ...(errorReason !== undefined && { errorReason }), deliveryStatus: 'unknown' };
  }
}
