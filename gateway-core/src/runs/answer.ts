// Gathers what a model streams, and makes the message to store of it.
import type { ModelEvent } from '../models/index.js';
import type { Citation, Message, MessagePart, ToolCallPart, Usage } from '../protocol/index.js';
import type { AppError } from '../shared/app-error.js';
import type { StopReason } from './run-record.js';
import type { RunOutput } from './run-output.js';

/** How the stream of a run ended. */
export type Ending =
  | { kind: 'done'; stopReason: string; responseId?: string }
  | { kind: 'aborted'; stopReason: StopReason }
  | { kind: 'failed'; error: AppError };

const NO_USAGE: Usage = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  totalTokens: 0,
  cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, total: 0 },
};

/** Fields of messages that no model wrote; clients know them from the reference. */
export const INJECTED = {
  stopReason: 'stop',
  usage: NO_USAGE,
  api: 'openai-responses',
  provider: 'openclaw',
  model: 'gateway-injected',
} as const;

export class Answer {
  provider: string | undefined;
  model: string | undefined;
  api: string | undefined;
  usage: Usage | undefined;
  readonly #output: RunOutput;
  #thinkingSignature: string | undefined;
  #toolCalls: ToolCallPart[] = [];
  #citations: Citation[] = [];

  constructor(output: RunOutput) {
    this.#output = output;
  }

  get citations(): Citation[] {
    return this.#citations;
  }

  /** Takes one event of the model; the ending when it was the last one. */
  take(event: ModelEvent): Ending | undefined {
    switch (event.type) {
      case 'start':
        this.#begin(event);
        return undefined;
      case 'text':
        this.#output.addText(event.text);
        return undefined;
      case 'thinking':
        this.#thinkingSignature = event.signature ?? this.#thinkingSignature;
        this.#output.addThinking(event.text);
        return undefined;
      case 'toolCall':
        this.#toolCalls.push({ type: 'toolCall', id: event.id, name: event.name, arguments: event.arguments });
        return undefined;
      case 'citations':
        this.#citations = event.citations;
        return undefined;
      case 'usage':
        this.usage = event.usage;
        return undefined;
      case 'stop':
        return { kind: 'done', stopReason: event.reason, responseId: event.responseId };
    }
  }

  /** The message to store. */
  message(ending: Ending, runId: string, timestamp: number): Message {
    const message: Message = {
      role: 'assistant',
      content: this.#content(),
      ...(this.api !== undefined && { api: this.api, provider: this.provider, model: this.model }),
      usage: this.usage ?? NO_USAGE,
      timestamp,
    };
    if (this.#citations.length > 0) message.citations = this.#citations;
    if (ending.kind === 'done') {
      message.stopReason = ending.stopReason;
      if (ending.responseId !== undefined) message.responseId = ending.responseId;
    } else if (ending.kind === 'aborted') {
      message.stopReason = 'aborted';
      message.openclawAbort = { aborted: true, origin: ending.stopReason, runId };
    } else {
      message.stopReason = 'error';
      message.errorMessage = ending.error.message;
      message.errorCode = ending.error.code;
    }
    return message;
  }

  #begin(event: { provider: string; model: string; api: string }): void {
    this.provider = event.provider;
    this.model = event.model;
    this.api = event.api;
    this.#thinkingSignature = undefined;
    this.#toolCalls = [];
    this.#output.restart();
  }

  #content(): MessagePart[] {
    const { thinking, text } = this.#output;
    const parts: MessagePart[] = [];
    if (thinking !== '') {
      const signature = this.#thinkingSignature;
      parts.push({ type: 'thinking', thinking, ...(signature !== undefined && { thinkingSignature: signature }) });
    }
    if (text !== '') parts.push({ type: 'text', text });
    return [...parts, ...this.#toolCalls];
  }
}
