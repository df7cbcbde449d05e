// What failed, why and what to do, for errors of the connection and of calls.
import type { StatusReason } from '../../../electron/contract/desktop.js';
import { t, tMaybe } from '../i18n/t.js';

export interface WireError {
  code: string;
  message: string;
  details?: unknown;
  retryable?: boolean;
  retryAfterMs?: number;
}

/** The fine-grained code inside `details`, or the wire's own code. */
export function fineCode(error: WireError): string {
  const details = error.details;
  if (typeof details === 'object' && details !== null && 'code' in details && typeof details.code === 'string') {
    return details.code;
  }
  return error.code;
}

const SIGN_IN_CODES = new Set([
  'AUTH_TOKEN_MISSING',
  'AUTH_TOKEN_MISMATCH',
  'AUTH_PASSWORD_MISSING',
  'AUTH_PASSWORD_MISMATCH',
  'AUTH_DEVICE_TOKEN_MISMATCH',
  'AUTH_REQUIRED',
  'AUTH_UNAUTHORIZED',
  'DEVICE_IDENTITY_REQUIRED',
]);

/** True when another token or password would help. */
export function isSignInProblem(error: WireError): boolean {
  return SIGN_IN_CODES.has(fineCode(error));
}

/** True when the gateway asks for a password, not for a token. */
export function wantsPassword(error: WireError | undefined): boolean {
  return error !== undefined && fineCode(error).startsWith('AUTH_PASSWORD');
}

/** The sentence for a failed or refused connection. */
export function explainConnectionError(error: WireError): StatusReason {
  const code = fineCode(error);
  const message =
    tMaybe(`error.${code}`) ?? tMaybe(`error.${error.code}`) ?? t('error.connection', { message: error.message });
  return { code, message, hint: tMaybe(`hint.${code}`) ?? tMaybe(`hint.${error.code}`) };
}

export interface FailureText {
  code?: string;
  message: string;
  hint?: string;
  retryable: boolean;
  retryAfterMs?: number;
}

function isWireError(value: unknown): value is WireError {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    typeof value.code === 'string' &&
    'message' in value
  );
}

/** What the wire says in its own words about every method, said plainly. */
function explainRefusal(error: WireError): FailureText | undefined {
  if (error.message.startsWith('unknown method'))
    return { code: 'method.unknown', message: t('error.method.unknown'), retryable: false };
  if (error.message.startsWith('missing scope'))
    return { code: 'method.forbidden', message: t('error.method.forbidden'), retryable: false };
  return undefined;
}

/** The sentence for a call that failed. */
export function explainFailure(error: unknown): FailureText {
  const refusal = isWireError(error) ? explainRefusal(error) : undefined;
  if (refusal) return refusal;
  if (isWireError(error)) {
    const code = fineCode(error);
    const hint = tMaybe(`hint.${code}`);
    return {
      code,
      message: String(error.message),
      hint,
      retryable: error.retryable ?? true,
      retryAfterMs: error.retryAfterMs,
    };
  }
  const name = error instanceof Error ? error.name : '';
  if (name === 'GatewayClosedError')
    return { code: 'gateway.closed', message: t('error.gateway.closed'), retryable: true };
  if (name === 'GatewayTimeoutError')
    return { code: 'gateway.timeout', message: t('error.gateway.timeout'), retryable: true };
  return { code: 'internal', message: error instanceof Error ? error.message : String(error), retryable: true };
}
