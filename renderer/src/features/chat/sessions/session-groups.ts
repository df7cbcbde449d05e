// Pure: agents and sessions → the list at the left, newest first.
import type { AgentEntry, SessionRow } from '../../../../../gateway-core/src/protocol/index.js';
import { agentOfKey, mainKeyOf } from '../../../data/session-key.js';
import type { SessionsState } from '../../../data/sessions.js';
import { t } from '../../../i18n/t.js';
import { plainUserText, scheduleName } from '../message-parts.js';

export interface SessionItem {
  key: string;
  title: string;
  preview: string;
  updatedAtMs: number;
  isWorking: boolean;
  isUnread: boolean;
  /** The agent's main session can be emptied but not deleted. */
  isMain: boolean;
  /** False for a chat in which nothing was said yet. */
  isStored: boolean;
}

export interface SessionGroup {
  agentId: string;
  name: string;
  emoji: string;
  items: SessionItem[];
}

export interface GroupOptions {
  search?: string;
  /** The conversation on screen; listed even before anything was said in it. */
  openKey?: string;
}

export function agentName(agents: readonly AgentEntry[], agentId: string): string {
  const agent = agents.find((candidate) => candidate.id === agentId);
  const name = agent?.identity?.name ?? agent?.name;
  return name ?? (agentId === 'main' ? t('chat.defaultAgent') : agentId);
}

export function agentEmoji(agents: readonly AgentEntry[], agentId: string): string {
  return agents.find((candidate) => candidate.id === agentId)?.identity?.emoji ?? '';
}

/** The name of a session: what a person called it, else how it began. */
export function sessionTitle(row: SessionRow | undefined, isMain: boolean): string {
  const began = row?.derivedTitle ?? '';
  const title = row?.label ?? scheduleName(began) ?? plainUserText(began).trim();
  if (title) return title;
  return isMain ? t('chat.main') : t('chat.untitled');
}

/** The beginning of a message without the signs of its markup. */
function plainPreview(text: string): string {
  return text
    .replace(/^\s*(?:#{1,6}|>|[-*+]|\d+\.)\s+/gm, '')
    .replace(/```\w*|\*\*|`/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function matches(item: SessionItem, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${item.title} ${item.preview}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

function toItem(state: SessionsState, row: SessionRow): SessionItem {
  const isMain = row.key === mainKeyOf(agentOfKey(row.key), state.keyDefaults);
  const seenMs = Math.max(state.seen[row.key] ?? 0, state.seenSinceMs);
  return {
    key: row.key,
    title: sessionTitle(row, isMain),
    preview: plainPreview(plainUserText(row.lastMessagePreview ?? '')),
    updatedAtMs: row.updatedAt ?? 0,
    isWorking: (state.runs[row.key]?.length ?? 0) > 0,
    isUnread: (row.endedAt ?? 0) > seenMs,
    isMain,
    isStored: state.sessions.includes(row),
  };
}

/** Agents by their latest session, each with its sessions by recency. */
export function groupSessions(state: SessionsState, options: GroupOptions = {}): SessionGroup[] {
  const search = options.search?.trim() ?? '';
  const items = state.sessions.filter((row) => row.kind !== 'unknown').map((row) => toItem(state, row));
  const { openKey } = options;
  if (openKey !== undefined && !items.some((item) => item.key === openKey)) {
    items.unshift(toItem(state, { key: openKey, kind: 'direct', updatedAt: Number.MAX_SAFE_INTEGER }));
  }
  const shown = (search === '' ? items : items.filter((item) => matches(item, search))).map((item) =>
    item.key === openKey ? { ...item, isUnread: false } : item,
  );
  const known = state.agents.map((agent) => agent.id);
  const agentIds = [...new Set([...known, ...shown.map((item) => agentOfKey(item.key))])];
  const groups = agentIds.map((agentId) => ({
    agentId,
    name: agentName(state.agents, agentId),
    emoji: agentEmoji(state.agents, agentId),
    items: shown.filter((item) => agentOfKey(item.key) === agentId).sort((a, b) => b.updatedAtMs - a.updatedAtMs),
  }));
  const newest = (group: SessionGroup) => group.items[0]?.updatedAtMs ?? 0;
  return groups.filter((group) => search === '' || group.items.length > 0).sort((a, b) => newest(b) - newest(a));
}

/** The keys of the list from top to bottom. */
export function orderedKeys(state: SessionsState): string[] {
  return groupSessions(state).flatMap((group) => group.items.map((item) => item.key));
}
