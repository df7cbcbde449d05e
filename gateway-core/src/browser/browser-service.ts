// The browsers of one gateway: settings, which profile a call means, the thread that drives them, and their ends.
import path from 'node:path';
import type { OpenClawConfig } from '../config/index.js';
import { AppError } from '../shared/app-error.js';
import type { Clock, Timer } from '../shared/clock.js';
import { inBackground, type Logger } from '../shared/logger.js';
import { type AddressGuard, AddressJudge, type Lookup, lookupWithSystem } from './address-judge.js';
import { type BrowserProgram, findBrowser } from './executables.js';
import { browserEnv, launchPlan } from './launch-plan.js';
import type { Command, LaunchPlan, PageOptions, RunningBrowser } from './messages.js';
import { assertMayUse, type BrowserHost, type BrowserProfile, chooseProfile, listProfiles } from './profiles.js';
import { type Outcome, WorkerLink } from './worker-link.js';

export interface BrowserOptions {
  /** The config as it is now. */
  config: () => OpenClawConfig;
  stateDir: string;
  /** Port of the gateway; the ports of profiles are counted from it. */
  port: () => number;
  env: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  /** True when the gateway runs as root; its browser cannot have a sandbox of its own then. */
  isRoot: boolean;
  clock: Clock;
  log: Logger;
  guard: AddressGuard;
  /** Marks text from pages as data from outside. */
  wrapExternal: (text: string, source: string) => string;
  /** Agents of the config; a profile with the name of one is its own. */
  agentIds: () => readonly string[];
  lookup?: Lookup;
  /** The bundled thread; found beside the bundle when absent. */
  workerFile?: URL;
  /** Browsers without a window close after so long without a call; default 30 minutes. */
  idleMs?: number;
}

/** Who asks. Nobody in particular for people on the wire: they see every tab. */
export interface Asker {
  agentId?: string;
  /** Key of the conversation. */
  owner: string;
}

export interface Ask extends PageOptions {
  name: Command['name'];
  profile?: string;
  timeoutMs?: number;
}

const IDLE_MS = 30 * 60_000;
const SWEEP_MINUTES = 5;
const TAB_IDLE_MINUTES = 120;
const TABS_PER_SESSION = 8;
const STEP_MS = 15_000;
const NAVIGATION_MS = 30_000;
const MAX_STEP_MS = 120_000;
/** How long a program that was looked for counts as found, or not. */
const PROGRAM_KEPT_MS = 60_000;

export class BrowserService {
  readonly options: BrowserOptions;
  readonly #link: WorkerLink;
  #sweeper: Timer | undefined;
  #program: { untilMs: number; configured: string | undefined; found: Promise<BrowserProgram | undefined> } | undefined;

  constructor(options: BrowserOptions) {
    this.options = options;
    const { clock, log, guard, lookup = lookupWithSystem, workerFile, stateDir, env } = options;
    const judge = new AddressJudge({ guard, lookup, clock });
    this.#link = new WorkerLink({
      ...{ clock, log, workerFile },
      tempDir: path.join(stateDir, 'browser', 'tmp'),
      env: browserEnv(env),
      judge: (url) => judge.verdict(url),
    });
  }

  get host(): BrowserHost {
    const { stateDir, port, platform, env, isRoot } = this.options;
    return { stateDir, port: port(), platform, env, isRoot };
  }

  get isEnabled(): boolean {
    return this.options.config().browser?.enabled !== false;
  }

  profiles(): BrowserProfile[] {
    return listProfiles(this.options.config(), this.host);
  }

  profile(name: string | undefined, agentId?: string): BrowserProfile {
    const profile = chooseProfile(this.options.config(), this.host, { name, agentId });
    if (agentId !== undefined) assertMayUse(profile, agentId, this.options.agentIds());
    return profile;
  }

  /** The program that a profile is started with; remembered for a minute. */
  async program(configured: string | undefined): Promise<BrowserProgram | undefined> {
    const { clock, platform, env } = this.options;
    const known = this.#program;
    if (known && known.configured === configured && known.untilMs > clock.now()) return known.found;
    const found = findBrowser({ platform, env }, configured);
    this.#program = { untilMs: clock.now() + PROGRAM_KEPT_MS, configured, found };
    return found;
  }

  /** True when there is a browser to use: switched on, and found or running elsewhere. */
  async isUsable(): Promise<boolean> {
    if (!this.isEnabled) return false;
    const profiles = this.profiles();
    if (profiles.some(({ kind }) => kind === 'attach')) return true;
    const programs = await Promise.all(profiles.map(({ executablePath }) => this.program(executablePath)));
    return programs.some((program) => program !== undefined);
  }

  /** Browsers that run now; starts nothing. */
  async running(): Promise<RunningBrowser[]> {
    if (!this.#link.isRunning) return [];
    const { running = [] } = await this.#send({ name: 'running' }, '', new AbortController().signal);
    return running;
  }

  /** Carries out one command. Throws AppError browser.*, or the signal's reason. */
  async ask({ name, profile: named, timeoutMs, ...page }: Ask, asker: Asker, signal: AbortSignal): Promise<Outcome> {
    if (!this.isEnabled) throw new AppError('browser.disabled');
    const profile = this.profile(named, asker.agentId);
    if (page.kind === 'evaluate' && this.options.config().browser?.evaluateEnabled === false) {
      throw new AppError('browser.evaluate_off');
    }
    if (name === 'stop' && !this.#link.isRunning) return { running: [] };
    const plan = await this.#plan(profile);
    const command = { ...page, name, plan, ...(timeoutMs !== undefined && { timeoutMs }) };
    return this.#send(command, asker.owner, signal);
  }

  /**
   * Takes changed settings over. A browser that runs keeps its tabs and what it was started with until it is started
   * again; switched off, all of them end. The profiles that run on.
   */
  async reload(): Promise<string[]> {
    this.#program = undefined;
    this.#sweeper?.cancel();
    this.#sweeper = undefined;
    if (!this.isEnabled) {
      await this.#link.end();
      return [];
    }
    return (await this.running()).map(({ profile }) => profile);
  }

  /** Ends every browser that was started, and lets go of the others. */
  async stop(): Promise<void> {
    this.#sweeper?.cancel();
    this.#sweeper = undefined;
    await this.#link.stop();
  }

  /** Ends the thread as a crash would. */
  crash(): Promise<void> {
    return this.#link.crash();
  }

  async #plan(profile: BrowserProfile): Promise<LaunchPlan> {
    const program = profile.kind === 'own' ? await this.program(profile.executablePath) : undefined;
    if (profile.kind === 'own' && !program) {
      const configured = profile.executablePath;
      throw new AppError(
        'browser.not_found',
        configured === undefined ? {} : { message: `${configured} is not there.` },
      );
    }
    const executablePath = program?.path ?? '';
    return launchPlan({ profile, host: this.host, config: this.options.config(), executablePath });
  }

  #send(
    command: Omit<Command, 'owner' | 'timeoutMs' | 'maxTabs'> & { timeoutMs?: number },
    owner: string,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const browser = this.options.config().browser ?? {};
    const leads = command.name === 'open' || command.name === 'navigate';
    const usualMs = leads ? NAVIGATION_MS : (browser.actionTimeoutMs ?? STEP_MS);
    const timeoutMs = Math.min(command.timeoutMs ?? usualMs, MAX_STEP_MS);
    const cleanup = browser.tabCleanup ?? {};
    const maxTabs = cleanup.enabled === false ? Infinity : cleanup.maxTabsPerSession || TABS_PER_SESSION;
    this.#sweeper ??= this.#startSweeping((cleanup.sweepMinutes ?? SWEEP_MINUTES) * 60_000);
    return this.#link.send({ ...command, owner, timeoutMs, maxTabs }, signal);
  }

  #startSweeping(everyMs: number): Timer {
    const { clock, log } = this.options;
    return clock.every(everyMs, () => inBackground(this.#sweep(), log, 'Idle browsers could not be closed.'));
  }

  /** Closes what nobody uses; the thread ends when no browser is left. */
  async #sweep(): Promise<void> {
    if (!this.#link.isRunning || (await this.#link.isBusy())) return;
    const cleanup = this.options.config().browser?.tabCleanup ?? {};
    const idleMinutes = cleanup.enabled === false ? 0 : (cleanup.idleMinutes ?? TAB_IDLE_MINUTES);
    const limits = { tabIdleMs: idleMinutes * 60_000, browserIdleMs: this.options.idleMs ?? IDLE_MS };
    const { running = [] } = await this.#send({ name: 'sweep', ...limits }, '', new AbortController().signal);
    if (running.length > 0 || (await this.#link.isBusy())) return;
    this.#sweeper?.cancel();
    this.#sweeper = undefined;
    await this.#link.end();
  }
}
