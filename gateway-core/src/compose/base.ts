// What every part of the assembly needs: the prepared start, the live config, and how to ask for a restart.
import {
  assertValidConfig,
  changedPaths,
  type ConfigOwner,
  createConfigOwner,
  diffConfig,
  type LoadedConfig,
  type OpenClawConfig,
  planReload,
  resolveGatewaySettings,
  type RestartRequest,
  type RestartScheduler,
} from '../config/index.js';
import type { ConfigReloadResult, RestartInfo } from '../protocol/index.js';
import { errorMessage } from '../shared/app-error.js';
import { type Clock, systemClock } from '../shared/clock.js';
import type { StopStack } from '../shared/disposables.js';
import { loadTlsMaterial, type TlsMaterial } from '../tls/index.js';
import { HotParts } from './hot-parts.js';
import { learnSecrets, logLevel, type Prepared, secretsSource } from './prepare.js';
import type { StartGatewayOptions } from './types.js';

/** How the rooms ask for a restart: planned ahead by a method, or at once by a change of the config. */
export interface Restarts {
  scheduler: RestartScheduler;
  now(reason: string): void;
}

export interface RoomsOptions {
  options: StartGatewayOptions;
  prepared: Prepared;
  /** What must be undone is pushed here, in order. */
  stops: StopStack;
  restarts: Restarts;
}

export interface Base extends Prepared {
  options: StartGatewayOptions;
  /** The config as it is now, secrets in place. */
  config: () => OpenClawConfig;
  owner: ConfigOwner;
  /** Rooms say here what they do when their part of the config changes. */
  hot: HotParts;
  stops: StopStack;
  restarts: Restarts;
  clock: Clock;
  /** Certificate of the port, when gateway.tls is on. */
  tls: TlsMaterial | undefined;
}

/** Takes the config over: from here on one owner reads, writes and watches it. */
export async function buildBase({ options, prepared, stops, restarts }: RoomsOptions): Promise<Base> {
  const { hub, paths, loaded, fileSink, secrets } = prepared;
  const load = { paths, env: options.env, cwd: options.cwd };
  const owner = createConfigOwner({ loaded, load, log: hub.logger('gateway/reload') });
  const hot = new HotParts(hub.logger('gateway/reload'));
  // A restart that cannot succeed would end a gateway that works.
  const couldStart = (next: LoadedConfig): boolean => {
    try {
      resolveGatewaySettings(next.config, next.env, options.flags, {
        configExists: next.exists,
        unavailable: next.missing,
      });
      return true;
    } catch (error) {
      hub.logger('gateway/reload').error(`config reload skipped (cannot start with it): ${errorMessage(error)}`);
      return false;
    }
  };
  owner.onChange(async (plan, next) => {
    learnSecrets(hub, next);
    fileSink.setLevel(logLevel(options, next));
    if (!plan.restart) {
      await secrets.activate(secretsSource(options, next));
      // Only now do the rooms see the new config.
      await hot.apply(plan);
      // A restart reads the secrets anew. Who wrote it with config.patch was told when the restart comes.
    } else if (couldStart(next) && !restarts.scheduler.isPlanned()) {
      restarts.now(`config change (${plan.restartPaths.join(', ')})`);
    }
  });
  stops.push(() => secrets.stop());
  stops.push(() => owner.stop());
  const config = () => secrets.current().config;
  const tls = await loadTlsMaterial({
    config: config(),
    stateDir: paths.stateDir,
    hosts: prepared.settings.hosts,
    now: () => systemClock.now(),
  });
  for (const notice of tls?.notices ?? []) hub.logger('gateway/tls').warn(notice);
  return { ...prepared, options, config, owner, hot, stops, restarts, clock: systemClock, tls };
}

/** Reads the config now instead of waiting for the watcher. Throws AppError config.invalid; then nothing changed. */
export async function reloadConfig({ owner }: Base): Promise<ConfigReloadResult> {
  const before = owner.current();
  const next = await owner.reload();
  assertValidConfig(next);
  const changed = changedPaths(before, next);
  return { changed, restart: planReload(changed, next.config.gateway?.reload?.mode ?? 'hybrid').restart };
}

/** Restarts only for what cannot be taken over by a running gateway; agents at work are not disturbed for less. */
export function requestRestart({ loaded, owner, restarts }: Base, request: RestartRequest): RestartInfo {
  const changed = diffConfig(loaded.config, owner.current().config);
  if (planReload(changed, 'hybrid').restart) return restarts.scheduler.request(request);
  const unneeded = { delayMs: 0, mode: 'hot', coalesced: false, cooldownMsApplied: 0 } as const;
  return { ok: true, pid: process.pid, signal: 'SIGUSR1', reason: request.reason, ...unneeded };
}
