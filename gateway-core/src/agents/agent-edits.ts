// Pure: how the config changes when an agent is made, changed or removed.
import type { AgentConfig, OpenClawConfig } from '../config/index.js';
import { isAgentId, normalizeAgentId } from '../sessions/index.js';
import { AppError } from '../shared/app-error.js';
import { MAIN_AGENT_ID } from './agent-list.js';

/** One change of the config file; the same form as the config room's edits. */
export type AgentConfigEdit =
  | { op: 'set'; path: readonly string[]; value: unknown }
  | { op: 'delete'; path: readonly string[] }
  | { op: 'insert'; path: readonly string[]; value: unknown };

const LIST = ['agents', 'list'] as const;
const MAX_ID_CHARS = 64;

function refuse(message: string): AppError {
  return new AppError('request.invalid', { message });
}

/** `Ops Bot` → `ops-bot`. Throws AppError request.invalid when nothing of the name is left. */
export function agentIdOf(name: string): string {
  const slug = name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[-_]+|-+$/g, '')
    .slice(0, MAX_ID_CHARS);
  if (!isAgentId(slug)) throw refuse(`the name "${name}" has no letters or digits to make an id of`);
  return slug;
}

function indexOf(config: OpenClawConfig, agentId: string): number {
  return (config.agents?.list ?? []).findIndex(({ id }) => normalizeAgentId(id) === agentId);
}

export interface NewAgent {
  agentId: string;
  name: string;
  workspace: string;
  emoji?: string;
  avatar?: string;
}

/** Throws AppError request.invalid when the agent exists. */
export function editsForCreate(config: OpenClawConfig, agent: NewAgent): AgentConfigEdit[] {
  const { agentId, name, workspace, emoji, avatar } = agent;
  if (agentId === MAIN_AGENT_ID) throw refuse(`"${MAIN_AGENT_ID}" is reserved`);
  if (indexOf(config, agentId) !== -1) throw refuse(`agent "${agentId}" already exists`);
  const identity = { name, ...(emoji && { emoji }), ...(avatar && { avatar }) };
  const entry: AgentConfig = { id: agentId, name, workspace, ...((emoji || avatar) && { identity }) };
  const list = config.agents?.list ?? [];
  // The first agent of a list would become the default in place of the one that was always there.
  if (list.length === 0) return [{ op: 'set', path: LIST, value: [{ id: MAIN_AGENT_ID }, entry] }];
  return [{ op: 'insert', path: [...LIST, String(list.length)], value: entry }];
}

export interface AgentChange {
  agentId: string;
  name?: string;
  workspace?: string;
  model?: string;
  avatar?: string;
}

/** Throws AppError request.invalid when the agent does not exist. */
export function editsForUpdate(config: OpenClawConfig, change: AgentChange): AgentConfigEdit[] {
  const { agentId, name, workspace, model, avatar } = change;
  const at = indexOf(config, agentId);
  const fields = Object.entries({ name, workspace, model }).filter(([, value]) => value !== undefined);
  if (at === -1) {
    if (agentId !== MAIN_AGENT_ID || (config.agents?.list ?? []).length > 0)
      throw refuse(`agent "${agentId}" not found`);
    const entry = { id: agentId, ...Object.fromEntries(fields), ...(avatar && { identity: { avatar } }) };
    return [{ op: 'set', path: LIST, value: [entry] }];
  }
  const agent = [...LIST, String(at)];
  const edits: AgentConfigEdit[] = fields.map(([key, value]) => ({ op: 'set', path: [...agent, key], value }));
  if (avatar) edits.push({ op: 'set', path: [...agent, 'identity', 'avatar'], value: avatar });
  return edits;
}

/** The edits, and how many bindings go with the agent. Throws AppError request.invalid. */
export function editsForDelete(
  config: OpenClawConfig,
  agentId: string,
): { edits: AgentConfigEdit[]; removedBindings: number } {
  if (agentId === MAIN_AGENT_ID) throw refuse(`"${MAIN_AGENT_ID}" cannot be deleted`);
  const at = indexOf(config, agentId);
  if (at === -1) throw refuse(`agent "${agentId}" not found`);
  const bindings = config.bindings ?? [];
  const isOwn = (binding: (typeof bindings)[number]) => normalizeAgentId(binding.agentId ?? '') === agentId;
  const gone = bindings.flatMap((binding, index) => (isOwn(binding) ? [index] : []));
  const edits: AgentConfigEdit[] = [{ op: 'delete', path: [...LIST, String(at)] }];
  // From the back, so that each index still counts the same items.
  for (const index of gone.toReversed()) edits.push({ op: 'delete', path: ['bindings', String(index)] });
  return { edits, removedBindings: gone.length };
}
