// Messages that no model wrote: answers to commands, and what is put into a conversation from outside.
import type { Message } from '../protocol/index.js';
import type { FoundSession, SessionEvents, SessionStore } from '../sessions/index.js';
import type { Clock } from '../shared/clock.js';
import type { Broadcast } from '../shared/wire.js';
import { INJECTED } from './answer.js';
import type { RunIntake } from './run-intake.js';
import { textMessage } from './run-output.js';
import type { RunAcceptance, RunOutcome } from './run-record.js';
import type { Reply } from './runs-types.js';

export interface ReplyDeps {
  store: SessionStore;
  events: SessionEvents;
  broadcast: Broadcast;
  clock: Clock;
}

/** The acknowledgement goes out first, then the news. */
export function afterReply(tell: () => void): void {
  setImmediate(tell);
}

/** Adds a message that no run made; its id, and one `final` event. */
export async function injectMessage(
  found: FoundSession,
  rawKey: string,
  text: string,
  { store, events, broadcast, clock }: ReplyDeps,
): Promise<string> {
  const message: Message = { ...textMessage(text, clock.now()), ...INJECTED };
  const stored = await store.append(found, message);
  const entry = await store.update(found, (before) => ({ ...before, updatedAt: clock.now() }));
  events.message({ ...found, entry: entry ?? found.entry }, stored);
  broadcast('chat', { runId: `inject-${stored.id}`, sessionKey: rawKey, seq: 0, state: 'final', message });
  return stored.id;
}

export interface StoredReply {
  acceptance: RunAcceptance;
  /** Resolves when the answer is stored and told. */
  outcome: Promise<RunOutcome>;
}

/** Stores a command and its answer, and tells of both. Resolves when the command is stored. */
export async function storeReply(
  request: Reply & { signal: AbortSignal },
  intake: RunIntake,
  deps: ReplyDeps,
): Promise<StoredReply> {
  const { runId, key, command, text } = request;
  const { store, events, clock } = deps;
  const { found, created } = await intake.session(key);
  const asked =
    command === undefined
      ? undefined
      : await store.append(found, intake.userMessage(command, []), { runId, command: true });
  const at = clock.now();
  const { sessionId } = found.entry;
  const tellAsked = () => {
    if (created) events.changed(key.key, 'create', found);
    if (asked) events.message(found, asked);
  };
  const acceptance = { runId, sessionKey: key.key, sessionId, acceptedAt: at, messageSeq: asked?.seq };
  if (typeof text === 'string') {
    const outcome = await answer({ request, found, text, startedAt: at, tellFirst: tellAsked }, deps);
    return { acceptance, outcome: Promise.resolve(outcome) };
  }
  afterReply(tellAsked);
  const outcome = text(request.signal).then((said) => answer({ request, found, text: said, startedAt: at }, deps));
  return { acceptance, outcome };
}

interface ReplyAnswer {
  request: Reply;
  found: FoundSession;
  text: string;
  startedAt: number;
  tellFirst?: () => void;
}

async function answer(
  { request, found, text, startedAt, tellFirst }: ReplyAnswer,
  { store, events, broadcast, clock }: ReplyDeps,
): Promise<RunOutcome> {
  const { runId, rawKey } = request;
  const message: Message = { ...textMessage(text, clock.now()), ...INJECTED };
  const answered = await store.append(found, message, { runId, command: true });
  afterReply(() => {
    tellFirst?.();
    events.message(found, answered);
    broadcast('chat', { runId, sessionKey: rawKey, seq: 1, state: 'final', message });
  });
  return { status: 'done', startedAt, endedAt: clock.now(), sessionId: found.entry.sessionId, message };
}
