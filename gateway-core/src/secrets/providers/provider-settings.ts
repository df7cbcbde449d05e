// What `secrets.providers` says about one provider, with defaults (spec/gateway-config.md §7).
import { isRecord, type JsonRecord, valueAt } from '../json-value.js';
import { failed, found, type Outcome } from '../outcome.js';
import { defaultProvider, isSecretSource, refFault, type SecretRef } from '../secret-ref.js';

export interface EnvProvider {
  source: 'env';
  /** Absent: every variable may be read. */
  allowlist?: string[];
}

export interface FileProvider {
  source: 'file';
  path: string;
  mode: 'json' | 'singleValue';
  timeoutMs: number;
  maxBytes: number;
  allowInsecurePath: boolean;
}

export interface ExecProvider {
  source: 'exec';
  command: string;
  args: string[];
  env: Record<string, string>;
  passEnv: string[];
  timeoutMs: number;
  noOutputTimeoutMs: number;
  maxOutputBytes: number;
  jsonOnly: boolean;
  trustedDirs: string[];
  allowSymlinkCommand: boolean;
  allowInsecurePath: boolean;
}

export interface KeychainProvider {
  source: 'keychain';
}

export type ProviderSettings = EnvProvider | FileProvider | ExecProvider | KeychainProvider;

export interface ResolutionLimits {
  /** Providers asked at the same time. */
  maxProviderConcurrency: number;
  maxRefsPerProvider: number;
  /** Size of one request to a command. */
  maxBatchBytes: number;
}

const MEBIBYTE = 1_048_576;

function count(record: JsonRecord, key: string, otherwise: number): number {
  const value = record[key];
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : otherwise;
}

function texts(record: JsonRecord, key: string): string[] {
  const value = record[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function textTable(record: JsonRecord, key: string): Record<string, string> {
  const value = record[key];
  const entries = isRecord(value) ? Object.entries(value) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function fileProvider(record: JsonRecord): Outcome<FileProvider> {
  if (typeof record.path !== 'string' || record.path === '') return failed('it has no path');
  return found({
    source: 'file',
    path: record.path,
    mode: record.mode === 'singleValue' ? 'singleValue' : 'json',
    timeoutMs: count(record, 'timeoutMs', 5000),
    maxBytes: count(record, 'maxBytes', MEBIBYTE),
    allowInsecurePath: record.allowInsecurePath === true,
  });
}

function execProvider(record: JsonRecord): Outcome<ExecProvider> {
  if (typeof record.command !== 'string' || record.command === '') return failed('it has no command');
  return found({
    source: 'exec',
    command: record.command,
    args: texts(record, 'args'),
    env: textTable(record, 'env'),
    passEnv: texts(record, 'passEnv'),
    timeoutMs: count(record, 'timeoutMs', 5000),
    noOutputTimeoutMs: count(record, 'noOutputTimeoutMs', 2000),
    maxOutputBytes: count(record, 'maxOutputBytes', MEBIBYTE),
    jsonOnly: record.jsonOnly !== false,
    trustedDirs: texts(record, 'trustedDirs'),
    allowSymlinkCommand: record.allowSymlinkCommand === true,
    allowInsecurePath: record.allowInsecurePath === true,
  });
}

/** Reads the settings of one provider; `reason` is the end of a sentence. */
export function readProvider(value: unknown): Outcome<ProviderSettings> {
  if (!isRecord(value) || !isSecretSource(value.source)) return failed('it has no known source');
  switch (value.source) {
    case 'env':
      return found({
        source: 'env',
        ...(Array.isArray(value.allowlist) ? { allowlist: texts(value, 'allowlist') } : {}),
      });
    case 'file':
      return fileProvider(value);
    case 'exec':
      return execProvider(value);
    case 'keychain':
      return found({ source: 'keychain' });
  }
}

/** The environment and the keychain need no entry in the config under their default name. */
function builtIn(ref: SecretRef, config: unknown): ProviderSettings | undefined {
  const { source } = ref;
  const isDefault = ref.provider === defaultProvider(source, config);
  return isDefault && (source === 'env' || source === 'keychain') ? { source } : undefined;
}

/** The provider a ref names, or the sentence that says why there is none. */
export function providerOf(ref: SecretRef, config: unknown): Outcome<ProviderSettings> {
  const fault = refFault(ref);
  if (fault !== undefined) return failed(`${fault}.`);
  const value = valueAt(config, ['secrets', 'providers', ref.provider]);
  if (value === undefined) {
    const settings = builtIn(ref, config);
    return settings ? found(settings) : failed(`There is no secret provider "${ref.provider}" in secrets.providers.`);
  }
  const settings = readProvider(value);
  if (!settings.ok) return failed(`The secret provider "${ref.provider}" cannot be used: ${settings.reason}.`);
  if (settings.value.source !== ref.source) {
    return failed(
      `The secret provider "${ref.provider}" has the source "${settings.value.source}", the reference says "${ref.source}".`,
    );
  }
  return settings;
}

/** `secrets.resolution` with its defaults. */
export function resolutionLimits(config: unknown): ResolutionLimits {
  const value = valueAt(config, ['secrets', 'resolution']);
  const record = isRecord(value) ? value : {};
  return {
    maxProviderConcurrency: count(record, 'maxProviderConcurrency', 4),
    maxRefsPerProvider: count(record, 'maxRefsPerProvider', 512),
    maxBatchBytes: count(record, 'maxBatchBytes', 262_144),
  };
}
