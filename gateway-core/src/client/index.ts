// The typed client of the gateway; runs in the window, in browsers and in Node (no host types in here).
export { GatewayClosedError, GatewayRequestError, GatewayTimeoutError } from './errors.js';
export { GatewayClient } from './gateway-client.js';
export { isLoopbackUrl } from './refusal.js';
export {
  createWebSocketTransport,
  type Transport,
  type TransportEnd,
  type WebSocketLike,
  wrapWebSocket,
} from './transport.js';
export type {
  AbortSignalLike,
  ClientTimers,
  ConnectionFault,
  ConnectionPhase,
  ConnectionState,
  DeviceAuth,
  DeviceIdentity,
  Gap,
  GatewayClientOptions,
  RequestOptions,
} from './types.js';
