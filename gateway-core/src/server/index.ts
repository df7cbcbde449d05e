// The server room: the wire, signing in, HTTP, and the files of the window.
export { createGatewayServer } from './gateway-server.js';
export { allowsMethod, sendJson, sendText } from './http/respond.js';
export type { HttpExchange, HttpRoute } from './http/route.js';
export type { Peer } from './peer.js';
/** Tailscale identity: when it counts, and who has an address (spec/gateway-config.md §10). */
export { allowsTailscale } from './tailscale/identity.js';
/** Runs the `tailscale` program of this computer. */
export { createTailscaleProgram, type TailscaleProgram } from './tailscale/program.js';
/** `tailscale serve` and `funnel` for the port of the gateway, and how that stands (spec/gateway-config.md §10). */
export {
  type ServeMode,
  type ServeOptions,
  type ServeStatus,
  startTailscaleServe,
  type TailscaleServe,
} from './tailscale/serve.js';
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
