// Pure: how a pairing request is made, refreshed and replaced (spec/gateway-protocol.md §7.7).
import { type DeviceClaim, PENDING_TTL_MS, type PendingPairing } from './records.js';
import { uniqueScopes } from './scopes.js';

export function isExpired(request: PendingPairing, nowMs: number): boolean {
  return nowMs - request.ts > PENDING_TTL_MS;
}

function isSameAsk(request: PendingPairing, claim: DeviceClaim): boolean {
  const asked = new Set(request.scopes);
  const scopes = uniqueScopes(claim.scopes);
  return request.role === claim.role && scopes.length === asked.size && scopes.every((scope) => asked.has(scope));
}

function merged(before: readonly string[], added: readonly string[]): string[] {
  return uniqueScopes([...before, ...added]);
}

export interface PendingChange {
  request: PendingPairing;
  /** A request that nobody has heard of yet. */
  isNew: boolean;
}

export interface PendingInput {
  claim: DeviceClaim;
  /** The open request of the same device. */
  existing: PendingPairing | undefined;
  isRepair: boolean;
  requestId: string;
  nowMs: number;
}

/** An identical ask keeps its request and id; another one replaces it and asks for both together. */
export function nextPending({ claim, existing, isRepair, requestId, nowMs }: PendingInput): PendingChange {
  if (existing && isSameAsk(existing, claim)) return { request: { ...existing, ts: nowMs }, isNew: false };
  const { role, scopes, ...about } = claim;
  const request: PendingPairing = {
    requestId,
    ...about,
    role,
    roles: merged(existing?.roles ?? [], [role]),
    scopes: merged(existing?.scopes ?? [], scopes),
    silent: false,
    isRepair,
    ts: nowMs,
  };
  return { request, isNew: true };
}
