// The wire of making, changing and removing agents and their files (spec/gateway-protocol.md §7.3, §7.5).
import path from 'node:path';
import type { Static } from 'typebox';
import { expandHome, type OpenClawConfig, type StatePaths } from '../config/index.js';
import type { WholeWireMethods } from '../protocol/index.js';
import { normalizeAgentId, parseSessionKey } from '../sessions/index.js';
import { AppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import { moveAside } from '../shared/json-file.js';
import type { Logger } from '../shared/logger.js';
import type { WireHandlers } from '../shared/wire.js';
import { type AgentConfigEdit, agentIdOf, editsForCreate, editsForDelete, editsForUpdate } from './agent-edits.js';
import { listAgentFiles, readAgentFile, writeAgentFile } from './agent-files.js';
import { readIdentity, saveIdentity } from './agent-identity.js';
import { defaultAgentId, listAgents } from './agent-list.js';
import { agentWorkspaceDir, ensureWorkspace } from './workspace.js';

export interface AgentsEditOptions {
  config: () => OpenClawConfig;
  paths: Pick<StatePaths, 'home' | 'stateDir' | 'defaultWorkspaceDir'>;
  /**
   * Changes the config file: `plan` sees the config as it is and may throw. The new config is in use, and on disk,
   * when it resolves.
   */
  writeConfig: (plan: (config: OpenClawConfig) => readonly AgentConfigEdit[]) => Promise<void>;
  /** Ends the runs of an agent and lets go of its files, before they move. */
  releaseAgent?: (agentId: string) => Promise<void>;
  clock: Clock;
  log: Logger;
}

type FilesName = Extract<keyof WholeWireMethods, `agents.files.${string}`>;
export type AgentsEditMethodName =
  FilesName | 'agents.create' | 'agents.update' | 'agents.delete' | 'agent.identity.get';
type Params<M extends AgentsEditMethodName> = Static<WholeWireMethods[M]['params']>;

function refuse(message: string): AppError {
  return new AppError('request.invalid', { message });
}

function isWithin(folder: string, other: string): boolean {
  const relative = path.relative(folder, other);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
}

class AgentsEdit {
  constructor(private readonly options: AgentsEditOptions) {}

  workspace(agentId: string): string {
    return agentWorkspaceDir(this.options.config(), this.options.paths, agentId);
  }

  known(agentId: string): string {
    const id = normalizeAgentId(agentId);
    if (!listAgents(this.options.config()).some((agent) => agent.id === id)) throw refuse('unknown agent id');
    return id;
  }

  async create(params: Params<'agents.create'>) {
    const name = params.name.trim();
    const agentId = agentIdOf(name);
    const workspace = expandHome(params.workspace.trim(), this.options.paths.home);
    const agent = { agentId, name, workspace, emoji: params.emoji?.trim(), avatar: params.avatar?.trim() };
    // Refused before anything is made; the plan looks once more, at the config as it is then.
    editsForCreate(this.options.config(), agent);
    await ensureWorkspace(workspace);
    await this.options.writeConfig((config) => editsForCreate(config, agent));
    await saveIdentity(workspace, agent);
    return { ok: true as const, agentId, name, workspace };
  }

  async update(params: Params<'agents.update'>) {
    const agentId = normalizeAgentId(params.agentId);
    const workspace = params.workspace && expandHome(params.workspace.trim(), this.options.paths.home);
    const change = {
      agentId,
      name: params.name?.trim(),
      model: params.model?.trim(),
      avatar: params.avatar?.trim(),
      workspace,
    };
    editsForUpdate(this.options.config(), change);
    if (workspace) await ensureWorkspace(workspace);
    await this.options.writeConfig((config) => editsForUpdate(config, change));
    if (change.avatar) await saveIdentity(this.workspace(agentId), { avatar: change.avatar });
    return { ok: true as const, agentId };
  }

  async delete(params: Params<'agents.delete'>) {
    const agentId = normalizeAgentId(params.agentId);
    let { removedBindings } = editsForDelete(this.options.config(), agentId);
    const workspace = this.workspace(agentId);
    await this.options.writeConfig((config) => {
      const plan = editsForDelete(config, agentId);
      ({ removedBindings } = plan);
      return plan.edits;
    });
    await this.options.releaseAgent?.(agentId);
    if (params.deleteFiles !== false) await this.#moveFiles(agentId, workspace);
    return { ok: true as const, agentId, removedBindings };
  }

  /** Files go to `<stateDir>/trash`, never away for good. Workspaces elsewhere, or that others live in, stay. */
  async #moveFiles(agentId: string, workspace: string): Promise<void> {
    const { config, paths, clock, log } = this.options;
    const others = listAgents(config()).map((agent) => this.workspace(agent.id));
    const kept = [paths.stateDir, paths.defaultWorkspaceDir, ...others];
    const isOurs = isWithin(paths.stateDir, workspace) && !kept.some((folder) => isWithin(workspace, folder));
    const time = new Date(clock.now()).toISOString().replaceAll(':', '-');
    const trash = path.join(paths.stateDir, 'trash', `${agentId}-${time}`);
    const moves: Array<[string, string]> = [[path.join(paths.stateDir, 'agents', agentId), path.join(trash, 'agent')]];
    if (isOurs) moves.push([workspace, path.join(trash, 'workspace')]);
    else log.info('The workspace of a deleted agent stays where it is.', { agentId, workspace });
    for (const [from, to] of moves) {
      if (await moveAside(from, to)) continue;
      log.info('nothing to move', { agentId, folder: from });
    }
  }

  async identity(params: Params<'agent.identity.get'>) {
    const fallback = defaultAgentId(this.options.config());
    const wanted = params.agentId === undefined ? undefined : this.known(params.agentId);
    const rawKey = params.sessionKey?.trim();
    const key = rawKey ? parseSessionKey(rawKey, wanted ?? fallback) : undefined;
    if (rawKey && !key) throw refuse(`invalid agent.identity.get params: malformed session key "${rawKey}"`);
    if (wanted !== undefined && key && key.agentId !== wanted) {
      throw refuse(
        `invalid agent.identity.get params: agent "${params.agentId}" does not match session key agent "${key.agentId}"`,
      );
    }
    const agentId = wanted ?? key?.agentId ?? fallback;
    return readIdentity(this.options.config(), agentId, this.workspace(agentId));
  }
}

function createFilesMethods(agents: AgentsEdit): WireHandlers<FilesName> {
  const place = (agentId: string) => {
    const id = agents.known(agentId);
    return { agentId: id, workspace: agents.workspace(id) };
  };
  return {
    'agents.files.list': async (params) => {
      const where = place(params.agentId);
      return { ...where, files: await listAgentFiles(where.workspace) };
    },
    'agents.files.get': async (params) => {
      const where = place(params.agentId);
      return { ...where, file: await readAgentFile(where.workspace, params.name) };
    },
    'agents.files.set': async (params) => {
      const where = place(params.agentId);
      return { ok: true, ...where, file: await writeAgentFile(where.workspace, params.name, params.content) };
    },
  };
}

/**
 * The handlers of `agents.create|update|delete`, `agents.files.*` and `agent.identity.get`. Refusals are AppError
 * request.invalid and state.unwritable, and whatever `writeConfig` throws.
 */
export function createAgentsEditMethods(options: AgentsEditOptions): WireHandlers<AgentsEditMethodName> {
  const agents = new AgentsEdit(options);
  return {
    ...createFilesMethods(agents),
    'agents.create': (params) => agents.create(params),
    'agents.update': (params) => agents.update(params),
    'agents.delete': (params) => agents.delete(params),
    'agent.identity.get': (params) => agents.identity(params),
  };
}
