// Secrets in the state folder: the files of each agent, older files, `.env`.
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../shared/app-error.js';
import { readTextIfExists } from '../../shared/json-file.js';
import { isRecord, type JsonRecord, valueAt } from '../json-value.js';
import { asSecretRef, asShorthandRef, type SecretRef } from '../secret-ref.js';
import { isSecretHeader } from '../surface/targets.js';
import { isSecretVariable, parseEnvFile } from './env-file.js';
import type { AuditFinding } from './report.js';

/** A ref found outside the config; it is checked like those of the config. */
export interface FoundRef {
  file: string;
  jsonPath: string;
  ref: SecretRef;
  profileId?: string;
  provider?: string;
}

export interface StateScan {
  files: string[];
  findings: AuditFinding[];
  refs: FoundRef[];
  /** Providers for which an agent has credentials of its own. */
  profileProviders: Set<string>;
}

/** Text in a generated file that stands for a secret kept elsewhere. */
const MARKER = /^(?:secretref-managed|secretref-env:.*|[A-Z][A-Z0-9_]*_(?:API_KEY|TOKEN|KEY|SECRET))$/;

function parseRecord(text: string, file: string): JsonRecord {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new AppError('state.unreadable', {
    message: `${file} is not a JSON object, so it cannot be audited.`,
    details: { path: file },
  });
}

function isLiteral(value: unknown, config: unknown): value is string {
  return (
    typeof value === 'string' && value.trim() !== '' && !asShorthandRef(value, config) && !MARKER.test(value.trim())
  );
}

function scanModels(file: string, document: JsonRecord, config: unknown): AuditFinding[] {
  const providers = valueAt(document, ['providers']);
  return Object.entries(isRecord(providers) ? providers : {}).flatMap(([provider, settings]) => {
    const found = (key: string, what: string): AuditFinding => ({
      code: 'PLAINTEXT_FOUND',
      severity: 'warn',
      file,
      jsonPath: `providers.${provider}.${key}`,
      message: `models.json provider ${what} is stored as plaintext.`,
      provider,
    });
    const headers = valueAt(settings, ['headers']);
    const names = Object.entries(isRecord(headers) ? headers : {})
      .filter(([name, value]) => isSecretHeader(name) && isLiteral(value, config))
      .map(([name]) => name);
    return [
      ...(isLiteral(valueAt(settings, ['apiKey']), config) ? [found('apiKey', 'apiKey')] : []),
      ...names.map((name) => found(`headers.${name}`, `header ${name}`)),
    ];
  });
}

const PROFILE_SECRETS = [
  { type: 'api_key', key: 'key', what: 'API key' },
  { type: 'token', key: 'token', what: 'token' },
] as const;

function scanProfile([profileId, profile]: [string, unknown], file: string, scan: StateScan, config: unknown): void {
  if (!isRecord(profile)) return;
  const provider = typeof profile.provider === 'string' ? profile.provider : undefined;
  const base = { file, profileId, ...(provider === undefined ? {} : { provider }) };
  const jsonPath = (key: string) => `profiles.${profileId}.${key}`;
  if (profile.type === 'oauth') {
    const message = 'This sign-in renews itself and is stored as plaintext; it cannot become a reference.';
    const found = {
      code: 'LEGACY_RESIDUE',
      severity: 'info',
      ...base,
      jsonPath: `profiles.${profileId}`,
      message,
    } as const;
    scan.findings.push(found);
  }
  for (const { type, key, what } of PROFILE_SECRETS) {
    if (profile.type !== type) continue;
    const value = profile[key];
    const ref =
      asSecretRef(profile[`${key}Ref`], config) ??
      (typeof value === 'string' ? asShorthandRef(value, config) : asSecretRef(value, config));
    if (ref) scan.refs.push({ ...base, jsonPath: jsonPath(key), ref });
    if (isLiteral(value, config)) {
      const message = `Auth profile ${what} is stored as plaintext.`;
      scan.findings.push({ code: 'PLAINTEXT_FOUND', severity: 'warn', ...base, jsonPath: jsonPath(key), message });
    }
    if (provider !== undefined && (ref || isLiteral(value, config))) scan.profileProviders.add(provider);
  }
}

function scanLegacyAuth(file: string, document: JsonRecord): AuditFinding[] {
  return Object.entries(document)
    .filter(([, value]) => isRecord(value) && value.type === 'api_key' && typeof value.key === 'string')
    .map(([provider]) => ({
      code: 'LEGACY_RESIDUE',
      severity: 'warn',
      file,
      jsonPath: provider,
      message: 'An older auth.json still holds this API key; it is not used any more.',
      provider,
    }));
}

function scanEnvFile(file: string, text: string): AuditFinding[] {
  return parseEnvFile(text)
    .filter((line) => isSecretVariable(line.name) && line.value !== '')
    .map((line) => ({
      code: 'PLAINTEXT_FOUND',
      severity: 'warn',
      file,
      jsonPath: `$env.${line.name}`,
      message: `${line.name} in .env is stored as plaintext.`,
    }));
}

/** Agents that have a folder, `main` first. */
async function listAgentIds(stateDir: string): Promise<string[]> {
  try {
    const entries = await readdir(path.join(stateDir, 'agents'), { withFileTypes: true });
    const ids = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    return ids.sort((a, b) => Number(b === 'main') - Number(a === 'main') || (a < b ? -1 : 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function scanAgent(folder: string, scan: StateScan, config: unknown): Promise<void> {
  const read = async (name: string): Promise<{ file: string; document: JsonRecord } | undefined> => {
    const file = path.join(folder, name);
    const text = await readTextIfExists(file);
    if (text === undefined) return undefined;
    scan.files.push(file);
    return { file, document: parseRecord(text, file) };
  };
  const profiles = await read('auth-profiles.json');
  const table = valueAt(profiles?.document, ['profiles']);
  for (const entry of Object.entries(isRecord(table) ? table : {})) {
    scanProfile(entry, profiles?.file ?? '', scan, config);
  }
  const models = await read('models.json');
  if (models) scan.findings.push(...scanModels(models.file, models.document, config));
  const legacy = await read('auth.json');
  if (legacy) scan.findings.push(...scanLegacyAuth(legacy.file, legacy.document));
}

/** Looks through the state folder and the folder of the config. Throws `state.unreadable` for a broken file. */
export async function scanState(stateDir: string, configPath: string, config: unknown): Promise<StateScan> {
  const scan: StateScan = { files: [], findings: [], refs: [], profileProviders: new Set() };
  const envFiles = new Set([stateDir, path.dirname(configPath)].map((folder) => path.join(folder, '.env')));
  for (const file of envFiles) {
    const text = await readTextIfExists(file);
    if (text === undefined) continue;
    scan.files.push(file);
    scan.findings.push(...scanEnvFile(file, text));
  }
  for (const id of await listAgentIds(stateDir)) {
    await scanAgent(path.join(stateDir, 'agents', id, 'agent'), scan, config);
  }
  return scan;
}
