// Conversations as the HTTP endpoints see them: pages of messages, and hearing of new ones.
import { randomUUID } from 'node:crypto';
import { defaultAgentId, listAgents } from '../agents/index.js';
import type { OpenClawConfig } from '../config/index.js';
import type { EventPayload } from '../protocol/index.js';
import type { Runs } from '../runs/index.js';
import type { HistoryMessage, HistoryPage, HistoryQuery, SessionsBackend } from '../server/http/tools-invoke/index.js';
import {
  shownEntry,
  type FoundSession,
  parseSessionKey,
  type SessionEvents,
  type SessionStore,
} from '../sessions/index.js';
import { AppError } from '../shared/app-error.js';
import type { Broadcast } from '../shared/wire.js';

/** Lets readers over HTTP hear what is sent to connections. */
export interface SessionTap {
  /** To be given to SessionEvents in place of the server's. */
  broadcast: Broadcast;
  /** Hears the `session.message` events of one made-up connection. */
  listen(connId: string, listener: (message: HistoryMessage) => void): void;
  forget(connId: string): void;
}

export function createSessionTap(broadcast: Broadcast): SessionTap {
  const listeners = new Map<string, (message: HistoryMessage) => void>();
  return {
    broadcast(event, payload, options) {
      broadcast(event, payload, options);
      if (listeners.size === 0 || event !== 'session.message') return;
      for (const connId of options?.connIds ?? []) {
        listeners.get(connId)?.(payload as EventPayload<'session.message'> as HistoryMessage);
      }
    },
    listen: (connId, listener) => void listeners.set(connId, listener),
    forget: (connId) => void listeners.delete(connId),
  };
}

export interface HttpSessionsOptions {
  config: () => OpenClawConfig;
  store: SessionStore;
  events: SessionEvents;
  runs: Runs;
  tap: SessionTap;
}

class HttpSessions implements SessionsBackend {
  constructor(readonly options: HttpSessionsOptions) {}

  async #find(asked: string): Promise<FoundSession | undefined> {
    const { config, store } = this.options;
    const key = parseSessionKey(asked, defaultAgentId(config()));
    // Looking something up makes no folders for agents that do not exist.
    const isKnown = key && listAgents(config()).some(({ id }) => id === key.agentId);
    return isKnown ? store.find(key.key) : undefined;
  }

  async find(asked: string): Promise<string | undefined> {
    return (await this.#find(asked))?.key;
  }

  async history(key: string, { limit = Number.MAX_SAFE_INTEGER, beforeSeq }: HistoryQuery): Promise<HistoryPage> {
    const found = await this.#find(key);
    if (!found) throw new AppError('session.not_found');
    const newer = beforeSeq === undefined ? 0 : await this.#countFrom(found, beforeSeq);
    const entries = await this.options.store.tail(found, limit + newer);
    const wanted = beforeSeq === undefined ? entries : entries.filter(({ seq }) => seq < beforeSeq);
    const page = wanted.slice(-limit);
    const [first] = page;
    return { items: page.map(shownEntry), firstSeq: first?.seq, hasMore: first !== undefined && first.seq > 1 };
  }

  watch(key: string, listener: (message: HistoryMessage) => void): () => void {
    const { events, tap } = this.options;
    const connId = `http:${randomUUID()}`;
    tap.listen(connId, listener);
    events.watch(connId, key);
    return () => {
      events.unwatch(connId, key);
      tap.forget(connId);
    };
  }

  /** Sub-agents alone are stopped this way; other runs belong to the people who started them. */
  async kill(key: string, requester: string | undefined) {
    const found = await this.#find(key);
    if (!found) return 'unknown' as const;
    const { spawnedBy } = found.entry;
    if (requester !== undefined && spawnedBy !== undefined && spawnedBy !== requester) return 'forbidden' as const;
    const isSubAgent = spawnedBy !== undefined || parseSessionKey(key, '')?.rest.startsWith('subagent:');
    if (!isSubAgent) return 'idle' as const;
    const stopped = await this.options.runs.abort({ key, stopReason: 'rpc' });
    return stopped.length > 0 ? ('killed' as const) : ('idle' as const);
  }

  #countFrom(found: FoundSession, seq: number): Promise<number> {
    return this.options.store.withTranscript(found, async (transcript) => {
      await transcript.open();
      return Math.max(0, transcript.count - seq + 1);
    });
  }
}

export function createHttpSessions(options: HttpSessionsOptions): SessionsBackend {
  return new HttpSessions(options);
}
