// Compares the session index of each agent with the transcripts that lie beside it.
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { OpenClawConfig } from '../../config/index.js';
import { errorMessage } from '../../shared/app-error.js';
import { readTextIfExists } from '../../shared/json-file.js';
import type { CommandContext } from '../context.js';
import { agentIds, indexPath } from '../session-files.js';
import type { SessionFacts } from './facts.js';

interface Entry {
  sessionId?: unknown;
  sessionFile?: unknown;
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null;
}

/** The transcript of an entry: the file it names, else the one of its id. */
function transcriptOf({ sessionId, sessionFile }: Entry): string | undefined {
  if (typeof sessionFile === 'string' && sessionFile !== '') return path.basename(sessionFile);
  return typeof sessionId === 'string' && sessionId !== '' ? `${sessionId}.jsonl` : undefined;
}

function parseIndex(text: string): Array<[string, Entry]> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('it is not a JSON object');
  return Object.entries(value).filter((pair): pair is [string, Entry] => isEntry(pair[1]));
}

/** Pure: what the index and the folder say about each other. */
export function compareSessions(
  entries: ReadonlyArray<[string, Entry]>,
  files: readonly string[],
): Pick<SessionFacts, 'orphans' | 'missing'> {
  const named = new Map(entries.flatMap(([key, entry]) => [[transcriptOf(entry), key] as const]));
  const present = new Set(files);
  return {
    orphans: files.filter((name) => name.endsWith('.jsonl') && !named.has(name)).sort(),
    missing: [...named].flatMap(([name, key]) => (name !== undefined && !present.has(name) ? [key] : [])),
  };
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

async function sessionsOf(context: CommandContext, config: OpenClawConfig, agentId: string): Promise<SessionFacts> {
  const file = indexPath(context, config, agentId);
  const folder = path.dirname(file);
  try {
    const text = await readTextIfExists(file);
    const files = await filesIn(folder);
    return { agentId, folder, ...compareSessions(text === undefined ? [] : parseIndex(text), files) };
  } catch (error) {
    const unreadable = `The session index ${file} cannot be read: ${errorMessage(error)}`;
    return { agentId, folder, unreadable, orphans: [], missing: [] };
  }
}

/** One entry for each configured agent. */
export function gatherSessions(context: CommandContext, config: OpenClawConfig): Promise<SessionFacts[]> {
  return Promise.all(agentIds(config).map((agentId) => sessionsOf(context, config, agentId)));
}
