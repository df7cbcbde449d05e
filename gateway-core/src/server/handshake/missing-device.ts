// Pure: what happens to a client that shows no device identity (spec/gateway-protocol.md §3.5; protocol 4: spec/interop.md §5).
import type { Peer } from '../peer.js';
import type { ServerSettings } from '../types.js';
import { isControlUi } from './client-kind.js';
import type { ConnectRequest } from './first-frame.js';
import { type Refusal, refuse } from './refusal.js';
import type { SharedAuth } from './shared-auth.js';

/** `keepsScopes` false: the client is let in, but may do nothing beyond `health`. */
export type MissingDevice =
  { kind: 'allow'; keepsScopes: boolean } | { kind: 'auth-error' } | { kind: 'refuse'; refusal: Refusal };

const DEVICELESS_CLIENTS: ReadonlySet<string> = new Set(['cli', 'gateway-client']);

const DEVICE_REQUIRED = refuse('NOT_PAIRED', 'device identity required', { code: 'DEVICE_IDENTITY_REQUIRED' });
const UI_DEVICE_REQUIRED = refuse(
  'INVALID_REQUEST',
  'control ui requires device identity (use HTTPS or localhost secure context)',
  { code: 'CONTROL_UI_DEVICE_IDENTITY_REQUIRED' },
);

export interface MissingDeviceInput {
  request: ConnectRequest;
  peer: Peer;
  shared: SharedAuth;
  controlUi: ServerSettings['controlUi'];
}

function hasSecretMethod(shared: SharedAuth): boolean {
  return shared.ok && (shared.method === 'token' || shared.method === 'password');
}

function controlUiRule({ request, peer, shared, controlUi }: MissingDeviceInput): MissingDevice | undefined {
  // Whatever the config allows a page: a node is never without a device.
  if (request.role !== 'operator') return { kind: 'refuse', refusal: UI_DEVICE_REQUIRED };
  if (controlUi.disableDeviceAuth) return { kind: 'allow', keepsScopes: true };
  if (shared.ok && shared.method === 'trusted-proxy') return { kind: 'allow', keepsScopes: false };
  if (!controlUi.allowInsecureAuth || !peer.isLocal) return { kind: 'refuse', refusal: UI_DEVICE_REQUIRED };
  return hasSecretMethod(shared) ? { kind: 'allow', keepsScopes: true } : undefined;
}

/** The newest CLI has no device: on this computer, with the shared secret, it keeps what it asked for. */
function isTrustedCommand({ request, peer }: MissingDeviceInput): boolean {
  const isCommand = DEVICELESS_CLIENTS.has(request.params.client.id);
  return request.protocol >= 4 && peer.isLocal && peer.origin === undefined && isCommand;
}

export function judgeMissingDevice(input: MissingDeviceInput): MissingDevice {
  const { request, shared } = input;
  const isUi = isControlUi(request.params.client);
  const special = isUi ? controlUiRule(input) : undefined;
  if (special) return special;
  if (request.role === 'operator' && hasSecretMethod(shared)) {
    return { kind: 'allow', keepsScopes: isTrustedCommand(input) };
  }
  const { token, password } = request.params.auth ?? {};
  if (!shared.ok && (token || password)) return { kind: 'auth-error' };
  return { kind: 'refuse', refusal: isUi ? UI_DEVICE_REQUIRED : DEVICE_REQUIRED };
}
