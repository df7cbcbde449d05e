// Anthropic messages. Reasoning blocks are sent back with their signature, as tool calls require.
import type { ImagePart, ThinkingPart, ToolCallPart } from '../../protocol/index.js';
import type { ModelEvent, ModelRequest, ModelTarget, ToolChoice } from '../types.js';
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
  callEvents,
  type OpenCall,
  parseEventData,
  ProviderFault,
  samplingFields,
} from './adapter.js';
import { type AssistantTurn, type ContentPart, prepareMessages, type Turn } from './prepare-messages.js';
import type { SseEvent } from './sse.js';

const API_VERSION = '2023-06-01';
/** Marks the signature of reasoning that arrived hidden and has to go back as it came. */
const HIDDEN = 'redacted:';

const imageBlock = (image: ImagePart): JsonObject => ({
  type: 'image',
  source: { type: 'base64', media_type: image.mimeType, data: image.data },
});

const contentBlock = (part: ContentPart): JsonObject => (part.type === 'image' ? imageBlock(part) : { ...part });

function thinkingBlock({ thinking, thinkingSignature = '' }: ThinkingPart): JsonObject {
  if (thinkingSignature.startsWith(HIDDEN)) {
    return { type: 'redacted_thinking', data: thinkingSignature.slice(HIDDEN.length) };
  }
  return { type: 'thinking', thinking, signature: thinkingSignature };
}

/** Ids of other providers may hold characters that this one refuses. */
const wireId = (id: string): string => id.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64);

const toolUse = ({ id, name, arguments: input }: ToolCallPart): JsonObject => ({
  type: 'tool_use',
  id: wireId(id),
  name,
  input,
});

function assistantBlock(part: AssistantTurn['content'][number]): JsonObject {
  if (part.type === 'thinking') return thinkingBlock(part);
  return part.type === 'toolCall' ? toolUse(part) : { type: 'text', text: part.text };
}

function blocksOf(turn: Turn): JsonObject[] {
  if (turn.role === 'user') return turn.content.map(contentBlock);
  if (turn.role === 'assistant') return turn.content.map(assistantBlock);
  const content = turn.content.map(contentBlock);
  // Errors may hold text only.
  const isError = turn.isError && turn.content.every((part) => part.type === 'text');
  return [
    {
      type: 'tool_result',
      tool_use_id: wireId(turn.toolCallId),
      ...(content.length > 0 && { content }),
      ...(isError && { is_error: true }),
    },
  ];
}

interface WireMessage {
  role: 'user' | 'assistant';
  content: JsonObject[];
}

/** Roles alternate and the user begins, so neighbours of one role are joined. */
function wireMessages(turns: Turn[]): WireMessage[] {
  const messages: WireMessage[] = [];
  for (const turn of turns) {
    const role = turn.role === 'assistant' ? 'assistant' : 'user';
    if (messages.length === 0 && role === 'assistant') {
      messages.push({ role: 'user', content: [{ type: 'text', text: '(The conversation begins here.)' }] });
    }
    const last = messages.at(-1);
    if (last?.role === role) last.content.push(...blocksOf(turn));
    else messages.push({ role, content: blocksOf(turn) });
  }
  return messages;
}

/** From Claude 4.6 on the model decides how long it thinks; a token budget is the older way. */
function choosesOwnBudget(model: string): boolean {
  const [, major, minor] = /claude-[a-z]+-(\d{1,2})(?:[-.](\d{1,2})(?!\d))?/.exec(model) ?? [];
  return Number(major ?? 0) + Number(minor ?? 0) / 100 >= 4.06;
}

const THINKING_BUDGET = { low: 2_048, medium: 8_192, high: 16_384 } as const;

const isForced = ({ tools, toolChoice }: ModelRequest): boolean =>
  tools !== undefined && tools.length > 0 && (toolChoice === 'required' || typeof toolChoice === 'object');

/** With a token budget every exchange under way must begin with reasoning; one that began without stays without. */
function beganWithout(turns: readonly Turn[]): boolean {
  if (turns.at(-1)?.role !== 'toolResult') return false;
  return turns.findLast((turn) => turn.role === 'assistant')?.content[0]?.type !== 'thinking';
}

function limitsAndThinking(target: ModelTarget, request: ModelRequest, turns: readonly Turn[]): JsonObject {
  const max_tokens = request.maxTokens ?? target.maxTokens;
  // A forced tool and reasoning exclude each other.
  const effort = target.reasoning && !isForced(request) ? effortOf(request.thinking) : undefined;
  if (!effort) return { max_tokens };
  if (choosesOwnBudget(target.model)) {
    return { max_tokens, thinking: { type: 'adaptive' }, output_config: { effort } };
  }
  if (beganWithout(turns)) return { max_tokens };
  // The budget is part of max_tokens and must stay below it.
  const budget_tokens = Math.max(1_024, Math.min(THINKING_BUDGET[effort], Math.floor(max_tokens / 2)));
  return { max_tokens: Math.max(max_tokens, budget_tokens + 1_024), thinking: { type: 'enabled', budget_tokens } };
}

const CACHED = { cache_control: { type: 'ephemeral' } };

function choiceField(choice: ToolChoice | undefined): JsonObject {
  if (choice === undefined) return {};
  if (typeof choice === 'object') return { tool_choice: { type: 'tool', name: choice.name } };
  return { tool_choice: { type: choice === 'required' ? 'any' : choice } };
}

/** Calls in a conversation are refused where no tool is named; those of tools that are gone are named for that alone. */
function goneTools(turns: readonly Turn[]): JsonObject {
  const names = turns.flatMap((turn) =>
    turn.role === 'assistant' ? turn.content.flatMap((part) => (part.type === 'toolCall' ? [part.name] : [])) : [],
  );
  if (names.length === 0) return {};
  const tools = [...new Set(names)].map((name) => ({
    name,
    description: 'Not available any more.',
    input_schema: { type: 'object' },
  }));
  return { tools, tool_choice: { type: 'none' } };
}

function toolFields({ tools, toolChoice }: ModelRequest, turns: readonly Turn[]): JsonObject {
  if (!tools?.length) return goneTools(turns);
  const wire = tools.map(({ name, description, parameters }) => ({ name, description, input_schema: parameters }));
  return { tools: wire, ...choiceField(toolChoice) };
}

/** In a tool loop the whole conversation repeats with every step; the mark at its end lets the provider reuse it. */
function withCacheMark(messages: WireMessage[], request: ModelRequest): WireMessage[] {
  const content = messages.at(-1)?.content;
  const last = content?.pop();
  if (last) content?.push(request.tools?.length ? { ...last, ...CACHED } : last);
  return messages;
}

function buildBody(target: ModelTarget, request: ModelRequest): JsonObject {
  const turns = prepareMessages(request.messages, target);
  return {
    model: target.model,
    stream: true,
    ...limitsAndThinking(target, request, turns),
    // The system prompt is the part that repeats with every turn; a cached one costs a tenth.
    ...(request.system && { system: [{ type: 'text', text: request.system, ...CACHED }] }),
    messages: withCacheMark(wireMessages(turns), request),
    ...toolFields(request, turns),
    ...samplingFields(target, request),
  };
}

const STOP_REASONS: Record<string, string> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'toolUse',
  refusal: 'contentFilter',
};

class MessagesReader implements AnswerReader {
  readonly #calls = new Map<unknown, OpenCall>();
  readonly #signatures = new Map<unknown, string>();
  isOver = false;
  #usage: JsonObject = {};
  #hasUsage = false;
  #stop: string | undefined;
  #responseId: string | undefined;

  constructor(readonly target: ModelTarget) {}

  read(event: SseEvent): ModelEvent[] {
    const data = parseEventData(event.data);
    switch (asText(data.type) || event.event) {
      case 'message_start': {
        const message = asObject(data.message) ?? {};
        this.#responseId = asText(message.id) || undefined;
        this.#addUsage(message.usage);
        return [];
      }
      case 'content_block_start':
        return this.#start(data.index, asObject(data.content_block) ?? {});
      case 'content_block_delta':
        return this.#delta(data.index, asObject(data.delta) ?? {});
      case 'content_block_stop':
        return this.#endBlock(data.index);
      case 'message_delta':
        this.#addUsage(data.usage);
        this.#setStop(asText(asObject(data.delta)?.stop_reason));
        return [];
      case 'message_stop':
        this.isOver = true;
        return [];
      case 'error': {
        const error = asObject(data.error) ?? {};
        throw new ProviderFault(asText(error.message) || 'The provider reported an error.', asText(error.type));
      }
      default:
        return [];
    }
  }

  #addUsage(usage: unknown): void {
    const counts = asObject(usage);
    if (!counts) return;
    this.#hasUsage = true;
    // Later reports repeat only some of the fields.
    for (const [key, value] of Object.entries(counts)) if (typeof value === 'number') this.#usage[key] = value;
  }

  #setStop(reason: string): void {
    if (reason) this.#stop = STOP_REASONS[reason] ?? reason;
  }

  #start(index: unknown, block: JsonObject): ModelEvent[] {
    if (block.type === 'tool_use') {
      this.#calls.set(index, {
        id: asText(block.id),
        name: asText(block.name),
        json: '',
        given: asObject(block.input),
      });
    }
    if (block.type === 'redacted_thinking') {
      return [{ type: 'thinking', text: '', signature: `${HIDDEN}${asText(block.data)}` }];
    }
    const text = asText(block.text);
    return block.type === 'text' && text ? [{ type: 'text', text }] : [];
  }

  #delta(index: unknown, delta: JsonObject): ModelEvent[] {
    switch (delta.type) {
      case 'text_delta':
        return [{ type: 'text', text: asText(delta.text) }];
      case 'thinking_delta':
        return [{ type: 'thinking', text: asText(delta.thinking) }];
      case 'signature_delta':
        this.#signatures.set(index, (this.#signatures.get(index) ?? '') + asText(delta.signature));
        return [];
      case 'input_json_delta': {
        const call = this.#calls.get(index);
        if (call) call.json += asText(delta.partial_json);
        return [];
      }
      default:
        return [];
    }
  }

  #endBlock(index: unknown): ModelEvent[] {
    const signature = this.#signatures.get(index);
    this.#signatures.delete(index);
    return signature ? [{ type: 'thinking', text: '', signature }] : [];
  }

  finish(): ModelEvent[] | undefined {
    if (!this.#stop) return undefined;
    const events = callEvents([...this.#calls.values()], this.#stop === 'length');
    if (this.#hasUsage) events.push({ type: 'usage', usage: usageOf(this.#usage, this.target) });
    return [...events, { type: 'stop', reason: this.#stop, responseId: this.#responseId }];
  }
}

function usageOf(usage: JsonObject, target: ModelTarget): ReturnType<typeof priceUsage> {
  const counts = {
    input: tokenCount(usage.input_tokens),
    output: tokenCount(usage.output_tokens),
    cacheRead: tokenCount(usage.cache_read_input_tokens),
    cacheWrite: tokenCount(usage.cache_creation_input_tokens),
  };
  return priceUsage(counts, target.cost);
}

/** Both forms of base URL are in use: with and without the version. */
const messagesPath = (baseUrl: string): string => (/\/v\d+\/*$/.test(baseUrl) ? '/messages' : '/v1/messages');

function keyHeader({ apiKey, usesBearer }: ModelTarget): Record<string, string> {
  if (usesBearer) return bearer(apiKey);
  return apiKey ? { 'x-api-key': apiKey } : {};
}

export const anthropicMessages: Adapter = {
  buildRequest: (target, request) => ({
    url: joinUrl(target.baseUrl, messagesPath(target.baseUrl)),
    headers: { 'anthropic-version': API_VERSION, ...keyHeader(target) },
    body: buildBody(target, request),
  }),
  createReader: (target) => new MessagesReader(target),
};
