// Pure: changes of exec-approvals.json that follow from running a command.
import { randomUUID } from 'node:crypto';
import type { ApprovalsFile } from '../protocol/index.js';
import type { ExecDecision } from './decide-exec.js';

/** A use is noted again after this time: the file is for people, not a log. */
const NOTED_EVERY_MS = 60_000;
const MAX_COMMAND_CHARS = 500;

export interface Occasion {
  agentId: string;
  command: string;
  nowMs: number;
}

/** The file with these paths on the agent's list; undefined when they are all there. */
export function withListed(
  file: ApprovalsFile,
  paths: readonly string[],
  { agentId, command, nowMs }: Occasion,
): ApprovalsFile | undefined {
  const agent = file.agents?.[agentId] ?? {};
  const known = new Set((agent.allowlist ?? []).map(({ pattern }) => pattern));
  const added = paths
    // A path with these signs, or with blanks around it, would be read as a pattern for other programs.
    .filter((pattern) => !known.has(pattern) && !/[*?]|^\s|\s$/.test(pattern))
    .map((pattern) => ({
      id: randomUUID(),
      pattern,
      lastUsedAt: nowMs,
      lastUsedCommand: command.slice(0, MAX_COMMAND_CHARS),
      lastResolvedPath: pattern,
    }));
  if (added.length === 0) return undefined;
  const allowlist = [...(agent.allowlist ?? []), ...added];
  return { ...file, agents: { ...file.agents, [agentId]: { ...agent, allowlist } } };
}

/** Entries whose last use should be noted now. */
export function dueUses(used: ExecDecision['used'], nowMs: number): ExecDecision['used'] {
  return used.filter(({ entry }) => nowMs - (entry.lastUsedAt ?? 0) >= NOTED_EVERY_MS);
}

/** The file with the last use of these entries. */
export function withUsed(
  file: ApprovalsFile,
  used: ExecDecision['used'],
  { command, nowMs }: Occasion,
): ApprovalsFile | undefined {
  const agents = Object.entries(file.agents ?? {}).map(([owner, agent]) => {
    const allowlist = agent.allowlist?.map((row) => {
      const use = used.find(({ entry }) => entry.owner === owner && entry.pattern === row.pattern);
      if (!use) return row;
      const lastUsedCommand = command.slice(0, MAX_COMMAND_CHARS);
      return { ...row, lastUsedAt: nowMs, lastUsedCommand, lastResolvedPath: use.path };
    });
    return [owner, { ...agent, ...(allowlist && { allowlist }) }] as const;
  });
  return agents.length === 0 ? undefined : { ...file, agents: Object.fromEntries(agents) };
}
