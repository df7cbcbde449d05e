// All conversations of all agents: indexes, transcripts, and moving both when a conversation starts anew or goes.
import { randomUUID } from 'node:crypto';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import type { Message, SessionsSummary } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import { newSession, resetSession, type StoredSession } from './session-entry.js';
import { SessionIndex } from './session-index.js';
import { parseSessionKey } from './session-key.js';
import type { LifeListener, LifeReason, SessionLife } from './session-life.js';
import { CLOSED_LINE_TYPE, type Compaction, type TranscriptEntry } from './transcript/lines.js';
import { FolderSync } from './transcript/folder-sync.js';
import { type AppendOptions, Transcript } from './transcript/transcript.js';

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

interface Lease {
  transcript: Transcript;
  users: number;
  agentId: string;
}

/** Open transcripts beyond this are closed, least recently used first. */
const OPEN_TRANSCRIPTS = 32;
const TRANSCRIPT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*\.jsonl$/;

export class SessionStore {
  readonly #options: SessionStoreOptions;
  readonly #newId: () => string;
  readonly #loading = new Map<string, Promise<SessionIndex>>();
  readonly #loaded = new Map<string, SessionIndex>();
  readonly #open = new Map<string, Lease>();
  readonly #inUse = new Set<Promise<unknown>>();
  readonly #folders = new FolderSync();
  /** Conversations of this process that were not opened yet, by id: nothing of them is on disk. */
  readonly #fresh = new Set<string>();
  readonly #resetting = new Map<string, Promise<StoredSession>>();
  readonly #lifeListeners = new Set<LifeListener>();
  #isStopped = false;

  constructor(options: SessionStoreOptions) {
    this.#options = options;
    this.#newId = options.newId ?? randomUUID;
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

  /** Changes an entry; the write to disk follows within a second. Does nothing for a conversation that is gone. */
  async update(found: Pick<FoundSession, 'key' | 'agentId'>, change: (entry: StoredSession) => StoredSession) {
    const index = await this.index(found.agentId);
    const entry = index.get(found.key);
    return entry && index.set(found.key, change(entry));
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
    const { sessionId } = found.entry;
    const file = await this.transcriptFile(found);
    const { agentId } = found;
    const lease = this.#open.get(sessionId) ?? { transcript: this.#openTranscript(found, file), users: 0, agentId };
    // Last in the map is used last.
    this.#open.delete(sessionId);
    this.#open.set(sessionId, lease);
    lease.users += 1;
    try {
      this.#closeIdle();
      return await work(lease.transcript);
    } finally {
      lease.users -= 1;
    }
  }

  /** Stores a message of a conversation; `Transcript.append`. */
  append(found: FoundSession, message: Message, options?: AppendOptions): Promise<TranscriptEntry> {
    return this.withTranscript(found, (transcript) => transcript.append(message, options));
  }

  /** Stores a divider in a conversation; `Transcript.appendCompaction`. */
  appendCompaction(found: FoundSession, compaction: Compaction, options?: AppendOptions): Promise<TranscriptEntry> {
    return this.withTranscript(found, (transcript) => transcript.appendCompaction(compaction, options));
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
  async reset(key: string, agentId: string, reason: LifeReason = 'reset'): Promise<StoredSession> {
    const index = await this.index(agentId);
    const before = index.get(key);
    if (before) await this.#archive({ key, agentId, entry: before }, 'reset');
    const entry = index.set(key, resetSession(before, this.#newId(), this.#options.clock.now()), reason);
    await index.flush();
    return entry;
  }

  /**
   * `reset` for a conversation that is over for the reason given, asked once for messages that come together. The new
   * entry, or undefined when nothing changed. On disk when it resolves.
   */
  async resetIf(
    key: string,
    agentId: string,
    whyOver: (entry: StoredSession) => LifeReason | undefined,
  ): Promise<StoredSession | undefined> {
    const index = await this.index(agentId);
    for (let busy = this.#resetting.get(key); busy; busy = this.#resetting.get(key)) await Promise.allSettled([busy]);
    const entry = index.get(key);
    const reason = entry && whyOver(entry);
    if (!reason) return undefined;
    const work = this.reset(key, agentId, reason).finally(() => this.#resetting.delete(key));
    this.#resetting.set(key, work);
    return work;
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
  async delete(
    found: FoundSession,
    keepTranscript: boolean,
    { reason = 'delete', isTold = true }: { reason?: LifeReason; isTold?: boolean } = {},
  ): Promise<string[]> {
    const index = await this.index(found.agentId);
    const archived = keepTranscript ? await this.#closeKept(found) : await this.#archive(found, 'deleted');
    index.delete(found.key, isTold ? reason : undefined);
    await index.flush();
    return archived;
  }

  /**
   * Keeps the last messages of a conversation and moves the rest aside, as `….bak.<time>`. On disk when it resolves;
   * undefined when there are no more messages than that.
   */
  async compact(found: FoundSession, keep: number): Promise<{ archived: string; kept: number } | undefined> {
    const time = new Date(this.#options.clock.now()).toISOString().replaceAll(':', '-');
    const file = await this.transcriptFile(found);
    const archived = `${file}.bak.${time}`;
    const kept = await this.withTranscript(found, (transcript) => transcript.shorten(keep, archived));
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
    return this.withTranscript(found, (transcript) => transcript.withdraw(runId));
  }

  /** Lets go of all files of an agent that goes, so that its folder can move. Its runs must have ended. */
  async releaseAgent(agentId: string): Promise<void> {
    const index = await this.#loading.get(agentId);
    if (!index) return;
    const entries = index.keys().flatMap((key) => {
      const ended = index.get(key);
      return ended ? [{ key, ended }] : [];
    });
    for (const { ended } of entries) await this.#release(ended.sessionId);
    await index.flush();
    await this.#folders.forget(index.folder);
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
    for (const { transcript } of this.#open.values()) await transcript.close();
    this.#open.clear();
    await this.#folders.stop();
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

  /** Nobody waits for it: what was written is on its way to disk without it. */
  #closeIdle(): void {
    if (this.#open.size <= OPEN_TRANSCRIPTS) return;
    for (const [sessionId, lease] of this.#open) {
      if (this.#open.size <= OPEN_TRANSCRIPTS) return;
      if (lease.users > 0) continue;
      this.#open.delete(sessionId);
      const { agentId } = lease;
      const closing = lease.transcript
        .close()
        .catch((error: unknown) => this.#options.log.warn('A transcript could not be closed.', { agentId, err: error }))
        .finally(() => this.#inUse.delete(closing));
      this.#inUse.add(closing);
    }
  }

  #openTranscript(found: FoundSession, file: string): Transcript {
    const { clock, log, workspaceDir } = this.#options;
    return new Transcript({
      file,
      sessionId: found.entry.sessionId,
      sessionKey: found.key,
      cwd: workspaceDir(found.agentId),
      now: () => clock.now(),
      newId: this.#newId,
      folders: this.#folders,
      isNew: this.#fresh.delete(found.entry.sessionId),
      log,
    });
  }

  async #archive(found: FoundSession, reason: 'reset' | 'deleted'): Promise<string[]> {
    const file = await this.transcriptFile(found);
    await this.#release(found.entry.sessionId);
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
    await this.#release(found.entry.sessionId);
    return [];
  }

  async #release(sessionId: string): Promise<void> {
    const lease = this.#open.get(sessionId);
    this.#open.delete(sessionId);
    await lease?.transcript.retire();
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
