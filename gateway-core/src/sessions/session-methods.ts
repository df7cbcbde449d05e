// The wire of conversations (spec/gateway-protocol.md §7.4).
import { randomUUID } from 'node:crypto';
import { messageText, type Attachment, type MethodParams, type MethodResult } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Caller, MethodHandlers } from '../shared/wire.js';
import { buildListRow, oneLine, selectSessions } from './list-sessions.js';
import { patchSession } from './patch-session.js';
import { newSession, type StoredSession } from './session-entry.js';
import type { SessionEvents } from './session-events.js';
import { isAgentId, mainSessionKey, normalizeAgentId, requireSessionKey, type SessionKey } from './session-key.js';
import { buildSessionRow, type SessionModelDefaults, sessionModel } from './session-row.js';
import type { FoundSession, SessionStore } from './session-store.js';
import { stripEnvelope } from './user-envelope.js';

/** A message for a conversation that exists, as `sessions.send` and `sessions.create` hand it on. */
export interface SessionSend {
  found: FoundSession;
  /** The key as the client wrote it. */
  rawKey: string;
  message: string;
  attachments?: Attachment[];
  thinking?: string;
  timeoutMs?: number;
  idempotencyKey?: string;
  caller: Caller;
}

export interface SessionAbort {
  /** Full key. */
  key: string;
  runId?: string;
  stopReason: string;
  /** Absent: nobody is asked for permission. */
  caller?: Caller;
}

/** What this room needs of the runs. */
export interface SessionRuns {
  /** Resolves when the message is on disk. */
  send(request: SessionSend): Promise<{ runId: string; status: string; messageSeq?: number }>;
  /** Stops runs of a conversation and waits for their last events; the ids of those that were stopped. */
  abort(request: SessionAbort): Promise<string[]>;
  /** A run that is known by its id: under way, or ended a short while ago. */
  find(runId: string): unknown;
}

/** Which agents there are; `agents` lies to the right of this room, so it is passed in. */
export interface AgentDirectory {
  ids(): readonly string[];
  defaultId(): string;
}

export interface SessionMethodsOptions {
  store: SessionStore;
  events: SessionEvents;
  runs: SessionRuns;
  agents: AgentDirectory;
  defaults: (agentId: string) => SessionModelDefaults;
  clock: Clock;
  newId?: () => string;
}

/** The others are in session-upkeep-methods.ts and usage/. */
type SessionMethodName = Exclude<
  Extract<keyof MethodHandlers, `sessions.${string}`>,
  'sessions.get' | 'sessions.steer' | 'sessions.compact' | `sessions.usage${string}`
>;

const PREVIEW = { limit: 12, maxChars: 240 } as const;

function invalid(message: string): AppError {
  return new AppError('request.invalid', { message });
}

/** The answer goes out first, then the news: clients know the order from the reference. */
function afterReply(tell: () => void): void {
  setImmediate(tell);
}

class SessionMethods {
  constructor(private readonly options: SessionMethodsOptions) {}

  get #now(): number {
    return this.options.clock.now();
  }

  key(input: string): SessionKey {
    return requireSessionKey(input, this.options.agents.defaultId());
  }

  /** A key under which something may be made: its agent must exist. */
  #ownKey(input: string): SessionKey {
    const key = this.key(input);
    this.#requireAgent(key.agentId);
    return key;
  }

  #requireAgent(agentId: string): string {
    const id = normalizeAgentId(agentId);
    if (!isAgentId(id) || !this.options.agents.ids().includes(id)) throw invalid(`unknown agent id "${agentId}"`);
    return id;
  }

  #defaultModel() {
    return this.options.defaults(this.options.agents.defaultId());
  }

  async #find(key: SessionKey): Promise<FoundSession | undefined> {
    // Looking something up makes no folders for agents that do not exist.
    if (!this.options.agents.ids().includes(key.agentId)) return undefined;
    return this.options.store.find(key.key);
  }

  async list(params: MethodParams<'sessions.list'>): Promise<MethodResult<'sessions.list'>> {
    const { store, agents, defaults } = this.options;
    const agentIds = params.agentId === undefined ? agents.ids() : [normalizeAgentId(params.agentId)];
    const known = agentIds.filter((id) => agents.ids().includes(id));
    const context = { store, agentIds: known, defaults, now: this.#now };
    const selected = await selectSessions(params, context);
    const plain = !params.includeDerivedTitles && !params.includeLastMessage;
    const sessions = [];
    for (const found of selected) {
      sessions.push(
        plain
          ? buildSessionRow(found.key, found.entry, defaults(found.agentId))
          : await buildListRow(found, params, context),
      );
    }
    const { provider, model, contextTokens } = this.#defaultModel();
    return {
      ts: this.#now,
      path: params.agentId !== undefined && known[0] ? store.indexFile(known[0]) : '(multiple)',
      count: sessions.length,
      defaults: { modelProvider: provider, model, contextTokens },
      sessions,
    };
  }

  async preview(params: MethodParams<'sessions.preview'>): Promise<MethodResult<'sessions.preview'>> {
    const previews = [];
    for (const key of params.keys) previews.push(await this.#previewOne(key, params));
    return { ts: this.#now, previews };
  }

  async #previewOne(key: string, params: MethodParams<'sessions.preview'>) {
    const found = await this.#find(this.key(key));
    if (!found) return { key, status: 'missing' as const, items: [] };
    const limit = params.limit ?? PREVIEW.limit;
    const entries = await this.options.store.tail(found, limit * 2);
    const items = entries.flatMap(({ message }) => {
      const text = messageText(message);
      const shown = oneLine(message.role === 'user' ? stripEnvelope(text) : text, params.maxChars ?? PREVIEW.maxChars);
      return shown === '' ? [] : [{ role: message.role, text: shown }];
    });
    const status = items.length > 0 ? ('ok' as const) : ('empty' as const);
    return { key, status, items: items.slice(-limit) };
  }

  async resolve(params: MethodParams<'sessions.resolve'>): Promise<MethodResult<'sessions.resolve'>> {
    const wanted = params.key ?? params.sessionId ?? params.label;
    if (wanted === undefined || wanted.trim() === '') throw invalid('Either key, sessionId, or label is required');
    if (params.key !== undefined) return { ok: true, key: await this.#resolveKey(params.key) };
    const matches = await this.#matches(params);
    const [first] = matches;
    if (first !== undefined && matches.length === 1) return { ok: true, key: first };
    if (params.sessionId !== undefined) throw invalid(`No session found: ${params.sessionId}`);
    if (first === undefined) throw invalid(`No session found with label: ${params.label}`);
    throw invalid(`Multiple sessions found with label: ${params.label} (${matches.join(', ')})`);
  }

  async #resolveKey(input: string): Promise<string> {
    const key = this.key(input);
    const isMain = key.key === mainSessionKey(key.agentId) && this.options.agents.ids().includes(key.agentId);
    if (!isMain && !(await this.#find(key))) throw invalid(`No session found: ${input}`);
    return key.key;
  }

  async #matches(params: MethodParams<'sessions.resolve'>): Promise<string[]> {
    const { store, agents } = this.options;
    const wantedAgent = params.agentId === undefined ? undefined : normalizeAgentId(params.agentId);
    const keys: string[] = [];
    for (const agentId of agents.ids()) {
      if (wantedAgent !== undefined && agentId !== wantedAgent) continue;
      const index = await store.index(agentId);
      const byId = params.sessionId === undefined ? undefined : index.keyOfSession(params.sessionId);
      const found = params.sessionId === undefined ? index.keysWithLabel(params.label ?? '') : byId ? [byId] : [];
      keys.push(
        ...found.filter((key) => params.spawnedBy === undefined || index.get(key)?.spawnedBy === params.spawnedBy),
      );
    }
    return keys;
  }

  async create(params: MethodParams<'sessions.create'>, caller: Caller): Promise<MethodResult<'sessions.create'>> {
    const { store } = this.options;
    const key = this.#createKey(params);
    const parent = params.parentSessionKey === undefined ? undefined : this.key(params.parentSessionKey);
    if (parent && !(await this.#find(parent))) throw invalid(`unknown parent session: ${params.parentSessionKey}`);
    const index = await store.index(key.agentId);
    const before = index.get(key.key);
    const patched = patchSession(
      before ?? newSession((this.options.newId ?? randomUUID)(), this.#now),
      { label: params.label, model: params.model },
      this.#patchContext(key, index.keysWithLabel.bind(index)),
    );
    const entry = index.set(key.key, { ...patched, ...(parent && { parentSessionKey: parent.key }) });
    await index.flush();
    const found: FoundSession = { key: key.key, agentId: key.agentId, entry };
    if (!before) afterReply(() => this.options.events.changed(key.key, 'create', found));
    const created = { ok: true as const, key: key.key, sessionId: entry.sessionId, entry };
    const message = params.message ?? params.task;
    if (message === undefined || message.trim() === '') return { ...created, runStarted: false };
    const run = await this.options.runs.send({ found, rawKey: params.key ?? key.key, message, caller });
    return { ...created, runStarted: true, ...run };
  }

  #createKey(params: MethodParams<'sessions.create'>): SessionKey {
    const agentId = params.agentId === undefined ? undefined : this.#requireAgent(params.agentId);
    if (params.key === undefined) {
      const rest = `dashboard:${(this.options.newId ?? randomUUID)()}`;
      return requireSessionKey(`agent:${agentId ?? this.options.agents.defaultId()}:${rest}`, '');
    }
    const key = requireSessionKey(params.key, agentId ?? this.options.agents.defaultId());
    this.#requireAgent(key.agentId);
    if (agentId !== undefined && agentId !== key.agentId) {
      throw invalid(`agent "${agentId}" does not match session key agent "${key.agentId}"`);
    }
    return key;
  }

  #patchContext(key: SessionKey, keysWithLabel: (label: string) => string[]) {
    return {
      now: this.#now,
      defaultProvider: this.options.defaults(key.agentId).provider,
      isLabelTaken: (label: string) => keysWithLabel(label).some((other) => other !== key.key),
    };
  }

  async patch(params: MethodParams<'sessions.patch'>): Promise<MethodResult<'sessions.patch'>> {
    const { store, events, defaults } = this.options;
    const { key: rawKey, ...patch } = params;
    const key = this.#ownKey(rawKey);
    const index = await store.index(key.agentId);
    const before: StoredSession = index.get(key.key) ?? newSession((this.options.newId ?? randomUUID)(), this.#now);
    const next = patchSession(before, patch, this.#patchContext(key, index.keysWithLabel.bind(index)));
    const entry = index.set(key.key, next);
    await index.flush();
    afterReply(() => events.changed(key.key, 'patch', { key: key.key, agentId: key.agentId, entry }));
    return { ok: true, path: index.file, key: key.key, entry, resolved: sessionModel(entry, defaults(key.agentId)) };
  }

  async reset(params: MethodParams<'sessions.reset'>): Promise<MethodResult<'sessions.reset'>> {
    const key = this.#ownKey(params.key);
    const reason = params.reason ?? 'reset';
    await this.options.runs.abort({ key: key.key, stopReason: 'rpc' });
    const entry = await this.options.store.reset(key.key, key.agentId, reason);
    const found = { key: key.key, agentId: key.agentId, entry };
    afterReply(() => this.options.events.changed(key.key, reason, found));
    return { ok: true, key: key.key, entry };
  }

  async delete(params: MethodParams<'sessions.delete'>): Promise<MethodResult<'sessions.delete'>> {
    const key = this.key(params.key);
    if (key.key === mainSessionKey(this.options.agents.defaultId())) {
      throw invalid(`Cannot delete the main session (${key.key}).`);
    }
    if (!(await this.#find(key))) return { ok: true, key: key.key, deleted: false, archived: [] };
    await this.options.runs.abort({ key: key.key, stopReason: 'rpc' });
    const found = await this.#find(key);
    if (!found) return { ok: true, key: key.key, deleted: false, archived: [] };
    const isTold = params.emitLifecycleHooks !== false;
    const archived = await this.options.store.delete(found, params.deleteTranscript === false, { isTold });
    afterReply(() => this.options.events.changed(key.key, 'delete'));
    return { ok: true, key: key.key, deleted: true, archived };
  }

  async send(params: MethodParams<'sessions.send'>, caller: Caller): Promise<MethodResult<'sessions.send'>> {
    const { key: rawKey, ...rest } = params;
    const key = this.key(rawKey);
    const found = await this.#find(key);
    if (!found) throw invalid(`session not found: ${key.key}`);
    return this.options.runs.send({ found, rawKey, caller, ...rest });
  }

  async abort(params: MethodParams<'sessions.abort'>, caller: Caller): Promise<MethodResult<'sessions.abort'>> {
    const { key } = this.key(params.key);
    const runIds = await this.options.runs.abort({ key, runId: params.runId, stopReason: 'rpc', caller });
    const [abortedRunId = null] = runIds;
    return { ok: true, abortedRunId, status: abortedRunId === null ? 'no-active-run' : 'aborted' };
  }
}

/** The handlers of `sessions.*`. Refusals are AppError request.invalid or session.conflict. */
export function createSessionsMethods(options: SessionMethodsOptions): MethodHandlers<SessionMethodName> {
  const { events } = options;
  const methods = new SessionMethods(options);
  return {
    'sessions.list': (params) => methods.list(params),
    'sessions.preview': (params) => methods.preview(params),
    'sessions.resolve': (params) => methods.resolve(params),
    'sessions.create': (params, { caller }) => methods.create(params, caller),
    'sessions.patch': (params) => methods.patch(params),
    'sessions.reset': (params) => methods.reset(params),
    'sessions.delete': (params) => methods.delete(params),
    'sessions.send': (params, { caller }) => methods.send(params, caller),
    'sessions.abort': (params, { caller }) => methods.abort(params, caller),
    'sessions.subscribe': (_params, { caller }) => {
      events.watchAll(caller.connId);
      return { subscribed: true };
    },
    'sessions.unsubscribe': (_params, { caller }) => {
      events.unwatchAll(caller.connId);
      return { subscribed: false };
    },
    'sessions.messages.subscribe': (params, { caller }) => {
      const { key } = methods.key(params.key);
      events.watch(caller.connId, key);
      return { subscribed: true, key };
    },
    'sessions.messages.unsubscribe': (params, { caller }) => {
      const { key } = methods.key(params.key);
      events.unwatch(caller.connId, key);
      return { subscribed: false, key };
    },
  };
}
