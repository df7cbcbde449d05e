// One socket from open to close: challenge, connect, hello-ok, frames, watchdog.
import {
  CLOSE,
  type ConnectChallenge,
  type ConnectParams,
  type EventFrame,
  type HelloOk,
  type RequestFrame,
  type ResponseFrame,
} from '../protocol/index.js';
import { GatewayRequestError } from './errors.js';
import { readChallenge, readFrame, readHello } from './frames.js';
import type { Transport, TransportEnd } from './transport.js';
import type { ClientTimers } from './types.js';

const CONNECT_ID = 'connect';
/** How long the gateway may take to close after it refused. */
const REFUSAL_CLOSE_MS = 1_000;
/** Ours: hello-ok did not come, or cannot be used. */
const CLOSE_HANDSHAKE_FAILED = 4001;

export interface ConnectionEnd extends TransportEnd {
  /** The gateway's answer to `connect` when it was no. */
  connectError?: GatewayRequestError;
}

export interface ConnectionHooks {
  buildConnect(challenge: ConnectChallenge): Promise<ConnectParams>;
  onReady(hello: HelloOk): void;
  onResponse(frame: ResponseFrame): void;
  onEvent(frame: EventFrame): void;
  /** Called exactly once, unless `drop()` came first. */
  onEnd(end: ConnectionEnd): void;
}

export interface ConnectionSettings {
  timers: ClientTimers;
  handshakeTimeoutMs: number;
}

export class Connection {
  readonly #transport: Transport;
  readonly #settings: ConnectionSettings;
  readonly #hooks: ConnectionHooks;
  #phase: 'opening' | 'signing' | 'asked' | 'ready' | 'ended' = 'opening';
  #timer: { cancel(): void };
  #connectError: GatewayRequestError | undefined;
  #lastFrameMs: number | undefined;

  constructor(transport: Transport, settings: ConnectionSettings, hooks: ConnectionHooks) {
    this.#transport = transport;
    this.#settings = settings;
    this.#hooks = hooks;
    this.#timer = settings.timers.after(settings.handshakeTimeoutMs, () => this.#handshakeTimedOut());
    transport.onMessage((text) => this.#receive(text));
    transport.onClose((end) => this.#end(end));
    // A close always follows; it carries what can be known.
    transport.onError(() => undefined);
  }

  /** When the gateway was last heard, epoch milliseconds. */
  get lastFrameMs(): number | undefined {
    return this.#lastFrameMs;
  }

  send(text: string): void {
    this.#transport.send(text);
  }

  /** Closes without telling the hooks. */
  drop(): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#timer.cancel();
    this.#transport.close();
  }

  #receive(text: string): void {
    if (this.#phase === 'ended') return;
    const frame = readFrame(text);
    if (!frame) return;
    this.#lastFrameMs = this.#settings.timers.now();
    if (this.#phase === 'ready') {
      if (frame.type === 'event') this.#hooks.onEvent(frame);
      else this.#hooks.onResponse(frame);
      return;
    }
    if (frame.type === 'event') this.#challenged(frame);
    else if (frame.id === CONNECT_ID && this.#phase === 'asked') this.#answered(frame);
  }

  #challenged(frame: EventFrame): void {
    const challenge = this.#phase === 'opening' ? readChallenge(frame, this.#settings.timers.now()) : undefined;
    if (!challenge) return;
    this.#phase = 'signing';
    this.#hooks.buildConnect(challenge).then(
      (params) => {
        if (this.#phase !== 'signing') return;
        this.#phase = 'asked';
        const request: RequestFrame = { type: 'req', id: CONNECT_ID, method: 'connect', params };
        this.send(JSON.stringify(request));
      },
      (error: unknown) => this.#giveUp(`cannot sign in: ${error instanceof Error ? error.message : String(error)}`),
    );
  }

  #answered(frame: ResponseFrame): void {
    if (!frame.ok) {
      this.#connectError = new GatewayRequestError(frame.error ?? { code: 'UNAVAILABLE', message: 'connect failed' });
      this.#timer.cancel();
      const message = this.#connectError.message;
      this.#timer = this.#settings.timers.after(REFUSAL_CLOSE_MS, () => this.#close(CLOSE.policy, message));
      return;
    }
    const hello = readHello(frame.payload);
    if (!hello) return this.#giveUp('the answer to connect is not a hello-ok');
    this.#phase = 'ready';
    this.#timer.cancel();
    this.#watch(hello.policy.tickIntervalMs);
    this.#hooks.onReady(hello);
  }

  #handshakeTimedOut(): void {
    if (this.#phase === 'opening') this.#close(CLOSE.policy, 'connect challenge timeout');
    else this.#giveUp('connect timeout');
  }

  // One timer that looks again when silence could have lasted long enough, instead of one per frame.
  #watch(tickIntervalMs: number): void {
    const { timers } = this.#settings;
    const limitMs = 2 * tickIntervalMs;
    const look = (): void => {
      const silentMs = timers.now() - (this.#lastFrameMs ?? timers.now());
      if (silentMs >= limitMs) this.#close(CLOSE.tickTimeout, 'tick timeout');
      else this.#timer = timers.after(limitMs - silentMs, look);
    };
    this.#timer = timers.after(limitMs, look);
  }

  #giveUp(reason: string): void {
    this.#close(CLOSE_HANDSHAKE_FAILED, reason);
  }

  // A dead network may never report the close, so the end is ours to declare.
  #close(code: number, reason: string): void {
    if (this.#phase === 'ended') return;
    this.#transport.close(code, reason.slice(0, 100));
    this.#end({ code, reason });
  }

  #end(end: TransportEnd): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#timer.cancel();
    this.#hooks.onEnd({ ...end, ...(this.#connectError && { connectError: this.#connectError }) });
  }
}
