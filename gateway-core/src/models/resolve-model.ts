// Pure: a model reference → the target to call; an agent → the references it asks for.
import type { OpenClawConfig } from '../config/index.js';
import { AppError } from '../shared/app-error.js';
import {
  type CatalogueModel,
  OFFLINE_MODEL,
  OFFLINE_PROVIDER,
  type Provider,
  providerId,
  usableModels,
  wireApi,
} from './catalogue.js';
import type { ModelTarget } from './types.js';
import { FREE } from './usage.js';

const OFFLINE_CONTEXT_TOKENS = 200_000;

/** The built-in assistant as a target. */
export const OFFLINE_TARGET: ModelTarget = Object.freeze({
  provider: OFFLINE_PROVIDER,
  model: OFFLINE_MODEL,
  name: 'Offline assistant',
  api: 'offline',
  baseUrl: '',
  headers: {},
  reasoning: false,
  input: ['text'],
  cost: FREE,
  contextWindow: OFFLINE_CONTEXT_TOKENS,
  maxTokens: 8_192,
});

export const OFFLINE_REF = `${OFFLINE_PROVIDER}/${OFFLINE_MODEL}`;

/** A model that is in no list: permissive, since the provider knows better than we do. */
function unlistedModel(id: string, input: string[]): CatalogueModel {
  const limits = { contextWindow: 200_000, maxTokens: 8_192 };
  return { id, name: id, reasoning: false, input, cost: FREE, ...limits };
}

function noKey(provider: Provider, model: string): AppError {
  const variables = provider.missingKey?.variables ?? [];
  const where = [
    ...variables.map((name) => `the environment variable ${name}`),
    `models.providers.${provider.id}.apiKey`,
  ];
  return new AppError('model.auth', {
    message: `${provider.id}/${model} cannot be used: there is no API key for ${provider.id}.`,
    hint: `Set ${where.join(' or ')}, or choose another model.`,
    details: { code: 'model.auth', provider: provider.id, model },
  });
}

function notConfigured(message: string, ref: string): AppError {
  return new AppError('model.not_configured', { message, details: { code: 'model.not_configured', ref } });
}

function targetOf(provider: Provider, id: string): ModelTarget {
  const model =
    provider.models.find((row) => row.id === id) ??
    provider.facts.find((row) => row.id === id) ??
    unlistedModel(id, provider.backend ? ['text'] : ['text', 'image']);
  const written = (model as CatalogueModel).api ?? provider.api;
  const api = provider.backend ? 'cli' : wireApi(written);
  if (!api) {
    const message = `${provider.id}/${id} cannot be used: its api "${written}" is not one this version speaks.`;
    throw notConfigured(message, `${provider.id}/${id}`);
  }
  if (provider.missingKey) throw noKey(provider, id);
  const { name, reasoning, input, cost, contextWindow, maxTokens } = model;
  const own = model as CatalogueModel;
  const { apiKey, usesBearer, firstByteTimeoutMs } = provider;
  const place = { baseUrl: own.baseUrl ?? provider.baseUrl, headers: { ...provider.headers, ...own.headers } };
  return {
    ...{ provider: provider.id, model: id, name, api, apiKey, reasoning, input },
    ...{ ...place, cost, contextWindow, maxTokens },
    ...(usesBearer && { usesBearer }),
    ...(firstByteTimeoutMs !== undefined && { firstByteTimeoutMs }),
  };
}

/** What a short name of `agents.defaults.models` stands for; any other reference as it is. */
export function withoutAlias(ref: string, { agents }: OpenClawConfig): string {
  const wanted = ref.trim().toLowerCase();
  const rows = Object.entries(agents?.defaults?.models ?? {});
  return rows.find(([, row]) => wanted !== '' && row?.alias?.trim().toLowerCase() === wanted)?.[0] ?? ref;
}

function splitRef(ref: string): { prefix: string; rest: string } | undefined {
  const slash = ref.indexOf('/');
  if (slash <= 0 || slash === ref.length - 1) return undefined;
  return { prefix: providerId(ref.slice(0, slash)), rest: ref.slice(slash + 1) };
}

/**
 * `provider/model`, or a bare id that a usable provider lists, or a bare id when only one provider is set up.
 * An id may contain slashes itself (`openrouter/openai/gpt-5-mini`).
 * Throws AppError model.not_configured; model.auth when the provider needs a key and has none.
 */
export function resolveModel(ref: string, providers: Map<string, Provider>): ModelTarget {
  const wanted = ref.trim();
  if (wanted === OFFLINE_REF || wanted === OFFLINE_PROVIDER) return OFFLINE_TARGET;
  const parts = splitRef(wanted);
  const named = parts && providers.get(parts.prefix);
  if (parts && named && !named.missingKey) return targetOf(named, parts.rest);
  const listed = usableModels(providers).find(({ model }) => model.id === wanted);
  if (listed) return targetOf(listed.provider, wanted);
  if (parts && named) return targetOf(named, parts.rest);
  if (parts) {
    throw notConfigured(`"${wanted}" cannot be used: the config has no provider "${parts.prefix}".`, wanted);
  }
  const [only, ...others] = [...providers.values()].filter((provider) => provider.isFromConfig && !provider.backend);
  if (wanted && only && others.length === 0) return targetOf(only, wanted);
  throw notConfigured(
    `"${wanted}" cannot be used: no provider in use lists this model. Write it as provider/model.`,
    wanted,
  );
}

type ModelSelection = NonNullable<NonNullable<OpenClawConfig['agents']>['defaults']>['model'];

export interface Wishes {
  primary?: string;
  fallbacks: string[];
}

function readSelection(selection: ModelSelection): { primary?: string; fallbacks?: string[] } {
  if (typeof selection === 'string') return { primary: selection.trim() || undefined };
  return { primary: selection?.primary?.trim() || undefined, fallbacks: selection?.fallbacks };
}

/** What an agent asks for: its own choice over agents.defaults; its own `fallbacks: []` switches fallbacks off. */
export function readWishes(config: OpenClawConfig, agentId: string): Wishes {
  const wanted = agentId.trim().toLowerCase();
  const agent = config.agents?.list?.find(({ id }) => id.trim().toLowerCase() === wanted);
  const own = readSelection(agent?.model);
  const shared = readSelection(config.agents?.defaults?.model);
  const primary = own.primary ?? shared.primary;
  const fallbacks = own.fallbacks ?? shared.fallbacks ?? [];
  return {
    primary: primary && withoutAlias(primary, config),
    fallbacks: fallbacks.map((ref) => withoutAlias(ref, config)),
  };
}

/**
 * The reference an agent starts with. Nothing chosen → the first listed model of a provider that is set up;
 * no provider set up → the offline assistant. A choice is never replaced, even one that cannot work.
 */
export function primaryRef(wishes: Wishes, providers: Map<string, Provider>): string {
  if (wishes.primary) return wishes.primary;
  const [first] = usableModels(providers);
  return first ? `${first.provider.id}/${first.model.id}` : OFFLINE_REF;
}
