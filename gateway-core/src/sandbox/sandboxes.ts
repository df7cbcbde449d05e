// Gives each conversation its workplace: the host, or a sandbox that is made on first use.
import type { OpenClawConfig } from '../config/index.js';
import { AppError, isAppError } from '../shared/app-error.js';
import { type Clock, systemClock } from '../shared/clock.js';
import { inBackground, type Logger } from '../shared/logger.js';
import type { Workplace, Workplaces } from '../tools/index.js';
import type { Backend, BackendOptions, RemovalCause } from './backends/backend.js';
import { BoxKeeper } from './box-keeper.js';
import { realPlaces } from './places.js';
import { planSandbox } from './plan/plan-sandbox.js';
import type { BoxPlan, PlanScope, SandboxBackendId, SandboxPlan } from './plan/plan-types.js';
import { sandboxSettings } from './plan/settings.js';
import { decidePrune, type PruneDecision } from './prune.js';
import { type SandboxEntry, SandboxRegistry } from './registry.js';

export interface SandboxesOptions {
  config: () => OpenClawConfig;
  paths: { stateDir: string; home: string };
  /** Environment of the gateway; engine programs get a part of it, sandboxes nothing. */
  env: NodeJS.ProcessEnv;
  /** Makes the workplace of a conversation that is not sandboxed. */
  host: (scope: PlanScope) => Workplace | Promise<Workplace>;
  log: Logger;
  clock?: Clock;
  platform?: NodeJS.Platform;
  /** False for the command line, which looks and ends. */
  prunesRegularly?: boolean;
}

export interface SandboxRow extends SandboxEntry {
  /** Containers only; the others run nothing between two programs. */
  isRunning: boolean;
}

/** Which sandboxes are meant; nothing set means all. */
export interface SandboxFilter {
  /** Full session key. */
  sessionKey?: string;
  agentId?: string;
}

export interface Sandboxes extends Workplaces {
  /** What is known of every sandbox; asks the engine which run. Works without one. */
  list(): Promise<SandboxRow[]>;
  /** The plan for a conversation with its reasons; makes nothing. */
  explain(scope: PlanScope): SandboxPlan;
  /** Removes what is unused or old by agents.defaults.sandbox.prune; names of what went. */
  prune(): Promise<string[]>;
  /** True when the filter means this sandbox. */
  isMeant(entry: SandboxEntry, filter: SandboxFilter): boolean;
  /** Removes what the filter means, so that its next use makes it anew; names of what went. */
  recreate(filter: SandboxFilter): Promise<string[]>;
  /** Ends timers and connections. Containers stay. */
  stop(): Promise<void>;
}

const FIRST_PRUNE_MS = 5_000;
const PRUNE_EVERY_MS = 3_600_000;

const LOADERS: Record<SandboxBackendId, (options: BackendOptions) => Promise<Backend>> = {
  docker: async (options) => new (await import('./backends/containers.js')).ContainerBackend(options),
  bubblewrap: async (options) => new (await import('./backends/bubblewrap.js')).BubblewrapBackend(options),
  ssh: async (options) => new (await import('./backends/ssh.js')).SshBackend(options),
};

class SandboxHouse implements Sandboxes {
  readonly #backends = new Map<SandboxBackendId, Promise<Backend>>();
  readonly #registry: SandboxRegistry;
  readonly #keeper: BoxKeeper;
  readonly #clock: Clock;
  readonly #platform: NodeJS.Platform;
  readonly #stops: Array<() => void> = [];
  #pruning: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: SandboxesOptions) {
    const { paths, log } = options;
    this.#clock = options.clock ?? systemClock;
    this.#platform = options.platform ?? process.platform;
    this.#registry = new SandboxRegistry(paths.stateDir);
    const backendOf = (id: SandboxBackendId): Promise<Backend> => this.#backend(id);
    this.#keeper = new BoxKeeper({ backendOf, registry: this.#registry, clock: this.#clock, log });
    if (options.prunesRegularly !== false) this.#pruneRegularly();
  }

  #pruneRegularly(): void {
    const prune = (): void => {
      this.#pruning = this.prune();
      inBackground(this.#pruning, this.options.log, 'removing unused sandboxes failed');
    };
    const first = this.#clock.after(FIRST_PRUNE_MS, prune);
    const regular = this.#clock.every(PRUNE_EVERY_MS, prune);
    this.#stops.push(
      () => first.cancel(),
      () => regular.cancel(),
    );
  }

  async #backend(id: SandboxBackendId): Promise<Backend> {
    // The list of sandboxes may come from a gateway that knows others.
    if (!Object.hasOwn(LOADERS, id)) {
      throw new AppError('sandbox.unavailable', { message: `The backend "${id}" is not in this version.` });
    }
    let backend = this.#backends.get(id);
    if (!backend) {
      const { env, paths, log } = this.options;
      const { stateDir } = paths;
      backend = LOADERS[id]({ env, stateDir, clock: this.#clock, log, platform: this.#platform });
      this.#backends.set(id, backend);
    }
    return backend;
  }

  explain(scope: PlanScope): SandboxPlan {
    return planSandbox(this.options.config(), scope, realPlaces(this.options.paths));
  }

  async workplaceOf(scope: PlanScope): Promise<Workplace> {
    const plan = this.explain(scope);
    if (plan.kind === 'off') return this.options.host(scope);
    if (plan.kind === 'refused') {
      const { key, reason, hint } = plan;
      throw new AppError('sandbox.refused', { message: reason, hint: hint ?? `Correct ${key}.`, details: { key } });
    }
    await this.#prepareFolder(plan);
    const box = this.#settle(plan);
    await this.#keeper.ensure(box);
    await this.#registry.touch(box.name, this.#clock.now());
    const { createWorkplace } = await import('./box-workplace.js');
    return createWorkplace(box, await this.#backend(box.backend), this.#clock);
  }

  /** A folder of the sandbox's own must exist before its links can be followed. */
  async #prepareFolder(box: BoxPlan): Promise<void> {
    if (!box.ownsFolder || box.backend === 'ssh') return;
    const { ensureFolder } = await import('../shared/json-file.js');
    await ensureFolder(box.folder);
  }

  /** The plan once more, now that every folder is there; it may be refused only now. */
  #settle(box: BoxPlan): BoxPlan {
    const again = this.explain(box.scope);
    if (again.kind === 'box') return again;
    const reason = again.kind === 'refused' ? again.reason : 'The settings changed meanwhile.';
    throw new AppError('sandbox.refused', { message: reason });
  }

  /** The plan that leads to an entry today, when there is one. */
  #planOf(entry: SandboxEntry): BoxPlan | undefined {
    const isShared = !entry.sessionKey.startsWith('agent:');
    const isAgent = /^agent:[^:]+$/.test(entry.sessionKey);
    const sessionKey = isShared || isAgent ? `agent:${entry.agentId}:sandbox` : entry.sessionKey;
    // Which workspace it sees is not known here, and no removal needs it.
    const workspaceDir = this.options.paths.stateDir;
    const plan = this.explain({ agentId: entry.agentId, sessionKey, isMain: false, workspaceDir });
    return plan.kind === 'box' && plan.name === entry.containerName ? plan : undefined;
  }

  async list(): Promise<SandboxRow[]> {
    const entries = await this.#registry.list();
    return Promise.all(entries.map(async (entry) => ({ ...entry, isRunning: await this.#isRunning(entry) })));
  }

  async #isRunning({ containerName: name, backendId }: SandboxEntry): Promise<boolean> {
    try {
      return await (await this.#backend(backendId)).isRunning(name);
    } catch (error) {
      if (!isAppError(error)) throw error;
      // A list is worth having when the engine is away; it says that nothing runs.
      this.options.log.debug('the state of a sandbox is not known', { name, err: error });
      return false;
    }
  }

  async #remove(entry: SandboxEntry, cause: RemovalCause): Promise<string> {
    const name = entry.containerName;
    const backend = await this.#backend(entry.backendId);
    this.#keeper.forget(name);
    await backend.remove({ name, box: this.#planOf(entry) }, cause);
    await this.#registry.drop(name);
    return name;
  }

  async prune(): Promise<string[]> {
    const config = this.options.config();
    const rules = (entry: SandboxEntry) => sandboxSettings(config, entry.agentId, this.options.paths).prune;
    const decisions = decidePrune(await this.#registry.list(), this.#clock.now(), rules);
    const gone: string[] = [];
    for (const decision of decisions) if (await this.#pruneOne(decision)) gone.push(decision.entry.containerName);
    return gone;
  }

  async #pruneOne({ entry, cause, reason }: PruneDecision): Promise<boolean> {
    const name = entry.containerName;
    try {
      const backend = await this.#backend(entry.backendId);
      if (cause === 'idle' && (await backend.isBusy(name))) return false;
      await this.#remove(entry, 'prune');
    } catch (error) {
      if (!isAppError(error)) throw error;
      // An engine that is away must not keep the sandboxes of the others.
      this.options.log.warn('a sandbox could not be removed', { name, err: error });
      return false;
    }
    this.options.log.info('a sandbox was removed', { name, reason });
    return true;
  }

  /** A conversation means the box it would get, which it may share. */
  isMeant(entry: SandboxEntry, { sessionKey, agentId }: SandboxFilter): boolean {
    if (agentId !== undefined && entry.agentId !== agentId) return false;
    if (sessionKey === undefined) return true;
    const owner = /^agent:([^:]+):/.exec(sessionKey)?.[1] ?? '';
    return [sessionKey, `agent:${owner}`, 'shared'].includes(entry.sessionKey);
  }

  async recreate(filter: SandboxFilter): Promise<string[]> {
    const entries = (await this.#registry.list()).filter((entry) => this.isMeant(entry, filter));
    const gone: string[] = [];
    for (const entry of entries) gone.push(await this.#remove(entry, 'recreate'));
    return gone;
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    await Promise.allSettled([this.#pruning, this.#keeper.stop()]);
    await this.#registry.settled();
    for (const backend of this.#backends.values()) await (await backend).stop();
  }
}

/**
 * The workplaces of all conversations (spec/gateway-config.md §6, sandbox). A conversation that must be sandboxed never
 * gets the host: `workplaceOf` rejects with AppError sandbox.refused, sandbox.unavailable, sandbox.setup_failed or
 * sandbox.failed instead. Loads nothing heavy and asks no engine before the first sandboxed conversation.
 */
export function createSandboxes(options: SandboxesOptions): Sandboxes {
  return new SandboxHouse(options);
}
