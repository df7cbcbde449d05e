// `openclaw secrets configure`: asks where open secrets should go, makes a plan, and carries it out when wanted.
import path from 'node:path';
import { type MovableSecret, movableSecrets, planMoves, type SecretsPlan, writePlan } from '../../secrets/index.js';
import { AppError } from '../../shared/app-error.js';
import { writeJsonDurably } from '../../shared/json-file.js';
import { requireValidConfig } from '../config-gate.js';
import type { CommandContext } from '../context.js';
import { askYesNo, type Prompts } from '../prompts.js';
import { carryOutPlan, commandKeychain, type PlanReport, planReportLines, tryPlan } from '../secrets-plan.js';
import { askMoves, askProviders, draftOf, isBestKept, keychainMove } from '../secrets-questions.js';
import { asSentence } from './secrets-apply.js';

export interface ConfigureOptions {
  apply?: boolean;
  yes?: boolean;
  providersOnly?: boolean;
  skipProviderSetup?: boolean;
  agent?: string;
  planOut?: string;
  allowExec?: boolean;
  json?: boolean;
}

interface Drafted {
  plan: SecretsPlan;
  /** Values that go to the keychain, by id. */
  pending: Map<string, string>;
}

function needsTerminal(): AppError {
  return new AppError('request.invalid', {
    message: 'This command asks questions, and there is nobody to answer them.',
    hint: 'Run it in a terminal, or add --yes to move every open secret to the keychain.',
  });
}

function draftPlan(moves: readonly ReturnType<typeof keychainMove>[], secrets: readonly MovableSecret[]): Drafted {
  const valueAt = (at: readonly string[]) => secrets.find((secret) => secret.path === at)?.value ?? '';
  const kept = moves.filter(({ ref }) => ref.source === 'keychain');
  return { plan: planMoves(moves), pending: new Map(kept.map(({ ref, secret }) => [ref.id, valueAt(secret.path)])) };
}

async function ask(prompts: Prompts, config: unknown, options: ConfigureOptions): Promise<Drafted> {
  const { secrets } = config as { secrets?: { providers?: unknown } };
  const providers = draftOf(secrets?.providers);
  if (!options.skipProviderSetup) await askProviders(prompts, providers);
  const found = options.providersOnly ? [] : movableSecrets(config, options.agent);
  if (found.length === 0 && !options.providersOnly) prompts.say('No secret lies open in the config.');
  const drafted = draftPlan(await askMoves(prompts, found, providers), found);
  const { upserts, deletes } = providers;
  return { ...drafted, plan: { ...drafted.plan, providerUpserts: upserts, providerDeletes: deletes } };
}

/** Without questions: everything that can go to the keychain goes there. */
function assume(config: unknown, options: ConfigureOptions): Drafted {
  const found = options.providersOnly ? [] : movableSecrets(config, options.agent);
  return draftPlan(
    found.filter((secret) => !isBestKept(secret)).map((secret) => keychainMove(secret)),
    found,
  );
}

function summary({ targets, providerUpserts, providerDeletes }: SecretsPlan): string[] {
  const providers = Object.keys(providerUpserts).length + providerDeletes.length;
  return [
    `Plan: ${targets.length} secret(s) move, ${providers} provider(s) change.`,
    ...targets.map(({ path: at, ref }) => `- ${at.join('.')} comes from ${ref.source} "${ref.id}"`),
  ];
}

const isEmpty = ({ targets, providerUpserts, providerDeletes }: SecretsPlan): boolean =>
  targets.length + Object.keys(providerUpserts).length + providerDeletes.length === 0;

async function saveValues(context: CommandContext, pending: ReadonlyMap<string, string>): Promise<void> {
  const keychain = commandKeychain(context);
  for (const [id, value] of pending) await keychain.save(id, value);
}

interface Outcome {
  document: object;
  planOut?: string;
  applied?: PlanReport;
}

/** Writes what the person wants written: the plan, the change, or nothing. */
async function conclude(
  context: CommandContext,
  { plan, pending }: Drafted,
  options: ConfigureOptions & { prompts: Prompts | undefined },
): Promise<Outcome> {
  const { prompts, planOut, yes, allowExec = false } = options;
  const document = writePlan(plan, new Date(context.host.now()));
  if (isEmpty(plan)) return { document };
  await tryPlan(context, plan, { dryRun: true, allowExec, pending });
  const offered = prompts && !options.apply && planOut === undefined;
  const wanted = (options.apply ?? false) || offered;
  const isAgreed = wanted && (yes || (prompts !== undefined && (await askYesNo(prompts, 'Apply it now?', false))));
  const file = planOut === undefined ? undefined : path.resolve(context.host.cwd, planOut);
  // A plan names keychain entries, so they must be there when it is applied.
  if (isAgreed || file !== undefined) await saveValues(context, pending);
  if (file !== undefined) await writeJsonDurably(file, document);
  if (!isAgreed) return { document, planOut: file };
  return { document, planOut: file, applied: await carryOutPlan(context, plan, { dryRun: false, allowExec, pending }) };
}

function report(context: CommandContext, { planOut, applied }: Outcome): void {
  if (planOut !== undefined) {
    context.out(`Plan written to ${planOut}.`);
    if (!applied) context.out(`Apply it with: openclaw secrets apply --from ${planOut}`);
  }
  if (applied) for (const line of planReportLines(applied)) context.out(line);
  else if (planOut === undefined) context.out('Nothing was changed.');
}

async function configure(
  context: CommandContext,
  options: ConfigureOptions & { prompts: Prompts | undefined },
): Promise<number> {
  const loaded = await requireValidConfig(context);
  if (!loaded) return 1;
  const config = loaded.included ?? loaded.parsed ?? {};
  const { prompts, json } = options;
  const drafted = prompts ? await ask(prompts, config, options) : assume(config, options);
  if (!json) for (const line of summary(drafted.plan)) context.out(line);
  const outcome = await conclude(context, drafted, options);
  const { document: plan, planOut = null, applied = null } = outcome;
  if (json) context.json({ plan, planOut, applied });
  else report(context, outcome);
  return 0;
}

export async function run(context: CommandContext, options: ConfigureOptions): Promise<number> {
  if (options.providersOnly && options.skipProviderSetup) {
    throw new AppError('request.invalid', {
      message: '--providers-only and --skip-provider-setup leave nothing to do.',
    });
  }
  const prompts = await context.host.openPrompts?.();
  if (!prompts && !options.yes) throw needsTerminal();
  try {
    return await configure(context, { ...options, prompts });
  } catch (error) {
    throw asSentence(error);
  } finally {
    prompts?.close();
  }
}
