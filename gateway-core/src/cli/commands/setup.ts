// `openclaw setup`: a config, a token and a workspace, so that the gateway can start.
import { randomBytes } from 'node:crypto';
import { ensureWorkspace } from '../../compose/first-workspace.js';
import { ensureStateDir, type LoadedConfig, unavailableAt } from '../../config/index.js';
import { AppError } from '../../shared/app-error.js';
import { requireValidConfig } from '../config-gate.js';
import { agentFacts } from '../config-models.js';
import { changeConfig } from '../config-writing.js';
import type { CommandContext } from '../context.js';
import { createContext } from '../context.js';
import { askChoice, askText } from '../prompts.js';
import { planSetup, type SetupWishes } from '../setup-plan.js';
import { asSentence } from './secrets-apply.js';

export interface SetupOptions {
  workspace?: string;
  mode?: string;
  wizard?: boolean;
  nonInteractive?: boolean;
  json?: boolean;
}

function readMode(mode: string | undefined): 'local' | 'remote' | undefined {
  if (mode === undefined || mode === 'local' || mode === 'remote') return mode;
  throw new AppError('request.invalid', { message: `--mode is "${mode}".`, hint: 'Write local or remote.' });
}

function workspaceNow(context: CommandContext, { config }: LoadedConfig): string {
  return config.agents?.defaults?.workspace ?? context.paths.defaultWorkspaceDir;
}

/** Flags decide; what they leave open is asked where somebody can answer. */
async function readWishes(context: CommandContext, loaded: LoadedConfig, options: SetupOptions): Promise<SetupWishes> {
  const wishes = { mode: readMode(options.mode), workspace: options.workspace };
  const isAsked = options.wizard || (wishes.mode === undefined && wishes.workspace === undefined);
  if (!isAsked || options.nonInteractive || options.json) return wishes;
  const prompts = await context.host.openPrompts?.();
  if (!prompts) return wishes;
  try {
    const mode = await askChoice(prompts, 'Where does the gateway run?', [
      { label: 'on this computer', value: 'local' as const },
      { label: 'on another computer', value: 'remote' as const },
    ]);
    if (mode === 'remote') return { ...wishes, mode };
    const usual = wishes.workspace ?? workspaceNow(context, loaded);
    const workspace = await askText(prompts, 'Folder in which the agent works', { fallback: usual });
    const isSaid = workspace !== workspaceNow(context, loaded) || options.workspace !== undefined;
    return { mode, ...(isSaid && { workspace }) };
  } finally {
    prompts.close();
  }
}

function hasSecret({ config, env, missing }: LoadedConfig): boolean {
  const { token, password } = config.gateway?.auth ?? {};
  const isReferred = ['token', 'password'].some((name) => unavailableAt(missing, `gateway.auth.${name}`));
  return Boolean(token ?? password ?? env.OPENCLAW_GATEWAY_TOKEN ?? env.OPENCLAW_GATEWAY_PASSWORD) || isReferred;
}

interface Made {
  config: 'created' | 'changed' | 'unchanged';
  tokenMade: boolean;
  workspace?: { path: string; created: boolean };
}

async function carryOut(context: CommandContext, loaded: LoadedConfig, wishes: SetupWishes): Promise<Made> {
  const newToken = randomBytes(32).toString('hex');
  const edits = planSetup(wishes, { config: loaded.config, hasSecret: hasSecret(loaded), newToken });
  await ensureStateDir(context.paths.stateDir);
  if (edits.length > 0) {
    await changeConfig(context, edits, 'setup').catch((error: unknown) => {
      throw asSentence(error);
    });
  }
  const change = edits.length === 0 ? 'unchanged' : loaded.exists ? 'changed' : 'created';
  const tokenMade = edits.some((edit) => edit.op === 'set' && edit.value === newToken);
  // What was written decides, not what was read before.
  const { config } = await createContext(context.host, context.globals).config();
  if (config.gateway?.mode === 'remote') return { config: change, tokenMade };
  const workspace = agentFacts(config, context.paths)[0]?.workspace ?? context.paths.defaultWorkspaceDir;
  return { config: change, tokenMade, workspace: { path: workspace, created: await ensureWorkspace(workspace) } };
}

function report(context: CommandContext, { config, tokenMade, workspace }: Made): void {
  context.out(`Config: ${context.paths.configPath} (${config})`);
  if (workspace) context.out(`Workspace: ${workspace.path} (${workspace.created ? 'created' : 'there already'})`);
  if (tokenMade) context.out('Token: made, and saved in the config.');
  context.out(
    workspace
      ? 'Next: openclaw gateway'
      : 'Next: openclaw config set gateway.remote.url wss://<host>:<port>, then gateway.remote.token',
  );
}

export async function run(context: CommandContext, options: SetupOptions): Promise<number> {
  const loaded = await requireValidConfig(context);
  if (!loaded) return 1;
  const made = await carryOut(context, loaded, await readWishes(context, loaded, options));
  if (options.json) context.json({ ok: true, configPath: context.paths.configPath, ...made });
  else report(context, made);
  return 0;
}
