// POST /v1/embeddings: texts → vectors, by the provider that the agent's memory search uses (spec/gateway-http.md §6).
import { sendJson } from '../respond.js';
import type { HttpExchange, HttpRoute } from '../route.js';
import { agentOfModel, chooseAgent, chooseModelRef, INVALID_MODEL } from './agent-choice.js';
import { invalidRequest } from './api-error.js';
import { answerPost, type ApiFrame, headerOf } from './api-route.js';
import type { AgentDirectory, EmbeddingBackend } from './backends.js';
import { signalOf } from './caller.js';
import type { JsonObject } from './read-body.js';

export interface EmbeddingsRouteOptions extends ApiFrame {
  agents: AgentDirectory;
  embeddings: EmbeddingBackend;
  isEnabled: () => boolean;
}

const MAX_BODY_BYTES = 5 * 1024 * 1024;
const LIMITS = { inputs: 128, chars: 8192, totalChars: 65_536 } as const;

interface EmbeddingsBody {
  model: string;
  input: string[];
  isBase64: boolean;
  dimensions?: number;
}

function readInput(input: unknown): string[] {
  const list: unknown[] = Array.isArray(input) ? input : [input];
  if (list.length === 0 || !list.every((item): item is string => typeof item === 'string')) {
    throw invalidRequest('`input` must be a string or an array of strings.');
  }
  if (list.length > LIMITS.inputs) throw invalidRequest(`Too many inputs (max ${LIMITS.inputs}).`);
  if (list.some((text) => text.length > LIMITS.chars)) {
    throw invalidRequest(`Input too long (max ${LIMITS.chars} chars).`);
  }
  if (list.reduce((sum, text) => sum + text.length, 0) > LIMITS.totalChars) {
    throw invalidRequest(`Total input too large (max ${LIMITS.totalChars} chars).`);
  }
  return list;
}

/** Pure: the checked body. Throws ApiError 400. */
export function readEmbeddingsBody(body: JsonObject): EmbeddingsBody {
  const { model, input, encoding_format: format, dimensions } = body;
  if (typeof model !== 'string' || model.trim() === '') throw invalidRequest('Missing `model`.');
  if (agentOfModel(model) === undefined) throw invalidRequest(INVALID_MODEL);
  const read = { model, input: readInput(input), isBase64: format === 'base64' };
  const isCount = typeof dimensions === 'number' && Number.isInteger(dimensions) && dimensions > 0;
  return isCount ? { ...read, dimensions } : read;
}

/** Little-endian 32-bit floats, as the SDKs decode them. */
export function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString('base64');
}

async function answer(exchange: HttpExchange, body: JsonObject, options: EmbeddingsRouteOptions): Promise<void> {
  const { agents, embeddings } = options;
  const { model, input, isBase64, dimensions } = readEmbeddingsBody(body);
  const header = headerOf(exchange, 'x-openclaw-agent-id') ?? headerOf(exchange, 'x-openclaw-agent');
  const agentId = chooseAgent(header, model, agents);
  // Lists of allowed chat models say nothing about embedding models.
  const modelRef = chooseModelRef(headerOf(exchange, 'x-openclaw-model'), agentId, () => true);
  const signal = signalOf(exchange.response);
  const { vectors, promptTokens } = await embeddings.embed({ agentId, input, modelRef, dimensions, signal });
  sendJson(exchange.response, 200, {
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: isBase64 ? toBase64(vector) : vector,
    })),
    model,
    usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
  });
}

export function createEmbeddingsRoute(options: EmbeddingsRouteOptions): HttpRoute {
  return {
    path: '/v1/embeddings',
    async handle(exchange) {
      if (!options.isEnabled()) return false;
      return answerPost(exchange, options, MAX_BODY_BYTES, (body) => answer(exchange, body, options));
    },
  };
}
