// Agents and their sessions, kept current by events; which runs are active; what has been read.
import { createStore, type StoreApi } from 'zustand/vanilla';
import type {
  AgentEntry,
  HelloOk,
  ModelEntry,
  SessionDefaults,
  SessionRow,
  SessionsChangedEvent,
} from '../../../gateway-core/src/protocol/index.js';
import type { Gateway } from './gateway.js';
import { canonicalKey, type KeyDefaults } from './session-key.js';
import type { LocalState } from './storage.js';

export interface SessionsState {
  agents: readonly AgentEntry[];
  sessions: readonly SessionRow[];
  defaults?: SessionDefaults;
  keyDefaults?: KeyDefaults;
  models: readonly ModelEntry[];
  /** False until the first list has arrived. */
  loaded: boolean;
  /** True when the lists were loaded over the present connection. */
  isCurrent: boolean;
  /** Active runs by session: session key → run ids. */
  runs: Readonly<Record<string, readonly string[]>>;
  /** When each session was last looked at, epoch milliseconds. */
  seen: Readonly<Record<string, number>>;
  /** Endings before this moment count as seen. */
  seenSinceMs: number;
  error?: unknown;
}

export interface Sessions {
  store: StoreApi<SessionsState>;
  /** Remembers the gateway's defaults and start time, then loads everything. */
  begin(hello: HelloOk): Promise<void>;
  refresh(): Promise<void>;
  runStarted(sessionKey: string, runId: string): void;
  runEnded(sessionKey: string, runId: string): void;
  changed(event: SessionsChangedEvent): void;
  markSeen(sessionKey: string): void;
  rename(sessionKey: string, label: string | null): Promise<void>;
  remove(sessionKey: string): Promise<void>;
  setModel(sessionKey: string, model: string): Promise<void>;
  /** Asks the gateway for everything tools print, while they run. */
  showToolOutput(sessionKey: string): Promise<void>;
  /** Any spelling of a session key → the one used everywhere here. */
  canonical(sessionKey: string): string;
  /** True when a run of this session is active in the gateway process we talk to. */
  isRunning(sessionKey: string): boolean;
}

export interface SessionsDeps {
  gateway: Gateway;
  state: LocalState;
  now: () => number;
  /** Collects calls that come close together into one. */
  soon: (run: () => void) => void;
}

/** Clocks and disk writes are not exact to the millisecond. */
const CLOCK_SLACK_MS = 2_000;
const KEPT_ENDINGS = 200;

interface StoredSeen {
  sinceMs: number;
  at: Record<string, number>;
}

function readSeen(state: LocalState, now: number): StoredSeen {
  const value = state.read('seen') as Partial<StoredSeen> | undefined;
  const isValid = typeof value?.sinceMs === 'number' && typeof value.at === 'object' && value.at !== null;
  return isValid ? (value as StoredSeen) : { sinceMs: now, at: {} };
}

/** Takes over a row that an event carries, whole: what it lacks was cleared. Only titles it does not know. */
export function mergeRow(rows: readonly SessionRow[], row: SessionRow): SessionRow[] {
  const old = rows.find((candidate) => candidate.key === row.key);
  if (!old) return [row, ...rows];
  const { derivedTitle, lastMessagePreview } = old;
  const titles = {
    ...(derivedTitle !== undefined && { derivedTitle }),
    ...(lastMessagePreview !== undefined && { lastMessagePreview }),
  };
  return rows.map((candidate) => (candidate === old ? { ...titles, ...row } : candidate));
}

function withRun(runs: SessionsState['runs'], key: string, runId: string): SessionsState['runs'] {
  const list = runs[key] ?? [];
  return list.includes(runId) ? runs : { ...runs, [key]: [...list, runId] };
}

function withoutRun(runs: SessionsState['runs'], key: string, runId: string): SessionsState['runs'] {
  const list = runs[key];
  if (!list) return runs;
  // The list of sessions knows that a run is active but not its id; that entry is named after the session.
  const rest = list.filter((id) => id !== runId && id !== key);
  const { [key]: _, ...others } = runs;
  return rest.length > 0 ? { ...others, [key]: rest } : others;
}

class SessionsModel implements Sessions {
  readonly store: StoreApi<SessionsState>;
  #gatewayStartMs = 0;
  #loading = 0;
  /** Runs that have ended: a late sign of their start must not bring them back. */
  readonly #ended = new Set<string>();
  /** Counts events about runs; per session the number of its last one. */
  #runEvents = 0;
  readonly #lastRunEvent = new Map<string, number>();

  constructor(private readonly deps: SessionsDeps) {
    const seen = readSeen(deps.state, deps.now());
    this.store = createStore<SessionsState>(() => ({
      agents: [],
      sessions: [],
      models: [],
      loaded: false,
      isCurrent: false,
      runs: {},
      seen: seen.at,
      seenSinceMs: seen.sinceMs,
    }));
    deps.state.write('seen', seen);
  }

  async begin(hello: HelloOk): Promise<void> {
    this.#gatewayStartMs = this.deps.now() - hello.snapshot.uptimeMs;
    this.store.setState({ keyDefaults: hello.snapshot.sessionDefaults, runs: {}, isCurrent: false });
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const turn = ++this.#loading;
    const askedAt = this.#runEvents;
    const { gateway } = this.deps;
    try {
      const [agents, list, models] = await Promise.all([
        gateway.request('agents.list', {}),
        gateway.request('sessions.list', { limit: 200, includeDerivedTitles: true, includeLastMessage: true }),
        gateway.request('models.list', {}),
      ]);
      if (turn !== this.#loading) return;
      this.store.setState({
        agents: agents.agents,
        sessions: list.sessions,
        defaults: list.defaults,
        models: models.models,
        loaded: true,
        isCurrent: true,
        runs: this.#runsFrom(list.sessions, askedAt),
        error: undefined,
      });
    } catch (error) {
      // A lost connection is shown by the status; the next handshake loads again.
      if (turn === this.#loading) this.store.setState({ error });
    }
  }

  runStarted(sessionKey: string, runId: string): void {
    if (this.#ended.has(runId)) return;
    const key = this.canonical(sessionKey);
    this.#lastRunEvent.set(key, ++this.#runEvents);
    const { runs } = this.store.getState();
    const named = withRun(runs, key, runId);
    if (named !== runs) this.store.setState({ runs: withoutRun(named, key, key) });
  }

  runEnded(sessionKey: string, runId: string): void {
    this.#ended.add(runId);
    const oldest = this.#ended.values().next().value;
    if (this.#ended.size > KEPT_ENDINGS && oldest !== undefined) this.#ended.delete(oldest);
    const key = this.canonical(sessionKey);
    this.#lastRunEvent.set(key, ++this.#runEvents);
    const runs = withoutRun(this.store.getState().runs, key, runId);
    if (runs !== this.store.getState().runs) this.store.setState({ runs });
  }

  changed(event: SessionsChangedEvent): void {
    const key = this.canonical(event.sessionKey);
    if (event.reason === 'delete') {
      this.store.setState((state) => ({ sessions: state.sessions.filter((row) => row.key !== key) }));
      return;
    }
    const { session } = event;
    if (session) this.store.setState((state) => ({ sessions: mergeRow(state.sessions, { ...session, key }) }));
    const known = this.store.getState().sessions.find((row) => row.key === key);
    // Titles and previews are made by the list call.
    if (event.phase === 'end' || event.phase === 'error' || !known?.derivedTitle)
      this.deps.soon(() => void this.refresh());
  }

  markSeen(sessionKey: string): void {
    const at = { ...this.store.getState().seen, [sessionKey]: this.deps.now() };
    this.store.setState({ seen: at });
    this.deps.state.write('seen', { sinceMs: this.store.getState().seenSinceMs, at });
  }

  async rename(sessionKey: string, label: string | null): Promise<void> {
    await this.deps.gateway.request('sessions.patch', { key: sessionKey, label });
    await this.refresh();
  }

  async remove(sessionKey: string): Promise<void> {
    await this.deps.gateway.request('sessions.delete', { key: sessionKey });
    this.store.setState((state) => ({ sessions: state.sessions.filter((row) => row.key !== sessionKey) }));
  }

  async setModel(sessionKey: string, model: string): Promise<void> {
    await this.deps.gateway.request('sessions.patch', { key: sessionKey, model });
    await this.refresh();
  }

  async showToolOutput(sessionKey: string): Promise<void> {
    await this.deps.gateway.request('sessions.patch', { key: sessionKey, verboseLevel: 'full' });
    await this.refresh();
  }

  canonical(sessionKey: string): string {
    return canonicalKey(sessionKey, this.store.getState().keyDefaults);
  }

  isRunning(sessionKey: string): boolean {
    return (this.store.getState().runs[sessionKey]?.length ?? 0) > 0;
  }

  /** What the list says about runs, except where an event has come since it was asked for. */
  #runsFrom(rows: readonly SessionRow[], askedAt: number): SessionsState['runs'] {
    const { runs } = this.store.getState();
    const isNewer = (key: string) => (this.#lastRunEvent.get(key) ?? 0) > askedAt;
    const listed = rows
      .filter((row) => !isNewer(row.key) && this.#runs(row))
      .map((row) => [row.key, runs[row.key] ?? [row.key]]);
    const heard = Object.entries(runs).filter(([key]) => isNewer(key));
    return Object.fromEntries([...listed, ...heard]);
  }

  /** A killed gateway may leave "running" in its files: only a run that began in this process counts. */
  #runs(row: SessionRow): boolean {
    return row.status === 'running' && (row.startedAt ?? 0) >= this.#gatewayStartMs - CLOCK_SLACK_MS;
  }
}

export function createSessions(deps: SessionsDeps): Sessions {
  return new SessionsModel(deps);
}

/** How many runs are active in all sessions. */
export function countRuns(runs: SessionsState['runs']): number {
  return Object.values(runs).reduce((sum, list) => sum + list.length, 0);
}
