// Turns the options of `cron add` and `cron edit` into the job that the gateway is sent.
import { parseDurationMs } from '../config/index.js';
import type { Params } from './ask-gateway.js';
import { wallTimeMs } from './wall-time.js';

type AddParams = Params<'cron.add'>;
type Patch = Params<'cron.update'>['patch'];
type Schedule = AddParams['schedule'];
type Delivery = NonNullable<AddParams['delivery']>;

export interface JobOptions {
  name?: string;
  description?: string;
  at?: string;
  every?: string;
  cron?: string;
  tz?: string;
  stagger?: string;
  exact?: boolean;
  systemEvent?: string;
  message?: string;
  session?: string;
  wake?: string;
  agent?: string;
  sessionKey?: string;
  model?: string;
  thinking?: string;
  lightContext?: boolean;
  timeoutSeconds?: number;
  announce?: boolean;
  /** False for --no-deliver; commander gives true otherwise. */
  deliver?: boolean;
  channel?: string;
  to?: string;
  account?: string;
  bestEffortDeliver?: boolean;
  deleteAfterRun?: boolean;
  keepAfterRun?: boolean;
  disabled?: boolean;
  enable?: boolean;
  disable?: boolean;
}

/** A mistake in the options; shown as `Error: …`. */
export class JobOptionsError extends Error {}

function durationMs(text: string, flag: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined || ms <= 0) throw new JobOptionsError(`Invalid ${flag}; use for example 10m, 1h or 1d`);
  return ms;
}

function momentMs(text: string, tz: string | undefined): number {
  try {
    return wallTimeMs(text, tz);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new JobOptionsError(`There is no time zone "${tz}"; use a name like Europe/Berlin`);
  }
}

function atTime(text: string, nowMs: number, tz: string | undefined): string {
  const relative = /^\+?\d+(\.\d+)?(ms|s|m|h|d)$/i.test(text) ? parseDurationMs(text.replace(/^\+/, '')) : undefined;
  const time = relative === undefined ? momentMs(text, tz) : nowMs + relative;
  if (Number.isNaN(time)) throw new JobOptionsError('Invalid --at; use an ISO time or a duration like 20m');
  return new Date(time).toISOString();
}

function cronSchedule({ cron = '', tz, stagger, exact }: JobOptions): Schedule {
  const staggerMs = exact ? 0 : stagger === undefined ? undefined : durationMs(stagger, '--stagger');
  return { kind: 'cron', expr: cron, ...(tz !== undefined && { tz }), ...(staggerMs !== undefined && { staggerMs }) };
}

/** The schedule of exactly one of --at, --every and --cron; undefined without any. */
function chooseSchedule(options: JobOptions, nowMs: number): Schedule | undefined {
  const given = [options.at, options.every, options.cron].filter((text) => text !== undefined);
  if (given.length === 0) return undefined;
  if (given.length > 1) throw new JobOptionsError('Choose exactly one schedule: --at, --every, or --cron');
  if (options.at !== undefined) return { kind: 'at', at: atTime(options.at, nowMs, options.tz) };
  if (options.every !== undefined) return { kind: 'every', everyMs: durationMs(options.every, '--every') };
  return cronSchedule(options);
}

function agentTurn({ model, thinking, timeoutSeconds, lightContext }: JobOptions) {
  return {
    ...(model !== undefined && { model }),
    ...(thinking !== undefined && { thinking }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(lightContext && { lightContext }),
  };
}

function choosePayload(options: JobOptions): AddParams['payload'] | undefined {
  const { systemEvent: text, message } = options;
  if (text !== undefined && message !== undefined) {
    throw new JobOptionsError('Choose exactly one payload: --system-event or --message');
  }
  if (text !== undefined) return { kind: 'systemEvent', text };
  return message === undefined ? undefined : { kind: 'agentTurn', message, ...agentTurn(options) };
}

function chooseDelivery(options: JobOptions, isIsolatedTurn: boolean): Delivery | undefined {
  const { announce, deliver, channel, to, account, bestEffortDeliver } = options;
  if (announce && deliver === false) throw new JobOptionsError('Choose --announce or --no-deliver, not both');
  const wanted = announce || deliver === false || [channel, to, account, bestEffortDeliver].some(Boolean);
  if (!wanted && !isIsolatedTurn) return undefined;
  return {
    mode: deliver === false ? 'none' : 'announce',
    channel: channel ?? 'last',
    ...(to !== undefined && { to }),
    ...(account !== undefined && { accountId: account }),
    ...(bestEffortDeliver && { bestEffort: true }),
  };
}

/** What was given, and no more: the job keeps its channel and its mode. */
function changedDelivery(options: JobOptions): Delivery | undefined {
  const delivery = chooseDelivery(options, false);
  if (!delivery) return undefined;
  const { mode, channel, ...rest } = delivery;
  const isMode = options.announce || options.deliver === false;
  return { ...(isMode && { mode }), ...(options.channel !== undefined && { channel }), ...rest };
}

function wakeMode(text: string): 'now' | 'next-heartbeat' {
  if (text === 'now' || text === 'next-heartbeat') return text;
  throw new JobOptionsError('--wake must be now or next-heartbeat');
}

function extras(options: JobOptions) {
  const { description, agent, sessionKey, deleteAfterRun, keepAfterRun } = options;
  return {
    ...(description !== undefined && { description }),
    ...(agent !== undefined && { agentId: agent }),
    ...(sessionKey !== undefined && { sessionKey }),
    ...(deleteAfterRun && { deleteAfterRun: true }),
    ...(keepAfterRun && { deleteAfterRun: false }),
  };
}

function checkTarget(target: string, kind: 'systemEvent' | 'agentTurn'): void {
  if (target === 'main' && kind === 'agentTurn') {
    throw new JobOptionsError('Main jobs require --system-event (systemEvent).');
  }
  if (target !== 'main' && kind === 'systemEvent') {
    throw new JobOptionsError('Isolated jobs require --message (agentTurn).');
  }
}

/** The parameters of cron.add. Throws JobOptionsError. */
export function addParams(options: JobOptions, nowMs: number): AddParams {
  const schedule = chooseSchedule(options, nowMs);
  if (!schedule) throw new JobOptionsError('Choose exactly one schedule: --at, --every, or --cron');
  const payload = choosePayload(options);
  if (!payload) throw new JobOptionsError('Choose exactly one payload: --system-event or --message');
  const target = options.session ?? (payload.kind === 'agentTurn' ? 'isolated' : 'main');
  checkTarget(target, payload.kind);
  const delivery = chooseDelivery(options, payload.kind === 'agentTurn' && target === 'isolated');
  return {
    name: options.name ?? '',
    enabled: !options.disabled,
    schedule,
    sessionTarget: target,
    wakeMode: wakeMode(options.wake ?? 'now'),
    payload,
    ...extras(options),
    // A job that runs once is done with, unless it is to be kept.
    ...(schedule.kind === 'at' && { deleteAfterRun: !options.keepAfterRun }),
    ...(delivery && { delivery }),
  };
}

/** The patch of cron.update: only what was given. Throws JobOptionsError. */
export function editPatch(options: JobOptions, nowMs: number): Patch {
  const schedule = chooseSchedule(options, nowMs);
  const whole = choosePayload(options);
  const turn = agentTurn(options);
  const payload: Patch['payload'] =
    whole ?? (Object.keys(turn).length > 0 ? { kind: 'agentTurn', ...turn } : undefined);
  const delivery = changedDelivery(options);
  const patch: Patch = {
    ...(options.name !== undefined && { name: options.name }),
    ...(options.enable && { enabled: true }),
    ...(options.disable && { enabled: false }),
    ...(schedule && { schedule }),
    ...(options.session !== undefined && { sessionTarget: options.session }),
    ...(options.wake !== undefined && { wakeMode: wakeMode(options.wake) }),
    ...(payload && { payload }),
    ...extras(options),
    ...(delivery && { delivery }),
  };
  if (Object.keys(patch).length === 0) throw new JobOptionsError('Nothing to change: pass at least one option.');
  return patch;
}
