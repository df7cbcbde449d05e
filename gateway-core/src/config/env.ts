// The environment the gateway works with: the process's own, then .env files, then the config's `env`.
// What is set already is never replaced, and process.env is never changed.
import path from 'node:path';
import { AppError, errorMessage } from '../shared/app-error.js';
import { readTextIfExists } from '../shared/json-file.js';
import { isRecord } from './json-value.js';
import { DEV_PORT, type StatePaths } from './paths.js';

/** `base` plus those of `additions` whose names are not set in it. */
export function withUnset(base: NodeJS.ProcessEnv, additions: Record<string, string>): NodeJS.ProcessEnv {
  const env = { ...base };
  for (const [name, value] of Object.entries(additions)) if (env[name] === undefined) env[name] = value;
  return env;
}

async function readDotEnv(file: string): Promise<Record<string, string>> {
  let text: string | undefined;
  try {
    text = await readTextIfExists(file);
  } catch (error) {
    // A folder called .env is somebody's virtual environment, not ours to read.
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') return {};
    throw new AppError('config.unreadable', {
      message: `${file} cannot be read: ${errorMessage(error)}`,
      hint: 'Check the file and its permissions.',
      cause: error,
    });
  }
  if (text === undefined) return {};
  const { parse } = await import('dotenv');
  return parse(text);
}

/** The process's environment with `.env` of the working folder, then of the state folder. Throws `config.unreadable`. */
export async function loadDotEnv(env: NodeJS.ProcessEnv, cwd: string, paths: StatePaths): Promise<NodeJS.ProcessEnv> {
  const own = paths.dev ? withUnset(env, { OPENCLAW_GATEWAY_PORT: String(DEV_PORT) }) : env;
  const [here, state] = await Promise.all([cwd, paths.stateDir].map((folder) => readDotEnv(path.join(folder, '.env'))));
  return withUnset(withUnset(own, here ?? {}), state ?? {});
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
