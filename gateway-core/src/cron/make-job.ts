// Pure: a new job from what a client sent, and a job with a client's changes.
import { parseSessionKey } from '../sessions/index.js';
import { type Checked, rejected } from './check-job.js';
import type { AgentTurn, Delivery, Job, JobInput, JobPatch, JobState, Payload, Schedule } from './job.js';
import { defaultStaggerMs, parseMoment } from './schedule.js';

export interface JobFacts {
  id: string;
  nowMs: number;
  defaultAgentId: string;
}

/** A schedule as it is kept: moments with a zone, intervals with an anchor, the full hour with its spread. */
export function keptSchedule(schedule: Schedule, nowMs: number): Schedule {
  if (schedule.kind === 'at') {
    const atMs = parseMoment(schedule.at);
    return Number.isNaN(atMs) ? schedule : { kind: 'at', at: new Date(atMs).toISOString() };
  }
  if (schedule.kind === 'every') return { ...schedule, anchorMs: schedule.anchorMs ?? nowMs };
  const staggerMs = schedule.staggerMs ?? defaultStaggerMs(schedule.expr);
  return { ...schedule, ...(staggerMs !== undefined && { staggerMs }) };
}

/** `current` means the conversation that asked; without one the job gets conversations of its own. */
function keptTarget(input: Pick<JobInput, 'sessionTarget' | 'sessionKey'>, defaultAgentId: string): string {
  if (input.sessionTarget !== 'current') return input.sessionTarget;
  const key = input.sessionKey ? parseSessionKey(input.sessionKey, defaultAgentId)?.key : undefined;
  return key === undefined ? 'isolated' : `session:${key}`;
}

/** Where older clients put the delivery: into the payload. */
function deliveryOfPayload(payload: Payload): Delivery | undefined {
  if (payload.kind !== 'agentTurn') return undefined;
  const { deliver, channel, to, bestEffortDeliver } = payload;
  if (deliver === false) return { mode: 'none' };
  if (!deliver && channel === undefined && to === undefined && !bestEffortDeliver) return undefined;
  return {
    mode: 'announce',
    ...(channel !== undefined && { channel }),
    ...(to !== undefined && { to }),
    ...(bestEffortDeliver && { bestEffort: true }),
  };
}

function keptPayload(payload: Payload): Payload {
  if (payload.kind !== 'agentTurn') return payload;
  const { deliver: _deliver, channel: _channel, to: _to, bestEffortDeliver: _best, ...turn } = payload;
  return turn;
}

function keptDelivery(input: Pick<JobInput, 'delivery' | 'payload'>, target: string): Delivery | undefined {
  const given = input.delivery ?? deliveryOfPayload(input.payload);
  if (given) return { mode: 'announce', ...given };
  return target === 'isolated' ? { mode: 'announce' } : undefined;
}

/** A job that was never saved before; its first time is still missing. */
export function makeJob(input: JobInput, { id, nowMs, defaultAgentId }: JobFacts): Job {
  const sessionTarget = keptTarget(input, defaultAgentId);
  const delivery = keptDelivery(input, sessionTarget);
  const deleteAfterRun = input.deleteAfterRun ?? (input.schedule.kind === 'at' ? true : undefined);
  return {
    id,
    ...(input.agentId && { agentId: input.agentId.trim().toLowerCase() }),
    ...(input.sessionKey && { sessionKey: input.sessionKey }),
    name: input.name.trim(),
    ...(input.description !== undefined && { description: input.description }),
    enabled: input.enabled ?? true,
    ...(deleteAfterRun !== undefined && { deleteAfterRun }),
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    schedule: keptSchedule(input.schedule, nowMs),
    sessionTarget,
    wakeMode: input.wakeMode ?? 'now',
    payload: keptPayload(input.payload),
    ...(delivery && { delivery }),
    ...(input.failureAlert !== undefined && { failureAlert: input.failureAlert }),
    state: {},
  };
}

function patchedPayload(before: Payload, patch: JobPatch['payload']): Payload {
  if (!patch) return before;
  if (patch.kind === before.kind) return keptPayload({ ...before, ...patch } as Payload);
  if (patch.kind === 'systemEvent') {
    if (patch.text === undefined) throw rejected('Error: cron.update payload.kind="systemEvent" requires text');
    return { kind: 'systemEvent', text: patch.text };
  }
  if (patch.message === undefined) throw rejected('Error: cron.update payload.kind="agentTurn" requires message');
  return keptPayload({ ...patch, message: patch.message } satisfies AgentTurn);
}

function patchedDelivery(job: Job, patch: JobPatch): Delivery | undefined {
  const given = patch.delivery ?? (patch.payload && deliveryOfPayload(patch.payload as Payload));
  if (!given) return job.delivery;
  return { mode: 'announce', ...job.delivery, ...given };
}

/** What a client may say about the state; whether the job runs is the scheduler's to know. */
const STATE_KEYS: ReadonlyArray<keyof JobState> = [
  'nextRunAtMs',
  'consecutiveErrors',
  'lastFailureAlertAtMs',
  'lastError',
  'lastErrorReason',
];

function patchedState(state: JobState, patch: JobPatch['state']): JobState {
  if (!patch) return state;
  const isValue = (key: keyof JobState, value: unknown) =>
    key.startsWith('lastError') ? typeof value === 'string' : Number.isInteger(value) && Number(value) >= 0;
  const allowed = STATE_KEYS.filter((key) => isValue(key, patch[key])).map((key) => [key, patch[key]]);
  return { ...state, ...(Object.fromEntries(allowed) as JobState) };
}

/** True when the next time has to be found anew. */
export function movesNextRun(job: Job, patch: JobPatch): boolean {
  return patch.schedule !== undefined || (patch.enabled !== undefined && patch.enabled !== job.enabled);
}

/** `job` with the changes; whatever follows for its next time is the caller's. Throws AppError cron.rejected. */
export function patchJob(job: Job, patch: JobPatch, { nowMs, defaultAgentId }: Omit<JobFacts, 'id'>): Job {
  const { agentId: _agent, sessionKey: _key, ...rest } = job;
  const agentId = patch.agentId === undefined ? job.agentId : (patch.agentId?.trim().toLowerCase() ?? undefined);
  const sessionKey = patch.sessionKey === undefined ? job.sessionKey : (patch.sessionKey ?? undefined);
  const sessionTarget =
    patch.sessionTarget === undefined
      ? job.sessionTarget
      : keptTarget({ sessionTarget: patch.sessionTarget, sessionKey }, defaultAgentId);
  const delivery = patchedDelivery(job, patch);
  return {
    ...rest,
    ...(agentId && { agentId }),
    ...(sessionKey && { sessionKey }),
    ...(patch.name !== undefined && { name: patch.name.trim() }),
    ...(patch.description !== undefined && { description: patch.description }),
    ...(patch.enabled !== undefined && { enabled: patch.enabled }),
    ...(patch.deleteAfterRun !== undefined && { deleteAfterRun: patch.deleteAfterRun }),
    ...(patch.schedule && { schedule: keptSchedule(patch.schedule, nowMs) }),
    sessionTarget,
    ...(patch.wakeMode && { wakeMode: patch.wakeMode }),
    payload: patchedPayload(job.payload, patch.payload),
    ...(delivery && { delivery }),
    ...(patch.failureAlert !== undefined && { failureAlert: patch.failureAlert }),
    state: patchedState(job.state, patch.state),
    updatedAtMs: nowMs,
  };
}

/** What of a patched job has to be checked: a moment that is past only counts when it is to come due again. */
export function checkedAfterPatch(job: Job, movesNext: boolean): Checked {
  const { schedule, sessionTarget, payload, delivery } = job;
  if (schedule.kind !== 'at' || (movesNext && job.enabled)) return { schedule, sessionTarget, payload, delivery };
  return { schedule: { kind: 'every', everyMs: 1 }, sessionTarget, payload, delivery };
}
