// The one owner of the config while the gateway runs: knows it, writes it, notices changes from outside.
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorMessage, isAppError } from '../shared/app-error.js';
import { type Clock, systemClock, type Timer } from '../shared/clock.js';
import { inBackground, type Logger } from '../shared/logger.js';
import { APP_VERSION } from '../shared/version.js';
import { changedPaths, isSameReading } from './changes.js';
import { fileBehind } from './file-behind.js';
import { type LoadedConfig, loadConfig, type LoadOptions } from './load.js';
import { planReload, type ReloadPlan } from './reload-plan.js';
import { ConfigWatcher } from './watcher.js';
import {
  type ConfigFiles,
  type ConfigWriteRequest,
  type ConfigWriteResult,
  realConfigFiles,
  writeConfig,
  type WriterContext,
} from './writer.js';

const SETTLE_MS = 200;
const DEFAULT_DEBOUNCE_MS = 300;
/** A missing file is looked for again: an editor may be between removing and writing it. */
const MISSING_RETRIES = 2;
const MISSING_RETRY_MS = 150;
const LEFTOVER_AGE_MS = 60_000;
const WRITE_TRIES = 3;

export interface ConfigOwnerOptions {
  /** The config as the gateway started with it. */
  loaded: LoadedConfig;
  load: LoadOptions;
  log: Logger;
  clock?: Clock;
  settleMs?: number;
  /** Goes into `meta.lastTouchedVersion`; the product's version by default. */
  version?: string;
  files?: ConfigFiles;
}

export type ConfigChangeListener = (
  plan: ReloadPlan,
  next: LoadedConfig,
  previous: LoadedConfig,
) => void | Promise<void>;

export interface ConfigOwner {
  /** The last valid config. */
  current(): LoadedConfig;
  /** The file as it is on disk now, valid or not. */
  read(): Promise<LoadedConfig>;
  /** One write after the other; see `writeConfig` for what it throws. `current()` is new when it resolves. */
  write(request: ConfigWriteRequest): Promise<ConfigWriteResult>;
  /** Reads the file (and `.env` files) now and reports a change without waiting. */
  reload(): Promise<LoadedConfig>;
  /** Called once per settled change, whoever made it. Returns what ends it. */
  onChange(listener: ConfigChangeListener): () => void;
  /** Called with a sentence when the file changed into something that cannot be used. */
  onInvalid(listener: (notice: string, loaded: LoadedConfig | undefined) => void): () => void;
  start(): Promise<void>;
  /** Waits for a write that is under way. Changes that were not reported yet are dropped. */
  stop(): Promise<void>;
}

/** Temporary files of writes that a crash cut off. */
async function removeLeftovers(configPath: string, now: number): Promise<void> {
  const file = await fileBehind(configPath);
  const folder = path.dirname(file);
  const prefix = `.${path.basename(file)}.`;
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix) && name.endsWith('.tmp'));
  for (const name of names) {
    const leftover = path.join(folder, name);
    const { mtimeMs } = await stat(leftover);
    if (now - mtimeMs > LEFTOVER_AGE_MS) await rm(leftover, { force: true });
  }
}

const partFiles = ({ parts }: LoadedConfig): string[] => parts.map(({ file }) => file);

function invalidNotice(loaded: LoadedConfig): string {
  const issues = loaded.issues.map((issue) => `${issue.path || '<root>'}: ${issue.message}`);
  return `config reload skipped (invalid config): ${issues.join(', ')}`;
}

class Owner implements ConfigOwner {
  readonly #options: ConfigOwnerOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #context: WriterContext;
  readonly #listeners = new Set<ConfigChangeListener>();
  readonly #invalidListeners = new Set<(notice: string, loaded: LoadedConfig | undefined) => void>();
  readonly #watcher;
  #current: LoadedConfig;
  /** What the listeners know. */
  #reported: LoadedConfig;
  #notice = '';
  #queue: Promise<unknown> = Promise.resolve();
  #pending: Timer | undefined;
  #stopped = false;

  constructor(options: ConfigOwnerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log;
    this.#current = this.#reported = options.loaded;
    this.#context = {
      load: options.load,
      files: options.files ?? realConfigFiles,
      log: options.log,
      now: () => this.#clock.now(),
      version: options.version ?? APP_VERSION,
    };
    this.#watcher = new ConfigWatcher({
      configPath: options.load.paths.configPath,
      parts: partFiles(options.loaded),
      settleMs: options.settleMs ?? SETTLE_MS,
      clock: this.#clock,
      log: options.log,
      onSettled: (changedAtMs) => inBackground(this.#fromOutside(changedAtMs), this.#log, 'config reload failed'),
    });
  }

  current(): LoadedConfig {
    return this.#current;
  }

  read(): Promise<LoadedConfig> {
    return loadConfig(this.#options.load);
  }

  write(request: ConfigWriteRequest): Promise<ConfigWriteResult> {
    return this.#inTurn(async () => {
      const result = await this.#writeOver(request);
      if (result.loaded.valid) this.#adopt(result.loaded, this.#clock.now());
      return result;
    });
  }

  /** A file that somebody else saved meanwhile is read again; a writer that named its hash still hears of it. */
  async #writeOver(request: ConfigWriteRequest): Promise<ConfigWriteResult> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await writeConfig(await this.read(), request, this.#context);
      } catch (error) {
        if (!isAppError(error, 'config.stale') || attempt === WRITE_TRIES) throw error;
      }
    }
  }

  reload(): Promise<LoadedConfig> {
    return this.#inTurn(async () => {
      const loaded = await this.read();
      if (!loaded.valid) this.#refuse(invalidNotice(loaded), loaded);
      else {
        this.#adopt(loaded, this.#clock.now());
        this.#report();
      }
      return loaded;
    });
  }

  onChange(listener: ConfigChangeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  onInvalid(listener: (notice: string, loaded: LoadedConfig | undefined) => void): () => void {
    this.#invalidListeners.add(listener);
    return () => void this.#invalidListeners.delete(listener);
  }

  async start(): Promise<void> {
    await this.#watcher.start();
    try {
      await removeLeftovers(this.#options.load.paths.configPath, this.#clock.now());
    } catch (error) {
      this.#log.debug('leftovers of the config could not be removed', { err: error });
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#watcher.stop();
    this.#pending?.cancel();
    await this.#queue;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work);
    // The next in the queue does not care how this one ended; the caller does.
    this.#queue = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  async #fromOutside(changedAtMs: number, missing = 0): Promise<void> {
    if (this.#stopped) return;
    const again = await this.#inTurn(() => this.#takeFromDisk(changedAtMs, missing));
    if (!again) return;
    this.#clock.after(MISSING_RETRY_MS, () =>
      inBackground(this.#fromOutside(changedAtMs, missing + 1), this.#log, 'config reload failed'),
    );
  }

  /** True when the file is missing and should be looked for once more. */
  async #takeFromDisk(changedAtMs: number, missing: number): Promise<boolean> {
    let loaded: LoadedConfig;
    try {
      loaded = await this.read();
    } catch (error) {
      this.#refuse(`config reload skipped (invalid config): ${errorMessage(error)}`, undefined);
      return false;
    }
    if (!loaded.exists && this.#current.exists) {
      if (missing < MISSING_RETRIES) return true;
      this.#refuse(`config reload skipped (config file not found): ${loaded.path}`, loaded);
      return false;
    }
    this.#watcher.follow(partFiles(loaded));
    if (isSameReading(loaded, this.#current)) this.#notice = '';
    else if (loaded.valid) this.#adopt(loaded, changedAtMs);
    else this.#refuse(invalidNotice(loaded), loaded);
    return false;
  }

  #refuse(notice: string, loaded: LoadedConfig | undefined): void {
    const key = `${loaded?.hash ?? ''} ${notice}`;
    if (key === this.#notice) return;
    this.#notice = key;
    this.#log.warn(notice);
    for (const listener of this.#invalidListeners) listener(notice, loaded);
  }

  #adopt(loaded: LoadedConfig, changedAtMs: number): void {
    this.#notice = '';
    this.#watcher.follow(partFiles(loaded));
    this.#current = loaded;
    this.#pending?.cancel();
    const debounceMs = loaded.config.gateway?.reload?.debounceMs ?? DEFAULT_DEBOUNCE_MS;
    const waitMs = Math.max(0, changedAtMs + debounceMs - this.#clock.now());
    this.#pending = this.#clock.after(waitMs, () => this.#report());
  }

  #report(): void {
    this.#pending?.cancel();
    this.#pending = undefined;
    if (this.#stopped) return;
    const [previous, next] = [this.#reported, this.#current];
    const changed = changedPaths(previous, next);
    if (changed.length === 0) return;
    const plan = planReload(changed, next.config.gateway?.reload?.mode ?? 'hybrid');
    for (const { level, message } of plan.log) this.#log[level](message);
    // Only noted: what nobody took over is still to be reported when the mode is another.
    if (plan.mode === 'off') return;
    this.#reported = next;
    for (const listener of this.#listeners) {
      inBackground(
        (async () => listener(plan, next, previous))(),
        this.#log,
        'a part of the gateway could not take over the changed config',
      );
    }
  }
}

/** The config's owner; starts watching at `start()`. */
export function createConfigOwner(options: ConfigOwnerOptions): ConfigOwner {
  return new Owner(options);
}
