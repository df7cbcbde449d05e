// The server room: the wire, signing in, HTTP, and the files of the window.
export { createGatewayServer } from './gateway-server.js';
export { allowsMethod, sendJson, sendText } from './http/respond.js';
export type { HttpExchange, HttpRoute } from './http/route.js';
export type { Peer } from './peer.js';
/** Tailscale identity: when it counts, and who has an address (spec/gateway-config.md §10). */
export { allowsTailscale } from './tailscale/identity.js';
export { createTailscaleWhois, type TailscaleWhois, type WhoisOptions } from './tailscale/whois.js';
export type {
  GatewayServer,
  GatewayServerOptions,
  HealthSource,
  HelloFacts,
  ListenResult,
  RateLimitSettings,
  ServerSettings,
  StopNotice,
  TlsSettings,
  TrustedProxySettings,
} from './types.js';
