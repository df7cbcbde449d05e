// The server room: the wire, signing in, HTTP, and the files of the window.
export { createGatewayServer } from './gateway-server.js';
export { allowsMethod, sendJson, sendText } from './http/respond.js';
export type { HttpExchange, HttpRoute } from './http/route.js';
export type { Peer } from './peer.js';
export type {
  GatewayServer,
  GatewayServerOptions,
  HealthSource,
  HelloFacts,
  ListenResult,
  RateLimitSettings,
  ServerSettings,
  StopNotice,
  TrustedProxySettings,
} from './types.js';
