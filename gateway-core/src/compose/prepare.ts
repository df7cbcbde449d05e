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
import {
  createResolverContext,
  createSecretsRuntime,
  currentAccount,
  type Keychain,
  openFileKeychain,
  openSystemKeychain,
  type SecretsRuntime,
  type SecretsSource,
} from '../secrets/index.js';
import { createFileSink, type FileSink } from '../logs/index.js';
import { errorMessage } from '../shared/app-error.js';
import { createLogHub, LOG_LEVELS, type Logger, type LogHub, type LogLevel } from '../shared/logger.js';
import type { StartGatewayOptions } from './types.js';

export interface Prepared {
  paths: StatePaths;
  loaded: LoadedConfig;
  settings: GatewaySettings;
  /** The process's environment with `.env` files and the config's `env`. */
  env: NodeJS.ProcessEnv;
  hub: LogHub;
  secrets: SecretsRuntime;
  keychain: Keychain;
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
  const { hub, secrets, keychain } = openSecrets(options, paths, loaded);
  const { config } = await secrets.start();
  const chosen = resolveGatewaySettings(config, env, flags, {
    configExists: loaded.exists,
    unavailable: loaded.missing,
  });
  step('Checking the state folder');
  await ensureStateDir(paths.stateDir);
  const lock = await acquireGatewayLock({ configPath: paths.configPath, env, port: chosen.port });
  try {
    return await finish({ options, paths, loaded, chosen, lock, hub, secrets, keychain });
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
  hub: LogHub;
  secrets: SecretsRuntime;
  keychain: Keychain;
}

/** What the secrets room reads of a loaded config. */
export function secretsSource(options: StartGatewayOptions, loaded: LoadedConfig): SecretsSource {
  const { auth, token, password } = options.flags ?? {};
  return { config: loaded.source, env: loaded.env, unavailable: loaded.missing, flags: { auth, token, password } };
}

function openKeychain({ keychain: offer }: StartGatewayOptions, { stateDir }: StatePaths): Keychain {
  const common = { stateDir, account: currentAccount(), now: Date.now };
  return offer && 'key' in offer ? openSystemKeychain({ ...common, key: offer.key }) : openFileKeychain(common);
}

/** Secrets under the file key move to the system's key; what fails stays where it was. Alone in the state folder. */
async function settleKeychain({ options, keychain }: Checked, log: Logger): Promise<void> {
  const { keychain: offer } = options;
  if (!offer) return;
  if ('unavailable' in offer) {
    log.warn(`The keychain of the system is not used: ${offer.unavailable} Secrets are encrypted with a key file.`);
    return;
  }
  try {
    const { moved, left } = await keychain.adopt();
    if (moved > 0) log.info(`${moved} secret(s) moved from the key file to the keychain of the system`);
    if (left.length > 0)
      log.warn(`${left.length} secret(s) cannot be decrypted and stay as they are: ${left.join(', ')}`);
  } catch (error) {
    log.warn(`The secrets stay under the key file: ${errorMessage(error)}`);
  }
}

function openSecrets(options: StartGatewayOptions, paths: StatePaths, loaded: LoadedConfig) {
  const hub = createLogHub();
  const keychain = openKeychain(options, paths);
  const { env, ...context } = createResolverContext({ env: loaded.env, home: paths.home, keychain });
  let isFirst = true;
  const secrets = createSecretsRuntime({
    load: async () => {
      const next = isFirst ? loaded : await loadConfig({ paths, env: options.env, cwd: options.cwd });
      isFirst = false;
      assertValidConfig(next);
      return secretsSource(options, next);
    },
    context: { ...context, learn: (value) => hub.redactor.learn(value) },
    log: hub.logger('secrets'),
  });
  return { hub, secrets, keychain };
}

async function finish(checked: Checked): Promise<Prepared> {
  const { options, paths, loaded, chosen, lock, hub, secrets, keychain } = checked;
  const { config, env } = loaded;
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
    await settleKeychain(checked, hub.logger('secrets'));
    const { settings, created } = await ensureGatewayToken({ settings: chosen, configPath: paths.configPath, log });
    hub.redactor.learn(settings.auth.token);
    const current = created ? await loadConfig({ paths, env: options.env, cwd: options.cwd }) : loaded;
    // The saved token is a plain value; the secrets that were read stay as they are.
    if (created) await secrets.activate(secretsSource(options, current));
    return { paths, loaded: current, settings, env, hub, secrets, keychain, logFile, fileSink, lock };
  } catch (error) {
    fileSink.stop();
    throw error;
  }
}
