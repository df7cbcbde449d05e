// Builds the `connect` request of one attempt (spec/gateway-protocol.md §3.1, §3.2).
import {
  type ConnectAuth,
  type ConnectChallenge,
  type ConnectDevice,
  type ConnectParams,
  deviceSignaturePayload,
  PROTOCOL_VERSIONS,
} from '../protocol/index.js';
import type { DeviceIdentity, GatewayClientOptions } from './types.js';

const MIN_PROTOCOL = PROTOCOL_VERSIONS[0];
const MAX_PROTOCOL = PROTOCOL_VERSIONS[PROTOCOL_VERSIONS.length - 1] ?? MIN_PROTOCOL;

/** The credentials of one attempt. A device token stands in for a missing shared secret, as `auth.token`. */
export function chooseAuth(auth: ConnectAuth | undefined, retryWithDeviceToken: boolean): ConnectAuth | undefined {
  if (!auth) return undefined;
  const { deviceToken, ...shared } = auth;
  if (!deviceToken) return Object.values(shared).some(Boolean) ? shared : undefined;
  if (retryWithDeviceToken) return { ...shared, deviceToken };
  const hasSecret = Boolean(shared.token || shared.password || shared.bootstrapToken);
  return hasSecret ? shared : { token: deviceToken };
}

async function signDevice(
  identity: DeviceIdentity,
  params: Omit<ConnectParams, 'device'>,
  challenge: ConnectChallenge,
): Promise<ConnectDevice> {
  const auth = params.auth;
  const payload = deviceSignaturePayload('v3', {
    deviceId: identity.deviceId,
    clientId: params.client.id,
    clientMode: params.client.mode,
    role: params.role ?? 'operator',
    scopes: params.scopes ?? [],
    // The gateway's own time, so that a wrong clock here does no harm.
    signedAtMs: challenge.ts,
    token: auth?.token ?? auth?.deviceToken ?? auth?.bootstrapToken ?? '',
    nonce: challenge.nonce,
    platform: params.client.platform,
    deviceFamily: params.client.deviceFamily,
  });
  const signature = await identity.sign(payload);
  return {
    id: identity.deviceId,
    publicKey: identity.publicKey,
    signature,
    signedAt: challenge.ts,
    nonce: challenge.nonce,
  };
}

export async function buildConnectParams(
  options: GatewayClientOptions,
  auth: ConnectAuth | undefined,
  challenge: ConnectChallenge,
): Promise<ConnectParams> {
  const params: Omit<ConnectParams, 'device'> = {
    minProtocol: options.protocol?.min ?? MIN_PROTOCOL,
    maxProtocol: options.protocol?.max ?? MAX_PROTOCOL,
    client: options.client,
    caps: [...(options.caps ?? [])],
    role: options.role ?? 'operator',
    scopes: [...options.scopes],
    ...(auth && { auth }),
  };
  if (!options.identity) return params;
  return { ...params, device: await signDevice(options.identity, params, challenge) };
}
