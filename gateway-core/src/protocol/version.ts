// Which protocol generations we speak, and how one is chosen.

export const PROTOCOL_VERSIONS = [3, 4] as const;
export type ProtocolVersion = (typeof PROTOCOL_VERSIONS)[number];

/** Highest version inside the peer's range, or undefined when there is none (spec/interop.md §5). */
export function negotiateProtocol(minProtocol: number, maxProtocol: number): ProtocolVersion | undefined {
  return [...PROTOCOL_VERSIONS].reverse().find((version) => version >= minProtocol && version <= maxProtocol);
}

/** Limits and timers of the wire (spec/gateway-protocol.md §1 and §8). Bytes and milliseconds. */
export const LIMITS = {
  preAuthPayloadBytes: 65_536,
  maxPayloadBytes: 26_214_400,
  maxBufferedBytes: 52_428_800,
  handshakeTimeoutMs: 10_000,
  tickIntervalMs: 30_000,
  healthRefreshMs: 60_000,
  deviceSkewMs: 120_000,
  chatDeltaThrottleMs: 150,
  idempotencyTtlMs: 300_000,
  idempotencyMaxEntries: 1000,
  historyMaxMessages: 1000,
  historyMaxBytes: 6 * 1024 * 1024,
} as const;

export const CLOSE = {
  normal: 1000,
  protocolError: 1002,
  policy: 1008,
  tooBig: 1009,
  serviceRestart: 1012,
  tickTimeout: 4000,
} as const;
