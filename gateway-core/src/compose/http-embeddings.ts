// Embeddings by the provider that an agent's memory search uses, through its OpenAI endpoint.
import type { OpenClawConfig } from '../config/index.js';
import type { Models, ModelTarget } from '../models/index.js';
import {
  ApiError,
  type EmbeddingBackend,
  type EmbeddingRequest,
  type EmbeddingResult,
} from '../server/http/openai/index.js';
import { AppError, isAppError } from '../shared/app-error.js';
import type { ErrorCode } from '../shared/error-register.js';

export interface EmbeddingsOptions {
  config: () => OpenClawConfig;
  models: Models;
  fetch: typeof globalThis.fetch;
}

const DEFAULT_PROVIDER = 'openai';
const DEFAULT_MODEL = 'text-embedding-3-small';
/** What `auto` may be switched to by a request. */
const AUTO_PROVIDERS = ['openai', 'gemini', 'voyage', 'mistral'];
const OPENAI_APIS = new Set(['openai-completions', 'openai-responses']);
const TIMEOUT_MS = 60_000;
const MAX_ERROR_CHARS = 300;

type MemorySearch = NonNullable<NonNullable<NonNullable<OpenClawConfig['agents']>['defaults']>['memorySearch']>;

function memorySearch(config: OpenClawConfig, agentId: string): MemorySearch {
  const own = config.agents?.list?.find(({ id }) => id.trim().toLowerCase() === agentId)?.memorySearch;
  return { ...config.agents?.defaults?.memorySearch, ...own };
}

interface Choice {
  provider: string;
  model: string;
}

/** Pure: the provider and model for a request. Throws ApiError 400 for a provider that is not the configured one. */
export function chooseEmbedding(search: MemorySearch, modelRef: string | undefined): Choice {
  const provider = search.provider?.trim().toLowerCase() || DEFAULT_PROVIDER;
  const fallback = {
    provider: provider === 'auto' ? DEFAULT_PROVIDER : provider,
    model: search.model ?? DEFAULT_MODEL,
  };
  if (modelRef === undefined) return fallback;
  const slash = modelRef.indexOf('/');
  if (slash === -1) return { ...fallback, model: modelRef };
  const asked = modelRef.slice(0, slash).toLowerCase();
  if (asked !== provider && !(provider === 'auto' && AUTO_PROVIDERS.includes(asked))) {
    const message = 'This agent does not allow that embedding provider on `/v1/embeddings`.';
    throw new ApiError(400, { message, type: 'invalid_request_error' });
  }
  return { provider: asked, model: modelRef.slice(slash + 1) };
}

function unavailable(why: string, provider: string): ApiError {
  const hint = `Set up ${provider} under models.providers, or name another provider in agents.defaults.memorySearch.provider.`;
  return new ApiError(503, { message: `Embeddings are not available: ${why}`, type: 'api_error', hint });
}

interface Endpoint {
  url: string;
  headers: Record<string, string>;
}

function endpointOf(baseUrl: string, apiKey: string | undefined, headers: Record<string, string> = {}): Endpoint {
  const authorization: Record<string, string> = apiKey ? { authorization: `Bearer ${apiKey}` } : {};
  const url = `${baseUrl.replace(/\/+$/, '')}/embeddings`;
  return { url, headers: { 'content-type': 'application/json', ...authorization, ...headers } };
}

function resolveTarget({ provider, model }: Choice, models: Models): ModelTarget {
  try {
    const target = models.resolve(`${provider}/${model}`);
    if (OPENAI_APIS.has(target.api)) return target;
  } catch (error) {
    if (isAppError(error)) throw unavailable(error.message, provider);
    throw error;
  }
  throw unavailable(`${provider} has no OpenAI-compatible address.`, provider);
}

function findEndpoint(search: MemorySearch, choice: Choice, models: Models): Endpoint {
  const { baseUrl, apiKey, headers } = search.remote ?? {};
  if (baseUrl) return endpointOf(baseUrl, apiKey, headers);
  const target = resolveTarget(choice, models);
  return endpointOf(target.baseUrl, apiKey ?? target.apiKey, { ...target.headers, ...headers });
}

function codeForStatus(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'model.auth';
  if (status === 402) return 'model.credit';
  if (status === 404) return 'model.not_found';
  if (status === 429) return 'model.rate_limit';
  if (status === 503 || status === 529) return 'model.overloaded';
  return status >= 500 ? 'model.server_error' : 'model.bad_request';
}

interface Posting extends Endpoint {
  body: unknown;
  provider: string;
  fetch: typeof globalThis.fetch;
  signal: AbortSignal;
}

async function post({
  url,
  headers,
  body,
  provider,
  fetch,
  signal,
}: Posting): Promise<{ status: number; text: string }> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    const request = { method: 'POST', headers, body: JSON.stringify(body), signal: limit, redirect: 'manual' } as const;
    const answer = await fetch(url, request);
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    if (limit.aborted && !signal.aborted) throw new AppError('model.timeout', { cause: error });
    throw new AppError('model.unreachable', { message: `${provider} cannot be reached.`, cause: error });
  }
}

interface WireEmbeddings {
  data?: Array<{ index?: number; embedding?: unknown }>;
  usage?: { prompt_tokens?: number };
}

function isVector(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number');
}

/** Pure: the provider's answer. Throws AppError model.bad_response. */
export function readEmbeddings(text: string, count: number): EmbeddingResult {
  let parsed: WireEmbeddings;
  try {
    parsed = JSON.parse(text) as WireEmbeddings;
  } catch (error) {
    throw new AppError('model.bad_response', { cause: error });
  }
  const rows = [...(parsed?.data ?? [])].sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
  const vectors = rows.map(({ embedding }) => embedding).filter(isVector);
  if (vectors.length !== count) {
    throw new AppError('model.bad_response', {
      message: `The provider sent ${vectors.length} of ${count} embeddings.`,
    });
  }
  return { vectors, promptTokens: parsed.usage?.prompt_tokens ?? 0 };
}

export function createEmbeddingBackend(options: EmbeddingsOptions): EmbeddingBackend {
  return {
    async embed(request: EmbeddingRequest): Promise<EmbeddingResult> {
      const { agentId, input, modelRef, dimensions, signal } = request;
      const search = memorySearch(options.config(), agentId);
      if (search.enabled === false) throw unavailable('memory search is switched off for this agent.', 'a provider');
      const choice = chooseEmbedding(search, modelRef);
      const endpoint = findEndpoint(search, choice, options.models);
      const wanted = dimensions ?? search.outputDimensionality;
      const body = { model: choice.model, input, encoding_format: 'float', ...(wanted && { dimensions: wanted }) };
      const { status, text } = await post({
        ...endpoint,
        body,
        provider: choice.provider,
        fetch: options.fetch,
        signal,
      });
      if (status >= 200 && status < 300) return readEmbeddings(text, input.length);
      const said = text.replace(/\s+/g, ' ').slice(0, MAX_ERROR_CHARS);
      throw new AppError(codeForStatus(status), { message: `${choice.provider} refused (HTTP ${status}): ${said}` });
    },
  };
}
