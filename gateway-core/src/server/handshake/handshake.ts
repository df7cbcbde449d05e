// The life of a socket up to `hello-ok`: challenge, deadline, one `connect`, then a member or a close
// (spec/gateway-protocol.md §3).
import { randomUUID } from 'node:crypto';
import { CLOSE, LIMITS, type ResponseFrame } from '../../protocol/index.js';
import type { Clock, Timer } from '../../shared/clock.js';
import { inBackground, type Logger } from '../../shared/logger.js';
import type { Connection } from '../connection.js';
import { type Admission, type AdmissionDeps, type Admitted, admit } from './admission.js';
import { type ConnectRequest, readFirstFrame } from './first-frame.js';
import type { Refusal } from './refusal.js';

/** spec/interop.md §5; a deadline of the config or environment holds for everybody. */
const PROTOCOL_4_TIMEOUT_MS = 15_000;

export interface HandshakeDeps {
  admission: AdmissionDeps;
  clock: Clock;
  log: Logger;
  timeoutMs: number;
  /** Makes the connection a member and answers with `hello-ok`. */
  welcome(connection: Connection, request: ConnectRequest, admitted: Admitted): void;
}

export class Handshake {
  readonly #connection: Connection;
  readonly #deps: HandshakeDeps;
  readonly #nonce = randomUUID();
  readonly #openedAtMs: number;
  #deadline: Timer;
  #isDeciding = false;
  /** Frames that arrived while `connect` is being decided. */
  #early: string[] = [];
  #earlyBytes = 0;

  constructor(connection: Connection, deps: HandshakeDeps) {
    this.#connection = connection;
    this.#deps = deps;
    this.#openedAtMs = deps.clock.now();
    const payload = { nonce: this.#nonce, ts: this.#openedAtMs };
    connection.send(JSON.stringify({ type: 'event', event: 'connect.challenge', payload }));
    this.#deadline = deps.clock.after(deps.timeoutMs, () => this.#expire());
  }

  /** Takes a frame that came before `hello-ok`. `replay` gets the early ones once the client is a member. */
  receive(text: string, replay: (text: string) => void): void {
    if (this.#isDeciding) {
      this.#keep(text);
      return;
    }
    const first = readFirstFrame(text);
    if (first.kind === 'refuse') {
      this.#refuse(first.refusal, first.id);
      return;
    }
    this.#isDeciding = true;
    if (first.request.protocol >= 4) this.#extend();
    const decided = admit(this.#deps.admission, {
      request: first.request,
      peer: this.#connection.peer,
      nonce: this.#nonce,
    });
    inBackground(
      decided
        .then((admission) => this.#finish(first.request, admission, replay))
        .catch((error: unknown) => this.#break(error)),
      this.#deps.log,
      'the handshake failed',
    );
  }

  /** Stops the deadline; the socket is gone. */
  stop(): void {
    this.#deadline.cancel();
  }

  #finish(request: ConnectRequest, admission: Admission, replay: (text: string) => void): void {
    if (!this.#connection.isOpen) return;
    if (!admission.ok) {
      this.#refuse(admission.refusal, request.id);
      return;
    }
    this.#deadline.cancel();
    this.#deps.welcome(this.#connection, request, admission);
    for (const text of this.#early) replay(text);
    this.#early = [];
  }

  #keep(text: string): void {
    this.#earlyBytes += Buffer.byteLength(text);
    if (this.#earlyBytes > LIMITS.preAuthPayloadBytes)
      this.#connection.close(CLOSE.tooBig, 'preauth payload too large');
    else this.#early.push(text);
  }

  #refuse({ error, closeCode, closeReason }: Refusal, id?: string): void {
    this.#deadline.cancel();
    if (error && id !== undefined) {
      this.#connection.send(JSON.stringify({ type: 'res', id, ok: false, error } satisfies ResponseFrame));
    }
    this.#deps.log.debug(`handshake refused: ${closeReason || 'not a frame'}`, { conn: this.#connection.id });
    this.#connection.close(closeCode, closeReason);
  }

  /** Protocol 4 gives a handshake more time; which one it is shows only now. */
  #extend(): void {
    const { clock, timeoutMs } = this.#deps;
    if (timeoutMs !== LIMITS.handshakeTimeoutMs) return;
    this.#deadline.cancel();
    const leftMs = this.#openedAtMs + PROTOCOL_4_TIMEOUT_MS - clock.now();
    this.#deadline = clock.after(Math.max(0, leftMs), () => this.#expire());
  }

  #expire(): void {
    this.#deps.log.debug('handshake took too long', { conn: this.#connection.id });
    this.#connection.close(CLOSE.normal);
  }

  /** A bug, or a disk that cannot be written: the client may try again. */
  #break(error: unknown): never {
    this.#connection.close(1011, 'internal error');
    throw error;
  }
}
