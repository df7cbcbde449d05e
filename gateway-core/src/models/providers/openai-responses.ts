// OpenAI responses. Nothing is stored with the provider: reasoning travels back encrypted, inside our own messages.
import type { ImagePart, ThinkingPart } from '../../protocol/index.js';
import type { ModelEvent, ModelRequest, ModelTarget } from '../types.js';
import { priceUsage, tokenCount } from '../usage.js';
import {
  type Adapter,
  type AnswerReader,
  asObject,
  asText,
  bearer,
  effortOf,
  joinUrl,
  type JsonObject,
  parseEventData,
  ProviderFault,
  readArguments,
  samplingFields,
} from './adapter.js';
import { RESPONSES_CHARS, shortId } from './call-ids.js';
import { type AssistantTurn, type ContentPart, prepareMessages, textOf, type Turn } from './prepare-messages.js';
import type { SseEvent } from './sse.js';

const imagePart = (image: ImagePart): JsonObject => ({
  type: 'input_image',
  detail: 'auto',
  image_url: `data:${image.mimeType};base64,${image.data}`,
});

const inputPart = (part: ContentPart): JsonObject =>
  part.type === 'image' ? imagePart(part) : { type: 'input_text', text: part.text };

/** The signature of our thinking parts is the provider's whole reasoning item, as JSON. */
function reasoningItem(part: ThinkingPart): JsonObject[] {
  if (!part.thinkingSignature?.startsWith('{')) return [];
  return [parseEventData(part.thinkingSignature)];
}

function assistantItems(turn: AssistantTurn): JsonObject[] {
  return turn.content.flatMap((part): JsonObject[] => {
    switch (part.type) {
      case 'thinking':
        return reasoningItem(part);
      case 'text':
        return [{ role: 'assistant', content: [{ type: 'output_text', text: part.text }] }];
      case 'toolCall':
        return [
          {
            type: 'function_call',
            call_id: shortId(part.id, RESPONSES_CHARS),
            name: part.name,
            arguments: JSON.stringify(part.arguments),
          },
        ];
    }
  });
}

function inputItems(turn: Turn): JsonObject[] {
  if (turn.role === 'assistant') return assistantItems(turn);
  if (turn.role === 'user') return [{ role: 'user', content: turn.content.map(inputPart) }];
  const hasImage = turn.content.some((part) => part.type === 'image');
  const output = hasImage ? turn.content.map(inputPart) : textOf(turn.content);
  return [{ type: 'function_call_output', call_id: shortId(turn.toolCallId, RESPONSES_CHARS), output }];
}

function reasoningFields(target: ModelTarget, thinking: string | undefined): JsonObject {
  if (!target.reasoning) return {};
  const effort = effortOf(thinking);
  return {
    include: ['reasoning.encrypted_content'],
    ...(effort && { reasoning: { effort, summary: 'auto' } }),
  };
}

function toolFields({ tools, toolChoice }: ModelRequest): JsonObject {
  if (!tools?.length) return {};
  return {
    tools: tools.map((tool) => ({ type: 'function', strict: false, ...tool })),
    ...(toolChoice && {
      tool_choice: typeof toolChoice === 'string' ? toolChoice : { type: 'function', ...toolChoice },
    }),
  };
}

function buildBody(target: ModelTarget, request: ModelRequest): JsonObject {
  return {
    model: target.model,
    stream: true,
    store: false,
    ...(request.system && { instructions: request.system }),
    input: prepareMessages(request.messages, target).flatMap(inputItems),
    ...toolFields(request),
    ...samplingFields(target, request),
    ...(request.maxTokens !== undefined && { max_output_tokens: request.maxTokens }),
    ...reasoningFields(target, request.thinking),
  };
}

function faultOf(error: unknown): ProviderFault {
  const fields = asObject(error) ?? {};
  const kind = asText(fields.code) || asText(fields.type);
  return new ProviderFault(asText(fields.message) || 'The provider reported an error.', kind);
}

class ResponsesReader implements AnswerReader {
  #done: JsonObject | undefined;
  #calls = 0;

  get isOver(): boolean {
    return this.#done !== undefined;
  }

  constructor(readonly target: ModelTarget) {}

  read(event: SseEvent): ModelEvent[] {
    const data = parseEventData(event.data);
    switch (asText(data.type) || event.event) {
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        return [{ type: 'text', text: asText(data.delta) }];
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        return [{ type: 'thinking', text: asText(data.delta) }];
      case 'response.output_item.done':
        return this.#item(asObject(data.item) ?? {});
      case 'response.completed':
      case 'response.incomplete':
        this.#done = asObject(data.response) ?? {};
        return [];
      case 'response.failed':
        throw faultOf(asObject(data.response)?.error);
      case 'error':
        throw faultOf(data.error ?? data);
      default:
        return [];
    }
  }

  #item(item: JsonObject): ModelEvent[] {
    if (item.type === 'reasoning' && asText(item.encrypted_content) !== '') {
      const { id, summary, encrypted_content } = item;
      const signature = JSON.stringify({ type: 'reasoning', id, summary, encrypted_content });
      return [{ type: 'thinking', text: '', signature }];
    }
    // An item that the length limit cut off is not a call anyone could make.
    if (item.type !== 'function_call' || item.status === 'incomplete') return [];
    this.#calls += 1;
    const id = asText(item.call_id) || asText(item.id);
    return [{ type: 'toolCall', id, name: asText(item.name), ...readArguments(asText(item.arguments)) }];
  }

  finish(): ModelEvent[] | undefined {
    if (!this.#done) return undefined;
    const usage = asObject(this.#done.usage);
    const responseId = asText(this.#done.id) || undefined;
    const events: ModelEvent[] = usage ? [{ type: 'usage', usage: usageOf(usage, this.target) }] : [];
    return [...events, { type: 'stop', reason: this.#reason(this.#done), responseId }];
  }

  #reason(response: JsonObject): string {
    const cut = asText(asObject(response.incomplete_details)?.reason);
    if (cut === 'content_filter') return 'contentFilter';
    if (cut || response.status === 'incomplete') return 'length';
    return this.#calls > 0 ? 'toolUse' : 'stop';
  }
}

function usageOf(usage: JsonObject, target: ModelTarget): ReturnType<typeof priceUsage> {
  const cacheRead = tokenCount(asObject(usage.input_tokens_details)?.cached_tokens);
  const counts = {
    input: Math.max(0, tokenCount(usage.input_tokens) - cacheRead),
    output: tokenCount(usage.output_tokens),
    cacheRead,
    cacheWrite: 0,
  };
  return priceUsage(counts, target.cost);
}

export const openaiResponses: Adapter = {
  buildRequest: (target, request) => ({
    url: joinUrl(target.baseUrl, '/responses'),
    headers: bearer(target.apiKey),
    body: buildBody(target, request),
  }),
  createReader: (target) => new ResponsesReader(target),
};
