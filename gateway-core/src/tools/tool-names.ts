// Names as people write them in a policy: tools, groups, profiles, patterns (spec/gateway-config.md §6, tools).
import type { ToolGroupId } from './tool.js';

export const PROFILES = ['minimal', 'coding', 'messaging', 'full'] as const;
export type ProfileId = (typeof PROFILES)[number];
/** What holds when nobody chose a profile. */
export const DEFAULT_PROFILE: ProfileId = 'full';

/** A tool as a policy sees it. */
export interface NamedTool {
  name: string;
  group: ToolGroupId;
}

const ALIASES: Readonly<Record<string, string>> = { bash: 'exec', 'apply-patch': 'apply_patch' };

/** Other words for a group of ours. */
const GROUP_ALIASES: Readonly<Record<string, string>> = { plugins: 'mcp' };

const PROFILE_ENTRIES: Readonly<Record<Exclude<ProfileId, 'full'>, readonly string[]>> = {
  minimal: ['session_status'],
  coding: ['group:fs', 'group:runtime', 'group:sessions', 'group:memory', 'group:web', 'image', 'cron'],
  messaging: ['group:messaging', 'sessions_list', 'sessions_history', 'sessions_send', 'session_status'],
};

/** What a profile lets through; undefined means everything. An unknown profile lets nothing through. */
export function profileEntries(id: string): readonly string[] | undefined {
  if (id === 'full') return undefined;
  return Object.hasOwn(PROFILE_ENTRIES, id) ? PROFILE_ENTRIES[id as keyof typeof PROFILE_ENTRIES] : [];
}

export function normalizeToolName(written: string): string {
  const name = written.trim().toLowerCase();
  return ALIASES[name] ?? name;
}

const PATTERNS = new Map<string, RegExp>();

function pattern(entry: string): RegExp {
  const known = PATTERNS.get(entry);
  if (known) return known;
  const source = entry.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const made = new RegExp(`^${source.join('.*')}$`);
  // A config has few patterns; what comes on top of that is not worth keeping.
  if (PATTERNS.size < 500) PATTERNS.set(entry, made);
  return made;
}

/** True when an entry of a policy list means this tool: its name, `*`, a pattern, or `group:<id>`. */
export function entryMatches(written: string, tool: NamedTool): boolean {
  const entry = normalizeToolName(written);
  if (entry === '') return false;
  if (entry.startsWith('group:')) {
    const id = entry.slice('group:'.length);
    if (id === 'openclaw') return tool.group !== 'mcp';
    return (GROUP_ALIASES[id] ?? id) === tool.group;
  }
  // The tool's own name is taken as it is: one that only looks like another is another.
  const name = tool.name.toLowerCase();
  return entry.includes('*') ? pattern(entry).test(name) : entry === name;
}

/** The first entry of a list that means this tool. */
export function findEntry(entries: readonly string[] | undefined, tool: NamedTool): string | undefined {
  return entries?.find((entry) => entryMatches(entry, tool));
}
