// The wire of reading, steering and shortening conversations (spec/gateway-protocol.md §7.4).
import type { Static } from 'typebox';
import { LIMITS, type Message, type WholeWireMethods } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import type { Caller, WireHandlers } from '../shared/wire.js';
import type { SessionEvents } from './session-events.js';
import { requireSessionKey, type SessionKey } from './session-key.js';
import type { AgentDirectory, SessionRuns } from './session-methods.js';
import type { FoundSession, SessionStore } from './session-store.js';
import type { TranscriptEntry } from './transcript/lines.js';
import { shownEntry } from './shown-entry.js';

export interface SessionUpkeepOptions {
  store: SessionStore;
  events: SessionEvents;
  runs: SessionRuns;
  agents: AgentDirectory;
}

export type SessionUpkeepMethodName = 'sessions.get' | 'sessions.steer' | 'sessions.compact';
type Params<M extends SessionUpkeepMethodName> = Static<WholeWireMethods[M]['params']>;

const GET_DEFAULT = 200;
const KEEP_DEFAULT = 400;

function refuse(message: string): AppError {
  return new AppError('request.invalid', { message });
}

/** Pure: the latest messages that fit into one answer, oldest first. */
function shownMessages(entries: readonly TranscriptEntry[]): Message[] {
  const messages: Message[] = [];
  let left: number = LIMITS.historyMaxBytes;
  for (const entry of entries.toReversed()) {
    const shown = shownEntry(entry);
    left -= Buffer.byteLength(JSON.stringify(shown)) + 1;
    if (left < 0) break;
    messages.push(shown);
  }
  return messages.reverse();
}

class SessionUpkeep {
  constructor(private readonly options: SessionUpkeepOptions) {}

  #key(input: string): SessionKey {
    return requireSessionKey(input, this.options.agents.defaultId());
  }

  async #find({ key, agentId }: SessionKey): Promise<FoundSession | undefined> {
    return this.options.agents.ids().includes(agentId) ? this.options.store.find(key) : undefined;
  }

  async get({ key, limit = GET_DEFAULT }: Params<'sessions.get'>) {
    const found = await this.#find(this.#key(key));
    if (!found) return { messages: [] };
    const entries = await this.options.store.tail(found, limit, LIMITS.historyMaxBytes * 2);
    return { messages: shownMessages(entries) };
  }

  async steer({ key: rawKey, ...rest }: Params<'sessions.steer'>, caller: Caller) {
    const { runs } = this.options;
    const key = this.#key(rawKey);
    const found = await this.#find(key);
    if (!found) throw refuse(`session not found: ${key.key}`);
    // The same message once more must not stop the run it started.
    const isRepeat = rest.idempotencyKey !== undefined && runs.find(rest.idempotencyKey) !== undefined;
    const stopped = isRepeat ? [] : await runs.abort({ key: key.key, stopReason: 'rpc', caller });
    const started = await runs.send({ found, rawKey, caller, ...rest });
    return { ...started, ...(stopped.length > 0 && { interruptedActiveRun: true }) };
  }

  async compact({ key: rawKey, maxLines = KEEP_DEFAULT }: Params<'sessions.compact'>) {
    const { store, runs, events } = this.options;
    const { key, ...rest } = this.#key(rawKey);
    const found = await this.#find({ key, ...rest });
    if (!found) return { ok: true as const, key, compacted: false, reason: 'no sessionId' };
    // A run in between would answer to a conversation that is no longer there.
    await runs.abort({ key, stopReason: 'rpc' });
    const done = await store.compact(found, maxLines);
    if (!done) return this.#untouched(found);
    const entry = (await store.find(key))?.entry ?? found.entry;
    setImmediate(() => events.changed(key, 'compact', { ...found, entry }));
    return { ok: true as const, key, compacted: true, archived: done.archived, kept: done.kept };
  }

  async #untouched(found: FoundSession) {
    const count = await this.options.store.withTranscript(found, async (transcript) => {
      await transcript.open();
      return transcript.count;
    });
    const reason = count === 0 ? { reason: 'no transcript' } : { kept: count };
    return { ok: true as const, key: found.key, compacted: false, ...reason };
  }
}

/** The handlers named in `SessionUpkeepMethodName`. Refusals are AppError request.invalid and state.unwritable. */
export function createSessionUpkeepMethods(options: SessionUpkeepOptions): WireHandlers<SessionUpkeepMethodName> {
  const upkeep = new SessionUpkeep(options);
  return {
    'sessions.get': (params) => upkeep.get(params),
    'sessions.steer': (params, { caller }) => upkeep.steer(params, caller),
    'sessions.compact': (params) => upkeep.compact(params),
  };
}
