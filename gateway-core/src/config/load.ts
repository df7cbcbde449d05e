// Reads the config: file → includes → variables → today's shape → checked → secrets.
import { createHash } from 'node:crypto';
import JSON5 from 'json5';
import type { ConfigIssue } from '../protocol/index.js';
import { AppError, errorMessage } from '../shared/app-error.js';
import { readTextIfExists } from '../shared/json-file.js';
import { configEnv, loadDotEnv, withUnset } from './env.js';
import { type ConfigPart, IncludeError, resolveIncludes } from './includes.js';
import { isRecord, type JsonRecord, valueAt } from './json-value.js';
import { migrateLegacy } from './legacy.js';
import type { StatePaths } from './paths.js';
import { resolveSecrets } from './secrets.js';
import { substituteVariables, type UnavailableValue } from './substitute.js';
import type { OpenClawConfig } from './types.js';
import { validateConfig } from './validate.js';

export interface LoadedConfig {
  path: string;
  exists: boolean;
  /** The file's text; null when there is no file. */
  raw: string | null;
  /** The text as a value, before includes and variables. */
  parsed: unknown;
  /** With includes in place; undefined when they cannot be read. */
  included: unknown;
  /** With includes and variables in place, before older shapes are moved. */
  resolved: unknown;
  /** What the gateway works with; empty when the config is not valid. */
  config: OpenClawConfig;
  /** `config` with its secret references in place. */
  source: unknown;
  /** Values left out because a variable is missing; `unavailable` has the unread references, too. */
  missing: UnavailableValue[];
  valid: boolean;
  /** SHA-256 of `raw`, hex. */
  hash: string;
  issues: ConfigIssue[];
  warnings: ConfigIssue[];
  legacyIssues: ConfigIssue[];
  /** The process's environment plus `.env` files plus the config's `env`. */
  env: NodeJS.ProcessEnv;
  /** Values that were left out of `config`, and why. */
  unavailable: UnavailableValue[];
  /** Included files and `.env` files, those that are missing as well. */
  parts: ConfigPart[];
  /** Names of the variables that `.env` files have. */
  dotEnv: string[];
}

export interface LoadOptions {
  paths: StatePaths;
  env: NodeJS.ProcessEnv;
  cwd: string;
}

type Parsed = { value: unknown } | { issue: ConfigIssue };

function parseText(raw: string): Parsed {
  try {
    return { value: JSON5.parse(raw) };
  } catch (error) {
    return { issue: { path: '<root>', message: `JSON5 parse failed: SyntaxError: ${errorMessage(error)}` } };
  }
}

async function includeParts(parsed: unknown, configPath: string, parts: ConfigPart[]): Promise<Parsed> {
  try {
    return { value: await resolveIncludes(parsed, configPath, parts) };
  } catch (error) {
    if (error instanceof IncludeError) return { issue: { path: error.path, message: error.message } };
    throw error;
  }
}

async function readConfigText(file: string): Promise<string | null> {
  try {
    return (await readTextIfExists(file)) ?? null;
  } catch (error) {
    throw new AppError('config.unreadable', {
      message: `The config file ${file} cannot be read: ${errorMessage(error)}`,
      details: { path: file },
      cause: error,
    });
  }
}

/** The config's own variables come first, since the rest of the config may name them. */
function environmentOf(included: unknown, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const section = valueAt(included, ['env']);
  return section === undefined ? env : withUnset(env, configEnv(substituteVariables(section, env).value));
}

function applyDefaults(config: JsonRecord): OpenClawConfig {
  const providers = valueAt(config, ['models', 'providers']);
  if (!isRecord(providers)) return config as OpenClawConfig;
  const filled = Object.entries(providers).map(([id, provider]) => {
    if (!isRecord(provider) || provider.api === undefined || !Array.isArray(provider.models)) return [id, provider];
    const models = provider.models.map((model) => (isRecord(model) ? { api: provider.api, ...model } : model));
    return [id, { ...provider, models }];
  });
  return {
    ...config,
    models: { ...(config.models as JsonRecord), providers: Object.fromEntries(filled) },
  } as OpenClawConfig;
}

function interpret(included: unknown, env: NodeJS.ProcessEnv) {
  const substituted = substituteVariables(included, env);
  const base = { resolved: substituted.value, warnings: substituted.warnings, env };
  if (!isRecord(substituted.value)) {
    const issues = validateConfig(substituted.value);
    const nothing = { config: {}, source: {}, missing: [], legacyIssues: [], unavailable: [] };
    return { ...base, ...nothing, valid: false, issues };
  }
  const migrated = migrateLegacy(substituted.value);
  const issues = validateConfig(migrated.config);
  const secrets = resolveSecrets(migrated.config, env);
  const valid = issues.length === 0;
  return {
    ...base,
    config: valid ? applyDefaults(secrets.config) : {},
    source: valid ? applyDefaults(migrated.config) : {},
    missing: substituted.unavailable,
    valid,
    issues,
    legacyIssues: migrated.issues,
    unavailable: [...substituted.unavailable, ...secrets.unavailable],
  };
}

/** The part of a loaded config that the text alone decides. */
function fileOf(raw: string | null, configPath: string) {
  const hash = createHash('sha256')
    .update(raw ?? '')
    .digest('hex');
  return { path: configPath, exists: raw !== null, raw, hash };
}

/** `loadConfig` for a text that need not be in the file (yet); null = there is no file. */
export async function loadConfigText(raw: string | null, options: LoadOptions): Promise<LoadedConfig> {
  const { paths } = options;
  const { env, parts, names } = await loadDotEnv(options.env, options.cwd, paths);
  const file = { ...fileOf(raw, paths.configPath), parts, dotEnv: names };
  const broken = (issue: ConfigIssue, parsed: unknown): LoadedConfig => ({
    ...file,
    parsed,
    included: undefined,
    resolved: {},
    config: {},
    source: {},
    missing: [],
    valid: false,
    issues: [issue],
    warnings: [],
    legacyIssues: [],
    env,
    unavailable: [],
  });
  const parsed = raw === null ? { value: {} } : parseText(raw);
  if ('issue' in parsed) return broken(parsed.issue, {});
  const included = await includeParts(parsed.value, paths.configPath, parts);
  if ('issue' in included) return broken(included.issue, parsed.value);
  const meaning = interpret(included.value, environmentOf(included.value, env));
  return { ...file, parsed: parsed.value, included: included.value, ...meaning };
}

/**
 * Reads and checks the config. Faults of its content are `issues` (then `valid` is false and `config` empty);
 * a missing file is a valid, empty config. Throws `config.unreadable` when a file exists but cannot be read.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  return loadConfigText(await readConfigText(options.paths.configPath), options);
}

/** What a person reads when the config is not valid: the file, each problem, the way out. */
export function describeInvalidConfig(loaded: LoadedConfig): string {
  const lines = (issues: readonly ConfigIssue[]) => issues.map((issue) => `  - ${issue.path}: ${issue.message}`);
  const legacy = loaded.legacyIssues.length > 0 ? ['Legacy config keys detected:', ...lines(loaded.legacyIssues)] : [];
  return [
    'Config invalid',
    `File: ${loaded.path}`,
    'Problem:',
    ...lines(loaded.issues),
    ...legacy,
    '',
    'Run: openclaw doctor --fix',
  ].join('\n');
}

/** Throws `config.invalid` with every problem when the config is not valid. */
export function assertValidConfig(loaded: LoadedConfig): void {
  if (loaded.valid) return;
  throw new AppError('config.invalid', {
    message: describeInvalidConfig(loaded),
    details: { path: loaded.path, issues: loaded.issues },
  });
}
