// Gathers what a model streams in one call, and makes the message to store of it.
import type { ModelEvent } from '../models/index.js';
import type { Citation, Message, MessagePart, ToolCallPart, Usage } from '../protocol/index.js';
import type { AppError } from '../shared/app-error.js';
import { isSilentReply, type RunOutput, stepGap } from './run-output.js';
import type { StopReason } from './run-record.js';

/** How a model call, or a whole run, ended. */
export type Ending =
  | { kind: 'done'; stopReason: string; responseId?: string }
  | { kind: 'aborted'; stopReason: StopReason }
  | { kind: 'failed'; error: AppError };

/** A call as the model made it; `fault` says why its arguments could not be read. */
export interface StepCall {
  part: ToolCallPart;
  fault?: string;
}

export const NO_USAGE: Usage = {
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

/** Calls of one run may not share an id, whatever the provider thinks: results are matched by it. */
function uniqueId(id: string, used: Set<string>): string {
  let unique = id;
  for (let count = 2; used.has(unique); count += 1) unique = `${id}_${count}`;
  used.add(unique);
  return unique;
}

export class Answer {
  provider: string | undefined;
  model: string | undefined;
  api: string | undefined;
  usage: Usage | undefined;
  citations: Citation[] = [];
  calls: StepCall[] = [];
  readonly #output: RunOutput;
  readonly #usedIds: Set<string>;
  /** In the order in which the model produced them. */
  #parts: MessagePart[] = [];
  #isClosed = false;

  /** `usedIds`: of the calls that the run made before. */
  constructor(output: RunOutput, usedIds: Set<string> = new Set()) {
    this.#output = output;
    this.#usedIds = usedIds;
  }

  get text(): string {
    return this.#parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  }

  /** True when the model chose to say nothing. */
  get isSilent(): boolean {
    return isSilentReply(this.text);
  }

  /** Takes one event of the model; the ending when it was the last one. */
  take(event: ModelEvent): Ending | undefined {
    if (this.#isClosed) return undefined;
    switch (event.type) {
      case 'start':
        this.#begin(event);
        return undefined;
      case 'text':
        this.#addText(event.text);
        return undefined;
      case 'thinking':
        this.#addThinking(event.text, event.signature);
        return undefined;
      case 'toolCall':
        this.#addCall(event);
        return undefined;
      case 'citations':
        this.citations = event.citations;
        return undefined;
      case 'usage':
        this.usage = event.usage;
        return undefined;
      case 'stop':
        return { kind: 'done', stopReason: event.reason, responseId: event.responseId };
    }
  }

  /** Takes nothing more: what a model says after it was stopped does not count. */
  close(): void {
    this.#isClosed = true;
  }

  /** Another step follows: its text begins a paragraph of its own, here as in what was streamed. */
  closeParagraph(): void {
    const last = this.#parts.findLast((part) => part.type === 'text');
    if (last?.type === 'text') last.text += stepGap(this.text);
  }

  /** The message to store. Calls that nobody is going to make are left out. */
  message(ending: Ending, runId: string, timestamp: number): Message {
    const message: Message = {
      role: 'assistant',
      content: ending.kind === 'done' ? this.#parts : this.#parts.filter((part) => part.type !== 'toolCall'),
      ...(this.api !== undefined && { api: this.api, provider: this.provider, model: this.model }),
      usage: this.usage ?? NO_USAGE,
      timestamp,
    };
    if (this.citations.length > 0) message.citations = this.citations;
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
    this.#parts = [];
    this.calls = [];
    this.#output.restart();
  }

  #addText(text: string): void {
    if (text === '') return;
    const last = this.#parts.at(-1);
    if (last?.type === 'text') last.text += text;
    else this.#parts.push({ type: 'text', text });
    this.#output.addText(text);
  }

  /** A signature ends its block; some formats send it only when the answer is complete. */
  #addThinking(text: string, signature: string | undefined): void {
    const last = this.#parts.at(-1);
    if (text !== '') {
      if (last?.type === 'thinking' && last.thinkingSignature === undefined) last.thinking += text;
      else this.#parts.push({ type: 'thinking', thinking: text });
      this.#output.addThinking(text);
    }
    if (signature === undefined) return;
    const open = this.#parts.findLast((part) => part.type === 'thinking' && part.thinkingSignature === undefined);
    if (open?.type === 'thinking') open.thinkingSignature = signature;
    else this.#parts.push({ type: 'thinking', thinking: '', thinkingSignature: signature });
  }

  #addCall(event: ModelEvent & { type: 'toolCall' }): void {
    const part: ToolCallPart = {
      type: 'toolCall',
      id: uniqueId(event.id, this.#usedIds),
      name: event.name,
      arguments: event.arguments,
      ...(event.signature !== undefined && { thoughtSignature: event.signature }),
    };
    this.#parts.push(part);
    this.calls.push({ part, ...(event.fault !== undefined && { fault: event.fault }) });
  }
}
