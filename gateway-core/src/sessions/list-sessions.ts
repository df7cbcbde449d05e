// sessions.list: which conversations, in which order, with which extras (spec/gateway-protocol.md §7.4).
import { messageText, type SessionRow, type SessionsListParams } from '../protocol/index.js';
import { buildSessionRow, buildStatusRow, type SessionModelDefaults, sessionKind } from './session-row.js';
import type { FoundSession, SessionStore } from './session-store.js';
import { stripEnvelope } from './user-envelope.js';

export interface ListContext {
  store: SessionStore;
  agentIds: readonly string[];
  defaults: (agentId: string) => SessionModelDefaults;
  now: number;
}

const TITLE_CHARS = 60;
const PREVIEW_CHARS = 240;
const PREVIEW_SCAN = 8;

/** One line of at most `max` characters; a cut text ends in an ellipsis. */
export function oneLine(text: string, max: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= max ? line : `${line.slice(0, max - 1).trimEnd()}…`;
}

function isSearched(found: FoundSession, search: string): boolean {
  const { entry, key } = found;
  const texts = [key, entry.sessionId, entry.label, entry.displayName, entry.subject];
  return texts.some((text) => text?.toLowerCase().includes(search));
}

function passes(found: FoundSession, params: SessionsListParams, now: number): boolean {
  const { entry, key } = found;
  const kind = sessionKind(key, entry);
  if (kind === 'global' && !params.includeGlobal) return false;
  if (kind === 'unknown' && !params.includeUnknown) return false;
  if (params.label !== undefined && entry.label !== params.label) return false;
  if (params.spawnedBy !== undefined && entry.spawnedBy !== params.spawnedBy) return false;
  if (params.activeMinutes !== undefined && entry.updatedAt < now - params.activeMinutes * 60_000) return false;
  const search = params.search?.trim().toLowerCase();
  return !search || isSearched(found, search);
}

/** The conversations that `params` ask for, latest first. */
export async function selectSessions(params: SessionsListParams, context: ListContext): Promise<FoundSession[]> {
  const selected: FoundSession[] = [];
  for (const agentId of context.agentIds) {
    const index = await context.store.index(agentId);
    let taken = 0;
    for (const key of index.keys()) {
      if (params.limit !== undefined && taken >= params.limit) break;
      const entry = index.get(key);
      if (!entry || !passes({ key, agentId, entry }, params, context.now)) continue;
      selected.push({ key, agentId, entry });
      taken += 1;
    }
  }
  if (context.agentIds.length > 1) selected.sort((a, b) => b.entry.updatedAt - a.entry.updatedAt);
  return params.limit === undefined ? selected : selected.slice(0, params.limit);
}

async function lastPreview(store: SessionStore, found: FoundSession): Promise<string | undefined> {
  const entries = await store.tail(found, PREVIEW_SCAN);
  for (const { message } of [...entries].reverse()) {
    const text = messageText(message);
    if (text.trim() !== '') return oneLine(message.role === 'user' ? stripEnvelope(text) : text, PREVIEW_CHARS);
  }
  return undefined;
}

async function derivedTitle(store: SessionStore, found: FoundSession): Promise<string | undefined> {
  const named = found.entry.displayName ?? found.entry.label ?? found.entry.subject;
  if (named) return oneLine(named, TITLE_CHARS);
  const first = await store.withTranscript(found, (transcript) => transcript.firstUserText());
  return first === undefined ? undefined : oneLine(stripEnvelope(first), TITLE_CHARS) || undefined;
}

/** The row of one conversation, with the extras that `params` ask for. */
export async function buildListRow(
  found: FoundSession,
  params: SessionsListParams,
  context: ListContext,
): Promise<SessionRow> {
  const row = buildSessionRow(found.key, found.entry, context.defaults(found.agentId));
  if (params.includeDerivedTitles) {
    const title = await derivedTitle(context.store, found);
    if (title !== undefined) row.derivedTitle = title;
  }
  if (params.includeLastMessage) {
    const preview = await lastPreview(context.store, found);
    if (preview !== undefined) row.lastMessagePreview = preview;
  }
  return row;
}

/** The latest conversations of an agent as `status` shows them, latest first (spec/gateway-protocol.md §7.1). */
export function recentStatusRows(
  agentId: string,
  limit: number,
  context: Omit<ListContext, 'agentIds'>,
): Array<Record<string, unknown>> {
  return context.store.recent(agentId, limit).map(({ key, entry }) => {
    const row = buildSessionRow(key, entry, context.defaults(agentId));
    return buildStatusRow(agentId, { ...row, cacheRead: entry.cacheRead, cacheWrite: entry.cacheWrite }, context.now);
  });
}
