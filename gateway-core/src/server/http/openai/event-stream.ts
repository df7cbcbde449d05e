// Server-sent events: written together per turn of the event loop, ended for readers that do not read.
import type { ServerResponse } from 'node:http';

/** A reader this far behind is not coming back. */
const MAX_BACKLOG_BYTES = 16 * 1024 * 1024;

export class EventStream {
  readonly #response: ServerResponse;
  #isCorked = false;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get isOpen(): boolean {
    return this.#response.headersSent && !this.#response.writableEnded && !this.#response.destroyed;
  }

  /** Sends status and headers; nothing when they are out already. */
  open(): void {
    if (this.#response.headersSent || this.#response.destroyed) return;
    this.#response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-cache',
      Connection: 'keep-alive',
      // Reverse proxies must not gather what is meant to arrive at once.
      'X-Accel-Buffering': 'no',
    });
    this.#response.flushHeaders();
  }

  /** One event; `data` is one line of JSON, or `[DONE]`. */
  send(data: string, event?: string): void {
    this.write(event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`);
  }

  comment(text: string): void {
    this.write(`: ${text}\n\n`);
  }

  write(text: string): void {
    const response = this.#response;
    if (response.destroyed || response.writableEnded) return;
    this.open();
    if (!this.#isCorked) {
      this.#isCorked = true;
      response.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        response.uncork();
      });
    }
    response.write(text);
    if (response.writableLength > MAX_BACKLOG_BYTES) response.destroy();
  }

  end(): void {
    if (!this.#response.writableEnded && !this.#response.destroyed) this.#response.end();
  }
}
