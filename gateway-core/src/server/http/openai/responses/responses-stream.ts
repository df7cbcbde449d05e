// A response as it is written, event by event, in the order clients know (spec/gateway-http.md §4, Stream).
import type { ServerResponse } from 'node:http';
import type { Clock, Timer } from '../../../../shared/clock.js';
import type { ApiErrorBody } from '../api-error.js';
import type { ChatOutcome } from '../backends.js';
import { onCallerGone } from '../caller.js';
import { EventStream } from '../event-stream.js';
import { NO_ANSWER } from '../run-turn.js';
import {
  callItem,
  endStatus,
  messageItem,
  type ResponseHead,
  responseResource,
  type ResponseItem,
} from './response-shape.js';

const KEEPALIVE_MS = 15_000;

export interface ResponsesStreamOptions {
  response: ServerResponse;
  head: ResponseHead;
  clock: Clock;
  newId: () => string;
}

export class ResponsesStream {
  readonly #options: ResponsesStreamOptions;
  readonly #events: EventStream;
  readonly #place: { item_id: string; output_index: 0; content_index: 0 };
  #text = '';
  #isOpen = false;
  #timer: Timer | undefined;

  constructor(options: ResponsesStreamOptions) {
    this.#options = options;
    this.#events = new EventStream(options.response);
    this.#place = { item_id: options.head.messageId, output_index: 0, content_index: 0 };
  }

  /** The four events before any text. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    const { head, clock, response } = this.#options;
    const begun = responseResource(head, { status: 'in_progress', output: [] });
    this.#send('response.created', { response: begun });
    this.#send('response.in_progress', { response: begun });
    this.#send('response.output_item.added', {
      output_index: 0,
      item: messageItem(head.messageId, '', 'in_progress'),
    });
    this.#send('response.content_part.added', { ...this.#place, part: { type: 'output_text', text: '' } });
    this.#timer = clock.every(KEEPALIVE_MS, () => this.#events.comment('waiting'));
    onCallerGone(response, () => this.#timer?.cancel());
  }

  text(delta: string): void {
    this.open();
    this.#text += delta;
    this.#send('response.output_text.delta', { ...this.#place, delta });
  }

  end(outcome: ChatOutcome): void {
    const { head, newId } = this.#options;
    if (this.#text === '' && outcome.text !== '') this.text(outcome.text);
    const calls = outcome.toolCalls;
    const text = this.#text === '' && calls.length === 0 ? NO_ANSWER : this.#text;
    const message = messageItem(head.messageId, text, 'completed');
    this.#finishMessage(text, message);
    const output = [message];
    for (const call of calls) output.push(this.#sendCall(callItem(`call_${newId()}`, call), output.length));
    const parts = { status: endStatus(outcome), output, usage: outcome.usage };
    this.#close('response.completed', responseResource(head, parts));
  }

  fail(error: ApiErrorBody, outcome?: ChatOutcome): void {
    const { head } = this.#options;
    const output = this.#text === '' ? [] : [messageItem(head.messageId, this.#text, 'completed')];
    const parts = { status: 'failed' as const, output, usage: outcome?.usage, error };
    this.#close('response.failed', responseResource(head, parts));
  }

  #finishMessage(text: string, item: ResponseItem): void {
    this.#send('response.output_text.done', { ...this.#place, text });
    this.#send('response.content_part.done', { ...this.#place, part: { type: 'output_text', text } });
    this.#send('response.output_item.done', { output_index: 0, item });
  }

  #sendCall(item: ResponseItem, index: number): ResponseItem {
    this.#send('response.output_item.added', { output_index: index, item });
    this.#send('response.output_item.done', { output_index: index, item: { ...item, status: 'completed' } });
    return item;
  }

  #close(type: string, response: ResponseItem): void {
    this.#timer?.cancel();
    this.#send(type, { response });
    this.#events.send('[DONE]');
    this.#events.end();
  }

  #send(type: string, payload: Record<string, unknown>): void {
    this.#events.send(JSON.stringify({ type, ...payload }), type);
  }
}
