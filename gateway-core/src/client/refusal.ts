// What to do when a connection ends (spec/gateway-protocol.md §7.7, client policy on failure).
import type { GatewayRequestError } from './errors.js';

// Trying again with the same credentials cannot end differently.
const REFUSALS = new Set([
  'AUTH_TOKEN_MISSING',
  'AUTH_TOKEN_MISMATCH',
  'AUTH_BOOTSTRAP_TOKEN_INVALID',
  'AUTH_PASSWORD_MISSING',
  'AUTH_PASSWORD_MISMATCH',
  'AUTH_RATE_LIMITED',
  'PAIRING_REQUIRED',
  'DEVICE_IDENTITY_REQUIRED',
  'CONTROL_UI_DEVICE_IDENTITY_REQUIRED',
]);

export type AfterEnd = 'retry-with-device-token' | 'refused' | 'wait';

export interface EndFacts {
  connectError?: GatewayRequestError;
  /** A stored device token is at hand and this attempt did not use it. */
  canUseDeviceToken: boolean;
  url: string;
}

const LOOPBACK_URL = /^wss?:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?(\/|$)/i;

/** True when a secret sent to `url` stays on this computer. */
export function isLoopbackUrl(url: string): boolean {
  return LOOPBACK_URL.test(url);
}

export function decideAfterEnd({ connectError, canUseDeviceToken, url }: EndFacts): AfterEnd {
  const code = connectError?.detailCode;
  if (code === undefined) return 'wait';
  if (code === 'AUTH_TOKEN_MISMATCH' && canUseDeviceToken && isLoopbackUrl(url)) return 'retry-with-device-token';
  return REFUSALS.has(code) ? 'refused' : 'wait';
}

/** The gateway no longer knows the stored device token. */
export function dropsDeviceToken(closeCode: number, reason: string): boolean {
  return closeCode === 1008 && reason.includes('device token mismatch');
}
