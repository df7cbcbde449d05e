// The window's line to the gateway: one client at a time, subscriptions that outlive a change of address or secret.
import type { GatewayConnection } from '../../../electron/contract/desktop.js';
import type { ConnectionState, GatewayClient } from '../../../gateway-core/src/client/index.js';
import type {
  EventName,
  EventPayload,
  HelloOk,
  MethodName,
  MethodParams,
  MethodResult,
} from '../../../gateway-core/src/protocol/index.js';

export interface RequestOptions {
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** What pages may ask of the gateway. */
export interface Gateway {
  state(): ConnectionState;
  onState(listener: (state: ConnectionState) => void): () => void;
  /** After every successful handshake, the first and the later ones. */
  onReady(listener: (hello: HelloOk) => void): () => void;
  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void;
  /** Events were missed on a live connection: what is shown must be fetched again. */
  onGap(listener: () => void): () => void;
  request<M extends MethodName>(method: M, params: MethodParams<M>, options?: RequestOptions): Promise<MethodResult<M>>;
  /** `request` for a method that is only known by name. */
  call(method: string, params: unknown, options?: RequestOptions): Promise<unknown>;
  /** `on` for an event that is only known by name. */
  hear(event: string, listener: (payload: unknown) => void): () => void;
  /** Uses this address and secret from now on; drops the old socket when they differ. */
  connect(connection: GatewayConnection): void;
  /** Tries again now instead of at the next planned time. */
  retryNow(): void;
  stop(): void;
}

type AnyListener = (payload: never) => void;

function same(a: GatewayConnection | undefined, b: GatewayConnection): boolean {
  return a !== undefined && a.url === b.url && a.token === b.token && a.password === b.password;
}

/** Keeps subscriptions and binds them to whichever client is current. */
class GatewayLine implements Gateway {
  #client: GatewayClient | undefined;
  #connection: GatewayConnection | undefined;
  #unbind: Array<() => void> = [];
  #state: ConnectionState = { phase: 'idle', attempt: 0 };
  readonly #listeners = new Set<{ event: EventName; listener: AnyListener; off?: () => void }>();
  readonly #onState = new Set<(state: ConnectionState) => void>();
  readonly #onReady = new Set<(hello: HelloOk) => void>();
  readonly #onGap = new Set<() => void>();

  constructor(private readonly createClient: (connection: GatewayConnection) => GatewayClient) {}

  state(): ConnectionState {
    return this.#state;
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    this.#onState.add(listener);
    return () => this.#onState.delete(listener);
  }

  onReady(listener: (hello: HelloOk) => void): () => void {
    this.#onReady.add(listener);
    return () => this.#onReady.delete(listener);
  }

  onGap(listener: () => void): () => void {
    this.#onGap.add(listener);
    return () => this.#onGap.delete(listener);
  }

  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void {
    const entry: { event: EventName; listener: AnyListener; off?: () => void } = { event, listener };
    this.#listeners.add(entry);
    if (this.#client) this.#bind(this.#client, entry);
    return () => {
      entry.off?.();
      this.#listeners.delete(entry);
    };
  }

  async request<M extends MethodName>(
    method: M,
    params: MethodParams<M>,
    options?: RequestOptions,
  ): Promise<MethodResult<M>> {
    return this.#current().request(method, params, options);
  }

  async call(method: string, params: unknown, options?: RequestOptions): Promise<unknown> {
    return this.#current().call(method, params, options);
  }

  hear(event: string, listener: (payload: unknown) => void): () => void {
    return this.on(event as EventName, listener);
  }

  connect(connection: GatewayConnection): void {
    if (this.#client && same(this.#connection, connection)) {
      if (this.#state.phase !== 'ready') this.retryNow();
      return;
    }
    const lastSeenMs = this.#state.lastSeenMs;
    this.#drop();
    this.#connection = connection;
    const client = this.createClient(connection);
    this.#client = client;
    for (const entry of this.#listeners) this.#bind(client, entry);
    this.#unbind = [
      client.onState((state) => this.#accept({ ...state, lastSeenMs: state.lastSeenMs ?? lastSeenMs })),
      client.onGap((gap) => {
        if (gap.reason === 'missed') this.#onGap.forEach((listener) => listener());
      }),
    ];
    client.start();
  }

  retryNow(): void {
    this.#client?.start();
  }

  stop(): void {
    this.#drop();
    this.#accept({ phase: 'stopped', attempt: 0, lastSeenMs: this.#state.lastSeenMs });
  }

  #current(): GatewayClient {
    if (!this.#client) throw Object.assign(new Error('not connected'), { name: 'GatewayClosedError' });
    return this.#client;
  }

  #bind(client: GatewayClient, entry: { event: EventName; listener: AnyListener; off?: () => void }): void {
    entry.off = client.on(entry.event, (payload) => entry.listener(payload as never));
  }

  #accept(state: ConnectionState): void {
    const wasReady = this.#state.phase === 'ready';
    this.#state = state;
    this.#onState.forEach((listener) => listener(state));
    if (state.phase === 'ready' && !wasReady && state.hello) {
      const { hello } = state;
      this.#onReady.forEach((listener) => listener(hello));
    }
  }

  #drop(): void {
    for (const off of this.#unbind) off();
    this.#unbind = [];
    for (const entry of this.#listeners) {
      entry.off?.();
      entry.off = undefined;
    }
    this.#client?.stop();
    this.#client = undefined;
    this.#connection = undefined;
  }
}

/** A line that is not connected yet; `connect` gives it an address. */
export function createGateway(createClient: (connection: GatewayConnection) => GatewayClient): Gateway {
  return new GatewayLine(createClient);
}
