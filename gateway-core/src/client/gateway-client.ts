// The client of the gateway: one connection kept alive, requests, events.
import {
  type ConnectAuth,
  type EventFrame,
  type EventName,
  type EventPayload,
  type HelloOk,
  LIMITS,
  type MethodName,
  type MethodParams,
  type MethodResult,
  type RequestFrame,
} from '../protocol/index.js';
import { reconnectDelayMs } from './backoff.js';
import { buildConnectParams, chooseAuth } from './connect-params.js';
import { Connection, type ConnectionEnd } from './connection.js';
import { GatewayClosedError } from './errors.js';
import { Listeners } from './listeners.js';
import { abortReason, PendingRequests } from './pending-requests.js';
import { decideAfterEnd, dropsDeviceToken } from './refusal.js';
import type { ConnectionFault, ConnectionState, Gap, GatewayClientOptions, RequestOptions } from './types.js';

const REQUEST_TIMEOUT_MS = 30_000;
const RECONNECT = { minMs: 1_000, maxMs: 30_000 };

interface ReadyWaiter {
  resolve(hello: HelloOk): void;
  reject(error: unknown): void;
}

function describeEnd(end: ConnectionEnd): ConnectionFault {
  const closed = { closeCode: end.code, reason: end.reason };
  const refusal = end.connectError;
  if (!refusal)
    return { code: 'GATEWAY_CLOSED', message: new GatewayClosedError(end.code, end.reason).message, details: closed };
  const details = refusal.details !== null && typeof refusal.details === 'object' ? refusal.details : {};
  return { code: refusal.detailCode, message: refusal.message, details: { ...closed, ...details } };
}

export class GatewayClient {
  readonly #options: GatewayClientOptions;
  readonly #pending: PendingRequests;
  readonly #stateListeners = new Listeners<[ConnectionState]>();
  readonly #gapListeners = new Listeners<[Gap]>();
  readonly #eventListeners = new Map<string, Listeners<[unknown, EventFrame]>>();
  readonly #readyWaiters = new Set<ReadyWaiter>();
  #state: ConnectionState = { phase: 'idle', attempt: 0 };
  #connection: Connection | undefined;
  #retry: { cancel(): void } | undefined;
  #nextId = 1;
  #failures = 0;
  #readySinceMs: number | undefined;
  #wasReady = false;
  #lastSeq: number | undefined;
  #lastSeenMs: number | undefined;
  /** undefined = as in the options; null = dropped. */
  #deviceToken: string | null | undefined;
  #usedDeviceToken = false;

  constructor(options: GatewayClientOptions) {
    this.#options = options;
    this.#pending = new PendingRequests(options.timers);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Connects and stays connected. Also: tries again at once when waiting, refused or stopped. */
  start(): void {
    const { phase } = this.#state;
    if (phase === 'connecting' || phase === 'ready') return;
    this.#retry?.cancel();
    this.#usedDeviceToken = false;
    this.#open(false);
  }

  /** Closes; waiting requests reject with GatewayClosedError. */
  stop(): void {
    this.#retry?.cancel();
    this.#connection?.drop();
    this.#connection = undefined;
    this.#leave({ phase: 'stopped', attempt: 0 }, new GatewayClosedError(1000, 'the client was stopped'));
  }

  /** Hears each change of state; returns the undo. */
  onState(listener: (state: ConnectionState) => void): () => void {
    return this.#stateListeners.add(listener);
  }

  /** Hears events of one name; returns the undo. */
  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>, frame: EventFrame) => void): () => void {
    let listeners = this.#eventListeners.get(event);
    if (!listeners) {
      listeners = new Listeners();
      this.#eventListeners.set(event, listeners);
    }
    return listeners.add((payload, frame) => listener(payload as EventPayload<E>, frame));
  }

  /** Hears that events were missed, or that a lost connection is back: whatever was fetched may be stale. */
  onGap(listener: (gap: Gap) => void): () => void {
    return this.#gapListeners.add(listener);
  }

  /**
   * Sends a request and resolves with the payload of its response. While a connection is being made it waits for
   * the outcome; in any other phase than `ready` it rejects at once. Rejects with GatewayRequestError,
   * GatewayClosedError, GatewayTimeoutError or the reason of the signal.
   */
  request<M extends MethodName>(
    method: M,
    params?: MethodParams<M>,
    options?: RequestOptions,
  ): Promise<MethodResult<M>> {
    return this.call(method, params, options) as Promise<MethodResult<M>>;
  }

  /** `request` for a method that is only known by name. */
  async call(method: string, params?: unknown, options: RequestOptions = {}): Promise<unknown> {
    if (options.signal?.aborted) throw abortReason(options.signal.reason);
    if (this.#state.phase !== 'ready') await this.ready();
    const connection = this.#connection;
    if (!connection) throw new GatewayClosedError(1006, 'not connected');
    const timeoutMs = options.timeoutMs ?? this.#options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    const id = String(this.#nextId++);
    const frame: RequestFrame = { type: 'req', id, method, ...(params !== undefined && { params }) };
    const text = JSON.stringify(frame);
    // Waiting starts first: an in-memory gateway may answer while `send` still runs.
    const response = this.#pending.wait(id, method, { ...options, timeoutMs });
    connection.send(text);
    return response;
  }

  /** Resolves when connected. Rejects with GatewayClosedError when this attempt fails or none is under way. */
  ready(): Promise<HelloOk> {
    const { phase, hello, error } = this.#state;
    if (phase === 'ready' && hello) return Promise.resolve(hello);
    if (phase !== 'connecting') {
      return Promise.reject(new GatewayClosedError(1006, error?.message ?? 'not connected'));
    }
    return new Promise((resolve, reject) => this.#readyWaiters.add({ resolve, reject }));
  }

  #open(withDeviceToken: boolean): void {
    const { url, timers, handshakeTimeoutMs = LIMITS.handshakeTimeoutMs } = this.#options;
    const auth = chooseAuth(this.#auth(), withDeviceToken);
    this.#setState({ phase: 'connecting', attempt: this.#failures, lastSeenMs: this.#lastSeenMs });
    let transport;
    try {
      transport = this.#options.transport(url);
    } catch (error) {
      const message = `cannot open ${url}: ${error instanceof Error ? error.message : String(error)}`;
      const fault = { code: 'GATEWAY_URL_INVALID', message };
      this.#leave({ phase: 'refused', attempt: this.#failures, error: fault }, new GatewayClosedError(1006, message));
      return;
    }
    this.#connection = new Connection(
      transport,
      { timers, handshakeTimeoutMs },
      {
        buildConnect: (challenge) => buildConnectParams(this.#options, auth, challenge),
        onReady: (hello) => this.#onReady(hello),
        onResponse: (frame) => this.#pending.settle(frame),
        onEvent: (frame) => this.#onEvent(frame),
        onEnd: (end) => this.#onEnd(end),
      },
    );
  }

  #auth(): ConnectAuth | undefined {
    const { auth } = this.#options;
    const given = typeof auth === 'function' ? auth() : auth;
    if (this.#deviceToken === undefined) return given;
    return { ...given, deviceToken: this.#deviceToken ?? undefined };
  }

  #onReady(hello: HelloOk): void {
    const returned = this.#wasReady;
    this.#wasReady = true;
    this.#readySinceMs = this.#options.timers.now();
    this.#lastSeq = undefined;
    this.#usedDeviceToken = false;
    const issued = hello.auth;
    if (issued?.deviceToken && this.#options.identity) {
      this.#deviceToken = issued.deviceToken;
      this.#options.onDeviceAuth?.({ ...issued, deviceToken: issued.deviceToken });
    }
    this.#setState({ phase: 'ready', hello, attempt: 0, lastSeenMs: this.#readySinceMs });
    for (const waiter of this.#takeWaiters()) waiter.resolve(hello);
    if (returned) this.#gapListeners.emit({ reason: 'reconnected' });
  }

  #onEvent(frame: EventFrame): void {
    if (frame.seq !== undefined) {
      const expected = (this.#lastSeq ?? frame.seq - 1) + 1;
      this.#lastSeq = frame.seq;
      if (frame.seq > expected) this.#gapListeners.emit({ reason: 'missed', expected, received: frame.seq });
    }
    this.#eventListeners.get(frame.event)?.emit(frame.payload, frame);
  }

  #onEnd(end: ConnectionEnd): void {
    const { timers, url, identity, reconnect } = this.#options;
    this.#lastSeenMs = this.#connection?.lastFrameMs ?? this.#lastSeenMs;
    this.#connection = undefined;
    if (dropsDeviceToken(end.code, end.reason)) this.#dropDeviceToken();
    const canUseDeviceToken = !this.#usedDeviceToken && identity !== undefined && Boolean(this.#auth()?.deviceToken);
    const next = decideAfterEnd({ connectError: end.connectError, canUseDeviceToken, url });
    if (next === 'retry-with-device-token') {
      this.#usedDeviceToken = true;
      this.#open(true);
      return;
    }
    const limits = { ...RECONNECT, ...reconnect };
    // A connection that dies right after hello-ok counts as failed, or a restart loop would spin without a pause.
    const wasSteady = this.#readySinceMs !== undefined && timers.now() - this.#readySinceMs >= limits.minMs;
    this.#readySinceMs = undefined;
    this.#failures = wasSteady ? 0 : this.#failures + 1;
    const closed = new GatewayClosedError(end.code, end.reason, end.connectError);
    const state = { attempt: this.#failures, error: describeEnd(end), lastSeenMs: this.#lastSeenMs };
    if (next === 'refused') return this.#leave({ ...state, phase: 'refused' }, closed);
    const delayMs = reconnectDelayMs({
      ...limits,
      failures: this.#failures,
      closeCode: end.code,
      random: this.#options.random(),
    });
    this.#retry = timers.after(delayMs, () => this.#open(false));
    this.#leave({ ...state, phase: 'waiting', retryAtMs: timers.now() + delayMs }, closed);
  }

  #dropDeviceToken(): void {
    this.#deviceToken = null;
    this.#options.onDeviceAuth?.(undefined);
  }

  #leave(state: ConnectionState, error: Error): void {
    this.#setState(state);
    for (const waiter of this.#takeWaiters()) waiter.reject(error);
    this.#pending.rejectAll(error);
  }

  #takeWaiters(): ReadyWaiter[] {
    const waiters = [...this.#readyWaiters];
    this.#readyWaiters.clear();
    return waiters;
  }

  #setState(state: ConnectionState): void {
    this.#state = state;
    this.#stateListeners.emit(state);
  }
}
