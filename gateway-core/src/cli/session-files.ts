// Reads the session index of each agent from disk, for when no gateway can be asked.
import path from 'node:path';
import type { LoadedConfig } from '../config/index.js';
import type { SessionRow } from '../protocol/index.js';
import { readJsonIfExists } from '../shared/json-file.js';
import type { CommandContext } from './context.js';

export interface SessionIndex {
  agentId: string;
  path: string;
  rows: SessionRow[];
}

/** Ids of the configured agents, the default one first. */
export function agentIds(config: LoadedConfig['config']): string[] {
  const list = config.agents?.list ?? [];
  const first = list.find((agent) => agent.default) ?? list[0];
  return first ? [first.id, ...list.filter((agent) => agent !== first).map(({ id }) => id)] : ['main'];
}

/** "agent:main:main" → "main" */
export function agentOfKey(key: string): string | undefined {
  return /^agent:([^:]+):/.exec(key)?.[1];
}

/** Where the index of an agent is, whether there is one or not. */
export function indexPath(context: CommandContext, config: LoadedConfig['config'], agentId: string): string {
  const configured = config.session?.store;
  if (!configured) return path.join(context.paths.stateDir, 'agents', agentId, 'sessions', 'sessions.json');
  const expanded = configured.replace(/^~(?=\/|$)/, context.paths.home).replaceAll('{agentId}', agentId);
  return path.resolve(expanded);
}

/** Rows of one index file, newest first; an absent file has none. */
export async function readIndex(file: string, agentId: string): Promise<SessionIndex> {
  const stored = (await readJsonIfExists<Record<string, Partial<SessionRow>>>(file)) ?? {};
  const rows = Object.entries(stored)
    .map(([key, entry]): SessionRow => ({
      ...entry,
      key,
      kind: entry.kind ?? (entry.chatType === 'group' ? 'group' : 'direct'),
    }))
    .sort((a, b) => (b.updatedAt ?? 0) - (a.updatedAt ?? 0));
  return { agentId, path: file, rows };
}

/** Where the index of every configured agent is, the default agent first. */
export async function indexPaths(context: CommandContext): Promise<Array<Pick<SessionIndex, 'agentId' | 'path'>>> {
  const { config } = await context.config();
  return agentIds(config).map((agentId) => ({ agentId, path: indexPath(context, config, agentId) }));
}

/** The index of every configured agent. */
export async function readIndexes(context: CommandContext): Promise<SessionIndex[]> {
  const places = await indexPaths(context);
  return Promise.all(places.map(({ agentId, path: file }) => readIndex(file, agentId)));
}
