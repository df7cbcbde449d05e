// `openclaw models list|status`: what the config says about models; only `list --all` asks the gateway.
import path from 'node:path';
import type { LoadedConfig, OpenClawConfig } from '../../config/index.js';
import type { ModelEntry } from '../../protocol/index.js';
import { askGateway } from '../ask-gateway.js';
import { requireValidConfig } from '../config-gate.js';
import { agentFacts, readChoice } from '../config-models.js';
import { isLocalProvider, type ProviderKey, providerKey } from '../config-providers.js';
import type { CommandContext } from '../context.js';
import { isUsableKey, type StoredCredential, storedCredentials, WARN_AFTER_MS } from '../stored-credentials.js';
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
  credentials: StoredCredential[];
  readsShell: boolean;
}

/** What answers when nobody chose a model: the first of a provider in the config that has what it needs. */
function firstUsable(config: OpenClawConfig, env: NodeJS.ProcessEnv): string | undefined {
  const ready = configuredModels(config).find(({ provider }) => providerKey(config, env, provider).kind !== 'missing');
  return ready && `${ready.provider}/${ready.id}`;
}

/** A key among the stored credentials counts before the others. */
function keyOf(loaded: LoadedConfig, provider: string, credentials: readonly StoredCredential[], store: string) {
  const own = credentials.some((row) => row.provider === provider.toLowerCase() && isUsableKey(row));
  if (own) return { provider, kind: 'profiles', detail: store } as const;
  return providerKey(loaded.config, loaded.env, provider);
}

const storeOf = (agentDir: string): string => path.join(agentDir, 'auth-profiles.json');

/** What `models status` tells, from the config and the names of variables that are set. */
export function modelsStatus(
  { paths, host }: Pick<CommandContext, 'paths' | 'host'>,
  loaded: LoadedConfig,
): ModelsStatus {
  const { config, env, path: configPath } = loaded;
  const { primary, fallbacks } = readChoice(config.agents?.defaults?.model);
  const image = readChoice(config.agents?.defaults?.imageModel);
  const table = Object.entries(config.agents?.defaults?.models ?? {});
  const resolvedDefault = primary ?? firstUsable(config, env) ?? OFFLINE;
  const agentDir = agentFacts(config, paths)[0]?.agentDir ?? '';
  const shared = path.join(paths.stateDir, 'agents', 'main', 'agent');
  const credentials = storedCredentials([storeOf(agentDir), storeOf(shared)], host.now());
  const used = [resolvedDefault, ...fallbacks].map(providerOf);
  const stored = credentials.map(({ provider }) => provider);
  const names = new Set([...Object.keys(config.models?.providers ?? {}), ...used, ...stored]);
  const providers = [...names]
    .filter((name) => name !== 'offline')
    .map((name) => keyOf(loaded, name, credentials, storeOf(agentDir)));
  return {
    configPath,
    agentDir,
    defaultModel: primary ?? resolvedDefault,
    resolvedDefault,
    fallbacks,
    imageModel: image.primary ?? null,
    imageFallbacks: image.fallbacks,
    aliases: Object.fromEntries(table.flatMap(([key, settings]) => (settings?.alias ? [[settings.alias, key]] : []))),
    allowed: table.map(([key]) => key),
    providers,
    credentials,
    readsShell: config.env?.shellEnv?.enabled === true,
    missing: providers
      .filter(({ provider, kind }) => kind === 'missing' && used.includes(provider))
      .map((row) => row.provider),
  };
}

function credentialsOf({ credentials }: ModelsStatus, provider: string): StoredCredential[] {
  return credentials.filter((row) => row.provider === provider.toLowerCase());
}

/** Providers with credentials that can run out, each with how many. */
function signedIn({ credentials }: ModelsStatus): string[] {
  const rows = credentials.filter(({ type }) => type !== 'api_key');
  const names = [...new Set(rows.map(({ provider }) => provider))];
  return names.map((name) => `${name} (${rows.filter(({ provider }) => provider === name).length})`);
}

function profilesJson(rows: readonly StoredCredential[]) {
  const count = (type: StoredCredential['type']) => rows.filter((row) => row.type === type).length;
  return {
    ...{ count: rows.length, oauth: count('oauth'), token: count('token'), apiKey: count('api_key') },
    labels: rows.map(({ profileId }) => profileId),
  };
}

function asJson(all: ModelsStatus): unknown {
  const { providers, missing, credentials, readsShell, ...status } = all;
  const auth = {
    storePath: storeOf(status.agentDir),
    shellEnvFallback: { enabled: readsShell, appliedKeys: [] },
    providersWithOAuth: signedIn(all),
    missingProvidersInUse: missing,
    providers: providers.map(({ provider, kind, detail }) => ({
      provider,
      effective: { kind, detail },
      profiles: profilesJson(credentialsOf(all, provider)),
      ...(kind === 'models.json' && { modelsJson: { value: detail, source: `config: ${status.configPath}` } }),
      ...(kind === 'env' && { env: { value: detail, source: `env: ${detail}` } }),
    })),
    unusableProfiles: [],
    oauth: {
      warnAfterMs: WARN_AFTER_MS,
      profiles: credentials
        .filter(({ type }) => type !== 'api_key')
        .map(({ state, ...row }) => ({ ...row, status: state, source: 'store' })),
      providers: [],
    },
  };
  return { ...status, auth };
}

function credentialLines({ credentials }: ModelsStatus): string[] {
  const rows = credentials.filter(({ type }) => type !== 'api_key');
  if (rows.length === 0) return ['- none'];
  return rows.map(({ profileId, provider, type, state, expiresAt }) => {
    const end = expiresAt === undefined ? '' : `, until ${new Date(expiresAt).toISOString()}`;
    return `- ${profileId} (${provider}, ${type}): ${state}${end}`;
  });
}

function statusLines(all: ModelsStatus): string[] {
  const { providers, missing, ...status } = all;
  const list = (items: readonly string[]) => items.join(', ') || '-';
  const aliases = Object.entries(status.aliases).map(([alias, key]) => `${alias} -> ${key}`);
  const signed = signedIn(all);
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
    `Auth store    : ${storeOf(status.agentDir)}`,
    `Shell env     : ${status.readsShell ? 'on' : 'off'}`,
    `Providers w/ OAuth/tokens (${signed.length}): ${list(signed)}`,
    ...providers.map(({ provider, kind, detail }) => `- ${provider} effective=${kind}:${detail}`),
    ...(missing.length > 0
      ? ['', 'Missing auth', ...missing.map((name) => `- ${name} Set models.providers.${name}.apiKey.`)]
      : []),
    '',
    'OAuth/token status',
    ...credentialLines(all),
  ];
}

/** 1 for a key that is missing or has run out, 2 for one that soon will; of the models in use only. */
function checkCode({ missing, credentials, resolvedDefault, fallbacks }: ModelsStatus): number {
  const used = [resolvedDefault, ...fallbacks].map((key) => providerOf(key).toLowerCase());
  const states = credentials.filter(({ provider }) => used.includes(provider)).map(({ state }) => state);
  if (missing.length > 0 || states.includes('expired')) return 1;
  return states.includes('expiring') ? 2 : 0;
}

export async function runStatus(context: CommandContext, options: ModelsOptions): Promise<number> {
  const loaded = await requireValidConfig(context);
  if (!loaded) return 1;
  const status = modelsStatus(context, loaded);
  if (options.json) context.json(asJson(status));
  else if (options.plain) context.out(status.resolvedDefault);
  else for (const line of statusLines(status)) context.out(line);
  return options.check ? checkCode(status) : 0;
}
