// What every command is given: the host, the global options, paths and the config.
import { type LoadedConfig, loadConfig, resolveStatePaths, type StatePaths } from '../config/index.js';
import type { CliHost } from './host.js';

export interface GlobalOptions {
  dev?: boolean;
  profile?: string;
  logLevel?: string;
  color?: boolean;
}

export interface CommandContext {
  host: CliHost;
  /** The process's own; `config()` has the one with `.env` files and the config's variables. */
  env: NodeJS.ProcessEnv;
  globals: GlobalOptions;
  paths: StatePaths;
  /** Reads the config once. */
  config(): Promise<LoadedConfig>;
  /** One line on stdout. */
  out(line: string): void;
  /** One line on stderr. */
  err(line: string): void;
  /** A value on stdout, as JSON with two spaces. */
  json(value: unknown): void;
}

export function createContext(host: CliHost, globals: GlobalOptions): CommandContext {
  const { env } = host;
  const paths = resolveStatePaths(env, { profile: globals.profile, dev: globals.dev });
  let loaded: Promise<LoadedConfig> | undefined;
  return {
    host,
    env,
    globals,
    paths,
    config: () => (loaded ??= loadConfig({ paths, env, cwd: host.cwd })),
    out: (line) => host.stdout.write(`${line}\n`),
    err: (line) => host.stderr.write(`${line}\n`),
    json: (value) => host.stdout.write(`${JSON.stringify(value, null, 2)}\n`),
  };
}
