// `openclaw models list|status`: what the config says about models; only `list --all` asks the gateway.
import path from 'node:path';
import type { LoadedConfig, OpenClawConfig } from '../../config/index.js';
import type { ModelEntry } from '../../protocol/index.js';
import { askGateway } from '../ask-gateway.js';
import { requireValidConfig } from '../config-gate.js';
import { agentFacts, readChoice } from '../config-models.js';
import { isLocalProvider, type ProviderKey, providerKey } from '../config-providers.js';
import type { CommandContext } from '../context.js';
import { columns } from '../text-format.js';

export interface ModelsOptions {
  json?: boolean;
  all?: boolean;
  plain?: boolean;
  check?: boolean;
  timeout: number;
}

interface ModelRow {
  key: string;
  name: string;
  input: string;
  contextWindow: number | null;
  local: boolean;
  available: boolean;
  tags: string[];
  missing: boolean;
}

const WIDTHS = [42, 10, 8, 5, 5];
const OFFLINE = 'offline/assistant';

const providerOf = (key: string): string => key.split('/')[0] ?? key;

function configuredModels(config: OpenClawConfig): ModelEntry[] {
  return Object.entries(config.models?.providers ?? {}).flatMap(([provider, settings]) =>
    (settings?.models ?? []).map((model) => ({ ...model, provider, name: model.name ?? model.id })),
  );
}

function tagsOf(key: string, config: OpenClawConfig): string[] {
  const { primary, fallbacks } = readChoice(config.agents?.defaults?.model);
  const at = fallbacks.indexOf(key);
  const alias = config.agents?.defaults?.models?.[key]?.alias;
  return [
    ...(key === primary ? ['default'] : []),
    ...(at >= 0 ? [`fallback#${at + 1}`] : []),
    ...(alias ? [`alias:${alias}`] : []),
  ];
}

/** One row per model, and one for each chosen model that nobody offers. */
export function modelRows(
  models: readonly ModelEntry[],
  { config, env }: Pick<LoadedConfig, 'config' | 'env'>,
): ModelRow[] {
  const { primary, fallbacks } = readChoice(config.agents?.defaults?.model);
  const keys = models.map(({ provider, id }) => `${provider}/${id}`);
  const absent = [primary, ...fallbacks].filter((key): key is string => key !== undefined && !keys.includes(key));
  const available = (key: string) => providerKey(config, env, providerOf(key)).kind !== 'missing';
  const known = models.map((model, index): ModelRow => {
    const key = keys[index] ?? model.id;
    return {
      key,
      name: model.name,
      input: (model.input ?? ['text']).join('+'),
      contextWindow: model.contextWindow ?? null,
      local: isLocalProvider(config, model.provider) || key === OFFLINE,
      available: available(key),
      tags: tagsOf(key, config),
      missing: false,
    };
  });
  const missing = absent.map((key): ModelRow => {
    const tags = [...tagsOf(key, config), 'missing'];
    return {
      key,
      name: key,
      input: '-',
      contextWindow: null,
      local: false,
      available: available(key),
      tags,
      missing: true,
    };
  });
  return [...known, ...missing];
}

export async function runList(context: CommandContext, options: ModelsOptions): Promise<number> {
  const loaded = await requireValidConfig(context);
  if (!loaded) return 1;
  const models = options.all
    ? (await askGateway(context, options, 'models.list', {})).models
    : configuredModels(loaded.config);
  const rows = modelRows(models, loaded);
  if (options.json) context.json({ count: rows.length, models: rows });
  else if (options.plain) for (const { key } of rows) context.out(key);
  else if (rows.length === 0) context.out('No models found.');
  else {
    context.out(columns(['Model', 'Input', 'Ctx', 'Local', 'Auth', 'Tags'], WIDTHS));
    for (const row of rows) {
      const size = row.contextWindow === null ? '-' : `${Math.round(row.contextWindow / 1024)}k`;
      const yes = (flag: boolean) => (flag ? 'yes' : 'no');
      context.out(columns([row.key, row.input, size, yes(row.local), yes(row.available), row.tags.join(',')], WIDTHS));
    }
  }
  return 0;
}

interface ModelsStatus {
  configPath: string;
  agentDir: string;
  defaultModel: string;
  resolvedDefault: string;
  fallbacks: string[];
  imageModel: string | null;
  imageFallbacks: string[];
  aliases: Record<string, string>;
  allowed: string[];
  providers: ProviderKey[];
  missing: string[];
}

/** What `models status` tells, from the config and the names of variables that are set. */
export function modelsStatus(
  context: Pick<CommandContext, 'paths'>,
  { config, env, path: configPath }: LoadedConfig,
): ModelsStatus {
  const { primary, fallbacks } = readChoice(config.agents?.defaults?.model);
  const image = readChoice(config.agents?.defaults?.imageModel);
  const table = Object.entries(config.agents?.defaults?.models ?? {});
  const resolvedDefault = primary ?? OFFLINE;
  const used = [resolvedDefault, ...fallbacks].map(providerOf);
  const names = new Set([...Object.keys(config.models?.providers ?? {}), ...used]);
  const providers = [...names].filter((name) => name !== 'offline').map((name) => providerKey(config, env, name));
  return {
    configPath,
    agentDir: agentFacts(config, context.paths)[0]?.agentDir ?? '',
    defaultModel: primary ?? resolvedDefault,
    resolvedDefault,
    fallbacks,
    imageModel: image.primary ?? null,
    imageFallbacks: image.fallbacks,
    aliases: Object.fromEntries(table.flatMap(([key, settings]) => (settings?.alias ? [[settings.alias, key]] : []))),
    allowed: table.map(([key]) => key),
    providers,
    missing: providers
      .filter(({ provider, kind }) => kind === 'missing' && used.includes(provider))
      .map((row) => row.provider),
  };
}

function asJson({ providers, missing, ...status }: ModelsStatus): unknown {
  const auth = {
    storePath: path.join(status.agentDir, 'auth-profiles.json'),
    shellEnvFallback: { enabled: false, appliedKeys: [] },
    providersWithOAuth: [],
    missingProvidersInUse: missing,
    providers: providers.map(({ provider, kind, detail }) => ({
      provider,
      effective: { kind, detail },
      profiles: { count: 0, oauth: 0, token: 0, apiKey: 0, labels: [] },
      ...(kind === 'models.json' && { modelsJson: { value: detail, source: `config: ${status.configPath}` } }),
      ...(kind === 'env' && { env: { value: detail, source: `env: ${detail}` } }),
    })),
    unusableProfiles: [],
    oauth: { warnAfterMs: 86_400_000, profiles: [], providers: [] },
  };
  return { ...status, auth };
}

function statusLines({ providers, missing, ...status }: ModelsStatus): string[] {
  const list = (items: readonly string[]) => items.join(', ') || '-';
  const aliases = Object.entries(status.aliases).map(([alias, key]) => `${alias} -> ${key}`);
  return [
    `Config        : ${status.configPath}`,
    `Agent dir     : ${status.agentDir}`,
    `Default       : ${status.defaultModel}`,
    `Fallbacks (${status.fallbacks.length}) : ${list(status.fallbacks)}`,
    `Image model   : ${status.imageModel ?? '-'}`,
    `Image fallbacks (${status.imageFallbacks.length}): ${list(status.imageFallbacks)}`,
    `Aliases (${aliases.length})   : ${list(aliases)}`,
    `Configured models (${status.allowed.length}): ${status.allowed.length > 0 ? list(status.allowed) : 'all'}`,
    '',
    'Auth overview',
    `Auth store    : ${path.join(status.agentDir, 'auth-profiles.json')}`,
    'Shell env     : off',
    'Providers w/ OAuth/tokens (0): -',
    ...providers.map(({ provider, kind, detail }) => `- ${provider} effective=${kind}:${detail}`),
    ...(missing.length > 0
      ? ['', 'Missing auth', ...missing.map((name) => `- ${name} Set models.providers.${name}.apiKey.`)]
      : []),
    '',
    'OAuth/token status',
    '- none',
  ];
}

export async function runStatus(context: CommandContext, options: ModelsOptions): Promise<number> {
  const loaded = await requireValidConfig(context);
  if (!loaded) return 1;
  const status = modelsStatus(context, loaded);
  if (options.json) context.json(asJson(status));
  else if (options.plain) context.out(status.resolvedDefault);
  else for (const line of statusLines(status)) context.out(line);
  return options.check && status.missing.length > 0 ? 1 : 0;
}
