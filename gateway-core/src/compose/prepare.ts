// What must be right before anything is opened: folders, config, settings, lock, log.
import {
  acquireGatewayLock,
  assertValidConfig,
  ensureGatewayToken,
  ensureStateDir,
  type GatewayLock,
  type GatewaySettings,
  type LoadedConfig,
  loadConfig,
  missingVariableLine,
  resolveGatewaySettings,
  resolveLogFile,
  resolveStatePaths,
  type StatePaths,
} from '../config/index.js';
import { createFileSink, type FileSink } from '../logs/index.js';
import { errorMessage } from '../shared/app-error.js';
import { createLogHub, LOG_LEVELS, type LogHub, type LogLevel } from '../shared/logger.js';
import type { StartGatewayOptions } from './types.js';

export interface Prepared {
  paths: StatePaths;
  loaded: LoadedConfig;
  settings: GatewaySettings;
  /** The process's environment with `.env` files and the config's `env`. */
  env: NodeJS.ProcessEnv;
  hub: LogHub;
  logFile: string;
  fileSink: FileSink;
  lock: GatewayLock;
}

function asLevel(...names: Array<string | undefined>): LogLevel {
  const known = names.find((name) => name !== undefined && (LOG_LEVELS as readonly string[]).includes(name));
  return (known as LogLevel | undefined) ?? 'info';
}

/** The level of the log file: flag, environment, config. */
export function logLevel(options: StartGatewayOptions, { config, env }: LoadedConfig): LogLevel {
  return asLevel(options.flags?.logLevel, env.OPENCLAW_LOG_LEVEL, config.logging?.level);
}

/** Nothing that opens a door appears in the log. */
export function learnSecrets(hub: LogHub, loaded: LoadedConfig): void {
  for (const provider of Object.values(loaded.config.models?.providers ?? {})) {
    if (typeof provider.apiKey === 'string') hub.redactor.learn(provider.apiKey);
  }
  for (const [name, value] of Object.entries(loaded.env)) {
    if (/(_API_KEY|_TOKEN|_SECRET|_PASSWORD)$/.test(name)) hub.redactor.learn(value);
  }
}

/**
 * Checks everything a start needs and takes the lock. Throws AppError config.*, gateway.* or state.*;
 * then nothing is held and nothing was changed.
 */
export async function prepareStart(options: StartGatewayOptions): Promise<Prepared> {
  const step = options.onStep ?? (() => undefined);
  const flags = options.flags ?? {};
  step('Reading the config');
  const paths = resolveStatePaths(options.env, { profile: flags.profile, dev: flags.dev });
  const loaded = await loadConfig({ paths, env: options.env, cwd: options.cwd });
  assertValidConfig(loaded);
  const env = loaded.env;
  const chosen = resolveGatewaySettings(loaded.config, env, flags, {
    configExists: loaded.exists,
    unavailable: loaded.unavailable,
  });
  step('Checking the state folder');
  await ensureStateDir(paths.stateDir);
  const lock = await acquireGatewayLock({ configPath: paths.configPath, env, port: chosen.port });
  try {
    return await finish({ options, paths, loaded, chosen, lock });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

interface Checked {
  options: StartGatewayOptions;
  paths: StatePaths;
  loaded: LoadedConfig;
  chosen: GatewaySettings;
  lock: GatewayLock;
}

async function finish({ options, paths, loaded, chosen, lock }: Checked): Promise<Prepared> {
  const { config, env } = loaded;
  const hub = createLogHub();
  const logFile = resolveLogFile(config, paths);
  const fileSink = createFileSink({
    file: logFile,
    level: logLevel(options, loaded),
    now: Date.now,
    maxFileBytes: config.logging?.maxFileBytes,
    onError: (error) => process.stderr.write(`The log ${logFile} cannot be written: ${errorMessage(error)}\n`),
  });
  hub.addSink(fileSink);
  if (options.console) hub.addSink(options.console);
  const log = hub.logger('gateway');
  learnSecrets(hub, loaded);
  hub.redactor.learn(chosen.auth.token);
  hub.redactor.learn(chosen.auth.password);
  for (const warning of loaded.warnings) log.warn(missingVariableLine(paths.configPath, warning));
  for (const { path, message } of loaded.legacyIssues) log.warn(`${path}: ${message}`);
  for (const notice of chosen.notices) log.warn(notice);
  try {
    const { settings, created } = await ensureGatewayToken({ settings: chosen, configPath: paths.configPath, log });
    hub.redactor.learn(settings.auth.token);
    const current = created ? await loadConfig({ paths, env: options.env, cwd: options.cwd }) : loaded;
    return { paths, loaded: current, settings, env, hub, logFile, fileSink, lock };
  } catch (error) {
    fileSink.stop();
    throw error;
  }
}
