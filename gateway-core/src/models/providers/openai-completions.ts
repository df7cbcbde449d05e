// OpenAI chat completions, as OpenAI and most other servers speak them (Ollama, LM Studio, OpenRouter, Groq, vLLM …).
import type { ImagePart } from '../../protocol/index.js';
import type { ModelEvent, ModelRequest, ModelTarget } from '../types.js';
import { priceUsage, tokenCount } from '../usage.js';
import {
  type Adapter,
  type AnswerReader,
  asArray,
  asObject,
  asText,
  bearer,
  callEvents,
  effortOf,
  joinUrl,
  type JsonObject,
  parseEventData,
  ProviderFault,
  samplingFields,
} from './adapter.js';
import { completionsId } from './call-ids.js';
import { CallPieces } from './call-pieces.js';
import { type AssistantTurn, type ContentPart, prepareMessages, textOf, type Turn } from './prepare-messages.js';
import { detailsField, readableDetails, ReasoningDetails } from './reasoning-details.js';
import type { SseEvent } from './sse.js';

const imagePart = (image: ImagePart): JsonObject => ({
  type: 'image_url',
  image_url: { url: `data:${image.mimeType};base64,${image.data}` },
});

function userContent(content: ContentPart[]): unknown {
  if (content.every((part) => part.type === 'text')) return textOf(content);
  return content.map((part) => (part.type === 'image' ? imagePart(part) : { type: 'text', text: part.text }));
}

/** The field that reasoning arrives in; it goes back in the same one. */
const REASONING_FIELDS: readonly string[] = ['reasoning_content', 'reasoning'];

/** Some servers refuse a tool result when the reasoning before its call is missing. */
function reasoningFields(turn: AssistantTurn): JsonObject {
  const parts = turn.content.filter((part) => part.type === 'thinking');
  const details = parts.map(({ thinkingSignature }) => detailsField(thinkingSignature)).find(Boolean);
  if (details) return details;
  const field = parts.find(({ thinkingSignature = '' }) => REASONING_FIELDS.includes(thinkingSignature));
  if (!field?.thinkingSignature) return {};
  return { [field.thinkingSignature]: parts.map(({ thinking }) => thinking).join('\n') };
}

function assistantMessage(turn: AssistantTurn, target: ModelTarget, isCurrent: boolean): JsonObject {
  const text = turn.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const tool_calls = turn.content.flatMap((part) => {
    if (part.type !== 'toolCall') return [];
    const { name, arguments: args } = part;
    const details = { name, arguments: JSON.stringify(args) };
    return [{ id: completionsId(part.id, target), type: 'function', function: details }];
  });
  const reasoning = isCurrent && tool_calls.length > 0 ? reasoningFields(turn) : {};
  return { role: 'assistant', content: text || null, ...reasoning, ...(tool_calls.length > 0 && { tool_calls }) };
}

/** Tool results carry text only in this format; their images follow in a user message behind the last result. */
function wireMessages(turns: Turn[], target: ModelTarget): JsonObject[] {
  const messages: JsonObject[] = [];
  let images: JsonObject[] = [];
  const flushImages = (): void => {
    if (images.length > 0) messages.push({ role: 'user', content: images });
    images = [];
  };
  // Reasoning belongs to the exchange that is under way; that of earlier ones only costs.
  const question = turns.findLastIndex((turn) => turn.role === 'user');
  for (const [at, turn] of turns.entries()) {
    if (turn.role === 'toolResult') {
      const found = turn.content.filter((part) => part.type === 'image');
      const note = found.length > 0 ? '[The images of this result follow below.]' : '';
      const content = [textOf(turn.content), note].filter(Boolean).join('\n');
      messages.push({ role: 'tool', tool_call_id: completionsId(turn.toolCallId, target), content });
      images.push(...found.map(imagePart));
      continue;
    }
    flushImages();
    if (turn.role === 'user') messages.push({ role: 'user', content: userContent(turn.content) });
    else messages.push(assistantMessage(turn, target, at > question));
  }
  flushImages();
  return messages;
}

function limitField(target: ModelTarget, maxTokens: number | undefined): JsonObject {
  if (maxTokens === undefined) return {};
  // OpenAI's own models refuse the old name; most other servers know only that one.
  return target.baseUrl.includes('api.openai.com') ? { max_completion_tokens: maxTokens } : { max_tokens: maxTokens };
}

function toolFields({ tools, toolChoice }: ModelRequest): JsonObject {
  if (!tools?.length) return {};
  const choice = typeof toolChoice === 'object' ? { type: 'function', function: toolChoice } : toolChoice;
  return { tools: tools.map((tool) => ({ type: 'function', function: tool })), ...(choice && { tool_choice: choice }) };
}

function buildBody(target: ModelTarget, request: ModelRequest): JsonObject {
  const system = request.system ? [{ role: 'system', content: request.system }] : [];
  const effort = target.reasoning ? effortOf(request.thinking) : undefined;
  return {
    model: target.model,
    stream: true,
    stream_options: { include_usage: true },
    messages: [...system, ...wireMessages(prepareMessages(request.messages, target), target)],
    ...toolFields(request),
    ...samplingFields(target, request),
    ...(effort && { reasoning_effort: effort }),
    ...limitField(target, request.maxTokens),
  };
}

const STOP_REASONS: Record<string, string> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'toolUse',
  function_call: 'toolUse',
  content_filter: 'contentFilter',
};

/** Text mostly; Mistral's reasoning models send parts, of which some are reasoning. */
function contentOf(content: unknown): { text: string; thinking: string } {
  const parts = asArray(content).map((part) => asObject(part) ?? {});
  const inner = (part: JsonObject) => asText(part.thinking) || readableDetails(part.thinking);
  const text = asText(content) || parts.map((part) => asText(part.text)).join('');
  return { text, thinking: parts.map(inner).join('') };
}

class CompletionsReader implements AnswerReader {
  readonly #calls = new CallPieces();
  readonly #details = new ReasoningDetails();
  isOver = false;
  #stop: string | undefined;
  #responseId: string | undefined;
  #usage: JsonObject | undefined;
  #reasoningField: string | undefined;

  constructor(readonly target: ModelTarget) {}

  read(event: SseEvent): ModelEvent[] {
    if (event.data.trim() === '[DONE]') {
      this.isOver = true;
      return [];
    }
    const chunk = parseEventData(event.data);
    if (chunk.error) throw faultOf(chunk.error);
    this.#responseId ??= asText(chunk.id) || undefined;
    this.#usage = asObject(chunk.usage) ?? this.#usage;
    const choice = asObject(asArray(chunk.choices)[0]);
    if (!choice) return [];
    const finish = asText(choice.finish_reason);
    if (finish === 'error') throw faultOf(choice.error ?? { message: 'The answer ended with an error.' });
    if (finish) this.#stop = STOP_REASONS[finish] ?? finish;
    return this.#delta(asObject(choice.delta) ?? {});
  }

  #delta(delta: JsonObject): ModelEvent[] {
    const events: ModelEvent[] = [];
    const content = contentOf(delta.content);
    const named = asText(delta.reasoning_content) || asText(delta.reasoning);
    const thinking = named || readableDetails(delta.reasoning_details) || content.thinking;
    const text = content.text || asText(delta.refusal);
    this.#details.add(delta.reasoning_details);
    if (named) this.#reasoningField ??= asText(delta.reasoning_content) ? 'reasoning_content' : 'reasoning';
    if (thinking) events.push({ type: 'thinking', text: thinking });
    if (text) events.push({ type: 'text', text });
    for (const piece of asArray(delta.tool_calls)) this.#calls.add(asObject(piece) ?? {});
    return events;
  }

  finish(): ModelEvent[] | undefined {
    if (!this.#stop) return undefined;
    const { calls } = this.#calls;
    const events = callEvents(calls, this.#stop === 'length');
    // Mostly nothing is signed in this format; the name of the field says how the reasoning goes back.
    const signature = this.#details.signature ?? this.#reasoningField;
    if (signature) events.unshift({ type: 'thinking', text: '', signature });
    if (this.#usage) events.push({ type: 'usage', usage: usageOf(this.#usage, this.target) });
    // Several servers finish a tool call with "stop".
    const reason = calls.length > 0 && this.#stop === 'stop' ? 'toolUse' : this.#stop;
    return [...events, { type: 'stop', reason, responseId: this.#responseId }];
  }
}

function usageOf(usage: JsonObject, target: ModelTarget): ReturnType<typeof priceUsage> {
  const details = asObject(usage.prompt_tokens_details) ?? {};
  const cacheRead = tokenCount(details.cached_tokens) || tokenCount(usage.prompt_cache_hit_tokens);
  const cacheWrite = tokenCount(details.cache_write_tokens);
  const counts = {
    input: Math.max(0, tokenCount(usage.prompt_tokens) - cacheRead - cacheWrite),
    output: tokenCount(usage.completion_tokens),
    cacheRead,
    cacheWrite,
  };
  return priceUsage(counts, target.cost, typeof usage.cost === 'number' ? usage.cost : undefined);
}

function faultOf(error: unknown): ProviderFault {
  const fields = asObject(error);
  if (!fields) return new ProviderFault(asText(error) || 'The provider reported an error.', '');
  const kind = [fields.code, fields.type].map((value) => (value === undefined ? '' : String(value))).join(' ');
  return new ProviderFault(asText(fields.message) || 'The provider reported an error.', kind.trim());
}

export const openaiCompletions: Adapter = {
  buildRequest: (target, request) => ({
    url: joinUrl(target.baseUrl, '/chat/completions'),
    headers: bearer(target.apiKey),
    body: buildBody(target, request),
  }),
  createReader: (target) => new CompletionsReader(target),
};
