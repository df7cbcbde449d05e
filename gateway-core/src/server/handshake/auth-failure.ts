// Pure: what a caller is told when signing in fails (spec/gateway-protocol.md §3.6).
import type { ConnectParams } from '../../protocol/index.js';
import { isBrowserUi, isCli } from './client-kind.js';
import { type Refusal, refuse } from './refusal.js';

/** Also `trusted_proxy_*`, which all look alike from outside. */
export type AuthFailureReason = string;

type NextStep =
  | 'update_auth_configuration'
  | 'update_auth_credentials'
  | 'retry_with_device_token'
  | 'review_auth_configuration'
  | 'wait_then_retry';

interface FailureRow {
  code: string;
  next: NextStep;
  /** Follows `unauthorized: `; absent: just `unauthorized`. */
  text?: (params: ConnectParams) => string;
}

function secretHint(params: ConnectParams, secret: 'token' | 'password'): string {
  if (isCli(params.client)) return `set gateway.remote.${secret} to match gateway.auth.${secret}`;
  if (!isBrowserUi(params.client)) return `provide gateway auth ${secret}`;
  return secret === 'token'
    ? 'open the dashboard URL and paste the token in Control UI settings'
    : 'enter the password in Control UI settings';
}

function secretRow(secret: 'token' | 'password', what: 'missing' | 'mismatch'): FailureRow {
  return {
    code: `AUTH_${secret}_${what}`.toUpperCase(),
    next: what === 'missing' ? 'update_auth_configuration' : 'update_auth_credentials',
    text: (params) => `gateway ${secret} ${what} (${secretHint(params, secret)})`,
  };
}

function unconfiguredRow(secret: 'token' | 'password'): FailureRow {
  return {
    code: `AUTH_${secret}_NOT_CONFIGURED`.toUpperCase(),
    next: 'update_auth_configuration',
    text: () => `gateway ${secret} not configured on gateway (set gateway.auth.${secret})`,
  };
}

function tailscaleRow(code: string, what: string): FailureRow {
  return {
    code: `AUTH_TAILSCALE_${code}`,
    next: 'review_auth_configuration',
    text: () => `tailscale ${what} (come through tailscale serve, or give the gateway token or password)`,
  };
}

const ROWS: Readonly<Record<string, FailureRow>> = {
  token_missing: secretRow('token', 'missing'),
  token_mismatch: secretRow('token', 'mismatch'),
  token_missing_config: unconfiguredRow('token'),
  password_missing: secretRow('password', 'missing'),
  password_mismatch: secretRow('password', 'mismatch'),
  password_missing_config: unconfiguredRow('password'),
  bootstrap_token_invalid: {
    code: 'AUTH_BOOTSTRAP_TOKEN_INVALID',
    next: 'review_auth_configuration',
    text: () => 'bootstrap token invalid or expired (scan a fresh setup code)',
  },
  device_token_mismatch: {
    code: 'AUTH_DEVICE_TOKEN_MISMATCH',
    next: 'update_auth_credentials',
    text: () => 'device token mismatch (rotate/reissue device token)',
  },
  // Protocol 4 only: the token is right, but not for what was asked.
  scope_mismatch: {
    code: 'AUTH_SCOPE_MISMATCH',
    next: 'review_auth_configuration',
    text: () => 'device token does not cover the requested scopes (ask for fewer, or sign in with the gateway secret)',
  },
  tailscale_user_missing: tailscaleRow('IDENTITY_MISSING', 'identity missing'),
  tailscale_proxy_missing: tailscaleRow('PROXY_MISSING', 'proxy headers missing'),
  tailscale_whois_failed: tailscaleRow('WHOIS_FAILED', 'identity check failed'),
  tailscale_user_mismatch: tailscaleRow('IDENTITY_MISMATCH', 'identity mismatch'),
  none: { code: 'AUTH_REQUIRED', next: 'review_auth_configuration' },
  rate_limited: {
    code: 'AUTH_RATE_LIMITED',
    next: 'wait_then_retry',
    text: () => 'too many failed authentication attempts (retry later)',
  },
};

const OTHER: FailureRow = { code: 'AUTH_UNAUTHORIZED', next: 'review_auth_configuration' };

/** A browser or command that kept a device token may try once more with that. */
function mayRetryWithDeviceToken(reason: AuthFailureReason, { auth, device }: ConnectParams): boolean {
  return reason === 'token_mismatch' && Boolean(device) && Boolean(auth?.token) && !auth?.deviceToken;
}

export function describeAuthFailure(reason: AuthFailureReason, params: ConnectParams, retryAfterMs?: number): Refusal {
  const row = ROWS[reason] ?? OTHER;
  const canRetry = mayRetryWithDeviceToken(reason, params);
  const message = row.text ? `unauthorized: ${row.text(params)}` : 'unauthorized';
  const refusal = refuse('INVALID_REQUEST', message, {
    code: row.code,
    authReason: reason,
    canRetryWithDeviceToken: canRetry,
    recommendedNextStep: canRetry ? 'retry_with_device_token' : row.next,
  });
  if (refusal.error && retryAfterMs) Object.assign(refusal.error, { retryable: true, retryAfterMs });
  return refusal;
}
