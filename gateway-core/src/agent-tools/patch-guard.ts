// Pure: which settings an agent may change by itself. A list of what is harmless: all else is a person's to decide.
import { REDACTED } from '../protocol/index.js';
import { isRecord, refused } from './arguments.js';

type Json = Record<string, unknown>;

/** Settings of taste, rhythm and display. None decides what a tool may do, who may ask, or where something is sent. */
const ALLOWED = [
  'agents.defaults.userTimezone',
  'agents.defaults.timeFormat',
  'agents.defaults.envelopeTimezone',
  'agents.defaults.envelopeTimestamp',
  'agents.defaults.envelopeElapsed',
  'agents.defaults.thinkingDefault',
  'agents.defaults.verboseDefault',
  'agents.defaults.reasoningDefault',
  'agents.defaults.fastModeDefault',
  'agents.defaults.typingMode',
  'agents.defaults.typingIntervalSeconds',
  'agents.defaults.blockStreamingDefault',
  'agents.defaults.blockStreamingBreak',
  'agents.defaults.heartbeat.every',
  'agents.defaults.heartbeat.activeHours.start',
  'agents.defaults.heartbeat.activeHours.end',
  'agents.defaults.heartbeat.activeHours.timezone',
  'agents.defaults.heartbeat.ackMaxChars',
  'agents.defaults.heartbeat.lightContext',
  'agents.defaults.compaction.reserveTokens',
  'agents.defaults.compaction.keepRecentTokens',
  'agents.defaults.compaction.notifyUser',
  'session.reset.mode',
  'session.reset.atHour',
  'session.reset.idleMinutes',
  'session.idleMinutes',
  'session.typingMode',
  'session.typingIntervalSeconds',
  'logging.consoleStyle',
  'ui.seamColor',
  'messages.ackReaction',
  'messages.removeAckAfterReply',
];

const allowed = new Set(ALLOWED);
/** A plain name; anything else could be read in two ways. */
const NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;
const SPECIAL = new Set(['__proto__', 'constructor', 'prototype']);

interface Leaf {
  path: string[];
  value: unknown;
}

function leavesOf(value: unknown, path: string[]): Leaf[] {
  if (!isRecord(value)) return [{ path, value }];
  const entries = Object.entries(value);
  // An empty object makes a place where something else may have been.
  if (entries.length === 0) return [{ path, value }];
  return entries.flatMap(([key, item]) => leavesOf(item, [...path, key]));
}

function isPlainName(key: string): boolean {
  return NAME.test(key) && !SPECIAL.has(key);
}

/** Variables would put a secret of the environment where config.get shows it. */
function isPlainValue(value: unknown): boolean {
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value === 'string' && !value.includes('${') && value !== REDACTED;
}

/** Checks a merge patch. Throws AppError request.invalid that names the first setting an agent may not change. */
export function checkPatch(patch: unknown): asserts patch is Json {
  if (!isRecord(patch) || Object.keys(patch).length === 0) throw refused('patch must be an object with settings');
  for (const { path, value } of leavesOf(patch, [])) {
    const isAllowed = path.every(isPlainName) && allowed.has(path.join('.')) && isPlainValue(value);
    if (!isAllowed) {
      throw refused(
        `Only a person may change ${path.join('.').slice(0, 200)}, in the settings or with "openclaw config set". Tell them what you want and why.`,
      );
    }
  }
}

/** Settings that pass `checkPatch`. */
export const PATCHABLE: readonly string[] = ALLOWED;
