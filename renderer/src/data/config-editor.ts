// The config as settings pages see it: saves at once what needs no restart, collects what does.
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ConfigSnapshot } from '../../../gateway-core/src/protocol/index.js';
import { editConfigText, writeConfigText } from './config-text-edit.js';
import {
  changedPaths,
  type ConfigChange,
  dotted,
  mergeChanges,
  type Path,
  readPath,
  sameValue,
  toMergePatch,
  withChanges,
} from './config-values.js';
import type { Gateway } from './gateway.js';
import { inBackground } from './in-background.js';
import { callNamed, isStale } from './named-calls.js';
import { needsRestart, readReloadMode } from './restart-rules.js';

export interface SaveState {
  phase: 'saving' | 'saved' | 'failed';
  error?: unknown;
}

export interface RestartState {
  phase: 'idle' | 'sending' | 'restarting' | 'failed';
  error?: unknown;
  /** The gateway takes no restart before this moment, epoch milliseconds. */
  retryAtMs?: number;
}

export interface ConfigState {
  snapshot?: ConfigSnapshot;
  loadError?: unknown;
  /** Changes that wait for a restart; not in the file yet. */
  pending: readonly ConfigChange[];
  /** By dotted path, for the rows. */
  saves: Readonly<Record<string, SaveState>>;
  restart: RestartState;
}

export interface ConfigEditor {
  store: StoreApi<ConfigState>;
  load(): Promise<void>;
  /** What the row of a setting shows: the waiting change, else what is in force. */
  read(path: Path): unknown;
  /** Saves or collects. Resolves when it is done; rejects when it was not saved. */
  change(changes: readonly ConfigChange[]): Promise<void>;
  /** Writes everything collected and restarts the gateway. */
  restartNow(): Promise<void>;
  discardPending(): void;
  /** Replaces the file that had `baseHash`. `isRestart`: the change needs one. Rejects with the gateway's error. */
  replace(raw: string, base: { baseHash?: string; isRestart: boolean }): Promise<void>;
  /** What a text would change, and which of it needs a restart. Throws SyntaxError for text that is not JSON5. */
  review(raw: string): Promise<{ changed: string[]; restart: string[] }>;
}

export interface ConfigEditorDeps {
  gateway: Gateway;
  now: () => number;
  after: (ms: number, run: () => void) => void;
}

const SAVED_MS = 1_800;
const ATTEMPTS = 3;

async function parseText(text: string): Promise<unknown> {
  const { default: json5 } = await import('json5');
  return json5.parse(text) as unknown;
}

/** The new text: edited in place where that gives exactly what was meant, else written anew. */
export async function nextText(snapshot: ConfigSnapshot, changes: readonly ConfigChange[]): Promise<string> {
  const wanted = withChanges(snapshot.parsed, changes);
  const edited = snapshot.raw === null ? undefined : editConfigText(snapshot.raw, changes);
  if (edited === undefined) return writeConfigText(wanted);
  const isRight = await parseText(edited).then(
    (value) => sameValue(value, wanted),
    () => false,
  );
  return isRight ? edited : writeConfigText(wanted);
}

function retryAfterOf(error: unknown): number | undefined {
  const ms = (error as { retryAfterMs?: unknown } | null)?.retryAfterMs;
  return typeof ms === 'number' && ms > 0 ? ms : undefined;
}

class Editor implements ConfigEditor {
  readonly store = createStore<ConfigState>(() => ({ pending: [], saves: {}, restart: { phase: 'idle' } }));
  #tail: Promise<unknown> = Promise.resolve();

  constructor(private readonly deps: ConfigEditorDeps) {}

  async load(): Promise<void> {
    try {
      const snapshot = await this.deps.gateway.request('config.get', {});
      const { pending } = this.store.getState();
      const open = pending.filter((change) => !sameValue(readPath(snapshot.parsed, change.path), change.value));
      this.store.setState({ snapshot, loadError: undefined, pending: open });
    } catch (error) {
      this.store.setState({ loadError: error });
      throw error;
    }
  }

  read(path: Path): unknown {
    const { pending, snapshot } = this.store.getState();
    const waiting = pending.find((change) => dotted(change.path) === dotted(path));
    return waiting ? waiting.value : readPath(snapshot?.config, path);
  }

  async change(changes: readonly ConfigChange[]): Promise<void> {
    const mode = this.#reloadMode();
    const waits = (change: ConfigChange) => needsRestart(dotted(change.path), mode);
    const now = changes.filter((change) => !waits(change));
    this.#collect(changes.filter(waits));
    if (now.length > 0) await this.#inTurn(() => this.#save(now));
  }

  async restartNow(): Promise<void> {
    await this.#inTurn(() => this.#restart());
  }

  discardPending(): void {
    this.store.setState({ pending: [], restart: { phase: 'idle' } });
  }

  async replace(raw: string, base: { baseHash?: string; isRestart: boolean }): Promise<void> {
    await this.#inTurn(async () => {
      const params = { raw, ...(base.baseHash !== undefined && { baseHash: base.baseHash }) };
      if (base.isRestart) {
        await callNamed(this.deps.gateway, 'config.apply', params);
        this.store.setState({ restart: { phase: 'restarting' } });
      } else await callNamed(this.deps.gateway, 'config.set', params);
      await this.load();
    });
  }

  async review(raw: string): Promise<{ changed: string[]; restart: string[] }> {
    const changed = changedPaths(this.store.getState().snapshot?.parsed ?? {}, await parseText(raw));
    const mode = this.#reloadMode();
    return { changed, restart: changed.filter((path) => needsRestart(path, mode)) };
  }

  #reloadMode() {
    return readReloadMode(readPath(this.store.getState().snapshot?.config, ['gateway', 'reload', 'mode']));
  }

  #collect(changes: readonly ConfigChange[]): void {
    if (changes.length === 0) return;
    const { pending, snapshot, restart } = this.store.getState();
    const merged = mergeChanges(pending, changes);
    const open = merged.filter(({ path, value }) => !sameValue(readPath(snapshot?.parsed, path), value));
    this.store.setState({ pending: open, restart: restart.phase === 'failed' ? { phase: 'idle' } : restart });
  }

  /** One write after another: each needs the hash that the one before left. */
  #inTurn(run: () => Promise<void>): Promise<void> {
    const turn = this.#tail.then(run, run);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  #mark(changes: readonly ConfigChange[], state: SaveState | undefined): void {
    const { saves } = this.store.getState();
    const names = changes.map((change) => dotted(change.path));
    const others = Object.fromEntries(Object.entries(saves).filter(([name]) => !names.includes(name)));
    const own = state ? Object.fromEntries(names.map((name) => [name, state])) : {};
    this.store.setState({ saves: { ...others, ...own } });
  }

  async #save(changes: readonly ConfigChange[]): Promise<void> {
    this.#mark(changes, { phase: 'saving' });
    try {
      await this.#onFreshBase(async (snapshot, base) => {
        const raw = await nextText(snapshot, changes);
        await callNamed(this.deps.gateway, 'config.set', { raw, ...base });
      });
      await this.load();
    } catch (error) {
      this.#mark(changes, { phase: 'failed', error });
      throw error;
    }
    const saved: SaveState = { phase: 'saved' };
    this.#mark(changes, saved);
    this.deps.after(SAVED_MS, () => {
      const stale = changes.filter(({ path }) => this.store.getState().saves[dotted(path)] === saved);
      this.#mark(stale, undefined);
    });
  }

  /** Somebody else may write between our reading and our writing; a single setting can be put on top of that. */
  async #onFreshBase(write: (snapshot: ConfigSnapshot, base: { baseHash?: string }) => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      if (attempt > 1 || !this.store.getState().snapshot) await this.load();
      const { snapshot } = this.store.getState();
      if (!snapshot) throw new Error('the config was not read');
      try {
        return await write(snapshot, snapshot.hash === undefined ? {} : { baseHash: snapshot.hash });
      } catch (error) {
        if (!isStale(error) || attempt >= ATTEMPTS) throw error;
      }
    }
  }

  async #restart(): Promise<void> {
    const { pending } = this.store.getState();
    if (pending.length === 0) return;
    this.store.setState({ restart: { phase: 'sending' } });
    // Read first: each try counts against three in a minute, also one that fails.
    await this.load().catch(() => undefined);
    const raw = JSON.stringify(toMergePatch(pending));
    try {
      await this.#onFreshBase(async (_, base) => {
        await callNamed(this.deps.gateway, 'config.patch', { raw, ...base });
      });
      this.store.setState({ pending: [], restart: { phase: 'restarting' } });
      // The gateway may be gone already; then the next handshake reads it.
      await this.load().catch(() => undefined);
    } catch (error) {
      const waitMs = retryAfterOf(error);
      const retryAtMs = waitMs === undefined ? undefined : this.deps.now() + waitMs;
      this.store.setState({ restart: { phase: 'failed', error, retryAtMs } });
    }
  }
}

/** Reads the config again after each handshake once a page has asked for it. */
export function createConfigEditor(deps: ConfigEditorDeps): ConfigEditor {
  const editor = new Editor(deps);
  deps.gateway.onReady(() => {
    const { snapshot, loadError, restart } = editor.store.getState();
    if (restart.phase === 'restarting') editor.store.setState({ restart: { phase: 'idle' } });
    if (snapshot || loadError !== undefined) inBackground(editor.load());
  });
  return editor;
}
