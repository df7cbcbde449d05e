// Pure: where the settings of one agent stand in the config, and how its lists of tools change.
import { entryStep, type Path } from '../../../data/config-values.js';

export const THINKING = ['off', 'minimal', 'low', 'medium', 'high', 'xhigh', 'adaptive', 'max'] as const;
export const PROFILES = ['minimal', 'coding', 'messaging', 'full'] as const;
export const SANDBOX_MODES = ['off', 'non-main', 'all'] as const;
export const SANDBOX_SCOPES = ['agent', 'session', 'shared'] as const;
export const WORKSPACE_ACCESS = ['none', 'ro', 'rw'] as const;
export const HEARTBEATS = ['0m', '15m', '30m', '1h', '2h', '6h'] as const;

/** A setting of the agent itself. */
export function agentPath(agentId: string, ...rest: readonly string[]): Path {
  return ['agents', 'list', entryStep(agentId), ...rest];
}

/** The same setting for every agent that has none of its own. */
export function defaultsPath(...rest: readonly string[]): Path {
  return ['agents', 'defaults', ...rest];
}

/** Names as people type them: separated by commas or blanks. */
export function readNames(text: string): string[] {
  const names = text.split(/[\s,]+/).filter((name) => name !== '');
  return [...new Set(names)];
}

export function asNames(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
}

/** An empty list is written as none. */
export function orNone(names: readonly string[]): string[] | undefined {
  return names.length === 0 ? undefined : [...names];
}

export interface ToolLists {
  alsoAllow: readonly string[];
  deny: readonly string[];
}

/** The lists after a person has decided on one tool; undefined for lists that stay as they are. */
export function decideTool(lists: ToolLists, name: string, isAllowed: boolean): Partial<ToolLists> {
  const without = (names: readonly string[]) => names.filter((other) => other !== name);
  const deny = isAllowed ? without(lists.deny) : [...without(lists.deny), name];
  const alsoAllow = isAllowed ? [...without(lists.alsoAllow), name] : without(lists.alsoAllow);
  return { deny, alsoAllow };
}

/** What a person would have to do so that "Allow" lets a refused tool through. */
export type Obstacle = 'none' | 'ownGroup' | 'elsewhere';

/** `key` is the setting that refuses. The agent's own lists add to its profile and to its own "only these". */
export function obstacleOf(tool: { name: string; key?: string }, agentId: string, deny: readonly string[]): Obstacle {
  const { name, key } = tool;
  const own = `agents.list[${agentId}].tools`;
  if (key === undefined || key.endsWith('.profile') || key === `${own}.allow`) return 'none';
  if (key !== `${own}.deny`) return 'elsewhere';
  return deny.includes(name) ? 'none' : 'ownGroup';
}

const CLOCK = /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/;

export interface ActiveHours {
  start: string;
  end: string;
  timezone?: string;
}

/** Undefined for hours that are not both given. */
export function readHours(value: unknown): ActiveHours | undefined {
  const { start, end, timezone } = (value ?? {}) as Partial<Record<keyof ActiveHours, unknown>>;
  if (typeof start !== 'string' || typeof end !== 'string' || !CLOCK.test(start) || !CLOCK.test(end)) return undefined;
  return { start, end, ...(typeof timezone === 'string' && { timezone }) };
}
