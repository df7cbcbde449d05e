// Starts, restarts and stops the gateway: prepare, build the rooms, listen; the same in reverse.
import { createRestartScheduler, type RestartScheduler } from '../config/index.js';
import type { Runs } from '../runs/index.js';
import { systemClock } from '../shared/clock.js';
import { StopStack } from '../shared/disposables.js';
import { type Prepared, prepareStart } from './prepare.js';
import type { Restarts } from './base.js';
import { buildRooms, type Rooms } from './rooms.js';
import type { RunningGateway, StartGatewayOptions } from './types.js';

const STOPPING = 'gateway stopping';
const RESTARTING = 'gateway restarting';
const RESTART_EXPECTED_MS = 1_500;
/** A restart waits this long for runs that are under way; then it stops them (spec/gateway-config.md §5). */
const DRAIN_MS = 90_000;

/** One life of the gateway, between a start and a stop or restart. */
interface Life {
  prepared: Prepared;
  rooms: Rooms;
  stops: StopStack;
  port: number;
  url: string;
}

async function startLife(options: StartGatewayOptions, restarts: Restarts): Promise<Life> {
  const step = options.onStep ?? (() => undefined);
  const prepared = await prepareStart(options);
  const stops = new StopStack();
  stops.push(() => prepared.fileSink.stop());
  stops.push(() => prepared.lock.release());
  try {
    step('Reading sessions');
    const rooms = await buildRooms({ options, prepared, stops, restarts });
    step('Opening the port');
    const { port, urls } = await rooms.server.listen(rooms.handlers);
    await rooms.start(port);
    const log = prepared.hub.logger('gateway');
    log.info(`listening on ${urls.join(', ')} (PID ${process.pid})`);
    log.info(`log file: ${prepared.logFile}`);
    return { prepared, rooms, stops, port, url: urls[0] ?? `ws://${prepared.settings.localHost}:${port}` };
  } catch (error) {
    await stops.stop();
    throw error;
  }
}

async function endLife({ prepared, rooms, stops }: Life, reason: string, restartExpectedMs: number | null) {
  prepared.hub.logger('gateway').info(`stopping: ${reason}`);
  // What would start runs ends first; then the runs, so that clients hear how before their sockets close.
  await rooms.scheduling.stop();
  await rooms.agentTools.stop();
  await rooms.runs.stop();
  await rooms.server.stop({ reason, restartExpectedMs });
  await stops.stop();
}

function untilIdle(runs: Runs): Promise<void> {
  if (runs.active() === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = systemClock.after(DRAIN_MS, () => done());
    const unlisten = runs.onActivity((active) => active === 0 && done());
    const done = (): void => {
      timer.cancel();
      unlisten();
      resolve();
    };
  });
}

export type { RunningGateway } from './types.js';

class Gateway implements RunningGateway {
  readonly #options: StartGatewayOptions;
  readonly #activity = new Set<(working: number) => void>();
  readonly #restarted = new Set<() => void>();
  readonly #failed = new Set<(error: unknown) => void>();
  readonly #scheduler: RestartScheduler;
  #life: Life | undefined;
  #changing: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | undefined;

  constructor(options: StartGatewayOptions) {
    this.#options = options;
    const restart = (reason: string) => void this.restart(reason);
    this.#scheduler = createRestartScheduler({ clock: systemClock, pid: process.pid, restart });
  }

  async start(): Promise<this> {
    const now = (reason: string) => void this.restart(reason);
    this.#life = await startLife(this.#options, { scheduler: this.#scheduler, now });
    this.#life.rooms.runs.onActivity((working) => this.#tellActivity(working));
    return this;
  }

  get #alive(): Life {
    if (!this.#life) throw new Error('the gateway is not running');
    return this.#life;
  }

  get url(): string {
    return this.#alive.url;
  }

  get httpUrl(): string {
    return this.url.replace(/^ws/, 'http');
  }

  get port(): number {
    return this.#alive.port;
  }

  get token(): string | undefined {
    const { auth } = this.#alive.prepared.settings;
    return auth.mode === 'token' ? auth.token : undefined;
  }

  get password(): string | undefined {
    const { auth } = this.#alive.prepared.settings;
    return auth.mode === 'password' ? auth.password : undefined;
  }

  get tlsFingerprint(): string | undefined {
    return this.#alive.rooms.tlsFingerprint;
  }

  get logFile(): string {
    return this.#alive.prepared.logFile;
  }

  get configPath(): string {
    return this.#alive.prepared.paths.configPath;
  }

  get stateDir(): string {
    return this.#alive.prepared.paths.stateDir;
  }

  activeRuns(): number {
    return this.#life?.rooms.runs.active() ?? 0;
  }

  onActivity(listener: (working: number) => void): () => void {
    this.#activity.add(listener);
    return () => this.#activity.delete(listener);
  }

  onRestarted(listener: () => void): () => void {
    this.#restarted.add(listener);
    return () => this.#restarted.delete(listener);
  }

  onFailed(listener: (error: unknown) => void): () => void {
    this.#failed.add(listener);
    return () => this.#failed.delete(listener);
  }

  restart(reason = RESTARTING): Promise<void> {
    // What was planned for later happens now.
    this.#scheduler.stop();
    if (!this.#stopping) this.#changing = this.#changing.then(() => this.#restartNow(reason));
    return this.#changing;
  }

  stop(reason = STOPPING): Promise<void> {
    this.#scheduler.stop();
    this.#stopping ??= this.#changing.then(async () => {
      const life = this.#life;
      this.#life = undefined;
      if (life) await endLife(life, reason, null);
    });
    return this.#stopping;
  }

  async #restartNow(reason: string): Promise<void> {
    const life = this.#life;
    if (!life || this.#stopping) return;
    life.prepared.hub.logger('gateway').info(`restart: ${reason}`);
    await untilIdle(life.rooms.runs);
    if (this.#stopping) return;
    this.#life = undefined;
    try {
      await endLife(life, RESTARTING, RESTART_EXPECTED_MS);
      await this.start();
    } catch (error) {
      for (const tell of this.#failed) tell(error);
      return;
    }
    for (const tell of this.#restarted) tell();
  }

  #tellActivity(working: number): void {
    for (const tell of this.#activity) tell(working);
  }
}

/**
 * Starts a gateway and resolves when it listens (spec/gateway-config.md §3).
 * Throws AppError `config.*`, `gateway.*` or `state.*` when it cannot; then nothing stays open.
 */
export function startGateway(options: StartGatewayOptions): Promise<RunningGateway> {
  return new Gateway(options).start();
}
