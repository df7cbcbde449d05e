// The environment the gateway works with: the process's own, then .env files, then the config's `env`.
// What is set already is never replaced, and process.env is never changed.
import path from 'node:path';
import { AppError, errorMessage } from '../shared/app-error.js';
import { readTextIfExists } from '../shared/json-file.js';
import type { ConfigPart } from './includes.js';
import { isRecord } from './json-value.js';
import { DEV_PORT, type StatePaths } from './paths.js';

/** `base` plus those of `additions` whose names are not set in it. */
export function withUnset(base: NodeJS.ProcessEnv, additions: Record<string, string>): NodeJS.ProcessEnv {
  const env = { ...base };
  for (const [name, value] of Object.entries(additions)) if (env[name] === undefined) env[name] = value;
  return env;
}

/** The text of a `.env` file; null when there is none. */
async function readDotEnv(file: string): Promise<string | null> {
  try {
    return (await readTextIfExists(file)) ?? null;
  } catch (error) {
    // A folder called .env is somebody's virtual environment, not ours to read.
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') return null;
    throw new AppError('config.unreadable', {
      message: `${file} cannot be read: ${errorMessage(error)}`,
      hint: 'Check the file and its permissions.',
      cause: error,
    });
  }
}

async function variablesIn(text: string | null): Promise<Record<string, string>> {
  if (text === null) return {};
  const { parse } = await import('dotenv');
  return parse(text);
}

export interface DotEnv {
  env: NodeJS.ProcessEnv;
  /** The files that were looked for, whether or not they are there. */
  parts: ConfigPart[];
  /** Names of the variables in those files. */
  names: string[];
}

/** The process's environment with `.env` of the working folder, then of the state folder. Throws `config.unreadable`. */
export async function loadDotEnv(base: NodeJS.ProcessEnv, cwd: string, paths: StatePaths): Promise<DotEnv> {
  const found: DotEnv = {
    env: paths.dev ? withUnset(base, { OPENCLAW_GATEWAY_PORT: String(DEV_PORT) }) : { ...base },
    parts: [],
    names: [],
  };
  const files = new Set([cwd, paths.stateDir].map((folder) => path.join(folder, '.env')));
  for (const file of files) {
    const text = await readDotEnv(file);
    const variables = await variablesIn(text);
    found.parts.push({ file, text });
    found.names.push(...Object.keys(variables));
    found.env = withUnset(found.env, variables);
  }
  return found;
}

/** The variables that the config's `env` section sets: `env.vars` and its further keys. */
export function configEnv(section: unknown): Record<string, string> {
  if (!isRecord(section)) return {};
  const { vars, shellEnv: _shellEnv, ...direct } = section;
  const named = { ...direct, ...(isRecord(vars) ? vars : {}) };
  return Object.fromEntries(
    Object.entries(named).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== ''),
  );
}
