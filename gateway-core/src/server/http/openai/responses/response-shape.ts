// Pure: how a response resource and its items look (spec/gateway-http.md §4).
import type { ApiErrorBody } from '../api-error.js';
import type { ChatOutcome, ChatToolCall, ChatUsage } from '../backends.js';

export interface ResponseHead {
  id: string;
  /** Seconds. */
  createdAt: number;
  model: string;
  messageId: string;
}

export type ResponseStatus = 'in_progress' | 'completed' | 'incomplete' | 'failed';

export type ResponseItem = Record<string, unknown>;

export function messageItem(messageId: string, text: string, status: 'in_progress' | 'completed'): ResponseItem {
  return { type: 'message', id: messageId, role: 'assistant', content: [{ type: 'output_text', text }], status };
}

export function callItem(id: string, call: ChatToolCall): ResponseItem {
  return { type: 'function_call', id, call_id: call.id, name: call.name, arguments: call.arguments };
}

export function responseUsage(usage: ChatUsage | undefined): Record<string, number> {
  const { input = 0, output = 0 } = usage ?? {};
  return { input_tokens: input, output_tokens: output, total_tokens: input + output };
}

export interface ResponseParts {
  status: ResponseStatus;
  output: ResponseItem[];
  usage?: ChatUsage;
  error?: ApiErrorBody;
}

export function responseResource({ id, createdAt, model }: ResponseHead, parts: ResponseParts): ResponseItem {
  const { status, output, error } = parts;
  const body = {
    id,
    object: 'response',
    created_at: createdAt,
    status,
    model,
    output,
    usage: responseUsage(parts.usage),
  };
  if (!error) return body;
  const { code = error.type, message, hint } = error;
  return { ...body, error: { code, message, ...(hint !== undefined && { hint }) } };
}

/** A call that the client must answer, or a cut answer, leaves a response incomplete. */
export function endStatus({ stopReason, toolCalls, status }: ChatOutcome): ResponseStatus {
  return toolCalls.length > 0 || stopReason === 'length' || status === 'aborted' ? 'incomplete' : 'completed';
}
