// One WebSocket: sending under the buffer limit, closing once, and what is known about its client.
import type { Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import { CLOSE, LIMITS } from '../protocol/index.js';
import type { Clock, Timer } from '../shared/clock.js';
import type { Caller } from '../shared/wire.js';
import { closeReason } from './handshake/refusal.js';
import type { Outbox } from './outbox.js';
import type { Peer } from './peer.js';
import type { PresentClient } from './presence.js';

/** How long a closed socket may take to send what is buffered. */
const CLOSE_GRACE_MS = 2000;

/** What `hello-ok` made of a connection. */
export interface Member {
  caller: Caller;
  /** Everything the scopes allow. */
  grants: ReadonlySet<string>;
  present: PresentClient;
}

export interface ConnectionParts {
  socket: WebSocket;
  /** What `socket` writes to. */
  stream: Writable;
  peer: Peer;
  outbox: Outbox;
  clock: Clock;
}

export class Connection {
  readonly id: string;
  readonly peer: Peer;
  /** Set by the handshake. */
  member: Member | undefined;
  /** Events sent with a number, for protocol 4. */
  sequence = 0;
  /** Role errors in a row. */
  roleErrors = 0;
  readonly #socket: WebSocket;
  readonly #outbox: Outbox;
  readonly #stream: Writable;
  readonly #clock: Clock;
  #abort: AbortController | undefined;
  #isClosing = false;
  #cut: Timer | undefined;

  constructor(id: string, { socket, stream, peer, outbox, clock }: ConnectionParts) {
    this.id = id;
    this.peer = peer;
    this.#socket = socket;
    this.#stream = stream;
    this.#outbox = outbox;
    this.#clock = clock;
  }

  get isOpen(): boolean {
    return !this.#isClosing && this.#socket.readyState === this.#socket.OPEN;
  }

  /** Fires when the connection closes. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (!this.isOpen) this.#abort.abort();
    return this.#abort.signal;
  }

  /** True when the client does not read fast enough for more. */
  get isFull(): boolean {
    return this.#socket.bufferedAmount > LIMITS.maxBufferedBytes;
  }

  /** Sends a text frame. A client that does not read is closed instead. */
  send(text: string | Buffer): void {
    if (!this.isOpen) return;
    if (this.isFull) this.close(CLOSE.policy, 'slow consumer');
    else {
      this.#outbox.gather(this.#stream);
      this.#socket.send(text, { binary: false });
    }
  }

  close(code: number, reason = ''): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#socket.close(code, closeReason(reason));
    this.#cut = this.#clock.after(CLOSE_GRACE_MS, () => this.terminate());
  }

  terminate(): void {
    this.#isClosing = true;
    this.#socket.terminate();
  }

  /** To be called once, when the socket is gone. */
  closed(): void {
    this.#isClosing = true;
    this.#cut?.cancel();
    this.#abort?.abort();
  }

  /** After the handshake a client may send large frames. */
  allowLargeFrames(): void {
    // ws fixes the limit at the upgrade; there is no public way to raise it for one socket.
    const { _receiver: receiver } = this.#socket as unknown as { _receiver?: { _maxPayload: number } };
    if (receiver) receiver._maxPayload = LIMITS.maxPayloadBytes;
  }
}
