// Which tools there are and which profile has them. A tool is listed once it exists.
import type { ToolGroup } from '../protocol/index.js';

export const TOOL_PROFILES = [
  { id: 'minimal', label: 'Minimal' },
  { id: 'coding', label: 'Coding' },
  { id: 'messaging', label: 'Messaging' },
  { id: 'full', label: 'Full' },
];

type CatalogTool = ToolGroup['tools'][number];

function tool(id: string, description: string, defaultProfiles: string[]): CatalogTool {
  return { id, label: id, description, source: 'core', defaultProfiles };
}

function group(id: string, label: string, tools: CatalogTool[]): ToolGroup {
  return { id, label, source: 'core', tools };
}

export const TOOL_GROUPS: ToolGroup[] = [
  group('sessions', 'Sessions', [
    tool('sessions_list', 'List conversations', ['coding', 'messaging']),
    tool('session_status', 'Show how a conversation stands', ['minimal', 'coding', 'messaging']),
  ]),
  group('agents', 'Agents', [tool('agents_list', 'List agents', [])]),
];

/** Pure: what a profile leaves of the catalogue; `full` and unknown ones leave all of it. */
export function groupsOfProfile(profile: string): ToolGroup[] {
  const isKnown = TOOL_PROFILES.some(({ id }) => id === profile);
  if (!isKnown || profile === 'full') return TOOL_GROUPS;
  return TOOL_GROUPS.map((row) => ({
    ...row,
    tools: row.tools.filter(({ defaultProfiles }) => defaultProfiles.includes(profile)),
  })).filter(({ tools }) => tools.length > 0);
}
