// The client's end of a connection: one in memory, one over a real socket; both keep what came back.
import { PassThrough } from 'node:stream';
import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { Hub } from '../../../src/server/hub.js';
import type { WireFrame } from '../raw-client.js';

export interface WireEnd {
  /** Responses, in order. */
  readonly responses: WireFrame[];
  closed: { code: number; reason: string } | undefined;
  nonce: string;
  send(text: string): void;
  leave(): void;
  /** Resolves when `test` is true; rejects after some seconds. */
  until(test: () => boolean, what: string): Promise<void>;
}

const PATIENCE_MS = 10_000;

abstract class End implements WireEnd {
  readonly responses: WireFrame[] = [];
  closed: { code: number; reason: string } | undefined;
  nonce = '';
  readonly #news = new EventEmitter();

  abstract send(text: string): void;
  abstract leave(): void;

  protected take(text: string): void {
    const frame = JSON.parse(text) as WireFrame;
    if (frame.type === 'res') this.responses.push(frame);
    if (frame.event === 'connect.challenge') this.nonce = (frame.payload as { nonce: string }).nonce;
    this.#news.emit('news');
  }

  protected end(code: number, reason: string): void {
    this.closed = { code, reason };
    this.#news.emit('news');
  }

  async until(test: () => boolean, what: string): Promise<void> {
    if (test()) return;
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (!test()) return;
        clearTimeout(timer);
        this.#news.off('news', look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#news.off('news', look);
        reject(new Error(`${what} did not happen; closed: ${JSON.stringify(this.closed)}`));
      }, PATIENCE_MS);
      this.#news.on('news', look);
    });
  }
}

/** Looks like a socket of `ws` to the server. */
class MemorySocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;

  constructor(
    readonly onSend: (text: string) => void,
    readonly onClose: (code: number, reason: string) => void,
  ) {
    super();
  }

  send(data: string | Buffer): void {
    this.onSend(data.toString());
  }

  close(code = 1005, reason = ''): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onClose(code, reason);
    this.emit('close', code, Buffer.from(reason));
  }

  terminate(): void {
    this.close(1006);
  }
}

export class MemoryEnd extends End {
  readonly #socket: MemorySocket;

  constructor(hub: Hub, headers: Record<string, string> = { host: '127.0.0.1' }) {
    super();
    this.#socket = new MemorySocket(
      (text) => this.take(text),
      (code, reason) => this.end(code, reason),
    );
    const socket = Object.assign(new PassThrough(), { remoteAddress: '127.0.0.1' });
    const request = { headers, socket } as unknown as IncomingMessage;
    hub.attach(this.#socket as unknown as WebSocket, request);
  }

  send(text: string): void {
    this.#socket.emit('message', Buffer.from(text), false);
  }

  leave(): void {
    this.#socket.close(1000);
  }
}

export class SocketEnd extends End {
  readonly #socket: WebSocket;

  constructor(url: string) {
    super();
    this.#socket = new WebSocket(url, { perMessageDeflate: false });
    this.#socket.on('message', (data: Buffer) => this.take(data.toString()));
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', (code, reason) => this.end(code, reason.toString()));
  }

  /** Frames sent after the close are lost, as on any wire. */
  send(text: string | Buffer, binary = false): void {
    this.#socket.send(text, { binary }, () => undefined);
  }

  leave(): void {
    this.#socket.close();
  }
}
