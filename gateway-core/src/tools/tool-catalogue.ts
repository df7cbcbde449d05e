// The built-in tools by group, for people: lists, settings, and which profile has them.
import type { ToolGroup } from '../protocol/index.js';
import type { ToolGroupId } from './tool.js';
import { entryMatches, type NamedTool, PROFILES, profileEntries } from './tool-names.js';

export const TOOL_PROFILES = [
  { id: 'minimal', label: 'Minimal' },
  { id: 'coding', label: 'Coding' },
  { id: 'messaging', label: 'Messaging' },
  { id: 'full', label: 'Full' },
];

/** A tool as people see it. */
export interface CatalogueTool extends NamedTool {
  label: string;
  description: string;
}

export const GROUP_LABELS: Readonly<Record<ToolGroupId, string>> = {
  fs: 'Files',
  runtime: 'Runtime',
  web: 'Web',
  memory: 'Memory',
  sessions: 'Sessions',
  ui: 'UI',
  messaging: 'Messaging',
  automation: 'Automation',
  nodes: 'Nodes',
  agents: 'Agents',
  media: 'Media',
  mcp: 'MCP servers',
};

type Row = [group: ToolGroupId, name: string, description: string];

const ROWS: Row[] = [
  ['fs', 'read', 'Read a file'],
  ['fs', 'write', 'Write a file'],
  ['fs', 'edit', 'Change parts of a file'],
  ['fs', 'apply_patch', 'Change several files with one patch'],
  ['runtime', 'exec', 'Run a command'],
  ['runtime', 'process', 'Look after commands in the background'],
  ['web', 'web_search', 'Search the web'],
  ['web', 'web_fetch', 'Read a page of the web'],
  ['memory', 'memory_search', 'Search what was remembered'],
  ['memory', 'memory_get', 'Read a passage of the memory'],
  ['sessions', 'sessions_list', 'List conversations'],
  ['sessions', 'sessions_history', 'Read a conversation'],
  ['sessions', 'sessions_send', 'Write into another conversation'],
  ['sessions', 'sessions_spawn', 'Give a task to a helper'],
  ['sessions', 'sessions_yield', 'Wait for helpers'],
  ['sessions', 'subagents', 'See and stop helpers'],
  ['sessions', 'session_status', 'Show how a conversation stands'],
  ['ui', 'browser', 'Use a web browser'],
  ['messaging', 'message', 'Send a message'],
  ['automation', 'cron', 'Plan work for later'],
  ['automation', 'gateway', 'Read and change the settings of the gateway'],
  ['nodes', 'nodes', 'Use paired devices'],
  ['agents', 'agents_list', 'List agents'],
  ['media', 'image', 'Look at a picture'],
];

/** Every built-in tool, in the order in which lists show them. */
export const CATALOGUE: readonly CatalogueTool[] = ROWS.map(([group, name, description]) => ({
  group,
  name,
  label: name,
  description,
}));

/** Profiles that have the tool, without `full`, which has all. */
function profilesOf(tool: NamedTool): string[] {
  return PROFILES.filter((id) => id !== 'full' && profileEntries(id)?.some((entry) => entryMatches(entry, tool)));
}

/** Tools by group, in the order of the groups. */
export function byGroup<T extends NamedTool>(
  tools: readonly T[],
): Array<{ id: ToolGroupId; label: string; tools: T[] }> {
  const ids = Object.keys(GROUP_LABELS) as ToolGroupId[];
  return ids
    .map((id) => ({ id, label: GROUP_LABELS[id], tools: tools.filter(({ group }) => group === id) }))
    .filter(({ tools: members }) => members.length > 0);
}

/** The catalogue as `tools.catalog` answers it. */
export function catalogueGroups(): ToolGroup[] {
  return byGroup(CATALOGUE).map(({ id, label, tools }) => ({
    id,
    label,
    source: 'core',
    tools: tools.map((tool) => ({
      id: tool.name,
      label: tool.label,
      description: tool.description,
      source: 'core',
      defaultProfiles: profilesOf(tool),
    })),
  }));
}
