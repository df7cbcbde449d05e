// Pure: a job as agents write it, as the wire takes it.
import { parseDurationMs } from '../config/index.js';
import { type Args, isRecord, refused, textArg } from './arguments.js';

type Json = Record<string, unknown>;

export interface JobAsker {
  agentId: string;
  sessionKey: string;
  isMain: boolean;
  nowMs: number;
}

const DATE = /^\d{4}-\d{2}-\d{2}/;
const EVERY = /^every\s+/i;
const FROM_NOW = /^(?:in\s+|\+)/i;
const KINDS: Readonly<Record<string, string>> = { systemevent: 'systemEvent', agentturn: 'agentTurn' };
const TURN_KEYS = ['model', 'fallbacks', 'thinking', 'timeoutSeconds', 'lightContext'];
const COMMON_KEYS = ['description', 'enabled', 'deleteAfterRun', 'wakeMode', 'failureAlert'];
const NAME_CHARS = 60;

function moment(value: unknown, nowMs: number): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return new Date(value).toISOString();
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (DATE.test(text)) return text;
  const afterMs = parseDurationMs(text.replace(FROM_NOW, ''));
  return afterMs === undefined ? undefined : new Date(nowMs + afterMs).toISOString();
}

function span(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.round(value) : undefined;
  return typeof value === 'string' ? parseDurationMs(value.trim().replace(EVERY, '')) : undefined;
}

function defined(value: Json): Json {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));
}

function writtenSchedule(text: string, from: Json, nowMs: number): Json | undefined {
  const everyMs = EVERY.test(text) ? span(text) : undefined;
  if (everyMs !== undefined) return { kind: 'every', everyMs };
  const at = moment(text, nowMs);
  if (at !== undefined) return { kind: 'at', at };
  return defined({ kind: 'cron', expr: text, tz: textArg(from, 'tz') });
}

/** The schedule in `job.schedule`, or in the keys beside it: at, every, everyMs, cron, expr. */
export function readSchedule(job: Json, nowMs: number): Json | undefined {
  const from = isRecord(job.schedule) ? job.schedule : job;
  if (typeof job.schedule === 'string') return writtenSchedule(job.schedule.trim(), job, nowMs);
  const at = moment(from.at ?? from.atMs, nowMs);
  if (at !== undefined) return { kind: 'at', at };
  const everyMs = span(from.everyMs ?? from.every);
  if (everyMs !== undefined) return defined({ kind: 'every', everyMs, anchorMs: from.anchorMs });
  const expr = textArg(from, 'expr') ?? textArg(from, 'cron');
  if (expr === undefined) return undefined;
  return defined({ kind: 'cron', expr, tz: textArg(from, 'tz'), staggerMs: from.staggerMs });
}

interface Written {
  kind?: string;
  words?: string;
  turn: Json;
}

function readPayload(job: Json): Written {
  const from = isRecord(job.payload) ? job.payload : job;
  const kind = isRecord(job.payload) ? KINDS[String(job.payload.kind).toLowerCase()] : undefined;
  const words = textArg(from, 'text') ?? textArg(from, 'message') ?? textArg(from, 'prompt') ?? textArg(job, 'text');
  const turn = Object.fromEntries(TURN_KEYS.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])));
  const isTurn = kind ?? (textArg(from, 'text') === undefined && words !== undefined ? 'agentTurn' : undefined);
  return { ...(isTurn !== undefined && { kind: isTurn }), ...(words !== undefined && { words }), turn };
}

function targetFor(asked: string | undefined, { kind }: Written, asker: JobAsker): string {
  if (asked !== undefined) return asked;
  if (kind === 'systemEvent') return 'main';
  if (!asker.isMain) return 'current';
  return kind === 'agentTurn' ? 'isolated' : 'main';
}

function payloadFor(target: string, { words, turn }: Written): Json {
  if (words === undefined) throw refused('Say what is to be done then: text or message.');
  return target === 'main' ? { kind: 'systemEvent', text: words } : { kind: 'agentTurn', message: words, ...turn };
}

function commonOf(job: Json): Json {
  return Object.fromEntries(COMMON_KEYS.flatMap((key) => (job[key] === undefined ? [] : [[key, job[key]]])));
}

/** However it is written: whoever posts to it reads it the same way, blanks and missing slashes included. */
function isWebAddress(to: unknown): boolean {
  return typeof to === 'string' && URL.canParse(to) && ['http:', 'https:'].includes(new URL(to).protocol);
}

/** Results are announced to people or kept; a web address would carry them, and a token, to strangers. */
function checkDelivery(job: Json): void {
  const { delivery, failureAlert, payload } = job;
  const places = [delivery, isRecord(delivery) ? delivery.failureDestination : undefined, failureAlert];
  const isWeb = (place: unknown) => isRecord(place) && (place.mode === 'webhook' || isWebAddress(place.to));
  if (places.some(isWeb)) {
    throw refused('Only a person may have results of jobs sent to a web address.');
  }
  const flags = [job, payload].filter(isRecord);
  if (flags.some((from) => from.allowUnsafeExternalContent !== undefined)) {
    throw refused('Only a person may set allowUnsafeExternalContent.');
  }
}

/** Parameters of cron.add. Throws AppError request.invalid. */
export function jobToAdd(job: Json, asker: JobAsker): Json {
  checkDelivery(job);
  const schedule = readSchedule(job, asker.nowMs);
  if (!schedule) throw refused('Say when: at (time), every (span, like 30m) or cron (expression).');
  const written = readPayload(job);
  const sessionTarget = targetFor(textArg(job, 'sessionTarget'), written, asker);
  const payload = payloadFor(sessionTarget, written);
  const name = textArg(job, 'name') ?? (written.words ?? '').replaceAll(/\s+/g, ' ').slice(0, NAME_CHARS);
  return defined({
    ...{ name, schedule, sessionTarget, payload, ...commonOf(job) },
    agentId: textArg(job, 'agentId')?.toLowerCase() ?? asker.agentId,
    sessionKey: asker.sessionKey,
    delivery: isRecord(job.delivery) ? job.delivery : undefined,
  });
}

/** The patch of cron.update; what is not named stays as it is. Throws AppError request.invalid. */
export function jobPatch(patch: Json, before: Json, nowMs: number): Json {
  checkDelivery(patch);
  const written = readPayload(patch);
  const sessionTarget = textArg(patch, 'sessionTarget');
  const target = sessionTarget ?? String(before.sessionTarget);
  const isPayload = written.words !== undefined || Object.keys(written.turn).length > 0;
  const isTurn = target !== 'main';
  const payload = isTurn
    ? { kind: 'agentTurn', message: written.words, ...written.turn }
    : { kind: 'systemEvent', text: written.words };
  return defined({
    ...commonOf(patch),
    name: textArg(patch, 'name'),
    schedule: readSchedule(patch, nowMs),
    sessionTarget,
    payload: isPayload ? defined(payload) : undefined,
    agentId: textArg(patch, 'agentId')?.toLowerCase(),
    delivery: isRecord(patch.delivery) ? patch.delivery : undefined,
  });
}

/** The job of a call: in `job`, or in the arguments themselves. */
export function writtenJob({ job, ...args }: Args): Json {
  if (isRecord(job)) return job;
  const { action: _action, id: _id, patch: _patch, ...flat } = args;
  return flat;
}
