// From a plan to edits of the config, tried out before anything is written.
import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../../shared/app-error.js';
import { pathText, valueAt, withoutValueAt, withValueAt } from '../json-value.js';
import { checkSecretValue, resolveRefs } from '../providers/resolve.js';
import type { ResolverContext } from '../providers/resolver-context.js';
import { refKey } from '../secret-ref.js';
import { siblingPath } from '../surface/targets.js';
import type { PlanTarget, SecretsPlan } from './plan.js';

/** One change of the config; without `value`, what is at `path` goes. */
export interface SecretEdit {
  path: string[];
  value?: unknown;
}

export interface PlannedEdits {
  edits: SecretEdit[];
  /** The config with the edits made. */
  config: unknown;
  /** Literal secrets that the edits take out of the config, for `scrubEnvText`. */
  replaced: Set<string>;
}

export interface CheckedPlan extends PlannedEdits {
  refsChecked: number;
  /** Exec refs that were not tried, since commands may not run. */
  skippedExecRefs: number;
}

function targetEdits({ path, target, ref }: PlanTarget): SecretEdit[] {
  if (target.refKey === undefined) return [{ path, value: ref }];
  return [{ path: siblingPath(path, target.refKey), value: ref }, { path }];
}

function allEdits(plan: SecretsPlan): SecretEdit[] {
  const providers = ['secrets', 'providers'];
  return [
    ...Object.entries(plan.providerUpserts).map(([name, value]) => ({ path: [...providers, name], value })),
    ...plan.targets.flatMap(targetEdits),
    ...plan.providerDeletes.map((name) => ({ path: [...providers, name] })),
  ];
}

function applyEdit(config: unknown, edit: SecretEdit): unknown {
  return 'value' in edit ? withValueAt(config, edit.path, edit.value) : withoutValueAt(config, edit.path);
}

function checkLists(config: unknown, edit: SecretEdit): void {
  for (let depth = 0; depth < edit.path.length; depth += 1) {
    const owner = valueAt(config, edit.path.slice(0, depth));
    if (Array.isArray(owner) && owner[Number(edit.path[depth])] === undefined) {
      throw new AppError('request.invalid', {
        message: `The config has nothing at ${pathText(edit.path.slice(0, depth + 1))}.`,
      });
    }
  }
}

/**
 * The edits a plan makes to `config`, in the order in which they must be made; those that change nothing are left
 * out. Writes nothing. Throws `request.invalid` for a place in a list that the config does not have.
 */
export function planEdits(plan: SecretsPlan, config: unknown): PlannedEdits {
  const replaced = new Set<string>();
  const edits: SecretEdit[] = [];
  let current = config;
  for (const target of plan.targets) {
    const old = valueAt(config, target.path);
    if (typeof old === 'string' && old !== '' && !old.startsWith('${')) replaced.add(old);
  }
  for (const edit of allEdits(plan)) {
    checkLists(current, edit);
    if (isDeepStrictEqual(valueAt(current, edit.path), edit.value)) continue;
    current = applyEdit(current, edit);
    edits.push(edit);
  }
  return { edits, config: current, replaced };
}

function usesExec(plan: SecretsPlan): boolean {
  const upserts = Object.values(plan.providerUpserts);
  return plan.targets.some(({ ref }) => ref.source === 'exec') || upserts.some(({ source }) => source === 'exec');
}

/**
 * Works out the edits and reads every ref of the plan once, so that nothing is written that would not work.
 * Throws `request.invalid` when commands are needed to write but not allowed, `secret.unavailable` for a ref
 * that cannot be read.
 */
export async function checkPlan(
  plan: SecretsPlan,
  config: unknown,
  options: { allowExec: boolean; dryRun: boolean; context: ResolverContext },
): Promise<CheckedPlan> {
  if (!options.dryRun && !options.allowExec && usesExec(plan)) {
    throw new AppError('request.invalid', {
      message: 'The plan runs commands to read secrets.',
      hint: 'Run it again with --allow-exec when you trust the commands in it.',
    });
  }
  const planned = planEdits(plan, config);
  const targets = plan.targets.filter(({ ref }) => options.allowExec || ref.source !== 'exec');
  const answers = await resolveRefs(
    targets.map(({ ref }) => ref),
    planned.config,
    options.context,
  );
  for (const { ref, target, path } of targets) {
    const answer = answers.get(refKey(ref)) ?? { ok: false, reason: 'There is no answer.' };
    const outcome = checkSecretValue(answer, ref, target.objects);
    if (outcome.ok) continue;
    throw new AppError('secret.unavailable', {
      message: `${pathText(path)} cannot get its reference: ${outcome.reason}`,
      hint: 'Nothing was changed. Make the secret readable, then apply the plan again.',
      details: { path: pathText(path), ref },
    });
  }
  return { ...planned, refsChecked: targets.length, skippedExecRefs: plan.targets.length - targets.length };
}
