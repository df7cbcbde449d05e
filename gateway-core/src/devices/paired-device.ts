// Pure: how a paired device changes when it is approved, when it connects, and when it gets a token.
import type { DeviceClaim, DeviceToken, PairedDevice } from './records.js';
import { normalizeScopes, scopesCover, uniqueScopes } from './scopes.js';

function tokenScopes(role: string, scopes: readonly string[]): string[] {
  return role === 'operator' ? normalizeScopes(scopes) : uniqueScopes(scopes).sort();
}

function definedOnly(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));
}

export interface NewToken {
  token: string;
  role: string;
  scopes: readonly string[];
  nowMs: number;
}

/** Replaces the token of a role; the time of the first one is kept. */
export function withToken(device: PairedDevice, { token, role, scopes, nowMs }: NewToken): PairedDevice {
  const before = device.tokens[role];
  const next: DeviceToken = {
    token,
    role,
    scopes: tokenScopes(role, scopes),
    createdAtMs: before?.createdAtMs ?? nowMs,
    ...(before && { rotatedAtMs: nowMs }),
  };
  return { ...device, tokens: { ...device.tokens, [role]: next } };
}

/** The device after somebody approved the claim: roles and scopes add up, and the role gets a fresh token. */
export function approved(
  before: PairedDevice | undefined,
  claim: DeviceClaim & { roles?: readonly string[] },
  token: string,
  nowMs: number,
): PairedDevice {
  const known = before?.publicKey === claim.publicKey ? before : undefined;
  const { scopes, roles, role, ...about } = claim;
  const device: PairedDevice = {
    ...known,
    ...(definedOnly(about) as typeof about),
    role,
    roles: uniqueScopes([...(known?.roles ?? []), ...(roles ?? []), role]),
    scopes: uniqueScopes([...(known?.scopes ?? []), ...scopes]),
    tokens: known?.tokens ?? {},
    createdAtMs: known?.createdAtMs ?? nowMs,
    approvedAtMs: nowMs,
  };
  const held = device.tokens[role];
  const kept = held && held.revokedAtMs === undefined ? held.scopes : [];
  return withToken(device, { token, role, scopes: [...kept, ...scopes], nowMs });
}

/** The device with what it says about itself now; the very same object when nothing changed. */
export function described(device: PairedDevice, claim: DeviceClaim): PairedDevice {
  const next = { ...device };
  // What was pinned at pairing stays; a value that was never given may be added.
  next.platform ??= claim.platform;
  next.deviceFamily ??= claim.deviceFamily;
  next.displayName = claim.displayName ?? device.displayName;
  next.clientId = claim.clientId ?? device.clientId;
  next.clientMode = claim.clientMode ?? device.clientMode;
  next.remoteIp = claim.remoteIp ?? device.remoteIp;
  const keys = ['platform', 'deviceFamily', 'displayName', 'clientId', 'clientMode', 'remoteIp'] as const;
  return keys.some((key) => next[key] !== device[key]) ? next : device;
}

/** The valid token of a role that covers `scopes`, if there is one. */
export function usableToken(
  device: PairedDevice | undefined,
  role: string,
  scopes: readonly string[],
): DeviceToken | undefined {
  const token = device?.tokens[role];
  if (!token || token.revokedAtMs !== undefined) return undefined;
  return scopesCover(role, token.scopes, scopes) ? token : undefined;
}
