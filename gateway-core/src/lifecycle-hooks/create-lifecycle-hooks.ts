// Tells hooks what happens. A hook that fails is a line in the log, and nothing more.
import type { OpenClawConfig } from '../config/index.js';
import type { Clock } from '../shared/clock.js';
import { shortLine } from '../shared/front-matter.js';
import type { Logger } from '../shared/logger.js';
import { BUNDLED_HOOKS } from './bundled-hooks.js';
import { type FoundHooks, HookFinder, type HookPlaces, type HookStatus } from './find-hooks.js';
import { fewAtOnce, HookLines } from './hook-lines.js';
import { areHooksOn, settingsOf } from './hook-settings.js';
import { hears, type LifecycleEvent } from './lifecycle-events.js';
import { runHook } from './run-hook.js';

export interface LifecycleHooksOptions {
  config: () => OpenClawConfig;
  paths: HookPlaces;
  defaultAgentId: () => string;
  /** Workspace folder of an agent. */
  workspaceDir: (agentId: string) => string;
  /** The gateway's own environment; programs get the harmless part. */
  env: () => Readonly<Record<string, string | undefined>>;
  platform: string;
  clock: Clock;
  log: Logger;
}

export interface LifecycleHooks {
  /** Tells every hook that hears this event; returns at once and never throws. */
  emit(event: LifecycleEvent): void;
  /** Hooks for an agent, the default one when absent, with the reasons why one cannot run. */
  list(agentId?: string): Promise<FoundHooks>;
  /** Resolves when everything that was told so far is done. */
  settled(): Promise<void>;
  /** Takes nothing new, ends the programs of hooks, and waits for them. */
  stop(): Promise<void>;
}

type Told = LifecycleEvent & { agentId: string };

/** Looking at the folders costs more than most events. */
const FRESH_MS = 2_000;
/** Programs of all hooks together. */
const PROGRAMS_AT_ONCE = 4;
/** Events that wait until the folders were looked at; more are dropped. */
const MAX_INTAKE = 500;
/** The line that leads to those of the hooks; no hook can have such a name. */
const INTAKE = ' intake';

class AllLifecycleHooks implements LifecycleHooks {
  readonly #finder: HookFinder;
  readonly #stopping = new AbortController();
  /** By agent. */
  readonly #found = new Map<string, { atMs: number; config: OpenClawConfig; found: Promise<FoundHooks> }>();
  readonly #warned = new Set<string>();
  readonly #oneOfFew = fewAtOnce(PROGRAMS_AT_ONCE);
  readonly #intake: HookLines;
  /** A line for each hook: its events stay in order. */
  readonly #lines: HookLines;

  constructor(private readonly options: LifecycleHooksOptions) {
    const { paths, platform, log } = options;
    this.#finder = new HookFinder(paths, platform);
    this.#intake = new HookLines({
      maxWaiting: MAX_INTAKE,
      onFull: () => log.warn('More happens than hooks can be told of, so they are not told of everything.'),
      onCaughtUp: (_name, missed) => log.warn('Hooks were not told of some events.', { missed }),
    });
    this.#lines = new HookLines({
      onFull: (hook) => log.warn('A hook is too slow, so it is not told of everything.', { hook }),
      onCaughtUp: (hook, missed) => log.warn('A hook was not told of some events.', { hook, missed }),
    });
  }

  emit(event: LifecycleEvent): void {
    const { config, clock, defaultAgentId } = this.options;
    if (this.#stopping.signal.aborted || !areHooksOn(config())) return;
    const told = { ...event, agentId: event.agentId ?? defaultAgentId() };
    const atMs = clock.now();
    this.#intake.add(INTAKE, () => this.#dispatch(told, atMs));
  }

  async list(agentId = this.options.defaultAgentId()): Promise<FoundHooks> {
    return this.#finder.find(this.options.config(), this.options.workspaceDir(agentId));
  }

  async settled(): Promise<void> {
    await this.#intake.settled();
    await this.#lines.settled();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.settled();
  }

  async #dispatch(event: Told, atMs: number): Promise<void> {
    try {
      const { hooks } = await this.#fresh(event.agentId);
      for (const hook of hooks.filter(({ enabled, events }) => enabled && hears(events, event.name))) {
        if (hook.eligible) this.#lines.add(hook.name, () => this.#run(hook, event, atMs));
        else this.#warnOnce(hook);
      }
    } catch (error) {
      this.options.log.error('Hooks could not be looked up.', { event: event.name, err: error });
    }
  }

  #warnOnce({ name, reasons }: Pick<HookStatus, 'name' | 'reasons'>): void {
    const line = `${name}: ${reasons.join(' ')}`;
    if (this.#warned.has(line) || this.#warned.size > 1_000) return;
    this.#warned.add(line);
    this.options.log.warn('A hook cannot run.', { hook: name, reasons });
  }

  async #run(hook: HookStatus, event: Told, atMs: number): Promise<void> {
    const { log } = this.options;
    const facts = { hook: hook.name, event: event.name };
    try {
      if (this.#stopping.signal.aborted) return;
      if (hook.source === 'openclaw-bundled') await this.#runOwn(hook.name, event, atMs);
      else await this.#oneOfFew(() => this.#runProgram(hook, event, atMs));
    } catch (error) {
      log.warn('A hook failed.', { ...facts, err: error });
    }
  }

  async #runOwn(name: string, event: Told, atMs: number): Promise<void> {
    const { config, paths, workspaceDir } = this.options;
    await BUNDLED_HOOKS.find((hook) => hook.name === name)?.run(event, {
      atMs,
      stateDir: paths.stateDir,
      workspaceDir: workspaceDir(event.agentId),
      settings: settingsOf(config(), name).all,
    });
  }

  async #runProgram(hook: HookStatus, event: Told, atMs: number): Promise<void> {
    const { config, workspaceDir, env, clock, log } = this.options;
    // It may have waited for others since it was looked at.
    if (this.#stopping.signal.aborted) return;
    const { name, handlerPath, baseDir } = await this.#asItIsNow(hook, event.agentId);
    if (handlerPath === undefined || baseDir === undefined) return;
    const call = { name, handlerPath, baseDir, event, atMs, workspaceDir: workspaceDir(event.agentId) };
    const result = await runHook(
      { ...call, settings: settingsOf(config(), name) },
      { env: env(), signal: this.#stopping.signal, clock },
    );
    const { code, endedBy, stderr } = result;
    const facts = { hook: name, event: event.name, exitCode: code, ...(endedBy && { endedBy }) };
    if (code === 0) log.debug('A hook ran.', facts);
    else log.warn('A hook failed.', { ...facts, said: shortLine(stderr.slice(-1_000), 500) });
  }

  /** A program in a workspace is looked at again right before it runs: agents write there. */
  async #asItIsNow(hook: HookStatus, agentId: string): Promise<Pick<HookStatus, 'name' | 'handlerPath' | 'baseDir'>> {
    const now =
      hook.source === 'openclaw-workspace'
        ? (await this.list(agentId)).hooks.find(({ name }) => name === hook.name)
        : hook;
    if (now?.enabled && now.eligible && now.source === hook.source) return now;
    this.#warnOnce(now ?? { name: hook.name, reasons: ['It is gone.'] });
    return { name: hook.name };
  }

  #fresh(agentId: string): Promise<FoundHooks> {
    const now = this.options.clock.now();
    const config = this.options.config();
    const known = this.#found.get(agentId);
    if (known && known.config === config && now - known.atMs < FRESH_MS) return known.found;
    const found = this.list(agentId);
    this.#found.set(agentId, { atMs: now, config, found });
    return found;
  }
}

/**
 * The hooks of the gateway (config `hooks.internal`): session-memory and command-logger are ours; the others are
 * folders with HOOK.md and a program, in `<stateDir>/hooks`, `hooks.internal.load.extraDirs` and `<workspace>/hooks`.
 * Programs run as processes of this computer; one in a workspace only as it was when a person switched it on.
 */
export function createLifecycleHooks(options: LifecycleHooksOptions): LifecycleHooks {
  return new AllLifecycleHooks(options);
}
