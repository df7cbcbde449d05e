// The vocabulary of the client: its options, its state, and the few host facilities that are passed in.
import type { ConnectAuth, ConnectClient, HelloOk } from '../protocol/index.js';
import type { Transport } from './transport.js';

/** Time, passed in. `systemClock` of the shared room fits; so does a fake. */
export interface ClientTimers {
  /** Epoch milliseconds. */
  now(): number;
  after(delayMs: number, run: () => void): { cancel(): void };
}

/** The part of AbortSignal that the client uses. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Who this device is (spec/gateway-protocol.md §3.2). `publicKey` and the signature are base64url without padding. */
export interface DeviceIdentity {
  /** Lower-case hex SHA-256 of the raw public key. */
  deviceId: string;
  publicKey: string;
  sign(payload: string): Promise<string>;
}

/** The token that the gateway issued to this device; to be stored by the host. */
export interface DeviceAuth {
  deviceToken: string;
  role: string;
  scopes: string[];
  issuedAtMs?: number;
}

export interface GatewayClientOptions {
  /** ws:// or wss:// address. */
  url: string;
  transport: (url: string) => Transport;
  client: ConnectClient;
  /** Default `operator`. */
  role?: string;
  scopes: readonly string[];
  caps?: readonly string[];
  /**
   * Shared token or password, and the stored device token. As a function it is asked before each attempt.
   * The device token is sent only when there is no shared secret, or for the one retry after a token mismatch.
   */
  auth?: ConnectAuth | (() => ConnectAuth | undefined);
  /** Without it the client connects device-less. */
  identity?: DeviceIdentity;
  timers: ClientTimers;
  /** 0 ≤ x < 1, like Math.random. */
  random: () => number;
  /** Hears a newly issued device token, or undefined when the stored one is worthless and must be dropped. */
  onDeviceAuth?: (auth: DeviceAuth | undefined) => void;
  /** Default 30,000 ms. */
  requestTimeoutMs?: number;
  /** From opening the socket to hello-ok; default 10,000 ms. */
  handshakeTimeoutMs?: number;
  protocol?: { min: number; max: number };
  /** First and longest wait before another attempt; default 1,000 and 30,000 ms. */
  reconnect?: { minMs?: number; maxMs?: number };
}

export type ConnectionPhase = 'idle' | 'connecting' | 'ready' | 'waiting' | 'refused' | 'stopped';

export interface ConnectionFault {
  /** `details.code` of the gateway's error when it sent one, else its `code`, else GATEWAY_CLOSED or GATEWAY_URL_INVALID. */
  code: string;
  message: string;
  details?: unknown;
}

/**
 * `waiting`: another attempt follows at `retryAtMs`. `refused`: the gateway said no in a way that trying again
 * does not change; call `start()` once the cause is gone.
 */
export interface ConnectionState {
  phase: ConnectionPhase;
  hello?: HelloOk;
  error?: ConnectionFault;
  /** Failed attempts since the last time it was ready. */
  attempt: number;
  retryAtMs?: number;
  /** When the last frame of the gateway arrived, as of this change of phase. */
  lastSeenMs?: number;
}

/** Why lists may be stale: events are missing, or the connection was new. Nothing is replayed, so refetch. */
export type Gap = { reason: 'missed'; expected: number; received: number } | { reason: 'reconnected' };

export interface RequestOptions {
  /** 0 = wait without end. */
  timeoutMs?: number;
  signal?: AbortSignalLike;
  /** Two-stage methods (agent): resolve with the second response instead of the acknowledgement. */
  expectFinal?: boolean;
  /** Hears the acknowledgement; only with `expectFinal`. */
  onAccepted?: (payload: unknown) => void;
}
