// A chat completion as it is written, chunk by chunk.
import type { ServerResponse } from 'node:http';
import type { Clock, Timer } from '../../../../shared/clock.js';
import { fromAppError, sendApiError } from '../api-error.js';
import type { ChatOutcome } from '../backends.js';
import { onCallerGone } from '../caller.js';
import { EventStream } from '../event-stream.js';
import { outcomeError } from '../run-turn.js';
import { type AnswerHead, ChunkWriter, shownText } from './answer-shape.js';

/** So long a failure can still be a plain HTTP error; then the headers go out, so that proxies keep waiting. */
const HEADERS_AFTER_MS = 10_000;
const KEEPALIVE_MS = 15_000;

export interface ChatStreamOptions {
  response: ServerResponse;
  head: AnswerHead;
  clock: Clock;
  wantsUsage: boolean;
}

export class ChatStream {
  readonly #options: ChatStreamOptions;
  readonly #events: EventStream;
  readonly #chunks: ChunkWriter;
  #timer: Timer;
  #hasText = false;

  constructor(options: ChatStreamOptions) {
    const { response, head, clock } = options;
    this.#options = options;
    this.#events = new EventStream(response);
    this.#chunks = new ChunkWriter(head);
    this.#timer = clock.after(HEADERS_AFTER_MS, () => this.#keepAlive());
    onCallerGone(response, () => this.#timer.cancel());
  }

  text(delta: string): void {
    if (!this.#hasText) this.#events.send(this.#chunks.role());
    this.#hasText = true;
    this.#events.send(this.#chunks.text(delta));
  }

  /** No run came of it: the caller answers instead. */
  cancel(): void {
    this.#timer.cancel();
  }

  end(outcome: ChatOutcome): void {
    this.#timer.cancel();
    const error = outcomeError(outcome);
    if (error) return this.#fail(fromAppError(error));
    if (!this.#hasText) this.#sayNothing(outcome);
    if (outcome.toolCalls.length > 0) this.#events.send(this.#chunks.calls(outcome));
    this.#events.send(this.#chunks.finish(outcome));
    if (this.#options.wantsUsage) this.#events.send(this.#chunks.usage(outcome));
    this.#close();
  }

  #sayNothing(outcome: ChatOutcome): void {
    const text = shownText(outcome);
    if (text !== '') this.text(text);
    else this.#events.send(this.#chunks.role());
  }

  #fail(refusal: ReturnType<typeof fromAppError>): void {
    const { response } = this.#options;
    if (response.destroyed) return;
    if (!response.headersSent) return sendApiError(response, refusal);
    this.#events.send(JSON.stringify({ error: refusal.body }));
    this.#close();
  }

  #close(): void {
    this.#events.send('[DONE]');
    this.#events.end();
  }

  #keepAlive(): void {
    this.#events.comment('waiting');
    this.#timer = this.#options.clock.after(KEEPALIVE_MS, () => this.#keepAlive());
  }
}
