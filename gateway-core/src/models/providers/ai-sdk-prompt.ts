// Pure: our turns in the shape that provider packages of the AI SDK take, and their stream parts as our events.
import type {
  JSONObject,
  LanguageModelV3CallOptions,
  LanguageModelV3Message,
  LanguageModelV3StreamPart,
  LanguageModelV3Usage,
} from '@ai-sdk/provider';
import type { ModelEvent, ModelRequest, ModelTarget } from '../types.js';
import { priceUsage, tokenCount } from '../usage.js';
import { asObject, asText, effortOf, readArguments } from './adapter.js';
import { type AssistantTurn, type ContentPart, prepareMessages, type Turn } from './prepare-messages.js';

export type AiSdkApi = 'google-generative-ai' | 'bedrock';
type AssistantContent = Extract<LanguageModelV3Message, { role: 'assistant' }>['content'];
type UserContent = Extract<LanguageModelV3Message, { role: 'user' }>['content'];
type ToolContent = Extract<LanguageModelV3Message, { role: 'tool' }>['content'];

/** The signature of reasoning: where each provider puts it in its metadata. */
const SIGNATURE = {
  'google-generative-ai': { provider: 'google', field: 'thoughtSignature' },
  bedrock: { provider: 'bedrock', field: 'signature' },
} as const;

/** Marks the signature of reasoning that arrived sealed; the field that it goes back in follows. */
const SEALED = 'sealed:';
const SEALED_FIELDS = ['redactedContent', 'redactedData'];

function signatureOf(api: AiSdkApi, metadata: unknown): string | undefined {
  const { provider, field } = SIGNATURE[api];
  const own = asObject(asObject(metadata)?.[provider]) ?? {};
  const sealedIn = SEALED_FIELDS.find((name) => asText(own[name]) !== '');
  return sealedIn === undefined ? asText(own[field]) || undefined : `${SEALED}${sealedIn}:${asText(own[sealedIn])}`;
}

function signedField(api: AiSdkApi, signature: string): JSONObject {
  const { field } = SIGNATURE[api];
  if (!signature.startsWith(SEALED)) return { [field]: signature };
  const [name = '', ...data] = signature.slice(SEALED.length).split(':');
  return { [name]: data.join(':') };
}

function signed(api: AiSdkApi, signature: string | undefined) {
  if (!signature) return {};
  return { providerOptions: { [SIGNATURE[api].provider]: signedField(api, signature) } };
}

const userPart = (part: ContentPart): UserContent[number] =>
  part.type === 'image'
    ? { type: 'file', mediaType: part.mimeType, data: part.data }
    : { type: 'text', text: part.text };

function assistantParts(turn: AssistantTurn, api: AiSdkApi): AssistantContent {
  return turn.content.map((part): AssistantContent[number] => {
    if (part.type === 'text') return { type: 'text', text: part.text };
    if (part.type === 'thinking')
      return { type: 'reasoning', text: part.thinking, ...signed(api, part.thinkingSignature) };
    const { id, name, arguments: input, thoughtSignature } = part;
    return { type: 'tool-call', toolCallId: id, toolName: name, input, ...signed(api, thoughtSignature) };
  });
}

function toolPart(turn: Extract<Turn, { role: 'toolResult' }>): ToolContent[number] {
  const value = turn.content.map((part) =>
    part.type === 'image'
      ? { type: 'image-data' as const, data: part.data, mediaType: part.mimeType }
      : { type: 'text' as const, text: part.text },
  );
  const hasImage = turn.content.some(({ type }) => type === 'image');
  const text = turn.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
  const plain = { type: turn.isError ? ('error-text' as const) : ('text' as const), value: text };
  const output = hasImage ? { type: 'content' as const, value } : plain;
  return { type: 'tool-result', toolCallId: turn.toolCallId, toolName: turn.toolName, output };
}

function promptOf(target: ModelTarget, request: ModelRequest, api: AiSdkApi): LanguageModelV3Message[] {
  const prompt: LanguageModelV3Message[] = request.system ? [{ role: 'system', content: request.system }] : [];
  for (const turn of prepareMessages(request.messages, target)) {
    const last = prompt.at(-1);
    if (turn.role === 'user') prompt.push({ role: 'user', content: turn.content.map(userPart) });
    else if (turn.role === 'assistant') prompt.push({ role: 'assistant', content: assistantParts(turn, api) });
    else if (last?.role === 'tool') last.content.push(toolPart(turn));
    else prompt.push({ role: 'tool', content: [toolPart(turn)] });
  }
  return prompt;
}

const BUDGET = { low: 2_048, medium: 8_192, high: 16_384 } as const;

function thinkingOptions(
  target: ModelTarget,
  request: ModelRequest,
  api: AiSdkApi,
): Pick<LanguageModelV3CallOptions, 'providerOptions'> {
  const effort = target.reasoning ? effortOf(request.thinking) : undefined;
  if (!effort) return {};
  const google: JSONObject = { thinkingConfig: { includeThoughts: true, thinkingBudget: BUDGET[effort] } };
  const bedrock: JSONObject = { reasoningConfig: { type: 'enabled', budgetTokens: BUDGET[effort] } };
  return { providerOptions: api === 'bedrock' ? { bedrock } : { google } };
}

function toolOptions({
  tools = [],
  toolChoice,
}: ModelRequest): Pick<LanguageModelV3CallOptions, 'tools' | 'toolChoice'> {
  if (tools.length === 0) return {};
  const choice = typeof toolChoice === 'object' ? { type: 'tool' as const, toolName: toolChoice.name } : undefined;
  return {
    tools: tools.map(({ name, description, parameters }) => ({
      type: 'function',
      name,
      description,
      inputSchema: parameters,
    })),
    toolChoice: choice ?? { type: typeof toolChoice === 'string' ? toolChoice : 'auto' },
  };
}

/** What one call is made of. */
export function callOptions(
  target: ModelTarget,
  request: ModelRequest,
  api: AiSdkApi,
): Omit<LanguageModelV3CallOptions, 'abortSignal'> {
  return {
    prompt: promptOf(target, request, api),
    maxOutputTokens: request.maxTokens ?? target.maxTokens,
    ...(!target.reasoning && { temperature: request.temperature, topP: request.topP }),
    ...toolOptions(request),
    ...thinkingOptions(target, request, api),
    headers: target.headers,
  };
}

const STOP_REASONS: Record<string, string> = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'contentFilter',
  'tool-calls': 'toolUse',
  other: 'stop',
};

function readUsage(usage: LanguageModelV3Usage, target: ModelTarget): ModelEvent {
  const { inputTokens: input, outputTokens: output } = usage;
  const cacheRead = tokenCount(input.cacheRead);
  const cacheWrite = tokenCount(input.cacheWrite);
  const fresh = input.noCache ?? tokenCount(input.total) - cacheRead - cacheWrite;
  const counts = { input: tokenCount(fresh), output: tokenCount(output.total), cacheRead, cacheWrite };
  return { type: 'usage', usage: priceUsage(counts, target.cost) };
}

/** Translates the parts of one answer. */
export class AiSdkReader {
  #responseId: string | undefined;
  /** True once the part that ends an answer was read. */
  isFinished = false;

  constructor(
    readonly target: ModelTarget,
    readonly api: AiSdkApi,
  ) {}

  /** Throws the error that the provider reported in its stream. */
  read(part: LanguageModelV3StreamPart): ModelEvent[] {
    switch (part.type) {
      case 'text-delta':
        return [{ type: 'text', text: part.delta }];
      case 'reasoning-delta':
        return [{ type: 'thinking', text: part.delta, ...this.#signature(part.providerMetadata) }];
      case 'reasoning-end':
        return signatureOf(this.api, part.providerMetadata)
          ? [{ type: 'thinking', text: '', ...this.#signature(part.providerMetadata) }]
          : [];
      case 'tool-call':
        return [this.#call(part)];
      case 'response-metadata':
        this.#responseId = part.id ?? this.#responseId;
        return [];
      case 'error':
        throw part.error;
      case 'finish':
        return this.#finish(part);
      default:
        return [];
    }
  }

  #signature(metadata: unknown): { signature?: string } {
    const signature = signatureOf(this.api, metadata);
    return signature === undefined ? {} : { signature };
  }

  #call(part: Extract<LanguageModelV3StreamPart, { type: 'tool-call' }>): ModelEvent {
    const { toolCallId: id, toolName: name, input, providerMetadata } = part;
    // Google signs the call, not the reasoning before it.
    return { type: 'toolCall', id, name, ...readArguments(input), ...this.#signature(providerMetadata) };
  }

  #finish(part: Extract<LanguageModelV3StreamPart, { type: 'finish' }>): ModelEvent[] {
    const { unified, raw } = part.finishReason;
    const reason = STOP_REASONS[unified];
    // An error, or an ending that the provider never sent, leaves the answer as good as cut.
    if (reason === undefined || (unified === 'other' && raw === undefined)) return [];
    this.isFinished = true;
    const responseId = this.#responseId;
    return [
      readUsage(part.usage, this.target),
      { type: 'stop', reason, ...(responseId !== undefined && { responseId }) },
    ];
  }
}
