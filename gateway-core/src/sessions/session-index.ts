// The list of one agent's conversations: held in memory, written behind in the reference's layout.
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../shared/app-error.js';
import type { Clock, Timer } from '../shared/clock.js';
import { readTextIfExists, writeTextDurably } from '../shared/json-file.js';
import { inBackground, type Logger } from '../shared/logger.js';
import { fileTime, repairIndex } from './repair-index.js';
import type { StoredSession } from './session-entry.js';
import type { LifeListener, LifeReason } from './session-life.js';

export interface SessionIndexOptions {
  agentId: string;
  /** `…/agents/<id>/sessions/sessions.json`. */
  file: string;
  clock: Clock;
  log: Logger;
  /** Hears of every conversation that begins or ends here, but not of those that are read from disk. */
  onLife?: LifeListener;
}

interface Slot {
  entry: StoredSession;
  /** Its line of the file; kept so that a write serialises only what changed. */
  text?: string;
}

/** Delay of the write-behind; longer where writing takes long, so that it never fills the day. */
const FLUSH = { minMs: 300, maxMs: 5000, timesLastWrite: 20 } as const;

function isStoredSession(value: unknown): value is StoredSession {
  const entry = value as Partial<StoredSession> | null;
  return typeof entry === 'object' && entry !== null && typeof entry.sessionId === 'string';
}

export class SessionIndex {
  readonly agentId: string;
  readonly file: string;
  readonly folder: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #onLife: LifeListener | undefined;
  readonly #slots = new Map<string, Slot>();
  readonly #keyOfSession = new Map<string, string>();
  #sorted: string[] | undefined;
  #dirty = false;
  #timer: Timer | undefined;
  #writing: Promise<void> | undefined;
  /** The write after the one under way. */
  #next: Promise<void> | undefined;
  #lastWriteMs = 0;

  private constructor(options: SessionIndexOptions) {
    this.agentId = options.agentId;
    this.file = options.file;
    this.folder = path.dirname(options.file);
    this.#clock = options.clock;
    this.#log = options.log;
    this.#onLife = options.onLife;
  }

  /** Reads the index and mends what a crash left behind. Throws when the file cannot be read at all. */
  static async load(options: SessionIndexOptions): Promise<SessionIndex> {
    const index = new SessionIndex(options);
    await index.#read();
    return index;
  }

  get size(): number {
    return this.#slots.size;
  }

  get(key: string): StoredSession | undefined {
    return this.#slots.get(key)?.entry;
  }

  keyOfSession(sessionId: string): string | undefined {
    return this.#keyOfSession.get(sessionId);
  }

  keysWithLabel(label: string): string[] {
    return this.keys().filter((key) => this.get(key)?.label === label);
  }

  /** Latest first. */
  keys(): readonly string[] {
    const time = (key: string) => this.#slots.get(key)?.entry.updatedAt ?? 0;
    this.#sorted ??= [...this.#slots.keys()].sort((a, b) => time(b) - time(a));
    return this.#sorted;
  }

  /** `reason` counts when the entry is of another conversation than the one before. */
  set(key: string, entry: StoredSession, reason?: LifeReason): StoredSession {
    const before = this.#slots.get(key)?.entry;
    if (before && before.sessionId !== entry.sessionId) this.#keyOfSession.delete(before.sessionId);
    this.#slots.set(key, { entry });
    this.#keyOfSession.set(entry.sessionId, key);
    this.#moveToFront(key, before, entry);
    this.#touch();
    if (before?.sessionId !== entry.sessionId) {
      const why = reason ?? (before ? 'reset' : 'create');
      this.#onLife?.({ key, agentId: this.agentId, reason: why, ended: before, begun: entry });
    }
    return entry;
  }

  /** Without a reason nobody is told. */
  delete(key: string, reason?: LifeReason): void {
    const entry = this.#slots.get(key)?.entry;
    if (!entry) return;
    this.#slots.delete(key);
    this.#keyOfSession.delete(entry.sessionId);
    this.#sorted = undefined;
    this.#touch();
    if (reason) this.#onLife?.({ key, agentId: this.agentId, reason, ended: entry });
  }

  /** Resolves when everything set so far is on disk. Throws AppError state.unwritable. */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (!this.#writing) return this.#writeChanges();
    // The write under way may have been put together before; those who come meanwhile share the one after it.
    this.#next ??= Promise.allSettled([this.#writing]).then(() => {
      this.#next = undefined;
      return this.#writeChanges();
    });
    return this.#next;
  }

  async #writeChanges(): Promise<void> {
    if (!this.#dirty) return;
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined;
    });
    await this.#writing;
  }

  /** The usual case of a running conversation costs a search from the front, not a sort of all. */
  #moveToFront(key: string, before: StoredSession | undefined, entry: StoredSession): void {
    const sorted = this.#sorted;
    if (!sorted) return;
    const newest = sorted[0] === undefined ? undefined : this.#slots.get(sorted[0])?.entry.updatedAt;
    if (newest !== undefined && entry.updatedAt < newest) {
      if (before?.updatedAt !== entry.updatedAt) this.#sorted = undefined;
      return;
    }
    const at = before ? sorted.indexOf(key) : -1;
    if (at === 0) return;
    if (at > 0) sorted.splice(at, 1);
    sorted.unshift(key);
  }

  #touch(): void {
    this.#dirty = true;
    if (this.#timer) return;
    const delayMs = Math.min(FLUSH.maxMs, Math.max(FLUSH.minMs, this.#lastWriteMs * FLUSH.timesLastWrite));
    this.#timer = this.#clock.after(delayMs, () => {
      this.#timer = undefined;
      inBackground(this.flush(), this.#log, 'The session index could not be written.');
    });
  }

  async #write(): Promise<void> {
    this.#dirty = false;
    const startedAt = this.#clock.now();
    try {
      await writeTextDurably(this.file, this.#serialize());
    } catch (error) {
      // Tries again by itself, at the slowest pace.
      this.#lastWriteMs = FLUSH.maxMs;
      this.#touch();
      throw new AppError('state.unwritable', {
        message: `The session index could not be saved (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`,
        cause: error,
      });
    }
    this.#lastWriteMs = this.#clock.now() - startedAt;
  }

  #serialize(): string {
    const lines: string[] = [];
    for (const [key, slot] of this.#slots) {
      slot.text ??= `  ${JSON.stringify(key)}: ${JSON.stringify(slot.entry, null, 2).replaceAll('\n', '\n  ')}`;
      lines.push(slot.text);
    }
    return lines.length === 0 ? '{}\n' : `{\n${lines.join(',\n')}\n}\n`;
  }

  async #read(): Promise<void> {
    const text = await readTextIfExists(this.file);
    const writtenAt = text === undefined ? undefined : await fileTime(this.file);
    const entries = text === undefined ? {} : await this.#parse(text);
    const wasBroken = entries === undefined;
    for (const [key, entry] of Object.entries(entries ?? {})) if (isStoredSession(entry)) this.#put(key, entry);
    const repaired = await repairIndex({
      folder: this.folder,
      entries: new Map([...this.#slots].map(([key, slot]) => [key, slot.entry])),
      keyOfSession: this.#keyOfSession,
      writtenAt: wasBroken ? undefined : writtenAt,
      now: this.#clock.now(),
    });
    for (const [key, entry] of repaired) this.#put(key, entry);
    this.#sorted = undefined;
    if (repaired.size === 0) return;
    this.#log.warn('Conversations were recovered from their transcripts.', {
      agentId: this.agentId,
      count: repaired.size,
    });
    this.#touch();
  }

  #put(key: string, entry: StoredSession): void {
    this.#slots.set(key, { entry });
    this.#keyOfSession.set(entry.sessionId, key);
  }

  async #parse(text: string): Promise<Record<string, unknown> | undefined> {
    try {
      const value: unknown = JSON.parse(text);
      return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
    } catch (error) {
      const aside = `${this.file}.broken.${new Date(this.#clock.now()).toISOString().replaceAll(':', '-')}`;
      await rename(this.file, aside);
      this.#log.error('The session index is not valid JSON; it was set aside and rebuilt.', {
        file: aside,
        err: error,
      });
      return undefined;
    }
  }
}
