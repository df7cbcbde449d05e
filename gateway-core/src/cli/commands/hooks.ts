// `openclaw hooks list|info|check|enable|disable`: hooks of hooks.internal; asks no gateway except to change its config.
import type { LoadedConfig } from '../../config/index.js';
import {
  areHooksOn,
  disableEdits,
  enableEdits,
  type FoundHooks,
  HookFinder,
  type HookStatus,
} from '../../lifecycle-hooks/index.js';
import { shortLine } from '../../shared/front-matter.js';
import { requireValidConfig } from '../config-gate.js';
import { agentFacts } from '../config-models.js';
import { changeConfig } from '../config-writing.js';
import type { CommandContext } from '../context.js';
import { boxedTable } from '../text-format.js';

export interface HooksOptions {
  json?: boolean;
  /** Only those that can run. */
  eligible?: boolean;
  verbose?: boolean;
  agent?: string;
}

interface Read extends FoundHooks {
  loaded: LoadedConfig;
  workspaceDir: string;
}

const DESCRIPTION_CHARS = 66;
const WIDE = 180;

/** The hooks for the options, or undefined after saying on stderr why there are none. */
async function readHooks(context: CommandContext, { agent }: HooksOptions): Promise<Read | undefined> {
  const loaded = await requireValidConfig(context);
  if (!loaded) return undefined;
  const agents = agentFacts(loaded.config, context.paths);
  const wanted = agent?.trim().toLowerCase();
  const facts = wanted === undefined ? agents[0] : agents.find(({ id }) => id === wanted);
  if (!facts) {
    context.err(`Error: There is no agent "${agent}". Run \`openclaw agents list\`.`);
    return undefined;
  }
  const finder = new HookFinder(context.paths, context.host.platform);
  return { loaded, workspaceDir: facts.workspace, ...(await finder.find(loaded.config, facts.workspace)) };
}

function stateOf({ enabled, eligible }: HookStatus): string {
  if (!eligible) return '✗ missing';
  return enabled ? '✓ on' : '✓ ready';
}

function footLines({ faults }: Pick<FoundHooks, 'faults'>, areOn: boolean): string[] {
  return [
    ...(areOn ? [] : ['Hooks are off. `openclaw hooks enable <name>` switches one on.']),
    ...faults.map(({ dir, reason }) => `Not read: ${shortLine(dir, 200)}: ${shortLine(reason, 400)}`),
  ];
}

/** The text form, line by line. */
export function hookLines({ hooks, faults }: FoundHooks, areOn: boolean, options: HooksOptions): string[] {
  const ready = hooks.filter(({ eligible }) => eligible);
  const rows = (options.eligible ? ready : hooks).map((hook) => [
    stateOf(hook),
    hook.name,
    shortLine(hook.description, DESCRIPTION_CHARS),
    hook.source,
    ...(options.verbose ? [[hook.events.join(', '), ...hook.reasons].join('; ')] : []),
  ]);
  const header = ['Status', 'Hook', 'Description', 'Source', ...(options.verbose ? ['Events'] : [])];
  return [
    `Hooks (${ready.length}/${hooks.length} ready)`,
    ...boxedTable(header, rows, WIDE),
    ...footLines({ faults }, areOn),
  ];
}

export async function runList(context: CommandContext, options: HooksOptions): Promise<number> {
  const read = await readHooks(context, options);
  if (!read) return 1;
  const { loaded, workspaceDir, hooks, faults } = read;
  const areOn = areHooksOn(loaded.config);
  const shown = hooks.filter(({ eligible }) => !options.eligible || eligible);
  if (options.json) context.json({ enabled: areOn, workspaceDir, hooks: shown, faults });
  else for (const line of hookLines(read, areOn, options)) context.out(line);
  return 0;
}

async function oneHook(context: CommandContext, options: HooksOptions, name: string | undefined) {
  const read = await readHooks(context, options);
  if (!read) return undefined;
  const hook = read.hooks.find((candidate) => candidate.name === name);
  if (!hook) context.err(`Error: There is no hook "${name}". Run \`openclaw hooks list\` to see the hooks.`);
  return hook && { hook, read };
}

export async function runInfo(context: CommandContext, options: HooksOptions, [name]: string[]): Promise<number> {
  const found = await oneHook(context, options, name);
  if (!found) return 1;
  const { hook } = found;
  if (options.json) {
    context.json(hook);
    return 0;
  }
  const lines = [
    `${hook.name}  ${stateOf(hook)}`,
    '',
    hook.description,
    '',
    `  Source: ${hook.source}`,
    `  Events: ${hook.events.join(', ')}`,
    ...(hook.filePath === undefined ? [] : [`  Path: ${hook.filePath}`]),
    ...(hook.handlerPath === undefined ? [] : [`  Program: ${hook.handlerPath}`]),
    ...hook.reasons.map((reason) => `  In the way: ${reason}`),
  ];
  for (const line of lines) context.out(line);
  return 0;
}

export async function runCheck(context: CommandContext, options: HooksOptions): Promise<number> {
  const read = await readHooks(context, options);
  if (!read) return 1;
  const { loaded, hooks, faults } = read;
  const ready = hooks.filter(({ eligible }) => eligible);
  const others = hooks.filter(({ eligible }) => !eligible).map(({ name, reasons }) => ({ name, reasons }));
  if (options.json) {
    const names = ready.map(({ name }) => name);
    const counts = { total: hooks.length, eligible: ready.length, notEligible: others.length };
    const areOn = areHooksOn(loaded.config);
    context.json({ enabled: areOn, ...counts, hooks: { eligible: names, notEligible: others }, faults });
    return 0;
  }
  const lines = [
    'Hooks Status Check',
    '',
    `Total: ${hooks.length}`,
    `✓ Ready: ${ready.length}`,
    `✗ Not ready: ${others.length}`,
    ...others.map(({ name, reasons }) => `  ${name}: ${reasons.join(' ')}`),
    ...footLines(read, areHooksOn(loaded.config)),
  ];
  for (const line of lines) context.out(line);
  return 0;
}

export async function runEnable(context: CommandContext, options: HooksOptions, [name]: string[]): Promise<number> {
  const found = await oneHook(context, options, name);
  if (!found) return 1;
  const { hook, read } = found;
  if (hook.source === 'openclaw-workspace' && hook.sha256 === undefined) {
    context.err(`Error: The hook "${hook.name}" cannot be switched on. ${hook.reasons.join(' ')}`);
    return 1;
  }
  await changeConfig(context, enableEdits(read.loaded.config, hook, read.hooks), 'hooks enable');
  context.out(`Enabled hook: ${hook.name}`);
  if (hook.source === 'openclaw-workspace') {
    context.out('It runs as it is now; when its folder changes, it stops until you enable it again.');
  }
  const left = hook.reasons.filter((reason) => !reason.startsWith('It changed since'));
  for (const reason of left) context.err(`It cannot run yet: ${reason}`);
  return 0;
}

export async function runDisable(context: CommandContext, options: HooksOptions, [name]: string[]): Promise<number> {
  const found = await oneHook(context, options, name);
  if (!found) return 1;
  await changeConfig(context, disableEdits(found.hook.name), 'hooks disable');
  context.out(`Disabled hook: ${found.hook.name}`);
  return 0;
}
