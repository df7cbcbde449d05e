// The window's own Ed25519 key: made once, kept in local storage, proves to the gateway that it is the same window.
import { getPublicKeyAsync, signAsync, utils } from '@noble/ed25519';
import type { DeviceIdentity } from '../../../gateway-core/src/client/index.js';
import type { LocalState } from './storage.js';

const KEY = 'device-key';

function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function toBase64Url(bytes: Uint8Array): string {
  const binary = String.fromCharCode(...bytes);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function secretKey(state: LocalState): Uint8Array {
  const stored = state.read(KEY);
  if (typeof stored === 'string' && /^[0-9a-f]{64}$/.test(stored)) return fromHex(stored);
  const fresh = utils.randomSecretKey();
  state.write(KEY, toHex(fresh));
  return fresh;
}

/**
 * Loads or makes the key pair (spec/gateway-protocol.md §3.2). Undefined where the page has no secure context,
 * because browsers hide their cryptography there.
 */
export async function loadDeviceIdentity(
  state: LocalState,
  subtle: SubtleCrypto | undefined,
): Promise<DeviceIdentity | undefined> {
  if (!subtle) return undefined;
  const secret = secretKey(state);
  const publicKey = await getPublicKeyAsync(secret);
  const digest = await subtle.digest('SHA-256', new Uint8Array(publicKey));
  return {
    deviceId: toHex(new Uint8Array(digest)),
    publicKey: toBase64Url(publicKey),
    sign: async (payload) => toBase64Url(await signAsync(new TextEncoder().encode(payload), secret)),
  };
}
