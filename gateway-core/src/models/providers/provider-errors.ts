// Pure: what a provider answered, or how the network failed, as an error that people can act on.
import { AppError } from '../../shared/app-error.js';
import type { ErrorCode } from '../../shared/error-register.js';
import { createRedactor } from '../../shared/redact.js';
import type { ModelTarget } from '../types.js';
import { asObject, asText, type ProviderFault } from './adapter.js';

type ModelErrorCode = Extract<ErrorCode, `model.${string}`>;

const MAX_SAID_CHARS = 240;

const CREDIT_KIND = /insufficient_quota|billing|insufficient_(credit|balance|funds)|payment_required/i;
const CREDIT_WORDS =
  /credit balance is too low|insufficient (credit|balance|fund|quota)|out of credits?|no credits? left|(add|purchase|buy) (more )?credits?|billing (hard )?limit/i;

/** The words of many servers for one thing: the prompt does not fit. */
const TOO_LONG_WORDS =
  /context[_ ](length|window|size|limit)|token limit|exceeds the limit of \d+|(prompt|input|request) (is|was|has been)? ?too (long|large)|maximum (context|prompt|allowed input)|too many (input |prompt )?tokens|exceed\w* (the )?(model'?s? )?(maximum |max )?(number of |allowed )?(input |context |prompt )?tokens|request_too_large|reduce the length/i;

/** Some providers refuse a key, or do not know a model, with the status of a bad request. */
const KEY_WORDS =
  /api[ _-]?key (is )?(not valid|invalid|expired|not found)|(incorrect|invalid|expired) api[ _-]?key|API_KEY_INVALID/i;
const MODEL_WORDS =
  /not a valid model( id)?|(unknown|invalid) model\b|model_not_found|model `?[\w./:-]+`? (does not exist|not found)/i;

const LEADS: Partial<Record<ModelErrorCode, string>> = {
  'model.auth': 'refused the API key',
  'model.credit': 'has no credit left for this account',
  'model.context_full': 'says that the conversation is too long for this model',
  'model.not_found': 'does not know this model or address',
  'model.rate_limit': 'limits how often you may ask',
  'model.overloaded': 'is overloaded',
  'model.timeout': 'did not answer in time',
  'model.bad_request': 'rejected the request',
  'model.server_error': 'had an internal error',
  'model.stream_cut': 'stopped in the middle of the answer',
  'model.bad_response': 'answered in a form that cannot be read',
  'model.unreachable': 'cannot be reached',
};

export interface ProviderAnswer {
  status: number;
  headers: Headers;
  body: string;
}

/** `provider/model`, as people write it in the config. */
export const modelRef = (target: Pick<ModelTarget, 'provider' | 'model'>): string =>
  `${target.provider}/${target.model}`;

/** One short line of what the provider said, without the key and without markup. */
export function shorten(said: string, target: ModelTarget): string {
  const redactor = createRedactor();
  const secrets = [target.apiKey, ...Object.values(target.headers)].filter((value) => value && value.length >= 4);
  for (const secret of secrets) redactor.learn(secret);
  let line = redactor.text(said);
  for (const secret of secrets) if (secret) line = line.replaceAll(secret, '[redacted]');
  line = line.replace(/\s+/g, ' ').trim();
  return line.length > MAX_SAID_CHARS ? `${line.slice(0, MAX_SAID_CHARS - 1)}…` : line;
}

export interface ModelErrorParts {
  said?: string;
  retryAfterMs?: number;
  hint?: string;
  status?: number;
  kind?: string;
  cause?: unknown;
}

/** An AppError whose sentence names the model and repeats the provider's words. */
export function modelError(code: ModelErrorCode, target: ModelTarget, parts: ModelErrorParts = {}): AppError {
  const said = parts.said ? shorten(parts.said, target) : '';
  const lead = `${modelRef(target)}: the provider ${LEADS[code] ?? 'failed'}`;
  return new AppError(code, {
    message: said ? `${lead}: ${said}` : `${lead}.`,
    hint: parts.hint,
    retryAfterMs: parts.retryAfterMs,
    details: {
      code,
      provider: target.provider,
      model: target.model,
      ...(parts.status !== undefined && { status: parts.status }),
      ...(parts.kind && { kind: parts.kind }),
    },
    cause: parts.cause,
  });
}

/** What Google asks for in the body, in place of a header. */
function retryDelayIn(body: string): number | undefined {
  const seconds = /"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"/.exec(body)?.[1];
  return seconds === undefined ? undefined : Math.round(Number(seconds) * 1000);
}

/** Milliseconds to wait from a `retry-after` header: seconds, or a date. Undefined when there is none. */
export function parseRetryAfter(headers: Headers, nowMs: number): number | undefined {
  const exact = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(exact) && exact >= 0) return exact;
  const value = headers.get('retry-after')?.trim();
  if (!value) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return seconds >= 0 ? Math.round(seconds * 1000) : undefined;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

function isTooLong(status: number, kind: string, message: string): boolean {
  if (status === 413) return true;
  return (status === 400 || status === 422) && (TOO_LONG_WORDS.test(kind) || TOO_LONG_WORDS.test(message));
}

/** A bad request that says what is bad about it. */
function codeForWords(status: number, kind: string, message: string): ModelErrorCode | undefined {
  if (CREDIT_KIND.test(kind) || CREDIT_WORDS.test(message)) return 'model.credit';
  if (isTooLong(status, kind, message)) return 'model.context_full';
  if (status !== 400) return undefined;
  if (KEY_WORDS.test(message)) return 'model.auth';
  return MODEL_WORDS.test(kind) || MODEL_WORDS.test(message) ? 'model.not_found' : undefined;
}

function codeForStatus(status: number): ModelErrorCode {
  if (status === 401 || status === 403) return 'model.auth';
  if (status === 402) return 'model.credit';
  if (status === 404) return 'model.not_found';
  if (status === 429) return 'model.rate_limit';
  if (status === 408 || status === 504) return 'model.timeout';
  if (status === 503 || status === 529) return 'model.overloaded';
  return status >= 500 ? 'model.server_error' : 'model.bad_request';
}

interface ParsedBody {
  message: string;
  kind: string;
  isJson: boolean;
}

/** The provider's sentence and error kind, from any of the shapes in use. */
export function readErrorBody(body: string): ParsedBody {
  const text = body.trim();
  if (!/^[[{]/.test(text)) return { message: text.startsWith('<') ? '' : text, kind: '', isJson: false };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { message: text, kind: '', isJson: false };
  }
  const top = asObject(Array.isArray(value) ? value[0] : value) ?? {};
  const error = asObject(top.error) ?? top;
  const message = asText(error.message) || asText(top.error) || asText(top.detail) || asText(top.message);
  const kind = [error.code, error.type, error.status].filter((item) => typeof item === 'string').join(' ');
  return { message, kind, isJson: true };
}

function hintFor(code: ModelErrorCode, target: ModelTarget, isJson: boolean): string | undefined {
  if (code === 'model.not_found' && !isJson) {
    return `Check models.providers.${target.provider}.baseUrl; many servers want it to end in /v1.`;
  }
  if (code === 'model.auth')
    return `Check the API key of ${target.provider} (models.providers.${target.provider}.apiKey).`;
  return undefined;
}

/** An HTTP answer that is not a success. `nowMs` is for `retry-after` dates. */
export function httpError(target: ModelTarget, answer: ProviderAnswer, nowMs: number): AppError {
  const { status, headers } = answer;
  if (status >= 300 && status < 400) {
    const said = `HTTP ${status}, redirects to ${headers.get('location') ?? 'another address'}`;
    const hint = `Set models.providers.${target.provider}.baseUrl to the address it redirects to.`;
    return modelError('model.bad_response', target, { said, hint, status });
  }
  const { message, kind, isJson } = readErrorBody(answer.body);
  const code = (status < 500 ? codeForWords(status, kind, message) : undefined) ?? codeForStatus(status);
  return modelError(code, target, {
    said: `HTTP ${status}${message ? `, ${message}` : ''}`,
    retryAfterMs: parseRetryAfter(headers, nowMs) ?? retryDelayIn(answer.body),
    hint: hintFor(code, target, isJson),
    status,
    kind,
  });
}

const LIMIT_KIND = /rate_?limit|too_?many_?requests|throttl|resource_exhausted|\b429\b/i;

const FAULT_CODES: Array<[pattern: RegExp, code: ModelErrorCode]> = [
  [CREDIT_KIND, 'model.credit'],
  [LIMIT_KIND, 'model.rate_limit'],
  [/overloaded|\b(503|529)\b/i, 'model.overloaded'],
  [/authentication|permission|invalid_api_key|\b(401|403)\b/i, 'model.auth'],
  [/\b402\b/, 'model.credit'],
  [/not_found|\b404\b/i, 'model.not_found'],
  [/timeout|\b(408|504)\b/i, 'model.timeout'],
  [/invalid_request|invalid_prompt|\b4\d\d\b/i, 'model.bad_request'],
];

/** An error event inside a stream. */
export function faultError(target: ModelTarget, fault: ProviderFault): AppError {
  const isCredit = CREDIT_WORDS.test(fault.message);
  // "Too many tokens" is also what some say to whom asks too often.
  const isLimit = LIMIT_KIND.test(fault.kind);
  const isFull = !isLimit && (TOO_LONG_WORDS.test(fault.kind) || TOO_LONG_WORDS.test(fault.message));
  const known = isCredit ? 'model.credit' : isFull ? 'model.context_full' : undefined;
  const found = known ?? FAULT_CODES.find(([pattern]) => pattern.test(fault.kind))?.[1];
  return modelError(found ?? 'model.server_error', target, { said: fault.message, kind: fault.kind, cause: fault });
}

/** Codes and messages of an error and its causes, outermost first; `AggregateError`s are opened too. */
function chain(error: unknown): Error[] {
  const found: Error[] = [];
  const queue: unknown[] = [error];
  while (queue.length > 0 && found.length < 10) {
    const next = queue.shift();
    if (!(next instanceof Error)) continue;
    found.push(next);
    queue.push(next.cause);
    if (next instanceof AggregateError) queue.push(...(next.errors as unknown[]));
  }
  return found;
}

/** The system's code for a failed connection, for example ECONNREFUSED. */
export function networkCode(error: unknown): string | undefined {
  for (const { code } of chain(error) as Array<Error & { code?: unknown }>) {
    if (typeof code === 'string' && code !== '') return code;
  }
  return undefined;
}

const NETWORK_WORDS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  ECONNRESET: 'the connection was reset',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_BODY_TIMEOUT: 'nothing more arrived for several minutes',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  EHOSTUNREACH: 'the host cannot be reached from here',
  ENETUNREACH: 'the network cannot be reached from here',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is self-signed',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate cannot be verified',
};

/** The host of a base URL, without credentials; the text itself when it is no URL. */
export function hostOf(baseUrl: string): string {
  return URL.canParse(baseUrl) ? new URL(baseUrl).host : 'an address that is not a URL';
}

/** `fetch` failed before there was an answer. */
export function connectError(target: ModelTarget, error: unknown): AppError {
  const code = networkCode(error);
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return modelError('model.timeout', target, { kind: code, cause: error });
  const words = (code && NETWORK_WORDS[code]) ?? chain(error).at(-1)?.message ?? '';
  const said = `${hostOf(target.baseUrl)}${words ? `, ${words}` : ''}${code ? ` (${code})` : ''}`;
  return modelError('model.unreachable', target, { said, kind: code, cause: error });
}

/** The connection died, or fell silent, while the answer was arriving. */
export function cutError(target: ModelTarget, error: unknown): AppError {
  const code = networkCode(error);
  const said = code ? `${NETWORK_WORDS[code] ?? 'the connection was lost'} (${code})` : 'the connection was lost';
  return modelError('model.stream_cut', target, { said, kind: code, cause: error });
}
