// What a method handler is given, and how slices send events: the seam between the server and the slices.
import type { Static } from 'typebox';
import type {
  ConnectClient,
  EventName,
  EventPayload,
  MethodName,
  MethodParams,
  MethodResult,
  ProtocolVersion,
  WholeWireEvents,
  WholeWireMethods,
} from '../protocol/index.js';
import type { Logger } from './logger.js';

/** Who is calling. Scopes are the live, effective ones. */
export interface Caller {
  connId: string;
  role: 'operator' | 'node';
  scopes: readonly string[];
  caps: readonly string[];
  clientId: string;
  clientMode: string;
  displayName?: string;
  instanceId?: string;
  deviceId?: string;
  clientIp?: string;
  isLocal: boolean;
  protocol: ProtocolVersion;
}

export interface RequestContext {
  caller: Caller;
  /** Fires when the connection closes. */
  signal: AbortSignal;
  log: Logger;
  /** Sends a first response with `ok: true`; the handler's return value follows as the second (agent). */
  acknowledge(payload: unknown): void;
}

/**
 * Answer of a handler that must send a payload together with an error (agent and chat failures).
 * Thrown; the server turns it into `ok: false` with both.
 */
export class FailedWithPayload extends Error {
  constructor(
    readonly payload: unknown,
    message: string,
  ) {
    super(message);
    this.name = 'FailedWithPayload';
  }
}

export type MethodHandler<M extends MethodName> = (
  params: MethodParams<M>,
  context: RequestContext,
) => MethodResult<M> | Promise<MethodResult<M>>;

/** A slice's part of the method table. */
export type MethodHandlers<M extends MethodName = MethodName> = { [K in M]: MethodHandler<K> };

export interface BroadcastOptions {
  /** Send to these connections only; such events carry no `seq`. */
  connIds?: ReadonlySet<string>;
  /** Add the counters of presence and health. */
  withStateVersion?: boolean;
}

export type Broadcast = <E extends EventName>(event: E, payload: EventPayload<E>, options?: BroadcastOptions) => void;

/** Tells slices that a connection is gone, so they can drop its subscriptions. */
export type OnConnectionClosed = (listener: (connId: string) => void) => void;

/** `MethodHandlers` for methods of the whole wire, whether or not they are in the method table yet. */
export type WireHandlers<M extends keyof WholeWireMethods> = {
  [K in M]: (
    params: Static<WholeWireMethods[K]['params']>,
    context: RequestContext,
  ) => Static<WholeWireMethods[K]['result']> | Promise<Static<WholeWireMethods[K]['result']>>;
};

/** `Broadcast` for chosen events of the whole wire. */
export type WireBroadcast<E extends keyof WholeWireEvents> = (
  ...args: {
    [K in E]: [event: K, payload: Static<WholeWireEvents[K]['payload']>, options?: BroadcastOptions];
  }[E]
) => void;

/** A client that just got its `hello-ok`, with what it said about itself. */
export interface ConnectedClient {
  caller: Caller;
  client: ConnectClient;
  /** Claims of a node; empty for operators. */
  commands: readonly string[];
  permissions?: Readonly<Record<string, boolean>>;
  pathEnv?: string;
  connectedAtMs: number;
}

/** Tells slices that a client signed in. */
export type OnClientConnected = (listener: (connected: ConnectedClient) => void) => void;
