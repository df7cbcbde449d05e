// What the server is built from, and what it offers to the rest of the gateway.
import type { GatewaySettings } from '../config/index.js';
import type { DeviceStore } from '../devices/index.js';
import type { HealthSnapshot, HelloOk, PresenceEntry } from '../protocol/index.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import type { Broadcast, MethodHandlers, OnClientConnected, OnConnectionClosed } from '../shared/wire.js';
import type { HttpRoute } from './http/route.js';
import type { TailscaleWhois } from './tailscale/whois.js';

/** gateway.auth.trustedProxy: who signs people in instead of us. */
export interface TrustedProxySettings {
  userHeader?: string;
  requiredHeaders?: readonly string[];
  allowUsers?: readonly string[];
}

/** Certificate and key of the port, PEM; what `loadTlsMaterial` of the tls room gives. */
export interface TlsSettings {
  cert: string;
  key: string;
  ca?: string;
}

/** gateway.auth.rateLimit; absent fields take the defaults of spec/gateway-protocol.md §3.6. */
export interface RateLimitSettings {
  maxAttempts?: number;
  windowMs?: number;
  lockoutMs?: number;
  exemptLoopback?: boolean;
}

export type ServerSettings = Pick<
  GatewaySettings,
  'port' | 'hosts' | 'fallbackHosts' | 'auth' | 'trustedProxies' | 'allowRealIpFallback' | 'controlUi'
> & {
  trustedProxy?: TrustedProxySettings;
  /** Limits clients that are not browsers too; browsers always have a limit. */
  rateLimit?: RateLimitSettings;
  strictTransportSecurity?: string | false;
  /** With it the port speaks https and wss only. */
  tls?: TlsSettings;
  /** Take the identity that `tailscale serve` adds to a WebSocket; see `allowsTailscale`. */
  allowTailscale?: boolean;
  /** Default 10 000, and 15 000 for a client that speaks protocol 4; OPENCLAW_HANDSHAKE_TIMEOUT_MS. */
  handshakeTimeoutMs?: number;
};

/** The facts of `hello-ok.snapshot` that the server does not know itself. */
export type HelloFacts = Pick<HelloOk['snapshot'], 'configPath' | 'stateDir' | 'sessionDefaults'>;

export interface HealthSource {
  /** The last snapshot, if there is one; never computes. */
  current(): HealthSnapshot | undefined;
  /** Asks for a new snapshot and its broadcast, at most once a second. */
  refreshSoon(): void;
}

export interface GatewayServerOptions {
  settings: ServerSettings;
  devices: DeviceStore;
  health: HealthSource;
  helloFacts: () => HelloFacts;
  clock: Clock;
  log: Logger;
  version: string;
  /** Folder with the built window. */
  rendererDir?: string;
  /** HTTP endpoints beside the probes and the window, first match wins. */
  routes?: readonly HttpRoute[];
  /** Who has an address in the Tailscale network; without it no Tailscale identity is taken. */
  tailscaleWhois?: TailscaleWhois;
  /** Ids of what is not ready, for /ready. */
  failing?: () => readonly string[];
  /** Check results and events against their schemas; for tests and development. */
  checkOutput?: boolean;
  /** How often and how long to wait for a busy port; default 4 × 500 ms. */
  portRetry?: { times: number; delayMs: number };
}

export interface ListenResult {
  port: number;
  /** ws:// or, with TLS, wss:// addresses; the first one is the one to name. */
  urls: string[];
}

export interface StopNotice {
  /** Words of the `shutdown` event. */
  reason: string;
  restartExpectedMs: number | null;
}

export interface GatewayServer {
  broadcast: Broadcast;
  onConnectionClosed: OnConnectionClosed;
  /** Hears of every client right after its `hello-ok`. */
  onClientConnected: OnClientConnected;
  /** Closes the connections of a device with 1008; of one role when `role` is given. */
  disconnectDevice(deviceId: string, reason: string, role?: string): void;
  /** Puts an entry into the presence list and tells everybody. */
  notePresence(note: Omit<PresenceEntry, 'ts'>): void;
  /** Entries as `system-presence` answers them. */
  presence(): PresenceEntry[];
  /** Lets pages of one more origin sign in: an address under which this gateway turns out to be open. */
  allowOrigin(origin: string): void;
  /** Connections that passed the handshake. */
  connectionCount(): number;
  listen(handlers: MethodHandlers): Promise<ListenResult>;
  stop(notice: StopNotice): Promise<void>;
}
