// Decides about a `connect` request: origin, device, auth, pairing, in this order (spec/gateway-protocol.md §3.3).
import {
  checkDeviceProof,
  type DeviceClaim,
  type DeviceStore,
  type DeviceToken,
  decidePairing,
  type PendingPairing,
} from '../../devices/index.js';
import type { Peer } from '../peer.js';
import type { ServerSettings } from '../types.js';
import { describeAuthFailure } from './auth-failure.js';
import { type AuthDeps, type AuthMethod, authenticate, type LimitedSharedAuth, sharedAuth } from './authenticate.js';
import { isBrowserUi, isControlUi } from './client-kind.js';
import type { ConnectRequest } from './first-frame.js';
import { judgeMissingDevice } from './missing-device.js';
import { checkOrigin } from './origin-rules.js';
import { type Refusal, refuse } from './refusal.js';

export interface Admitted {
  ok: true;
  /** What the connection may use; as asked, or empty. */
  scopes: readonly string[];
  deviceId?: string;
  token?: DeviceToken;
}

export type Admission = Admitted | { ok: false; refusal: Refusal };

/** What operators hear about pairing. */
export interface PairingNews {
  requested(request: PendingPairing): void;
  approved(requestId: string, deviceId: string): void;
}

export interface AdmissionDeps extends AuthDeps {
  settings: ServerSettings;
  devices: DeviceStore;
  news: PairingNews;
  /** Origins under which this gateway is open besides those of the config. */
  ownOrigins: ReadonlySet<string>;
  now: () => number;
}

export interface AdmissionInput {
  request: ConnectRequest;
  peer: Peer;
  /** The challenge of this connection. */
  nonce: string;
}

interface ProvenDevice {
  deviceId: string;
  publicKey: string;
}

const refused = (refusal: Refusal): Admission => ({ ok: false, refusal });

function originRefusal({ request, peer }: AdmissionInput, deps: AdmissionDeps): Refusal | undefined {
  if (peer.origin === undefined && !isBrowserUi(request.params.client)) return undefined;
  const { controlUi } = deps.settings;
  const allowedOrigins = [...controlUi.allowedOrigins, ...deps.ownOrigins];
  const verdict = checkOrigin(peer, { ...controlUi, allowedOrigins });
  if (verdict.ok) return undefined;
  return refuse(
    'INVALID_REQUEST',
    'origin not allowed (open the Control UI from the gateway host or allow it in gateway.controlUi.allowedOrigins)',
    { code: 'CONTROL_UI_ORIGIN_NOT_ALLOWED', reason: verdict.reason },
  );
}

function isPairingSkipped({ request, peer }: AdmissionInput, settings: ServerSettings, method: AuthMethod): boolean {
  const { client } = request.params;
  const isHelper = client.id === 'gateway-client' && client.mode === 'backend';
  const isSecret = method === 'token' || method === 'password' || method === 'device-token';
  if (isHelper && peer.isLocal && peer.origin === undefined && isSecret) return true;
  if (!isControlUi(client) || request.role !== 'operator') return false;
  return method === 'trusted-proxy' || method === 'none' || settings.controlUi.disableDeviceAuth;
}

function claimOf({ request, peer }: AdmissionInput, device: ProvenDevice): DeviceClaim {
  const { client, scopes = [] } = request.params;
  return {
    ...device,
    displayName: client.displayName,
    platform: client.platform,
    deviceFamily: client.deviceFamily,
    clientId: client.id,
    clientMode: client.mode,
    role: request.role,
    scopes,
    ...(!peer.isLocal && { remoteIp: peer.clientIp }),
  };
}

/** Protocol 4: somebody must approve; a window waits for its user, a node has nobody and keeps knocking. */
function pairingAdvice(role: string): Record<string, unknown> {
  return { recommendedNextStep: 'wait_then_retry', retryable: true, pauseReconnect: role !== 'node' };
}

/** Pairs silently, finds the device paired, or keeps a request and refuses. */
async function settlePairing(
  deps: AdmissionDeps,
  input: AdmissionInput,
  claim: DeviceClaim,
): Promise<Refusal | undefined> {
  const decision = decidePairing({
    paired: deps.devices.device(claim.deviceId),
    claim,
    isLocal: input.peer.isLocal,
    hasOrigin: input.peer.origin !== undefined,
    isBrowserUi: isBrowserUi(input.request.params.client),
  });
  if (decision.kind === 'paired') {
    deps.devices.describe(claim);
    return undefined;
  }
  if (decision.kind === 'approve') {
    const { requestId } = await deps.devices.approveSilently(claim);
    deps.news.approved(requestId, claim.deviceId);
    return undefined;
  }
  const { request, isNew } = await deps.devices.request(claim);
  if (isNew) deps.news.requested(request);
  const details = { code: 'PAIRING_REQUIRED', requestId: request.requestId, reason: decision.reason };
  const advice = input.request.protocol >= 4 ? pairingAdvice(claim.role) : {};
  return refuse('NOT_PAIRED', 'pairing required', { ...details, ...advice });
}

async function admitDevice(
  deps: AdmissionDeps,
  input: AdmissionInput,
  device: ProvenDevice,
  method: AuthMethod,
): Promise<Admission> {
  const claim = claimOf(input, device);
  const isSkipped = isPairingSkipped(input, deps.settings, method);
  const refusal = isSkipped ? undefined : await settlePairing(deps, input, claim);
  if (refusal) return refused(refusal);
  const token = await deps.devices.token(claim);
  return { ok: true, scopes: claim.scopes, deviceId: device.deviceId, ...(token && { token }) };
}

async function admitWithoutDevice(
  deps: AdmissionDeps,
  input: AdmissionInput,
  shared: LimitedSharedAuth,
): Promise<Admission> {
  const { request, peer } = input;
  const verdict = judgeMissingDevice({ request, peer, shared, controlUi: deps.settings.controlUi });
  if (verdict.kind === 'refuse') return refused(verdict.refusal);
  const auth = await authenticate(deps, { request, peer, shared, deviceId: undefined });
  if (!auth.ok) return refused(describeAuthFailure(auth.reason, request.params, auth.retryAfterMs));
  const isAllowed = verdict.kind === 'allow' && verdict.keepsScopes;
  return { ok: true, scopes: isAllowed ? (request.params.scopes ?? []) : [] };
}

/** Says whether a connection may go on, with which scopes; pairs the device where that needs nobody. */
export async function admit(deps: AdmissionDeps, input: AdmissionInput): Promise<Admission> {
  const { request, peer, nonce } = input;
  const badOrigin = originRefusal(input, deps);
  if (badOrigin) return refused(badOrigin);
  const shared = await sharedAuth(deps, request, peer);
  if (!request.params.device) return await admitWithoutDevice(deps, input, shared);
  const proof = checkDeviceProof(request.params, nonce, deps.now());
  if (!proof.ok) {
    const { message, code, reason } = proof.failure;
    return refused(refuse('INVALID_REQUEST', message, { code, reason }));
  }
  const auth = await authenticate(deps, { request, peer, shared, deviceId: proof.deviceId });
  if (!auth.ok) return refused(describeAuthFailure(auth.reason, request.params, auth.retryAfterMs));
  return await admitDevice(deps, input, { deviceId: proof.deviceId, publicKey: proof.publicKey }, auth.method);
}
