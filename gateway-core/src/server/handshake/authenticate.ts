// Signing in: the gateway's secret, else a bootstrap token, else a device token — under the rate limit.
import { type DeviceStore, secretsMatch } from '../../devices/index.js';
import { isLoopback, type Peer } from '../peer.js';
import type { LimitScope, RateLimiter } from '../rate-limiter.js';
import { checkTailscale, looksLikeTailscale } from '../tailscale/identity.js';
import type { TailscaleWhois } from '../tailscale/whois.js';
import type { AuthFailureReason } from './auth-failure.js';
import type { ConnectRequest } from './first-frame.js';
import { checkSharedAuth, type SharedAuth, type SharedAuthMethod, type SharedAuthSettings } from './shared-auth.js';

export type AuthMethod = SharedAuthMethod | 'bootstrap-token' | 'device-token';

export type AuthOutcome =
  { ok: true; method: AuthMethod } | { ok: false; reason: AuthFailureReason; retryAfterMs?: number };

export interface AuthDeps {
  settings: SharedAuthSettings & { allowTailscale?: boolean };
  tailscaleWhois: TailscaleWhois | undefined;
  devices: DeviceStore;
  /** For connections that carry an Origin. */
  browserLimiter: RateLimiter;
  /** For all others; absent unless gateway.auth.rateLimit is set. */
  directLimiter: RateLimiter | undefined;
}

/** Stands for every browser on this computer: pages share its address, and must not be exempt for it. */
const LOCAL_BROWSER_IP = '198.18.0.1';

interface Limit {
  lockedForMs(scope: LimitScope): number;
  failed(scope: LimitScope): void;
  succeeded(scope: LimitScope): void;
}

function limitFor(deps: AuthDeps, peer: Peer): Limit {
  const isBrowser = peer.origin !== undefined;
  const limiter = isBrowser ? deps.browserLimiter : deps.directLimiter;
  const isHere = peer.clientIp !== undefined && isLoopback(peer.clientIp);
  const ip = isBrowser && isHere ? LOCAL_BROWSER_IP : peer.clientIp;
  return {
    lockedForMs: (scope) => limiter?.lockedForMs(scope, ip) ?? 0,
    failed: (scope) => limiter?.failed(scope, ip),
    succeeded: (scope) => limiter?.succeeded(scope, ip),
  };
}

export type LimitedSharedAuth = SharedAuth & { retryAfterMs?: number };

/** The identity that `tailscale serve` vouches for; undefined where it does not count. */
async function tailscaleAuth({ settings, tailscaleWhois }: AuthDeps, peer: Peer): Promise<SharedAuth | undefined> {
  if (settings.allowTailscale !== true || !tailscaleWhois || peer.isLocal) return undefined;
  const identity = await checkTailscale(peer, tailscaleWhois);
  return identity.ok ? { ok: true, method: 'tailscale' } : identity;
}

/** The shared part alone; what a client without a device has. Wrong secrets are not counted yet. */
export async function sharedAuth(deps: AuthDeps, request: ConnectRequest, peer: Peer): Promise<LimitedSharedAuth> {
  const { mode } = deps.settings.auth;
  const isSecret = mode === 'token' || mode === 'password';
  const lockedMs = isSecret ? limitFor(deps, peer).lockedForMs('shared-secret') : 0;
  if (lockedMs > 0) return { ok: false, reason: 'rate_limited', retryAfterMs: lockedMs };
  const tailscale = isSecret ? await tailscaleAuth(deps, peer) : undefined;
  if (tailscale?.ok) return tailscale;
  const shared = checkSharedAuth(deps.settings, request.params.auth ?? {}, peer, request.protocol);
  const countsOnTailscale = tailscale && !shared.ok && shared.reason.endsWith('_missing') && looksLikeTailscale(peer);
  return countsOnTailscale ? tailscale : shared;
}

interface Question {
  request: ConnectRequest;
  deviceId: string;
  scopes: readonly string[];
}

async function bootstrapAuth(deps: AuthDeps, { request, scopes }: Question): Promise<AuthOutcome | undefined> {
  const token = request.params.auth?.bootstrapToken;
  if (!token) return undefined;
  const isValid = await deps.devices.takeBootstrapToken(token, request.role, scopes);
  return isValid ? { ok: true, method: 'bootstrap-token' } : { ok: false, reason: 'bootstrap_token_invalid' };
}

/** True when only the scopes are wrong: the token itself is the device's own, and still good. */
function isOwnToken(devices: DeviceStore, { request, deviceId }: Question, token: string): boolean {
  const held = devices.device(deviceId)?.tokens[request.role];
  return held !== undefined && held.revokedAtMs === undefined && secretsMatch(token, held.token);
}

function deviceAuth(deps: AuthDeps, question: Question, limit: Limit): AuthOutcome | undefined {
  const { request, deviceId, scopes } = question;
  const explicit = request.params.auth?.deviceToken;
  const token = explicit ?? request.params.auth?.token;
  if (!token) return undefined;
  const lockedMs = limit.lockedForMs('device-token');
  if (lockedMs > 0) return { ok: false, reason: 'rate_limited', retryAfterMs: lockedMs };
  if (deps.devices.verifyToken({ deviceId, role: request.role, scopes, token })) {
    limit.succeeded('device-token');
    return { ok: true, method: 'device-token' };
  }
  if (request.protocol >= 4 && isOwnToken(deps.devices, question, token))
    return { ok: false, reason: 'scope_mismatch' };
  if (!explicit) return undefined;
  limit.failed('device-token');
  return { ok: false, reason: 'device_token_mismatch' };
}

async function tryDeviceWays(deps: AuthDeps, question: Question, limit: Limit): Promise<AuthOutcome | undefined> {
  const bootstrap = await bootstrapAuth(deps, question);
  if (bootstrap?.ok) return bootstrap;
  return deviceAuth(deps, question, limit) ?? bootstrap;
}

function isWrongSecret(reason: AuthFailureReason): boolean {
  return reason === 'token_mismatch' || reason === 'password_mismatch';
}

export interface AuthInput {
  request: ConnectRequest;
  peer: Peer;
  shared: LimitedSharedAuth;
  /** Given once the device has proved its key. */
  deviceId: string | undefined;
}

/** The final word on a connection. */
export async function authenticate(deps: AuthDeps, input: AuthInput): Promise<AuthOutcome> {
  const { request, peer, shared, deviceId } = input;
  const limit = limitFor(deps, peer);
  if (shared.ok) {
    limit.succeeded('shared-secret');
    return shared;
  }
  const question = deviceId === undefined ? undefined : { request, deviceId, scopes: request.params.scopes ?? [] };
  const other = question && (await tryDeviceWays(deps, question, limit));
  if (other?.ok) return other;
  // Counted only now: a device token sent in `auth.token` is no wrong secret.
  if (isWrongSecret(shared.reason) && other?.reason !== 'scope_mismatch') limit.failed('shared-secret');
  return other ?? shared;
}
