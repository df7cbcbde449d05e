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

/** An entry of a policy list as it is compared; `name` is the tool's own name in lower case. */
type Matcher = (name: string, group: ToolGroupId) => boolean;

const MATCHERS = new Map<string, Matcher>();

function groupMatcher(id: string): Matcher {
  if (id === 'openclaw') return (_name, group) => group !== 'mcp';
  const wanted = GROUP_ALIASES[id] ?? id;
  return (_name, group) => group === wanted;
}

function makeMatcher(written: string): Matcher {
  const entry = normalizeToolName(written);
  if (entry === '') return () => false;
  if (entry.startsWith('group:')) return groupMatcher(entry.slice('group:'.length));
  if (!entry.includes('*')) return (name) => name === entry;
  const source = entry.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`^${source.join('.*')}$`);
  return (name) => pattern.test(name);
}

/** Every step of a run asks for every entry and every tool. */
function matcherOf(written: string): Matcher {
  const known = MATCHERS.get(written);
  if (known) return known;
  const made = makeMatcher(written);
  // A config has few entries; what comes on top of that is not worth keeping.
  if (MATCHERS.size < 2_000) MATCHERS.set(written, made);
  return made;
}

/** True when an entry of a policy list means this tool: its name, `*`, a pattern, or `group:<id>`. */
export function entryMatches(written: string, tool: NamedTool): boolean {
  // The tool's own name is taken as it is: one that only looks like another is another.
  return matcherOf(written)(tool.name.toLowerCase(), tool.group);
}

/** The first entry of a list that means this tool. */
export function findEntry(entries: readonly string[] | undefined, tool: NamedTool): string | undefined {
  if (!entries || entries.length === 0) return undefined;
  const name = tool.name.toLowerCase();
  return entries.find((entry) => matcherOf(entry)(name, tool.group));
}
