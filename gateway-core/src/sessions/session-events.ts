// Who watches which conversations, and telling them (spec/gateway-protocol.md §5: session.message, sessions.changed).
import type { AgentEvent, Message, SessionRow, SessionsChangedEvent } from '../protocol/index.js';
import type { Clock } from '../shared/clock.js';
import type { Broadcast, OnConnectionClosed } from '../shared/wire.js';
import type { FoundSession } from './session-store.js';
import { buildSessionRow, type SessionModelDefaults } from './session-row.js';
import type { TranscriptEntry } from './transcript/lines.js';
import { shownEntry } from './shown-entry.js';

export interface SessionEventsOptions {
  broadcast: Broadcast;
  onConnectionClosed: OnConnectionClosed;
  defaults: (agentId: string) => SessionModelDefaults;
  clock: Clock;
}

export type ChangeReason = 'create' | 'send' | 'patch' | 'reset' | 'new' | 'delete' | 'compact';
export type RunPhase = 'start' | 'end' | 'error';

/** Keeps the subscriptions of connections and builds the events for them. Nothing is built when nobody watches. */
export class SessionEvents {
  readonly #options: SessionEventsOptions;
  readonly #all = new Set<string>();
  readonly #byKey = new Map<string, Set<string>>();
  readonly #quiet = new Set<string>();

  constructor(options: SessionEventsOptions) {
    this.#options = options;
    options.onConnectionClosed((connId) => this.#drop(connId));
  }

  watchAll(connId: string): void {
    this.#all.add(connId);
  }

  unwatchAll(connId: string): void {
    this.#all.delete(connId);
  }

  watch(connId: string, key: string): void {
    const watchers = this.#byKey.get(key) ?? new Set<string>();
    watchers.add(connId);
    this.#byKey.set(key, watchers);
  }

  unwatch(connId: string, key: string): void {
    const watchers = this.#byKey.get(key);
    watchers?.delete(connId);
    if (watchers?.size === 0) this.#byKey.delete(key);
  }

  /** Nobody is told of what this run stores and does, until the returned function is called. */
  quieten(runId: string): () => void {
    this.#quiet.add(runId);
    return () => void this.#quiet.delete(runId);
  }

  /** Something about a conversation changed. `found` is absent when it is gone. */
  changed(key: string, reason: ChangeReason, found?: FoundSession): void {
    if (this.#all.size === 0) return;
    const row = found && this.row(found);
    this.#send({ ...this.#flat(row), sessionKey: key, reason, ts: this.#now(), ...(row && { session: row }) });
  }

  /** A run of a conversation started or ended. */
  runChanged(found: FoundSession, phase: RunPhase, runId: string): void {
    if (this.#all.size === 0 || this.#quiet.has(runId)) return;
    const row = this.row(found);
    this.#send({ ...this.#flat(row), sessionKey: found.key, phase, runId, ts: this.#now(), session: row });
  }

  /** A message was stored. Sent as `chat.history` would show it. */
  message(found: FoundSession, entry: TranscriptEntry): void {
    if (entry.runId !== undefined && this.#quiet.has(entry.runId)) return;
    const watchers = new Set([...this.#all, ...(this.#byKey.get(found.key) ?? [])]);
    if (watchers.size === 0) return;
    const row = this.row(found);
    const place = { messageId: entry.id, messageSeq: entry.seq };
    const message: Message = shownEntry(entry);
    const payload = { ...this.#flat(row), sessionKey: found.key, message, ...place, session: row };
    this.#options.broadcast('session.message', payload, { connIds: watchers });
    if (this.#all.size === 0) return;
    this.#send({
      ...this.#flat(row),
      sessionKey: found.key,
      phase: 'message',
      ts: this.#now(),
      ...place,
      session: row,
    });
  }

  /** A step of a tool, for those who watch everything. */
  tool(payload: AgentEvent): void {
    if (this.#all.size === 0 || this.#quiet.has(payload.runId)) return;
    this.#options.broadcast('session.tool', payload, { connIds: this.#all });
  }

  row(found: FoundSession): SessionRow {
    return buildSessionRow(found.key, found.entry, this.#options.defaults(found.agentId));
  }

  #send(payload: SessionsChangedEvent): void {
    this.#options.broadcast('sessions.changed', payload, { connIds: this.#all });
  }

  #flat(row: SessionRow | undefined): Omit<SessionRow, 'key'> | undefined {
    if (!row) return undefined;
    const { key: _key, ...flat } = row;
    return flat;
  }

  #now(): number {
    return this.#options.clock.now();
  }

  #drop(connId: string): void {
    this.#all.delete(connId);
    for (const key of [...this.#byKey.keys()]) this.unwatch(connId, key);
  }
}
