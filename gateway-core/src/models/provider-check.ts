// Asks a provider for its list of models: the live test of a key, and the search for servers on this computer.
import type { OpenClawConfig } from '../config/index.js';
import type { ModelsDetectResult, ModelsTestParams, ModelsTestResult } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import { type Env, type Provider, providerId, readProviders, wireApi } from './catalogue.js';
import { KNOWN_PROVIDERS } from './known-providers.js';
import { connectError, httpError, modelError, readErrorBody } from './providers/provider-errors.js';
import type { ModelTarget } from './types.js';
import { FREE } from './usage.js';

export interface ProviderCheckDeps {
  config: () => OpenClawConfig;
  env: Env;
  fetch: typeof globalThis.fetch;
  now: () => number;
}

const TEST_TIMEOUT_MS = 15_000;
const DETECT_TIMEOUT_MS = 1_000;
const MAX_MODELS = 500;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

function asTarget(provider: Provider, params: Omit<ModelsTestParams, 'provider'>): ModelTarget {
  const api = wireApi(params.api ?? provider.api);
  if (!api) {
    const message = `The api "${params.api ?? provider.api}" of ${provider.id} cannot be tested.`;
    throw new AppError('model.not_configured', { message });
  }
  const isElsewhere = params.baseUrl !== undefined && params.baseUrl.trim() !== provider.baseUrl;
  return {
    provider: provider.id,
    model: 'models',
    name: provider.id,
    api,
    baseUrl: params.baseUrl?.trim() || provider.baseUrl,
    // A saved key goes to the address it was saved for and to no other.
    apiKey: params.apiKey?.trim() || (isElsewhere ? undefined : provider.apiKey),
    headers: isElsewhere ? {} : provider.headers,
    reasoning: false,
    input: [],
    cost: FREE,
    contextWindow: 0,
    maxTokens: 0,
  };
}

function keyHeaders({ api }: ModelTarget, apiKey: string): Record<string, string> {
  if (api === 'anthropic-messages') return { 'x-api-key': apiKey, 'anthropic-version': '2023-06-01' };
  if (api === 'google-generative-ai') return { 'x-goog-api-key': apiKey };
  return { authorization: `Bearer ${apiKey}` };
}

function headersOf(target: ModelTarget): Record<string, string> {
  return { ...(target.apiKey && keyHeaders(target, target.apiKey)), ...target.headers };
}

function namesIn(body: string, target: ModelTarget): string[] {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw modelError('model.bad_response', target, { said: readErrorBody(body).message, cause });
  }
  const { data, models } = value as { data?: unknown; models?: unknown };
  const list = Array.isArray(data) ? data : models;
  if (!Array.isArray(list))
    throw modelError('model.bad_response', target, { said: 'there is no list of models in it' });
  return (
    list
      .flatMap((item: { id?: unknown; name?: unknown }) =>
        [item?.id ?? item?.name].filter((id) => typeof id === 'string'),
      )
      // Google writes where a model is, not its id.
      .map((id) => id.replace(/^models\//, ''))
      .slice(0, MAX_MODELS)
  );
}

async function readBody(response: Response, target: ModelTarget): Promise<string> {
  const declared = Number(response.headers.get('content-length') ?? 0);
  if (declared > MAX_ANSWER_BYTES) throw modelError('model.bad_response', target, { said: 'the answer is too long' });
  const body = await response.text();
  return body.slice(0, MAX_ANSWER_BYTES);
}

async function listModels(target: ModelTarget, deps: ProviderCheckDeps, timeoutMs: number): Promise<string[]> {
  const url = `${target.baseUrl.replace(/\/+$/, '')}/models`;
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new AppError('model.not_configured', { message: `"${target.baseUrl}" is not an http address.` });
  }
  let response: Response;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    response = await deps.fetch(url, { headers: headersOf(target), signal, redirect: 'manual' });
  } catch (error) {
    if ((error as Error).name === 'TimeoutError') throw modelError('model.timeout', target, { cause: error });
    throw connectError(target, error);
  }
  const body = await readBody(response, target);
  if (!response.ok) throw httpError(target, { status: response.status, headers: response.headers, body }, deps.now());
  return namesIn(body, target);
}

function findProvider(id: string, deps: ProviderCheckDeps, baseUrl: string | undefined): Provider {
  const provider = readProviders(deps.config(), deps.env).get(providerId(id));
  if (provider) return provider;
  if (!baseUrl) {
    const message = `The provider "${id}" is not known and has no address.`;
    throw new AppError('model.not_configured', { message, hint: 'Give its base URL.' });
  }
  const empty = { keys: [], headers: {}, isFromConfig: false, models: [], facts: [] };
  return { id: providerId(id), baseUrl, api: 'openai-completions', ...empty };
}

/** Asks once; a failure is an answer, not an exception. The key appears in no message. */
export async function testProvider(params: ModelsTestParams, deps: ProviderCheckDeps): Promise<ModelsTestResult> {
  const startedMs = deps.now();
  try {
    const target = asTarget(findProvider(params.provider, deps, params.baseUrl), params);
    const models = await listModels(target, deps, TEST_TIMEOUT_MS);
    return { ok: true, latencyMs: deps.now() - startedMs, models };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message, hint } = error;
    return { ok: false, latencyMs: deps.now() - startedMs, models: [], error: { code, message, hint } };
  }
}

/** Which model servers answer on this computer. */
export async function detectProviders(deps: ProviderCheckDeps): Promise<ModelsDetectResult> {
  const local = KNOWN_PROVIDERS.filter(({ needsKey, baseUrl }) => !needsKey && baseUrl !== '');
  const answers = await Promise.all(
    local.map(async ({ id, baseUrl }) => {
      const target = asTarget(findProvider(id, deps, baseUrl), { baseUrl });
      try {
        return [{ provider: id, baseUrl, models: await listModels(target, deps, DETECT_TIMEOUT_MS) }];
      } catch (error) {
        // Most computers run none of them.
        if (error instanceof AppError) return [];
        throw error;
      }
    }),
  );
  return { found: answers.flat() };
}
