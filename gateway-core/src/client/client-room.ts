// Test support: a client wired to in-memory sockets and hand-turned time.
import { FakeSocket, FakeTimers } from './fake-gateway.js';
import { GatewayClient } from './gateway-client.js';
import type { ConnectionState, DeviceIdentity, GatewayClientOptions } from './types.js';

export const identity: DeviceIdentity = {
  deviceId: 'device-1',
  publicKey: 'key-1',
  sign: (payload) => Promise.resolve(`signed:${payload}`),
};

export function setUp(changes: Partial<GatewayClientOptions> = {}) {
  const timers = new FakeTimers();
  const sockets: FakeSocket[] = [];
  const states: ConnectionState[] = [];
  const client = new GatewayClient({
    url: 'ws://127.0.0.1:18789',
    transport: (url) => {
      const socket = new FakeSocket(url);
      sockets.push(socket);
      return socket.transport;
    },
    client: { id: 'cli', version: '1.0.0', platform: 'Linux', mode: 'cli' },
    scopes: ['operator.read', 'operator.write'],
    timers,
    random: () => 0.5,
    ...changes,
  });
  client.onState((state) => states.push(state));
  const socket = (index: number): FakeSocket => {
    const found = sockets.at(index);
    if (!found) throw new Error(`no socket ${index}`);
    return found;
  };
  return { client, timers, sockets, socket, states };
}

export async function connected(changes: Partial<GatewayClientOptions> = {}) {
  const room = setUp(changes);
  room.client.start();
  await room.socket(0).welcome();
  return { ...room, first: room.socket(0) };
}

/** What a gateway answers to a wrong token. */
export const mismatch = {
  code: 'INVALID_REQUEST',
  message: 'unauthorized: gateway token mismatch (provide gateway auth token)',
  details: { code: 'AUTH_TOKEN_MISMATCH' },
};
