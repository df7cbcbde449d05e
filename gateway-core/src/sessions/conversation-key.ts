// Pure: which conversation a message belongs to (spec/gateway-config.md §6, session).
import type { OpenClawConfig } from '../config/index.js';
import { buildSessionKey, mainSessionKey, normalizeAgentId } from './session-key.js';

export type SessionConfig = NonNullable<OpenClawConfig['session']>;
export type DmScope = NonNullable<SessionConfig['dmScope']>;
export type ChatType = 'direct' | 'group' | 'channel' | 'thread';

/** Where a message comes from. */
export interface ConversationPlace {
  agentId: string;
  /** `telegram`, `slack`…; `unknown` when absent. */
  channel?: string;
  /** Which of our accounts of that channel; `default` when absent. */
  accountId?: string;
  /** A person for `direct`, a room for `group` and `channel`, either for `thread`. */
  peer?: string;
  chatType: ChatType;
  /** Of a thread: what it belongs to; `group` when absent. */
  threadOf?: 'direct' | 'group' | 'channel';
  threadId?: string;
}

/** `dmScope` of a binding counts before that of the config. */
export type KeyConfig = Pick<SessionConfig, 'scope' | 'dmScope' | 'identityLinks'>;

/** One step of a key: no blanks at the ends, no capitals, nothing that looks like another step. */
function step(text: string | undefined, fallback: string): string {
  const clean = text?.trim().toLowerCase().replaceAll(':', '_').replace(/\s+/g, '_');
  return clean ? clean : fallback;
}

/** The name under which several addresses are one person: `identityLinks.<name>` lists `peer` or `channel:peer`. */
function linkedName(links: KeyConfig['identityLinks'], channel: string, peer: string): string | undefined {
  const addresses = new Set([peer, `${channel}:${peer}`]);
  const owns = (listed: readonly string[]) => listed.some((address) => addresses.has(address.trim().toLowerCase()));
  return Object.entries(links ?? {}).find(([name, listed]) => name.trim() !== '' && owns(listed))?.[0];
}

function directKey(place: ConversationPlace, config: KeyConfig): string {
  const agentId = normalizeAgentId(place.agentId);
  const dmScope = config.dmScope ?? 'main';
  const address = place.peer?.trim().toLowerCase();
  if (dmScope === 'main' || !address) return mainSessionKey(agentId);
  const channel = step(place.channel, 'unknown');
  const person = step(linkedName(config.identityLinks, channel, address) ?? address, 'unknown');
  if (dmScope === 'per-peer') return buildSessionKey(agentId, `direct:${person}`);
  if (dmScope === 'per-channel-peer') return buildSessionKey(agentId, `${channel}:direct:${person}`);
  return buildSessionKey(agentId, `${channel}:${step(place.accountId, 'default')}:direct:${person}`);
}

function roomKey(place: ConversationPlace, kind: 'group' | 'channel'): string {
  const room = `${step(place.channel, 'unknown')}:${kind}:${step(place.peer, 'unknown')}`;
  return buildSessionKey(normalizeAgentId(place.agentId), room);
}

/**
 * The full key of the conversation that a message belongs to. With scope `global` everybody shares the agent's main
 * conversation, which schedules and the window use too. A direct message without a sender goes to the main one. For
 * `per-peer` the same address on two channels is the same person.
 */
export function sessionKeyFor(place: ConversationPlace, config: KeyConfig = {}): string {
  if (config.scope === 'global') return mainSessionKey(normalizeAgentId(place.agentId));
  const kind = place.chatType === 'thread' ? (place.threadOf ?? 'group') : place.chatType;
  const base = kind === 'direct' ? directKey(place, config) : roomKey(place, kind);
  const threadId = place.threadId?.trim();
  return threadId ? `${base}:thread:${step(threadId, 'unknown')}` : base;
}

/** What a key tells about its conversation. */
export interface KeyFacts {
  /** Undefined for conversations that came over no channel. */
  channel?: string;
  chatType: ChatType;
}

const PLACES = new Set(['direct', 'dm', 'group', 'channel']);

/** Pure: channel and kind of a conversation from the part of its key that follows the agent. */
export function keyFacts(rest: string): KeyFacts {
  const steps = rest.toLowerCase().split(':');
  const at = steps.findIndex((name) => PLACES.has(name));
  const channel = at > 0 && at <= 2 ? steps[0] : undefined;
  const isThread = ['thread', 'topic'].some((name) => {
    const place = steps.lastIndexOf(name);
    return place > 0 && place < steps.length - 1;
  });
  const named = at >= 0 && at <= 2 ? steps[at] : undefined;
  const placed = named === 'group' || named === 'channel' ? named : 'direct';
  return { ...(channel !== undefined && { channel }), chatType: isThread ? 'thread' : placed };
}
