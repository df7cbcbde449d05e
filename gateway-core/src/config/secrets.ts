// SecretRefs (spec/gateway-config.md §7). References to the environment are resolved at load; values of other
// sources are left out here and put in by the secrets room, which reads `LoadedConfig.source`.
import { AppError } from '../shared/app-error.js';
import { isRecord, type JsonRecord, pathText, valueAt } from './json-value.js';
import { missingVariable, type UnavailableValue } from './substitute.js';

export interface SecretRef {
  source: 'env' | 'file' | 'exec' | 'keychain';
  provider: string;
  id: string;
}

const SOURCES: ReadonlySet<unknown> = new Set(['env', 'file', 'exec', 'keychain']);

export function isSecretRef(value: unknown): value is SecretRef {
  return (
    isRecord(value) && SOURCES.has(value.source) && typeof value.provider === 'string' && typeof value.id === 'string'
  );
}

interface Resolution {
  env: NodeJS.ProcessEnv;
  config: JsonRecord;
  unavailable: UnavailableValue[];
}

const ENV_ID = /^[A-Z][A-Z0-9_]{0,127}$/;

function refusalOf(ref: SecretRef, path: string, config: JsonRecord): string | undefined {
  if (ref.source !== 'env') {
    return `${path} is a secret from the ${ref.source} provider "${ref.provider}"; it is read when the gateway starts.`;
  }
  if (!ENV_ID.test(ref.id)) return `${path}: "${ref.id}" is not the name of an environment variable.`;
  const provider = valueAt(config, ['secrets', 'providers', ref.provider]);
  if (provider === undefined && ref.provider !== 'default' && ref.provider !== defaultEnvProvider(config)) {
    return `${path}: there is no secret provider "${ref.provider}" in secrets.providers.`;
  }
  if (isRecord(provider) && provider.source !== 'env') {
    return `${path}: the secret provider "${ref.provider}" has the source "${String(provider.source)}", not "env".`;
  }
  const allowed = isRecord(provider) && Array.isArray(provider.allowlist) ? provider.allowlist : undefined;
  if (allowed && !allowed.includes(ref.id)) {
    return `${path}: environment variable "${ref.id}" is not in secrets.providers.${ref.provider}.allowlist.`;
  }
  return undefined;
}

function defaultEnvProvider(config: JsonRecord): unknown {
  return valueAt(config, ['secrets', 'defaults', 'env']);
}

function resolveRef(ref: SecretRef, path: readonly string[], resolution: Resolution): string | undefined {
  const where = pathText(path);
  const refusal = refusalOf(ref, where, resolution.config);
  const value = refusal === undefined ? resolution.env[ref.id] : undefined;
  if (value) return value;
  resolution.unavailable.push({ path: where, reason: refusal ?? missingVariable(ref.id) });
  return undefined;
}

function resolveValue(value: unknown, path: readonly string[], resolution: Resolution): unknown {
  if (isSecretRef(value)) return resolveRef(value, path, resolution);
  if (Array.isArray(value)) return value.map((item, index) => resolveValue(item, [...path, String(index)], resolution));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, resolveValue(item, [...path, key], resolution)] as const)
      .filter(([, item]) => item !== undefined),
  );
}

/** Replaces env references by their values and leaves the others out. */
export function resolveSecrets(
  config: JsonRecord,
  env: NodeJS.ProcessEnv,
): { config: JsonRecord; unavailable: UnavailableValue[] } {
  const resolution: Resolution = { env, config, unavailable: [] };
  return { config: resolveValue(config, [], resolution) as JsonRecord, unavailable: resolution.unavailable };
}

/** Why the value at `path` (or below it) is not there, or undefined when nothing was left out. */
export function unavailableAt(unavailable: readonly UnavailableValue[], path: string): UnavailableValue | undefined {
  return unavailable.find((entry) => entry.path === path || entry.path.startsWith(`${path}.`));
}

/** The error for whoever needs a value that was left out: its path, the reason, what to do. */
export function unavailableError(entry: UnavailableValue): AppError {
  return new AppError('secret.unavailable', {
    message: entry.reason.includes(entry.path) ? entry.reason : `${entry.path}: ${entry.reason}`,
    details: { path: entry.path },
  });
}
