// `secrets audit`: secrets that lie open, refs that lead nowhere, refs that something else outruns.
import path from 'node:path';
import JSON5 from 'json5';
import { AppError, errorMessage } from '../../shared/app-error.js';
import { readTextIfExists } from '../../shared/json-file.js';
import { isRecord, pathText, valueAt } from '../json-value.js';
import { providerOf } from '../providers/provider-settings.js';
import { checkSecretValue, resolveRefs } from '../providers/resolve.js';
import type { ResolverContext } from '../providers/resolver-context.js';
import { refKey, type SecretRef } from '../secret-ref.js';
import { collectSecretInputs, isOpenSecret, isRefInput, type SecretInput } from '../surface/secret-inputs.js';
import { parseEnvFile } from './env-file.js';
import { type AuditFinding, type AuditReport, buildAuditReport } from './report.js';
import { scanState } from './state-files.js';

export interface AuditOptions {
  /** The text of the config file; null when there is none. */
  configRaw: string | null;
  configPath: string;
  stateDir: string;
  /** Runs secret commands too. */
  allowExec: boolean;
  /** `env` is the process's; `.env` of the state folder and the config's `env` are added here. */
  context: ResolverContext;
}

interface Checkable {
  ref: SecretRef;
  objects?: boolean;
  finding: Omit<AuditFinding, 'code' | 'severity' | 'message'>;
  what: string;
}

function parseConfig(options: AuditOptions): unknown {
  if (options.configRaw === null) return {};
  try {
    return JSON5.parse(options.configRaw);
  } catch (error) {
    throw new AppError('config.invalid', {
      message: `${options.configPath} cannot be audited: JSON5 parse failed: ${errorMessage(error)}`,
      hint: 'Correct the line that the message names.',
      details: { path: options.configPath },
    });
  }
}

/** The provider id of a path below `models.providers`, which findings carry. */
function modelProvider(segments: readonly string[]): { provider?: string } {
  const [models, providers, provider] = segments;
  return models === 'models' && providers === 'providers' && provider !== undefined ? { provider } : {};
}

function openSecrets(inputs: readonly SecretInput[], file: string): AuditFinding[] {
  return inputs.filter(isOpenSecret).map((input) => {
    const jsonPath = pathText(input.path);
    const message = `${jsonPath} is stored as plaintext.`;
    return { code: 'PLAINTEXT_FOUND', severity: 'warn', file, jsonPath, message, ...modelProvider(input.path) };
  });
}

function shadowedRefs(inputs: readonly SecretInput[], file: string, profiles: ReadonlySet<string>): AuditFinding[] {
  return inputs.filter(isRefInput).flatMap((input): AuditFinding[] => {
    const { provider } = modelProvider(input.path);
    if (provider === undefined || input.path.at(-1) !== 'apiKey' || !profiles.has(provider)) return [];
    const jsonPath = pathText(input.path);
    const message = `An auth profile of "${provider}" is used before ${jsonPath}, so the reference has no effect.`;
    return [{ code: 'REF_SHADOWED', severity: 'warn', file, jsonPath, message, provider }];
  });
}

/** Variables as the gateway would see them: the process first, then `.env`, then the config. */
async function effectiveEnv(options: AuditOptions, config: unknown): Promise<NodeJS.ProcessEnv> {
  const section = valueAt(config, ['env']);
  const vars = valueAt(section, ['vars']);
  const named = Object.entries({ ...(isRecord(section) ? section : {}), ...(isRecord(vars) ? vars : {}) });
  const fromConfig = named.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const text = await readTextIfExists(path.join(options.stateDir, '.env'));
  const fromFile = parseEnvFile(text ?? '').map((line): [string, string] => [line.name, line.value]);
  const own = Object.entries(options.context.env).filter(([, value]) => value !== undefined && value !== '');
  return { ...Object.fromEntries(fromConfig), ...Object.fromEntries(fromFile), ...Object.fromEntries(own) };
}

async function unresolvedRefs(
  checkables: readonly Checkable[],
  config: unknown,
  options: AuditOptions,
): Promise<{ findings: AuditFinding[]; checked: number; skipped: number }> {
  const runs = (item: Checkable) => options.allowExec || item.ref.source !== 'exec';
  const readable = checkables.filter(runs);
  const env = await effectiveEnv(options, config);
  const answers = await resolveRefs(
    readable.map((item) => item.ref),
    config,
    { ...options.context, env },
  );
  const findings = checkables.flatMap((item): AuditFinding[] => {
    const provider = providerOf(item.ref, config);
    const answer = answers.get(refKey(item.ref));
    const outcome = answer ? checkSecretValue(answer, item.ref, item.objects) : provider;
    if (outcome.ok) return [];
    const message = `${item.what} cannot be resolved: ${outcome.reason}`;
    return [{ code: 'REF_UNRESOLVED', severity: 'error', ...item.finding, message }];
  });
  return { findings, checked: readable.length, skipped: checkables.length - readable.length };
}

/** Like the reference: first the config in order of its paths, then the other files as they were read. */
function byConfigPath(file: string): (a: AuditFinding, b: AuditFinding) => number {
  const rank = (finding: AuditFinding) => (finding.file === file ? 0 : 1);
  return (a, b) => rank(a) - rank(b) || (rank(a) === 0 ? (a.jsonPath < b.jsonPath ? -1 : 1) : 0);
}

/**
 * Looks for secrets that lie open and refs that do not work, in the config and the state folder. Changes nothing.
 * Findings never hold a secret. Throws `config.invalid` or `state.unreadable` for files that cannot be parsed.
 */
export async function auditSecrets(options: AuditOptions): Promise<AuditReport> {
  const { configPath: file } = options;
  const config = parseConfig(options);
  const inputs = collectSecretInputs(config);
  const state = await scanState(options.stateDir, file, config);
  const inConfig = inputs
    .filter(isRefInput)
    .filter((input) => input.inactive === undefined && !input.overridden)
    .map((input): Checkable => {
      const jsonPath = pathText(input.path);
      const finding = { file, jsonPath, ...modelProvider(input.path) };
      return { ref: input.content.ref, objects: input.target?.objects, finding, what: jsonPath };
    });
  const inProfiles = state.refs.map(({ ref, ...finding }): Checkable => ({ ref, finding, what: finding.jsonPath }));
  const unresolved = await unresolvedRefs([...inConfig, ...inProfiles], config, options);
  const findings = [
    ...openSecrets(inputs, file),
    ...shadowedRefs(inputs, file, state.profileProviders),
    ...unresolved.findings,
    ...state.findings,
  ].sort(byConfigPath(file));
  const files = options.configRaw === null ? state.files : [file, ...state.files];
  return buildAuditReport(findings, files, {
    refsChecked: unresolved.checked,
    skippedExecRefs: unresolved.skipped,
    resolvabilityComplete: unresolved.skipped === 0,
  });
}
