// Carries out a plan of secrets: checks it, writes the config, takes moved values out of `.env`.
import path from 'node:path';
import type { ConfigEdit } from '../config/index.js';
import {
  type CheckedPlan,
  checkPlan,
  createResolverContext,
  currentAccount,
  type Keychain,
  openFileKeychain,
  type ResolverContext,
  scrubEnvText,
  type SecretEdit,
  type SecretsPlan,
} from '../secrets/index.js';
import { readTextIfExists, writeTextDurably } from '../shared/json-file.js';
import { changeConfig } from './config-writing.js';
import type { CommandContext } from './context.js';

export interface PlanOptions {
  dryRun: boolean;
  allowExec: boolean;
  /** Values that will be in the keychain by the time the plan is carried out. */
  pending?: ReadonlyMap<string, string>;
}

/** The result as scripts read it. */
export interface PlanReport {
  mode: 'dry-run' | 'write';
  changed: boolean;
  changedFiles: string[];
  checks: { resolvability: boolean; resolvabilityComplete: boolean };
  refsChecked: number;
  skippedExecRefs: number;
  warningCount: number;
  warnings: string[];
}

export function commandKeychain(context: CommandContext): Keychain {
  const { stateDir } = context.paths;
  return openFileKeychain({ stateDir, account: currentAccount(), now: context.host.now });
}

async function resolverFor(context: CommandContext, { pending }: PlanOptions): Promise<ResolverContext> {
  const { env } = await context.config();
  const stored = commandKeychain(context);
  const read = async (id: string) => {
    const value = pending?.get(id);
    return value === undefined ? stored.read(id) : ({ ok: true, value } as const);
  };
  return createResolverContext({ env, home: context.paths.home, keychain: { read } });
}

/** Tries the plan out on the config as it is. Throws AppError request.invalid or secret.unavailable; writes nothing. */
export async function tryPlan(
  context: CommandContext,
  plan: SecretsPlan,
  options: PlanOptions,
): Promise<CheckedPlan & { config: unknown }> {
  const { included, parsed } = await context.config();
  const resolver = await resolverFor(context, options);
  return checkPlan(plan, included ?? parsed ?? {}, { ...options, context: resolver });
}

function asConfigEdit(edit: SecretEdit): ConfigEdit {
  const { path: at } = edit;
  return 'value' in edit ? { op: 'set', path: at, value: edit.value } : { op: 'delete', path: at };
}

/** The text of `.env` without the moved values; undefined when it holds none of them. */
async function scrubbedEnv(file: string, values: ReadonlySet<string>): Promise<string | undefined> {
  const before = await readTextIfExists(file);
  if (before === undefined || values.size === 0) return undefined;
  const { text, removed } = scrubEnvText(before, values);
  return removed.length > 0 ? text : undefined;
}

function warningsOf(checked: CheckedPlan, configPath: string): string[] {
  const { replaced, skippedExecRefs } = checked;
  return [
    ...(replaced.size > 0
      ? [`Backups of the config (${configPath}.bak…) still hold the old values. Delete them once everything works.`]
      : []),
    ...(skippedExecRefs > 0
      ? [`${skippedExecRefs} reference(s) to commands were not tried. Add --allow-exec to try them.`]
      : []),
  ];
}

/**
 * Checks the plan and, unless it is a dry run, writes what it changes. Throws AppError request.invalid,
 * secret.unavailable, config.*; then nothing was written.
 */
export async function carryOutPlan(
  context: CommandContext,
  plan: SecretsPlan,
  options: PlanOptions,
): Promise<PlanReport> {
  const { configPath, stateDir } = context.paths;
  const checked = await tryPlan(context, plan, options);
  const edits = checked.edits.map(asConfigEdit);
  const envFile = path.join(stateDir, '.env');
  const env = plan.scrubEnv ? await scrubbedEnv(envFile, checked.replaced) : undefined;
  if (!options.dryRun) {
    if (edits.length > 0) await changeConfig(context, edits, 'secrets apply');
    // Last: until the config names the new place, the old one is needed.
    if (env !== undefined) await writeTextDurably(envFile, env);
  }
  const warnings = warningsOf(checked, configPath);
  const changedFiles = [...(edits.length > 0 ? [configPath] : []), ...(env === undefined ? [] : [envFile])];
  return {
    mode: options.dryRun ? 'dry-run' : 'write',
    changed: changedFiles.length > 0,
    changedFiles,
    checks: { resolvability: true, resolvabilityComplete: checked.skippedExecRefs === 0 },
    refsChecked: checked.refsChecked,
    skippedExecRefs: checked.skippedExecRefs,
    warningCount: warnings.length,
    warnings,
  };
}

/** The report in sentences. */
export function planReportLines(report: PlanReport): string[] {
  const { mode, changed, changedFiles, refsChecked, warnings } = report;
  const isDry = mode === 'dry-run';
  const files = changedFiles.map((file) => `- ${file}`);
  const head = changed
    ? `${isDry ? 'Secrets apply dry run: would change' : 'Secrets applied. Changed'} ${changedFiles.length} file(s), ${refsChecked} reference(s) checked.`
    : `${isDry ? 'Secrets apply dry run: no' : 'Secrets apply: no'} changes, ${refsChecked} reference(s) checked.`;
  return [head, ...files, ...warnings.map((warning) => `Note: ${warning}`)];
}
