// Pure: how a command-line program failed, as an error that people can act on.
import { AppError } from '../../shared/app-error.js';
import type { ErrorCode } from '../../shared/error-register.js';
import { modelRef, shorten } from '../providers/provider-errors.js';
import type { ModelTarget } from '../types.js';
import type { CliBackend } from './cli-backends.js';
import type { CliEnd } from './run-cli.js';

type CliErrorCode = Extract<ErrorCode, `model.${string}`>;

const WORDS: ReadonlyArray<[pattern: RegExp, code: CliErrorCode]> = [
  [/credit balance|out of credits?|insufficient (credit|fund|balance|quota)|\bbilling\b|\b402\b/i, 'model.credit'],
  [/usage limit|rate.?limit|limit reached|too many requests|hit your limit|\bquota\b|\b429\b/i, 'model.rate_limit'],
  [/overloaded|\b529\b|\b503\b/i, 'model.overloaded'],
  [/(prompt|input|conversation|request) is too long|context[_ ](length|window)|too many tokens/i, 'model.context_full'],
  [
    /\/login\b|codex login|not (logged|signed) in|log ?in required|invalid (x-)?api.?key|unauthori[sz]ed|authentication|(oauth )?token (has )?expired|\b401\b/i,
    'model.auth',
  ],
  [
    /model\b.{0,80}\b(not (found|exist|supported|available)|does not exist|unknown|invalid)|(unknown|invalid) model|issue with the selected model/i,
    'model.not_found',
  ],
];

const LEADS: Partial<Record<CliErrorCode, string>> = {
  'model.credit': 'has no credit left for this account',
  'model.rate_limit': 'has reached the limit of this account',
  'model.overloaded': 'says that its service is overloaded',
  'model.context_full': 'says that the conversation is too long',
  'model.auth': 'is not signed in',
  'model.not_found': 'does not know this model',
};

const LOST_SESSION =
  /no (conversation|session|thread|rollout)\b.{0,60}\bfound|(conversation|session|thread|rollout)\b.{0,80}\b(not found|does not exist|no longer exists)/i;

/** Shorter than this a limit of an account never is; asking again at once would only start the program twice. */
const MIN_LIMIT_WAIT_MS = 60_000;
const UNIT_MS: Record<string, number> = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** True when the program does not know the session it was to continue. */
export const isLostSession = (said: string): boolean => LOST_SESSION.test(said);

function limitWait(said: string, nowMs: number): number {
  const resetSeconds = /\|(\d{10})\b/.exec(said)?.[1];
  if (resetSeconds) return Math.max(MIN_LIMIT_WAIT_MS, Number(resetSeconds) * 1000 - nowMs);
  const [, amount = '', unit = ''] = /try again in (\d+) (second|minute|hour|day)/i.exec(said) ?? [];
  return Math.max(MIN_LIMIT_WAIT_MS, Number(amount) * (UNIT_MS[unit.toLowerCase()] ?? 0));
}

export interface CliFault {
  target: ModelTarget;
  backend: CliBackend;
  nowMs: number;
}

interface Reason {
  code: CliErrorCode;
  /** The end of the sentence that begins with the program. */
  lead: string;
  /** The program's own words. */
  said?: string;
  hint?: string;
  retryAfterMs?: number;
}

function cliError({ target, backend }: CliFault, { code, lead, said, hint, retryAfterMs }: Reason): AppError {
  // Values of the backend's own `env` may be secrets; a program may print them.
  const words = said && shorten(said, { ...target, headers: { ...backend.env } });
  const start = `${modelRef(target)}: the program "${backend.command}" ${lead}`;
  return new AppError(code, {
    message: words ? `${start}: ${words}` : `${start}.`,
    hint,
    retryAfterMs,
    details: { code, provider: target.provider, model: target.model },
  });
}

/** The program said why, in its output or on its standard error. */
export function saidError(fault: CliFault, said: string, exitCode: number | null): AppError {
  const code = WORDS.find(([pattern]) => pattern.test(said))?.[1] ?? 'model.server_error';
  const lead = LEADS[code] ?? (exitCode ? `failed with exit code ${exitCode}` : 'failed');
  const hint = code === 'model.auth' ? fault.backend.signIn : undefined;
  const retryAfterMs = code === 'model.rate_limit' ? limitWait(said, fault.nowMs) : undefined;
  return cliError(fault, { code, lead, said, hint, retryAfterMs });
}

function startReason(id: string, cause: string): Reason {
  const setting = `agents.defaults.cliBackends.${id}`;
  if (cause === 'E2BIG') {
    const lead = 'cannot take a prompt this long as an argument';
    return { code: 'model.bad_request', lead, hint: `Set ${setting}.input to "stdin".` };
  }
  const lead = cause === 'ENOENT' ? 'was not found' : `could not be started (${cause})`;
  return { code: 'model.not_configured', lead, hint: `Install it, or set ${setting}.command to its full path.` };
}

const duration = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1000)} seconds` : `${Math.round(ms / 60_000)} minutes`;

function cutReason(id: string, end: Exclude<CliEnd, { kind: 'exited' }>): Reason {
  switch (end.kind) {
    case 'not-started':
      return startReason(id, end.code);
    case 'timed-out':
      return { code: 'model.timeout', lead: `did not answer within ${duration(end.limitMs)} and was ended` };
    case 'silent':
      return { code: 'model.timeout', lead: `wrote nothing for ${duration(end.limitMs)} and was ended` };
    case 'flooded':
      return { code: 'model.bad_response', lead: 'wrote more than can be read and was ended' };
    case 'stopped':
      return { code: 'model.server_error', lead: 'was ended' };
  }
}

/** The program did not come to an end of its own. */
export function cutError(fault: CliFault, end: Exclude<CliEnd, { kind: 'exited' }>): AppError {
  return cliError(fault, cutReason(fault.backend.id, end));
}

/** It ended well, but there is no answer in what it wrote. */
export function unreadableError(fault: CliFault, stdout: string): AppError {
  const hint = `Check agents.defaults.cliBackends.${fault.backend.id}.output.`;
  const lead = 'answered in a form that cannot be read';
  return cliError(fault, { code: 'model.bad_response', lead, said: stdout, hint });
}

/** A model id that could be taken for an option of the program. */
export function modelIdError(fault: CliFault): AppError {
  const message = `"${fault.target.model}" is not the name of a model of ${fault.backend.id}.`;
  return new AppError('model.not_found', { message, details: { code: 'model.not_found', provider: fault.backend.id } });
}
