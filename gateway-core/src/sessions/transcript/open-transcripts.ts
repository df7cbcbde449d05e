// The transcripts that are open: one per file, and only so many of them.
import type { Logger } from '../../shared/logger.js';
import { FolderSync } from './folder-sync.js';
import { Transcript } from './transcript.js';

export interface OpenTranscriptsOptions {
  now: () => number;
  newId: () => string;
  /** The folder that new transcripts name as their working directory. */
  workspaceDir: (agentId: string) => string;
  log: Logger;
}

/** Which transcript is meant. */
export interface TranscriptPlace {
  file: string;
  sessionId: string;
  sessionKey: string;
  agentId: string;
  /** True for a conversation that has just begun: nothing of it is on disk. */
  isNew: boolean;
}

interface Lease {
  transcript: Transcript;
  users: number;
  agentId: string;
}

/** Open transcripts beyond this are closed, least recently used first. */
const MOST = 32;

export class OpenTranscripts {
  readonly #options: OpenTranscriptsOptions;
  readonly #folders = new FolderSync();
  /** By session id; the last in the map was used last. */
  readonly #leases = new Map<string, Lease>();
  readonly #closing = new Set<Promise<unknown>>();

  constructor(options: OpenTranscriptsOptions) {
    this.#options = options;
  }

  /** Works with a transcript, which stays open meanwhile. */
  async use<T>(place: TranscriptPlace, work: (transcript: Transcript) => Promise<T>): Promise<T> {
    const { sessionId, agentId } = place;
    const lease = this.#leases.get(sessionId) ?? { transcript: this.#open(place), users: 0, agentId };
    this.#leases.delete(sessionId);
    this.#leases.set(sessionId, lease);
    lease.users += 1;
    try {
      this.#closeIdle();
      return await work(lease.transcript);
    } finally {
      lease.users -= 1;
    }
  }

  /** Lets go of a transcript whose file moves away; whoever still works with it hears that it is gone. */
  async release(sessionId: string): Promise<void> {
    const lease = this.#leases.get(sessionId);
    this.#leases.delete(sessionId);
    await lease?.transcript.retire();
  }

  /** For a folder that moves away; its transcripts must be released. */
  forgetFolder(folder: string): Promise<void> {
    return this.#folders.forget(folder);
  }

  /** Closes everything; nobody may work with a transcript any more. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.#closing);
    for (const { transcript } of this.#leases.values()) await transcript.close();
    this.#leases.clear();
    await this.#folders.stop();
  }

  /** Nobody waits for it: what was written is on its way to disk without it. */
  #closeIdle(): void {
    if (this.#leases.size <= MOST) return;
    for (const [sessionId, lease] of this.#leases) {
      if (this.#leases.size <= MOST) return;
      if (lease.users > 0) continue;
      this.#leases.delete(sessionId);
      const { transcript, agentId } = lease;
      const closing = transcript
        .close()
        .catch((error: unknown) => this.#options.log.warn('A transcript could not be closed.', { agentId, err: error }))
        .finally(() => this.#closing.delete(closing));
      this.#closing.add(closing);
    }
  }

  #open({ file, sessionId, sessionKey, agentId, isNew }: TranscriptPlace): Transcript {
    const { now, newId, workspaceDir, log } = this.#options;
    const cwd = workspaceDir(agentId);
    return new Transcript({ file, sessionId, sessionKey, cwd, now, newId, folders: this.#folders, isNew, log });
  }
}
