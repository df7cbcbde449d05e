// All conversations of all agents: indexes, transcripts, and moving both when a conversation starts anew or goes.
import { randomUUID } from 'node:crypto';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import type { Message, SessionsSummary } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import { KeyTurns } from './key-turns.js';
import { newSession, resetSession, type StoredSession } from './session-entry.js';
import { SessionIndex } from './session-index.js';
import { sessionGone } from './session-gone.js';
import { parseSessionKey } from './session-key.js';
import type { LifeListener, LifeReason, SessionLife } from './session-life.js';
import { CLOSED_LINE_TYPE, type Compaction, type TranscriptEntry } from './transcript/lines.js';
import { OpenTranscripts } from './transcript/open-transcripts.js';
import type { AppendOptions, Transcript } from './transcript/transcript.js';

export interface SessionStoreOptions {
  stateDir: string;
  /** `session.store` of the config: a path with `{agentId}` in it, in place of the usual one. */
  indexTemplate?: () => string | undefined;
  /** The folder that new transcripts name as their working directory. */
  workspaceDir: (agentId: string) => string;
  clock: Clock;
  newId?: () => string;
  log: Logger;
}

/** A conversation as found in an index. */
export interface FoundSession {
  key: string;
  agentId: string;
  entry: StoredSession;
}

const TRANSCRIPT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*\.jsonl$/;

export class SessionStore {
  readonly #options: SessionStoreOptions;
  readonly #newId: () => string;
  readonly #loading = new Map<string, Promise<SessionIndex>>();
  readonly #loaded = new Map<string, SessionIndex>();
  readonly #open: OpenTranscripts;
  readonly #inUse = new Set<Promise<unknown>>();
  /** Conversations of this process that were not opened yet, by id: nothing of them is on disk. */
  readonly #fresh = new Set<string>();
  /** What begins conversations anew or removes them, by key. */
  readonly #turns = new KeyTurns();
  /** Conversations that are being removed, by id: nothing is added to them. */
  readonly #leaving = new Set<string>();
  readonly #lifeListeners = new Set<LifeListener>();
  #isStopped = false;

  constructor(options: SessionStoreOptions) {
    this.#options = options;
    this.#newId = options.newId ?? randomUUID;
    const { clock, log, workspaceDir } = options;
    this.#open = new OpenTranscripts({ now: () => clock.now(), newId: this.#newId, workspaceDir, log });
  }

  /** Hears of conversations that begin and end, whatever makes them; returns how to stop hearing. */
  onLife(listener: LifeListener): () => void {
    this.#lifeListeners.add(listener);
    return () => void this.#lifeListeners.delete(listener);
  }

  /** Where the index of an agent is. */
  indexFile(agentId: string): string {
    const template = this.#options.indexTemplate?.();
    if (template) return path.resolve(template.replaceAll('{agentId}', agentId));
    return path.join(this.#options.stateDir, 'agents', agentId, 'sessions', 'sessions.json');
  }

  /** The index of an agent, read on first use. */
  index(agentId: string): Promise<SessionIndex> {
    let loading = this.#loading.get(agentId);
    if (!loading) {
      loading = this.#load(agentId);
      this.#loading.set(agentId, loading);
    }
    return loading;
  }

  /** The conversation with this full key, or undefined. */
  async find(key: string): Promise<FoundSession | undefined> {
    const agentId = parseSessionKey(key, '')?.agentId;
    if (!agentId) return undefined;
    const entry = (await this.index(agentId)).get(key);
    return entry && { key, agentId, entry };
  }

  /** `find`, or a new conversation under that key. `created` says which. */
  async findOrCreate(key: string, agentId: string): Promise<FoundSession & { created: boolean }> {
    const index = await this.index(agentId);
    const known = index.get(key);
    if (known) return { key, agentId, entry: known, created: false };
    const entry = index.set(key, newSession(this.#newId(), this.#options.clock.now()));
    this.#fresh.add(entry.sessionId);
    return { key, agentId, entry, created: true };
  }

  /**
   * Changes an entry; the write to disk follows within a second. Does nothing for a conversation that is gone, also when
   * another one has begun under its key.
   */
  async update(
    found: Pick<FoundSession, 'key' | 'agentId'> & { entry?: Pick<StoredSession, 'sessionId'> },
    change: (entry: StoredSession) => StoredSession,
  ) {
    const index = await this.index(found.agentId);
    const entry = index.get(found.key);
    if (!entry || (found.entry && found.entry.sessionId !== entry.sessionId)) return undefined;
    return index.set(found.key, change(entry));
  }

  /**
   * Works with the transcript of a conversation. It stays open while `work` runs, and there is only one per file.
   * Throws AppError state.unwritable when it cannot be opened.
   */
  withTranscript<T>(found: FoundSession, work: (transcript: Transcript) => Promise<T>): Promise<T> {
    if (this.#isStopped) return Promise.reject(new AppError('gateway.closed', { message: 'The gateway is stopping.' }));
    const using = this.#useTranscript(found, work).finally(() => this.#inUse.delete(using));
    this.#inUse.add(using);
    return using;
  }

  async #useTranscript<T>(found: FoundSession, work: (transcript: Transcript) => Promise<T>): Promise<T> {
    const file = await this.transcriptFile(found);
    const { sessionId } = found.entry;
    const isNew = this.#fresh.delete(sessionId);
    return this.#open.use({ file, sessionId, sessionKey: found.key, agentId: found.agentId, isNew }, work);
  }

  /** `withTranscript` for what changes it: throws AppError session.not_found for a conversation that is gone. */
  #change<T>(found: FoundSession, work: (transcript: Transcript) => Promise<T>): Promise<T> {
    return this.withTranscript(found, (transcript) => {
      const { key, agentId, entry } = found;
      const isCurrent = this.#loaded.get(agentId)?.get(key)?.sessionId === entry.sessionId;
      // Its file has moved, or is about to: what is added would be found nowhere.
      if (!isCurrent || this.#leaving.has(entry.sessionId)) throw sessionGone();
      return work(transcript);
    });
  }

  /** Stores a message of a conversation; `Transcript.append`. Throws AppError session.not_found when it is gone. */
  append(found: FoundSession, message: Message, options?: AppendOptions): Promise<TranscriptEntry> {
    return this.#change(found, (transcript) => transcript.append(message, options));
  }

  /** Stores a divider in a conversation; `Transcript.appendCompaction`. */
  appendCompaction(found: FoundSession, compaction: Compaction, options?: AppendOptions): Promise<TranscriptEntry> {
    return this.#change(found, (transcript) => transcript.appendCompaction(compaction, options));
  }

  /** The last messages of a conversation, in its order; `Transcript.tail`. */
  tail(found: FoundSession, limit: number, maxBytes?: number): Promise<TranscriptEntry[]> {
    return this.withTranscript(found, (transcript) => transcript.tail(limit, maxBytes));
  }

  /** The file of a transcript; always inside the agent's folder, whatever the index says. */
  async transcriptFile(found: Pick<FoundSession, 'agentId' | 'entry'>): Promise<string> {
    const { folder } = await this.index(found.agentId);
    const named = found.entry.sessionFile && path.basename(found.entry.sessionFile);
    if (named && TRANSCRIPT_NAME.test(named)) return path.join(folder, named);
    return path.join(folder, `${path.basename(found.entry.sessionId)}.jsonl`);
  }

  /** Starts anew under the same key; the old transcript is kept as `….reset.<time>`. On disk when it resolves. */
  reset(key: string, agentId: string, reason: LifeReason = 'reset'): Promise<StoredSession> {
    return this.#turns.inTurn(key, () => this.#startAnew(key, agentId, reason));
  }

  async #startAnew(key: string, agentId: string, reason: LifeReason): Promise<StoredSession> {
    const index = await this.index(agentId);
    const before = index.get(key);
    // In the index first: a message that comes now belongs to the new conversation.
    const entry = index.set(key, resetSession(before, this.#newId(), this.#options.clock.now()), reason);
    if (before) await this.#setAside({ key, agentId, entry: before });
    await index.flush();
    return entry;
  }

  /** The old transcript is in nobody's way, whatever its name is. */
  async #setAside(found: FoundSession): Promise<void> {
    try {
      await this.#archive(found, 'reset');
    } catch (error) {
      const { agentId, entry } = found;
      const { log } = this.#options;
      log.warn('An old transcript could not be renamed.', { agentId, sessionId: entry.sessionId, err: error });
    }
  }

  /**
   * `reset` for a conversation that is over for the reason given, asked once for messages that come together. The new
   * entry, or undefined when nothing changed. On disk when it resolves.
   */
  resetIf(
    key: string,
    agentId: string,
    whyOver: (entry: StoredSession) => LifeReason | undefined,
  ): Promise<StoredSession | undefined> {
    return this.#turns.inTurn(key, async () => {
      const entry = (await this.index(agentId)).get(key);
      const reason = entry && whyOver(entry);
      return reason && this.#startAnew(key, agentId, reason);
    });
  }

  /**
   * Removes the conversations that still may go when their turn comes, with one write of the index; where each
   * transcript went. On disk when it resolves.
   */
  async prune(agentId: string, keys: readonly string[], mayGo: (key: string, entry: StoredSession) => boolean) {
    const index = await this.index(agentId);
    const removed: Array<{ key: string; archived: string[] }> = [];
    for (const key of keys) {
      const entry = index.get(key);
      if (!entry || !mayGo(key, entry)) continue;
      // Out of the index first: a message that comes now starts a conversation of its own.
      index.delete(key, 'prune');
      removed.push({ key, archived: await this.#archive({ key, agentId, entry }, 'deleted') });
    }
    if (removed.length > 0) await index.flush();
    return removed;
  }

  /**
   * Removes a conversation; returns the paths its transcript was moved to. On disk when it resolves. With `isTold` false
   * those who hear of lives do not hear of it.
   */
  delete(
    { key, agentId, entry: found }: FoundSession,
    keepTranscript: boolean,
    { reason = 'delete', isTold = true }: { reason?: LifeReason; isTold?: boolean } = {},
  ): Promise<string[]> {
    return this.#turns.inTurn(key, async () => {
      const index = await this.index(agentId);
      const entry = index.get(key) ?? found;
      const gone = { key, agentId, entry };
      this.#leaving.add(entry.sessionId);
      try {
        const archived = keepTranscript ? await this.#closeKept(gone) : await this.#archive(gone, 'deleted');
        index.delete(key, isTold ? reason : undefined);
        await index.flush();
        return archived;
      } finally {
        this.#leaving.delete(entry.sessionId);
      }
    });
  }

  /**
   * Keeps the last messages of a conversation and moves the rest aside, as `….bak.<time>`. On disk when it resolves;
   * undefined when there are no more messages than that.
   */
  async compact(found: FoundSession, keep: number): Promise<{ archived: string; kept: number } | undefined> {
    const time = new Date(this.#options.clock.now()).toISOString().replaceAll(':', '-');
    const file = await this.transcriptFile(found);
    const archived = `${file}.bak.${time}`;
    const kept = await this.#change(found, (transcript) => transcript.shorten(keep, archived));
    if (kept === undefined) return undefined;
    // What the conversation weighs now is known after its next run.
    await this.update(found, ({ totalTokens: _total, ...entry }) => ({
      ...entry,
      totalTokensFresh: false,
      updatedAt: this.#options.clock.now(),
    }));
    return { archived, kept };
  }

  /** Takes everything out of a conversation that a run stored; how many messages. `Transcript.withdraw`. */
  withdraw(found: FoundSession, runId: string): Promise<number> {
    return this.#change(found, (transcript) => transcript.withdraw(runId));
  }

  /** Lets go of all files of an agent that goes, so that its folder can move. Its runs must have ended. */
  async releaseAgent(agentId: string): Promise<void> {
    const index = await this.#loading.get(agentId);
    if (!index) return;
    const entries = index.keys().flatMap((key) => {
      const ended = index.get(key);
      return ended ? [{ key, ended }] : [];
    });
    for (const { ended } of entries) await this.#open.release(ended.sessionId);
    await index.flush();
    await this.#open.forgetFolder(index.folder);
    this.#loading.delete(agentId);
    this.#loaded.delete(agentId);
    for (const { key, ended } of entries) this.#tellLife({ key, agentId, reason: 'delete', ended });
  }

  /** Counts and the latest conversations of an agent; empty until its index was read. */
  summary(agentId: string, limit = 5): SessionsSummary {
    const index = this.#loaded.get(agentId);
    const now = this.#options.clock.now();
    const recent = (index?.keys() ?? []).slice(0, limit).map((key) => {
      const updatedAt = index?.get(key)?.updatedAt ?? null;
      return { key, updatedAt, age: updatedAt === null ? null : Math.max(0, now - updatedAt) };
    });
    return { path: this.indexFile(agentId), count: index?.size ?? 0, recent };
  }

  /** The latest conversations of an agent whose index was read. */
  recent(agentId: string, limit: number): FoundSession[] {
    const index = this.#loaded.get(agentId);
    const keys = index?.keys().slice(0, limit) ?? [];
    return keys.flatMap((key) => {
      const entry = index?.get(key);
      return entry ? [{ key, agentId, entry }] : [];
    });
  }

  /** Writes what is waiting and closes every file. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.allSettled(this.#inUse);
    for (const index of this.#loaded.values()) await this.#flushLast(index);
    await this.#open.stop();
  }

  async #load(agentId: string): Promise<SessionIndex> {
    const { clock, log } = this.#options;
    try {
      const file = this.indexFile(agentId);
      const index = await SessionIndex.load({ agentId, file, clock, log, onLife: (life) => this.#tellLife(life) });
      this.#loaded.set(agentId, index);
      return index;
    } catch (error) {
      // The next caller tries again.
      this.#loading.delete(agentId);
      throw error;
    }
  }

  #tellLife(life: SessionLife): void {
    for (const listener of this.#lifeListeners) listener(life);
  }

  /** What cannot be written now is found in the transcripts at the next start. */
  async #flushLast(index: SessionIndex): Promise<void> {
    try {
      await index.flush();
    } catch (error) {
      this.#options.log.error('The session index could not be written.', { agentId: index.agentId, err: error });
    }
  }

  async #archive(found: FoundSession, reason: 'reset' | 'deleted'): Promise<string[]> {
    const file = await this.transcriptFile(found);
    this.#fresh.delete(found.entry.sessionId);
    await this.#open.release(found.entry.sessionId);
    const time = new Date(this.#options.clock.now()).toISOString().replaceAll(':', '-');
    const target = `${file}.${reason}.${time}`;
    try {
      await rename(file, target);
      return [target];
    } catch (error) {
      // A conversation without messages has no file.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  async #closeKept(found: FoundSession): Promise<string[]> {
    const timestamp = new Date(this.#options.clock.now()).toISOString();
    await this.withTranscript(found, async (transcript) => {
      await transcript.open();
      if (transcript.count > 0) await transcript.note({ type: CLOSED_LINE_TYPE, timestamp });
    });
    await this.#open.release(found.entry.sessionId);
    return [];
  }
}

/** Opens the conversations of `agentIds`: reads their indexes and mends what a crash left. Stop it with `stop()`. */
export async function createSessionStore(
  options: SessionStoreOptions,
  agentIds: readonly string[],
): Promise<SessionStore> {
  const store = new SessionStore(options);
  await Promise.all(agentIds.map((agentId) => store.index(agentId)));
  return store;
}
