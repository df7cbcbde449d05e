// Pure: when a conversation starts anew by itself (spec/gateway-config.md §6, session.reset).
import { type ChatType, keyFacts, type SessionConfig } from './conversation-key.js';
import type { StoredSession } from './session-entry.js';
import { parseSessionKey } from './session-key.js';

type ResetRule = NonNullable<SessionConfig['reset']>;

export interface ResetPolicy {
  /** The hour at which a new day begins, 0 to 23, by the clock on the wall; undefined where days do not matter. */
  atHour?: number;
  /** Minutes without a message after which a conversation is over; undefined where silence does not matter. */
  idleMinutes?: number;
}

/** How far the clock on the wall is ahead of UTC at a moment, in milliseconds. */
export type ZoneOffset = (atMs: number) => number;

const DEFAULT_HOUR = 4;
const DEFAULT_IDLE_MINUTES = 60;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The zone of this computer. */
export const hostOffset: ZoneOffset = (atMs) => -new Date(atMs).getTimezoneOffset() * MINUTE_MS;

function hourOf(hour: number | undefined): number {
  return Math.min(23, Math.max(0, Math.floor(hour ?? DEFAULT_HOUR)));
}

function typeRule(session: SessionConfig, chatType: ChatType): ResetRule | undefined {
  const { resetByType } = session;
  if (chatType === 'direct') return resetByType?.direct ?? resetByType?.dm;
  return chatType === 'thread' ? resetByType?.thread : resetByType?.group;
}

function channelRule(session: SessionConfig, channel: string | undefined): ResetRule | undefined {
  const wanted = channel?.trim().toLowerCase();
  if (!wanted) return undefined;
  return Object.entries(session.resetByChannel ?? {}).find(([name]) => name.trim().toLowerCase() === wanted)?.[1];
}

/** The rule for a kind of conversation: that of its channel stands alone, that of its type fills up the general one. */
export function resetPolicyFor(
  session: SessionConfig | undefined,
  { chatType, channel }: { chatType: ChatType; channel?: string },
): ResetPolicy {
  const config = session ?? {};
  const own = channelRule(config, channel);
  const rule: ResetRule = own ?? { ...config.reset, ...typeRule(config, chatType) };
  const oldIdle = own ? undefined : config.idleMinutes;
  const hasRules = own ?? config.reset ?? config.resetByType;
  // `session.idleMinutes` alone is how older files asked for silence instead of days.
  const mode = rule.mode ?? (!hasRules && oldIdle !== undefined ? 'idle' : 'daily');
  const idleMinutes = rule.idleMinutes ?? oldIdle ?? (mode === 'idle' ? DEFAULT_IDLE_MINUTES : undefined);
  return {
    ...(mode === 'daily' && { atHour: hourOf(rule.atHour) }),
    ...(idleMinutes !== undefined && { idleMinutes }),
  };
}

/** `resetPolicyFor` a conversation by its key and by what is stored about it. */
export function resetPolicyOf(session: SessionConfig | undefined, key: string, entry: StoredSession): ResetPolicy {
  const facts = keyFacts(parseSessionKey(key, '')?.rest ?? key);
  const isGroup = facts.chatType === 'direct' && ['group', 'channel', 'room'].includes(entry.chatType ?? '');
  const chatType = isGroup ? 'group' : facts.chatType;
  return resetPolicyFor(session, { chatType, channel: entry.channel ?? facts.channel });
}

/** The first moment at or after which the wall shows `hour` o'clock on the day that begins at `dayMs` (wall time). */
function momentOf(dayMs: number, hour: number, offsetAt: ZoneOffset): number {
  const wall = dayMs + hour * HOUR_MS;
  const [before, after] = [wall - offsetAt(wall - DAY_MS), wall - offsetAt(wall + DAY_MS)];
  const shown = [before, after].filter((atMs) => atMs + offsetAt(atMs) === wall);
  if (shown.length > 0) return Math.min(...shown);
  // The clocks jump over that hour: it is over when they have jumped.
  let [low, high] = [Math.min(before, after), Math.max(before, after)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (middle + offsetAt(middle) < wall) low = middle;
    else high = middle;
  }
  return high;
}

/** The latest begin of a day at or before `nowMs`; days have 23 to 25 hours where the clocks change. */
export function lastDailyReset(nowMs: number, atHour: number, offsetAt: ZoneOffset = hostOffset): number {
  const wall = nowMs + offsetAt(nowMs);
  const today = Math.floor(wall / DAY_MS) * DAY_MS;
  const reset = momentOf(today, atHour, offsetAt);
  return reset <= nowMs ? reset : momentOf(today - DAY_MS, atHour, offsetAt);
}

/**
 * Why the next message begins a new conversation; undefined when it does not. Never while a run is under way. `now` in
 * epoch milliseconds.
 */
export function staleReason(
  entry: Pick<StoredSession, 'updatedAt' | 'status'>,
  { atHour, idleMinutes }: ResetPolicy,
  now: number,
  offsetAt: ZoneOffset = hostOffset,
): 'idle' | 'daily' | undefined {
  if (entry.status === 'running') return undefined;
  if (idleMinutes !== undefined && now - entry.updatedAt > idleMinutes * MINUTE_MS) return 'idle';
  return atHour !== undefined && entry.updatedAt < lastDailyReset(now, atHour, offsetAt) ? 'daily' : undefined;
}
