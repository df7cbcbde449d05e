// Tells hooks what happens in conversations: beginnings and ends, messages, and agents that get their files.
import { areHooksOn, type LifecycleEvent, type LifecycleHooks } from '../lifecycle-hooks/index.js';
import type { RunHappening } from '../runs/index.js';
import type { SessionLife, StoredSession } from '../sessions/index.js';
import type { Base } from './base.js';

/** Of a text that a hook gets; with every character escaped it still fits into what a hook may read. */
const MAX_TEXT_CHARS = 32_768;

/** The text, cut where it is too long and never in the middle of a character. */
function textFields(text: string): { text: string; isTextCut?: true } {
  if (text.length <= MAX_TEXT_CHARS) return { text };
  const last = text.charCodeAt(MAX_TEXT_CHARS - 1);
  const isHalf = last >= 0xd800 && last <= 0xdbff;
  return { text: text.slice(0, MAX_TEXT_CHARS - (isHalf ? 1 : 0)), isTextCut: true };
}

type Sender = { channel?: string; senderId?: string; isOwner?: boolean; isGroup?: boolean };

const senderFields = ({ channel, senderId }: Sender = {}) => ({
  ...(channel !== undefined && { channel }),
  ...(senderId !== undefined && { senderId }),
});

const senderFacts = ({ isOwner, isGroup }: Sender = {}) => ({
  ...(isOwner !== undefined && { isOwner }),
  ...(isGroup !== undefined && { isGroup }),
});

type MessageHappening = Exclude<RunHappening, { kind: 'bootstrap' }>;

function messageEvent(happening: MessageHappening): LifecycleEvent {
  const { found, runId, text, origin } = happening;
  const { agentId, key: sessionKey, entry } = found;
  const via = happening.kind === 'received' ? { via: happening.runKind } : {};
  return {
    name: `message:${happening.kind}`,
    ...{ agentId, sessionKey, sessionId: entry.sessionId },
    ...senderFields(origin),
    data: { runId, ...via, ...senderFacts(origin), ...textFields(text) },
  };
}

/** What hooks hear of something that happened around a run. */
export function happeningEvent(happening: RunHappening): LifecycleEvent {
  if (happening.kind !== 'bootstrap') return messageEvent(happening);
  const { scope } = happening;
  const { agentId, sessionKey, sessionId, runId, provider, model, isMain, subagentDepth } = scope;
  return {
    ...{ name: 'agent:bootstrap', agentId, sessionKey, sessionId },
    ...senderFields(scope),
    data: {
      runId,
      ...(provider !== undefined && { provider }),
      ...(model !== undefined && { model }),
      ...{ isMain, subagentDepth },
      ...senderFacts(scope),
    },
  };
}

function lifeEvent(
  name: 'session:start' | 'session:end',
  { key: sessionKey, agentId }: SessionLife,
  { sessionId, channel }: StoredSession,
  data: Record<string, unknown>,
): LifecycleEvent {
  return { ...{ name, agentId, sessionKey, sessionId }, ...(channel !== undefined && { channel }), data };
}

/** What hooks hear when a conversation begins, ends, or makes room for the next one: the end comes first. */
export function lifeEvents(life: SessionLife): LifecycleEvent[] {
  const { reason, ended, begun } = life;
  const events: LifecycleEvent[] = [];
  if (ended) {
    const next = begun && { nextSessionId: begun.sessionId };
    events.push(lifeEvent('session:end', life, ended, { reason, ...next }));
  }
  if (begun) {
    const previous = ended && { previousSessionId: ended.sessionId };
    events.push(lifeEvent('session:start', life, begun, { reason, ...previous }));
  }
  return events;
}

/** For the runs and the store. Neither waits for a hook, and both cost nothing while hooks are off. */
export function createConversationHooks({ config }: Pick<Base, 'config'>, hooks: Pick<LifecycleHooks, 'emit'>) {
  return {
    onHappening: (happening: RunHappening): void => {
      if (areHooksOn(config())) hooks.emit(happeningEvent(happening));
    },
    onLife: (life: SessionLife): void => {
      if (areHooksOn(config())) for (const event of lifeEvents(life)) hooks.emit(event);
    },
  };
}
