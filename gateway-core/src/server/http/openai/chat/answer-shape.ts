// Pure: how a chat completion looks, whole and in chunks (spec/gateway-http.md §3).
import type { ChatOutcome, ChatUsage } from '../backends.js';
import { NO_ANSWER } from '../run-turn.js';

export interface AnswerHead {
  id: string;
  /** Seconds. */
  created: number;
  model: string;
}

const FINISH_REASONS: Readonly<Record<string, string>> = {
  stop: 'stop',
  length: 'length',
  toolUse: 'tool_calls',
  contentFilter: 'content_filter',
};

export function finishReason({ stopReason, toolCalls }: ChatOutcome): string {
  if (toolCalls.length > 0) return 'tool_calls';
  const reason = FINISH_REASONS[stopReason ?? 'stop'] ?? 'stop';
  return reason === 'tool_calls' ? 'stop' : reason;
}

export function chatUsage(usage: ChatUsage | undefined): Record<string, unknown> {
  const { input = 0, output = 0, cached = 0 } = usage ?? {};
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(cached > 0 && { prompt_tokens_details: { cached_tokens: cached } }),
  };
}

function toolCalls(outcome: ChatOutcome): Array<Record<string, unknown>> {
  return outcome.toolCalls.map(({ id, name, arguments: args }) => ({
    id,
    type: 'function',
    function: { name, arguments: args },
  }));
}

/** The text to show when there is neither text nor a call. */
export function shownText(outcome: ChatOutcome): string {
  return outcome.text === '' && outcome.toolCalls.length === 0 ? NO_ANSWER : outcome.text;
}

export function completion({ id, created, model }: AnswerHead, outcome: ChatOutcome): Record<string, unknown> {
  const calls = toolCalls(outcome);
  const message = {
    role: 'assistant',
    content: shownText(outcome) || null,
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  const choices = [{ index: 0, message, finish_reason: finishReason(outcome) }];
  return { id, object: 'chat.completion', created, model, choices, usage: chatUsage(outcome.usage) };
}

/** Writes chunks as JSON text. What they share is written once, since an answer has thousands of them. */
export class ChunkWriter {
  readonly #head: string;

  constructor({ id, created, model }: AnswerHead) {
    const shared = JSON.stringify({ id, object: 'chat.completion.chunk', created, model });
    this.#head = `${shared.slice(0, -1)},"choices":[`;
  }

  role(): string {
    return `${this.#head}{"index":0,"delta":{"role":"assistant"}}]}`;
  }

  text(delta: string): string {
    return `${this.#head}{"index":0,"delta":{"content":${JSON.stringify(delta)}},"finish_reason":null}]}`;
  }

  calls(outcome: ChatOutcome): string {
    const calls = toolCalls(outcome).map((call, index) => ({ index, ...call }));
    return `${this.#head}{"index":0,"delta":{"tool_calls":${JSON.stringify(calls)}},"finish_reason":null}]}`;
  }

  finish(outcome: ChatOutcome): string {
    return `${this.#head}{"index":0,"delta":{},"finish_reason":${JSON.stringify(finishReason(outcome))}}]}`;
  }

  usage(outcome: ChatOutcome): string {
    return `${this.#head}],"usage":${JSON.stringify(chatUsage(outcome.usage))}}`;
  }
}
