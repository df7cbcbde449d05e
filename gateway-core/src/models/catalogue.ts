// Pure: config and environment → the providers and models that can be used now.
import type { OpenClawConfig } from '../config/index.js';
import type { ModelEntry } from '../protocol/index.js';
import { type CliBackend, type KnownBackend, readCliBackends } from './cli/cli-backends.js';
import type { ApiKey } from './keys/key-order.js';
import { configKey, keysFromEnv, NO_PROFILES, providerKeys, type StoredProfiles } from './keys/key-sources.js';
import { findKnownProvider, KNOWN_PROVIDERS, type KnownModel, type KnownProvider } from './known-providers.js';
import type { ModelApi } from './types.js';
import { FREE } from './usage.js';

export type Env = Readonly<Record<string, string | undefined>>;

/** A model as the catalogue knows it. `api` differs from its provider's only when the config says so. */
export interface CatalogueModel extends KnownModel {
  api?: string;
  /** The same for its address, and headers of its own. */
  baseUrl?: string;
  headers?: Record<string, string>;
}

export interface Provider {
  id: string;
  baseUrl: string;
  /** As written in the config, or the known one; see `wireApi`. */
  api: string;
  /** The first of `keys`. */
  apiKey?: string;
  /** Every key that may be tried. */
  keys: readonly ApiKey[];
  /** The program that answers in place of an address. */
  backend?: CliBackend;
  headers: Record<string, string>;
  /** True when its key goes into `authorization`. */
  usesBearer?: boolean;
  /** How long it may take to begin. */
  firstByteTimeoutMs?: number;
  /** What to say when there is no key; undefined when none is needed. */
  missingKey?: { variables: string[] };
  isFromConfig: boolean;
  /** Listed for choosing. */
  models: CatalogueModel[];
  /** Facts about models that may be asked for although they are not listed. */
  facts: KnownModel[];
}

export const OFFLINE_PROVIDER = 'offline';
export const OFFLINE_MODEL = 'assistant';

const DEFAULT_CONTEXT_WINDOW = 200_000;
const DEFAULT_MAX_TOKENS = 8_192;

const WIRE_APIS: Record<string, ModelApi> = {
  'openai-completions': 'openai-completions',
  'openai-responses': 'openai-responses',
  'anthropic-messages': 'anthropic-messages',
  'google-generative-ai': 'google-generative-ai',
  bedrock: 'bedrock',
  'bedrock-converse-stream': 'bedrock',
  // Ollama and LM Studio are spoken to through their OpenAI endpoints.
  ollama: 'openai-completions',
  lmstudio: 'openai-completions',
};

/** The wire format behind an `api` of the config, or undefined for one that this version does not speak. */
export function wireApi(api: string): ModelApi | undefined {
  return Object.hasOwn(WIRE_APIS, api) ? WIRE_APIS[api] : undefined;
}

/** Servers whose bare address is not where their OpenAI endpoints are. */
export function withVersionPath(id: string, api: string | undefined, baseUrl: string): string {
  const isLocalServer = id === 'ollama' || id === 'lmstudio' || api === 'ollama' || api === 'lmstudio';
  const isBare = URL.canParse(baseUrl) && new URL(baseUrl).pathname === '/';
  return isLocalServer && isBare ? `${baseUrl.replace(/\/+$/, '')}/v1` : baseUrl;
}

const sameUrl = (a: string, b: string): boolean => a.replace(/\/+$/, '') === b.replace(/\/+$/, '');

type ModelProviderConfig = NonNullable<NonNullable<OpenClawConfig['models']>['providers']>[string];
type ConfiguredModel = NonNullable<ModelProviderConfig['models']>[number];

/** The window, or as much of it as the owner wants used. */
function readWindow(model: ConfiguredModel, provider: ModelProviderConfig, known: KnownModel | undefined): number {
  const whole = model.contextWindow ?? provider.contextWindow ?? known?.contextWindow ?? DEFAULT_CONTEXT_WINDOW;
  return Math.min(whole, model.contextTokens ?? provider.contextTokens ?? whole);
}

function readModel(model: ConfiguredModel, provider: ModelProviderConfig, facts: KnownModel[]): CatalogueModel {
  const known = facts.find(({ id }) => id === model.id);
  const baseUrl = model.baseUrl?.trim();
  return {
    id: model.id,
    name: model.name ?? known?.name ?? model.id,
    api: model.api,
    ...(baseUrl && { baseUrl }),
    ...(model.headers && { headers: model.headers }),
    contextWindow: readWindow(model, provider, known),
    maxTokens: model.maxTokens ?? provider.maxTokens ?? known?.maxTokens ?? DEFAULT_MAX_TOKENS,
    reasoning: model.reasoning ?? known?.reasoning ?? false,
    input: model.input ?? known?.input ?? ['text'],
    cost: { ...(known?.cost ?? FREE), ...model.cost },
  };
}

/** Config rows first, then built-in rows that the config does not name. */
function mergeModels(configured: CatalogueModel[], builtIn: KnownModel[]): CatalogueModel[] {
  const named = new Set(configured.map(({ id }) => id));
  return [...configured, ...builtIn.filter(({ id }) => !named.has(id))];
}

function inferApi(id: string, known: KnownProvider | undefined, hasOwnUrl: boolean): ModelApi {
  if (known && !hasOwnUrl) return known.api;
  return id === 'anthropic' ? 'anthropic-messages' : 'openai-completions';
}

interface Sources {
  env: Env;
  keepsBuiltIns: boolean;
  stored: StoredProfiles;
  auth: OpenClawConfig['auth'];
}

/** A key of the config stands for those of the environment: it may belong to another address. */
function keysOf(id: string, written: string | undefined, { env, stored, auth }: Sources): ApiKey[] {
  const shared = written ? [configKey(id, written)] : keysFromEnv(findKnownProvider(id)?.keyVariables ?? [], env);
  return providerKeys(id, shared, stored, auth);
}

/** A provider that the config names. Undefined when it has no address and we know none. */
function configuredProvider(id: string, config: ModelProviderConfig, sources: Sources): Provider | undefined {
  const known = findKnownProvider(id);
  const written = config.baseUrl?.trim();
  if (!written && !known) return undefined;
  const baseUrl = withVersionPath(id, config.api, written || known?.baseUrl || '');
  const hasOwnUrl = !known || !sameUrl(baseUrl, known.baseUrl);
  const keys = keysOf(id, config.apiKey?.trim(), sources);
  const facts = known?.models ?? [];
  const configured = (config.models ?? []).map((model) => readModel(model, config, facts));
  // Another address than the known one need not serve the known models.
  const listsBuiltIns = sources.keepsBuiltIns && (!hasOwnUrl || configured.length === 0);
  return {
    id,
    baseUrl,
    api: config.api ?? inferApi(id, known, hasOwnUrl),
    apiKey: keys[0]?.key,
    keys,
    headers: config.headers ?? {},
    ...(config.authHeader && { usesBearer: true }),
    ...(config.timeoutSeconds !== undefined && { firstByteTimeoutMs: config.timeoutSeconds * 1000 }),
    missingKey: keys.length === 0 && known?.needsKey && !hasOwnUrl ? { variables: known.keyVariables } : undefined,
    isFromConfig: true,
    models: mergeModels(configured, listsBuiltIns ? facts : []),
    facts,
  };
}

/** A provider that we know and that the config does not name. */
function builtInProvider(known: KnownProvider, sources: Sources): Provider {
  const keys = keysOf(known.id, undefined, sources);
  return {
    id: known.id,
    baseUrl: known.baseUrl,
    api: known.api,
    apiKey: keys[0]?.key,
    keys,
    headers: {},
    missingKey: keys.length === 0 && known.needsKey ? { variables: known.keyVariables } : undefined,
    isFromConfig: false,
    models: known.models,
    facts: known.models,
  };
}

const CLI_LIMITS = { contextWindow: DEFAULT_CONTEXT_WINDOW, maxTokens: DEFAULT_MAX_TOKENS };

/** A program as a provider: no address, no key, and its models cost what its own account costs. */
function programProvider({ backend, models, isInUse }: KnownBackend): Provider {
  const rows = models.map((id) => ({ id, name: id, reasoning: false, input: ['text'], cost: FREE, ...CLI_LIMITS }));
  const fixed = { baseUrl: '', api: 'cli', keys: [], headers: {}, facts: [] };
  return { ...fixed, id: backend.id, backend, isFromConfig: isInUse, models: rows };
}

/** Provider ids are compared without case. */
export const providerId = (id: string): string => id.trim().toLowerCase();

/**
 * Every provider that a reference may name, config first. With `models.mode: "replace"` only those of the config;
 * a known name then still fills in address, format and key variable that the config leaves out. Programs come last;
 * the built-in ones may always be named. `stored` are the profiles of the agent that asks.
 */
export function readProviders(config: OpenClawConfig, env: Env, stored = NO_PROFILES): Map<string, Provider> {
  const keepsBuiltIns = config.models?.mode !== 'replace';
  const sources: Sources = { env, keepsBuiltIns, stored, auth: config.auth };
  const providers = new Map<string, Provider>();
  for (const [name, written] of Object.entries(config.models?.providers ?? {})) {
    const id = providerId(name);
    const provider = configuredProvider(id, written, sources);
    if (provider && id !== OFFLINE_PROVIDER) providers.set(id, provider);
  }
  for (const known of keepsBuiltIns ? KNOWN_PROVIDERS : []) {
    if (!providers.has(known.id)) providers.set(known.id, builtInProvider(known, sources));
  }
  for (const known of readCliBackends(config)) {
    const { id } = known.backend;
    if (!providers.has(id) && id !== OFFLINE_PROVIDER) providers.set(id, programProvider(known));
  }
  return providers;
}

/** True for a provider that someone set up: named in the config, or with a key in the environment. */
export function isUsable(provider: Provider): boolean {
  return !provider.missingKey && (provider.isFromConfig || provider.apiKey !== undefined);
}

export function speaks(provider: Provider, model: CatalogueModel): boolean {
  return provider.backend !== undefined || wireApi(model.api ?? provider.api) !== undefined;
}

/** The usable models with their providers, in the order in which they are listed. */
export function usableModels(providers: Map<string, Provider>): Array<{ provider: Provider; model: CatalogueModel }> {
  return [...providers.values()]
    .filter(isUsable)
    .flatMap((provider) => provider.models.map((model) => ({ provider, model })))
    .filter(({ provider, model }) => speaks(provider, model));
}

const OFFLINE_ENTRY: ModelEntry = {
  id: OFFLINE_MODEL,
  name: 'Offline assistant',
  provider: OFFLINE_PROVIDER,
  contextWindow: DEFAULT_CONTEXT_WINDOW,
  reasoning: false,
  input: ['text'],
};

/** Rows for `models.list`; the offline assistant is always there, last. */
export function listEntries(providers: Map<string, Provider>): ModelEntry[] {
  const entries = usableModels(providers).map(({ provider, model }) => ({
    id: model.id,
    name: model.name,
    provider: provider.id,
    contextWindow: model.contextWindow,
    reasoning: model.reasoning,
    input: model.input,
  }));
  return [...entries, OFFLINE_ENTRY];
}
