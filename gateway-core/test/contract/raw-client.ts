// A WebSocket client that hides nothing: raw frames out, frames in, and how the socket closed.
import { type ClientOptions, WebSocket } from 'ws';

export interface WireFrame {
  type: string;
  id?: string;
  ok?: boolean;
  event?: string;
  seq?: number;
  stateVersion?: { presence: number; health: number };
  payload?: unknown;
  error?: { code: string; message: string; details?: Record<string, unknown>; retryable?: boolean };
}

export interface SocketClose {
  code: number;
  reason: string;
}

export interface RawClientOptions {
  headers?: Record<string, string>;
  origin?: string;
  /** How long `next` and `closed` wait. Default 5000. */
  timeoutMs?: number;
}

type Test = (frame: WireFrame) => boolean;

interface Waiter {
  test: Test;
  resolve(frame: WireFrame): void;
  reject(error: Error): void;
}

const DEFAULT_TIMEOUT_MS = 5000;

export class RawClient {
  /** Every frame so far, also those that nobody waited for. */
  readonly received: WireFrame[] = [];
  readonly #socket: WebSocket;
  readonly #timeoutMs: number;
  readonly #unread: WireFrame[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #close: Promise<SocketClose>;
  #closeInfo: SocketClose | undefined;
  #requests = 0;

  private constructor(socket: WebSocket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    socket.on('message', (data: Buffer) => this.#take(JSON.parse(data.toString()) as WireFrame));
    // A socket error is always followed by a close, which tests look at.
    socket.on('error', () => undefined);
    this.#close = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.#closeInfo = { code, reason: reason.toString() };
        resolve(this.#closeInfo);
        for (const waiter of this.#waiters) waiter.reject(this.#closedError());
        this.#waiters.clear();
      });
    });
  }

  /** Resolves when the socket is open; the challenge may already wait in `next`. */
  static async open(url: string, options: RawClientOptions = {}): Promise<RawClient> {
    const settings: ClientOptions = { perMessageDeflate: false };
    if (options.headers) settings.headers = options.headers;
    if (options.origin !== undefined) settings.origin = options.origin;
    const socket = new WebSocket(url, settings);
    const client = new RawClient(socket, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve());
      socket.once('error', reject);
    });
    return client;
  }

  /** Sends text as it is, JSON or not. */
  sendRaw(text: string): void {
    this.#socket.send(text);
  }

  send(frame: unknown): void {
    this.sendRaw(JSON.stringify(frame));
  }

  /** The oldest frame that nobody took yet and that passes `test`. Rejects on a close or after the timeout. */
  next(test: Test = () => true, what = 'a frame'): Promise<WireFrame> {
    const at = this.#unread.findIndex(test);
    const [frame] = at === -1 ? [] : this.#unread.splice(at, 1);
    if (frame) return Promise.resolve(frame);
    if (this.#closeInfo) return Promise.reject(this.#closedError());
    return this.#inTime(
      new Promise<WireFrame>((resolve, reject) => this.#waiters.add({ test, resolve, reject })),
      what,
    );
  }

  event(name: string): Promise<WireFrame> {
    return this.next((frame) => frame.type === 'event' && frame.event === name, `event ${name}`);
  }

  response(id: string): Promise<WireFrame> {
    return this.next((frame) => frame.type === 'res' && frame.id === id, `the response to ${id}`);
  }

  /** Sends a request with an id of its own and waits for its first response. */
  call(method: string, params?: unknown): Promise<WireFrame> {
    this.#requests += 1;
    const id = `raw-${this.#requests}`;
    this.send({ type: 'req', id, method, ...(params !== undefined && { params }) });
    return this.response(id);
  }

  /** How the socket closed; waits for it. */
  closed(): Promise<SocketClose> {
    return this.#inTime(this.#close, 'the close');
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Closes from this side and waits for the end. */
  async close(): Promise<SocketClose> {
    this.#socket.close();
    return await this.closed();
  }

  /** Cuts the socket without a word. */
  terminate(): void {
    this.#socket.terminate();
  }

  /** Stops reading, as a client does that hangs. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  #take(frame: WireFrame): void {
    this.received.push(frame);
    for (const waiter of this.#waiters) {
      if (!waiter.test(frame)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(frame);
      return;
    }
    this.#unread.push(frame);
  }

  #closedError(): Error {
    return new Error(`the socket closed with ${this.#closeInfo?.code} ${this.#closeInfo?.reason}`.trim());
  }

  async #inTime<T>(promise: Promise<T>, what: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`${what} did not come within ${this.#timeoutMs} ms`)), this.#timeoutMs);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
