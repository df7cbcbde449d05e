// How the window introduces itself to the gateway.
import type { GatewayConnection } from '../../../electron/contract/desktop.js';
import {
  createWebSocketTransport,
  type DeviceAuth,
  type DeviceIdentity,
  GatewayClient,
  type Transport,
} from '../../../gateway-core/src/client/index.js';
import type { ConnectClient } from '../../../gateway-core/src/protocol/index.js';
import type { LocalState } from './storage.js';

const SCOPES = ['operator.admin', 'operator.read', 'operator.write', 'operator.approvals', 'operator.pairing'];
/** A lost gateway must be back on screen within seconds, so the first wait is short and the longest is too. */
const RECONNECT = { minMs: 250, maxMs: 5_000 };

export interface ClientSettings {
  version: string;
  platform: string;
  identity?: DeviceIdentity;
  /** Remembers the token that the gateway gives to this device. */
  state: LocalState;
  transport?: (url: string) => Transport;
}

function tokenKey(url: string): string {
  return `device-token.${url}`;
}

function storedDeviceToken(state: LocalState, url: string): string | undefined {
  const value = state.read(tokenKey(url));
  return typeof value === 'string' ? value : undefined;
}

/** Forgets that this browser was ever signed in at an address. */
export function forgetDeviceToken(state: LocalState, url: string): void {
  state.remove(tokenKey(url));
}

function describeClient({ version, platform }: ClientSettings): ConnectClient {
  return { id: 'openclaw-control-ui', mode: 'webchat', version, platform } as ConnectClient;
}

export function createClientMaker(settings: ClientSettings): (connection: GatewayConnection) => GatewayClient {
  const { state, identity } = settings;
  return ({ url, token, password }) =>
    new GatewayClient({
      url,
      transport: settings.transport ?? createWebSocketTransport(WebSocket),
      client: describeClient(settings),
      scopes: SCOPES,
      caps: ['tool-events'],
      auth: () => ({ token, password, deviceToken: identity && storedDeviceToken(state, url) }),
      identity,
      timers: {
        now: () => Date.now(),
        after: (delayMs, run) => {
          const timer = setTimeout(run, delayMs);
          return { cancel: () => clearTimeout(timer) };
        },
      },
      random: () => Math.random(),
      onDeviceAuth: (auth: DeviceAuth | undefined) => {
        if (auth) state.write(tokenKey(url), auth.deviceToken);
        else forgetDeviceToken(state, url);
      },
      reconnect: RECONNECT,
    });
}
