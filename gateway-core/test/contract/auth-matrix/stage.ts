// Devices in every state of the matrix, and the `connect` params of a case.
import type { DeviceStore } from '../../../src/devices/index.js';
import type { ConnectAuth, ConnectParams } from '../../../src/protocol/index.js';
import type { GatewayServerOptions } from '../../../src/server/index.js';
import { type Challenge, createTestDevice, signConnect, type TestDevice } from '../test-device.js';
import { testSettings } from '../test-server.js';
import { LISTED_ORIGIN, type MatrixCase } from './cases.js';

export const SECRET = 'matrix-secret-0123456789';
const OPERATOR_SCOPES = ['operator.read', 'operator.write'];

export function settingsOf({ mode, place, ui, allowTailscale }: MatrixCase): GatewayServerOptions['settings'] {
  return testSettings({
    settings: {
      hosts: [place.bind === 'lan' ? '0.0.0.0' : '127.0.0.1'],
      auth: { mode, token: mode === 'token' ? SECRET : undefined, password: mode === 'password' ? SECRET : undefined },
      trustedProxies: place.proxies,
      trustedProxy: { userHeader: 'X-User', requiredHeaders: ['X-Signed'], allowUsers: ['ann'] },
      allowTailscale,
    },
    controlUi: {
      allowedOrigins: [LISTED_ORIGIN],
      allowInsecureAuth: ui === 'insecure-allowed',
      disableDeviceAuth: ui === 'device-auth-disabled',
    },
  });
}

export function headersOf({ place, host, origin, identity }: MatrixCase): Record<string, string> {
  return {
    ...place.headers,
    host: host.name,
    ...(origin.name !== undefined && { origin: origin.name }),
    ...(identity !== 'none' && { 'x-user': identity === 'unknown-user' ? 'eve' : 'ann' }),
    ...(identity !== 'none' && identity !== 'without-required-header' && { 'x-signed': '1' }),
  };
}

interface Kept {
  device: TestDevice;
  token: string;
}

type Role = MatrixCase['role'];

/** One device per state and role, so that a case can be put back as it was. */
export class Cast {
  readonly #kept = new Map<string, Kept>();

  constructor(readonly store: DeviceStore) {}

  async device({ device: state, role }: Pick<MatrixCase, 'device' | 'role'>): Promise<Kept> {
    const key = `${state}/${role}`;
    const kept = this.#kept.get(key) ?? { device: createTestDevice(), token: 'not-a-token' };
    this.#kept.set(key, kept);
    if (!['unknown', 'none'].includes(state) && !this.store.device(kept.device.id)) {
      kept.token = await this.#pair(kept.device, state, role);
    }
    return kept;
  }

  /** Takes back what a case changed. */
  async restore(matrix: MatrixCase): Promise<void> {
    const { device } = await this.device(matrix);
    const isChanged = matrix.device === 'unknown' || (matrix.device === 'fewer' && matrix.role === 'operator');
    if (isChanged) await this.store.remove(device.id);
    for (const { requestId } of this.store.listPending()) await this.store.reject(requestId);
  }

  async #pair(device: TestDevice, state: MatrixCase['device'], asked: Role): Promise<string> {
    const other: Role = asked === 'node' ? 'operator' : 'node';
    const role = state === 'other-role' ? other : asked;
    const all = role === 'operator' ? OPERATOR_SCOPES : [];
    const paired = await this.store.approveSilently({
      deviceId: device.id,
      publicKey: device.publicKey,
      platform: state === 'other-platform' ? 'macos' : 'linux',
      role,
      scopes: state === 'fewer' ? all.slice(0, 1) : all,
    });
    return paired.device.tokens[role]?.token ?? 'no-token';
  }
}

function authOf({ credential, mode }: MatrixCase, deviceToken: string): ConnectAuth | undefined {
  const [own, other] = mode === 'password' ? (['password', 'token'] as const) : (['token', 'password'] as const);
  switch (credential) {
    case 'none':
      return undefined;
    case 'right':
      return { [own]: SECRET };
    case 'right-in-other-field':
      return { [other]: SECRET };
    case 'wrong':
      return { [own]: 'wrong' };
    case 'device-token':
      return { deviceToken };
    case 'device-token-as-token':
      return { token: deviceToken };
    case 'wrong-device-token':
      return { deviceToken: 'wrong' };
  }
}

/** The params of a case, signed for this challenge; forged and stale ones as bad as their name. */
export function paramsOf(matrix: MatrixCase, { device, token }: Kept, challenge: Challenge): ConnectParams {
  const auth = authOf(matrix, token);
  const plain: ConnectParams = {
    minProtocol: matrix.protocol,
    maxProtocol: matrix.protocol,
    client: { version: '1.0.0', platform: 'linux', ...matrix.client.client },
    role: matrix.role,
    scopes: matrix.role === 'operator' ? OPERATOR_SCOPES : [],
    ...(auth && { auth }),
  };
  if (matrix.device === 'none') return plain;
  if (matrix.device === 'stale') return signConnect(plain, device, challenge, { signedAt: challenge.ts - 120_001 });
  const signed = signConnect(plain, device, challenge);
  // Signed for other scopes: as if somebody had changed the frame on the way.
  return matrix.device === 'forged' ? { ...signed, scopes: [...(plain.scopes ?? []), 'operator.admin'] } : signed;
}
