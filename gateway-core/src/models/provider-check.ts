// Asks a provider for its list of models: the live test of a key, and the search for servers on this computer.
import type { OpenClawConfig } from '../config/index.js';
import type { ModelsDetectResult, ModelsTestParams, ModelsTestResult } from '../protocol/index.js';
import { AppError, isAppError } from '../shared/app-error.js';
import { type Env, type Provider, providerId, readProviders, wireApi, withVersionPath } from './catalogue.js';
import { KNOWN_PROVIDERS } from './known-providers.js';
import { asArray, asObject, asText } from './providers/adapter.js';
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
  if (!api || api === 'bedrock') {
    const message = `The api "${params.api ?? provider.api}" of ${provider.id} cannot be tested.`;
    throw new AppError('model.not_configured', { message });
  }
  const given = params.baseUrl?.trim();
  const isElsewhere = params.baseUrl !== undefined && params.baseUrl.trim() !== provider.baseUrl;
  return {
    provider: provider.id,
    model: 'models',
    name: provider.id,
    api,
    baseUrl: given ? withVersionPath(provider.id, params.api ?? provider.api, given) : provider.baseUrl,
    // A saved key goes to the address it was saved for and to no other.
    apiKey: params.apiKey?.trim() || (isElsewhere ? undefined : provider.apiKey),
    headers: isElsewhere ? {} : provider.headers,
    usesBearer: provider.usesBearer,
    reasoning: false,
    input: [],
    cost: FREE,
    contextWindow: 0,
    maxTokens: 0,
  };
}

function keyHeaders({ api, usesBearer }: ModelTarget, apiKey: string): Record<string, string> {
  if (usesBearer) return { authorization: `Bearer ${apiKey}`, 'anthropic-version': '2023-06-01' };
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
  const { data, models } = asObject(value) ?? {};
  const list = Array.isArray(data) ? data : models;
  if (!Array.isArray(list))
    throw modelError('model.bad_response', target, { said: 'there is no list of models in it' });
  return (
    asArray(list)
      .map((item) => asText(asObject(item)?.id) || asText(asObject(item)?.name))
      .filter((id) => id !== '')
      // Google writes where a model is, not its id.
      .map((id) => id.replace(/^models\//, ''))
      .slice(0, MAX_MODELS)
  );
}

async function readBody(response: Response, target: ModelTarget): Promise<string> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const bytes of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    total += bytes.length;
    if (total > MAX_ANSWER_BYTES) throw modelError('model.bad_response', target, { said: 'the answer is too long' });
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Where the list is. Anthropic's address is used with and without its version. */
function listUrl({ baseUrl, api }: ModelTarget): string {
  const base = baseUrl.replace(/\/+$/, '');
  return api === 'anthropic-messages' && !/\/v\d+$/.test(base) ? `${base}/v1/models` : `${base}/models`;
}

interface ListAnswer {
  response: Response;
  body: string;
}

async function askForList(target: ModelTarget, deps: ProviderCheckDeps, timeoutMs: number): Promise<ListAnswer> {
  const url = listUrl(target);
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new AppError('model.not_configured', { message: `"${target.baseUrl}" is not an http address.` });
  }
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await deps.fetch(url, { headers: headersOf(target), signal, redirect: 'manual' });
    return { response, body: await readBody(response, target) };
  } catch (error) {
    if (isAppError(error)) throw error;
    if ((error as Error).name === 'TimeoutError') throw modelError('model.timeout', target, { cause: error });
    throw connectError(target, error);
  }
}

async function listModels(target: ModelTarget, deps: ProviderCheckDeps, timeoutMs: number): Promise<string[]> {
  const { response, body } = await askForList(target, deps, timeoutMs);
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
    if (!isAppError(error)) throw error;
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
        if (isAppError(error)) return [];
        throw error;
      }
    }),
  );
  return { found: answers.flat() };
}
