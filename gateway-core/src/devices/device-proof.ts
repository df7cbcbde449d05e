// Pure: does a connecting device hold the key it claims (spec/gateway-protocol.md §3.2, §3.4).
import { type ConnectParams, deviceSignaturePayload, LIMITS } from '../protocol/index.js';
import { deviceIdOf, isSignedBy, parsePublicKey } from './keys.js';

export interface ProofFailure {
  message: string;
  code: string;
  reason: string;
}

export type DeviceProof = { ok: true; deviceId: string; publicKey: string } | { ok: false; failure: ProofFailure };

const FAILURES = {
  id: { message: 'device identity mismatch', code: 'DEVICE_AUTH_DEVICE_ID_MISMATCH', reason: 'device-id-mismatch' },
  stale: {
    message: 'device signature expired',
    code: 'DEVICE_AUTH_SIGNATURE_EXPIRED',
    reason: 'device-signature-stale',
  },
  noNonce: { message: 'device nonce required', code: 'DEVICE_AUTH_NONCE_REQUIRED', reason: 'device-nonce-missing' },
  nonce: { message: 'device nonce mismatch', code: 'DEVICE_AUTH_NONCE_MISMATCH', reason: 'device-nonce-mismatch' },
  signature: {
    message: 'device signature invalid',
    code: 'DEVICE_AUTH_SIGNATURE_INVALID',
    reason: 'device-signature',
  },
} as const satisfies Record<string, ProofFailure>;

function isSigned(params: ConnectParams, rawKey: Buffer, nonce: string): boolean {
  const { device, auth, client } = params;
  if (!device) return false;
  const input = {
    deviceId: device.id,
    clientId: client.id,
    clientMode: client.mode,
    role: params.role ?? 'operator',
    scopes: params.scopes ?? [],
    signedAtMs: device.signedAt,
    token: auth?.token ?? auth?.deviceToken ?? auth?.bootstrapToken ?? '',
    nonce,
    platform: client.platform,
    deviceFamily: client.deviceFamily,
  };
  return (['v3', 'v2'] as const).some((version) =>
    isSignedBy(rawKey, deviceSignaturePayload(version, input), device.signature),
  );
}

/** Checks id, age, nonce and signature of `params.device`, in this order. `nonce` is the challenge of this connection. */
export function checkDeviceProof(params: ConnectParams, nonce: string, nowMs: number): DeviceProof {
  const fail = (failure: ProofFailure): DeviceProof => ({ ok: false, failure });
  const { device } = params;
  // A key that cannot be read has no fingerprint, so it never matches an id.
  const rawKey = device && parsePublicKey(device.publicKey);
  if (!device || !rawKey || deviceIdOf(rawKey) !== device.id) return fail(FAILURES.id);
  if (Math.abs(nowMs - device.signedAt) > LIMITS.deviceSkewMs) return fail(FAILURES.stale);
  const given = device.nonce.trim();
  if (given === '') return fail(FAILURES.noNonce);
  if (given !== nonce) return fail(FAILURES.nonce);
  if (!isSigned(params, rawKey, given)) return fail(FAILURES.signature);
  return { ok: true, deviceId: device.id, publicKey: rawKey.toString('base64url') };
}
