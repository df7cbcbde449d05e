// Finds programs on this computer and asks them things.
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../shared/app-error.js';
import type { Clock } from '../../shared/clock.js';
import { lastWords, type ProcessEnd, runProcess } from '../guest/process-run.js';

/** What engine programs need of our environment; nothing of it enters a sandbox. */
const KEPT =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TZ|TMPDIR|TEMP|TMP|XDG_.*|DOCKER_.*|CONTAINERS?_(HOST|SSHKEY|CONF|STORAGE_CONF|REGISTRIES_CONF|POLICY_PATH).*|BUILDAH_.*|STORAGE_.*|SSH_AUTH_SOCK|SystemRoot|SystemDrive|ProgramData|ProgramFiles|APPDATA|LOCALAPPDATA|USERPROFILE|PATHEXT|windir)$/i;

/** The part of the gateway's environment that engine programs get. */
export function engineEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value !== undefined && KEPT.test(name) ? [[name, value]] : [])),
  );
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The absolute path of a program on PATH, or of one named with its path; undefined when there is none. */
export async function findProgram(
  name: string,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): Promise<string | undefined> {
  if (path.isAbsolute(name)) return (await isExecutable(name)) ? name : undefined;
  const endings = platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  const folders = (env.PATH ?? env.Path ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  for (const folder of folders) {
    for (const ending of endings) {
      const file = path.join(folder, `${name}${ending}`);
      if (await isExecutable(file)) return file;
    }
  }
  return undefined;
}

export interface Asked {
  file: string;
  args: readonly string[];
  env: Record<string, string>;
  clock: Clock;
  timeoutMs?: number;
  input?: string;
}

const TIMEOUT_MS = 60_000;
const MAX_BYTES = 8 * 1024 * 1024;

/** Runs a host program to its end. */
export function ask({ file, args, env, clock, timeoutMs = TIMEOUT_MS, input }: Asked): Promise<ProcessEnd> {
  return runProcess({ command: { file, args: [...args], env }, maxBytes: MAX_BYTES, timeoutMs, clock, input });
}

/** What the program wrote. Throws AppError sandbox.failed with its last words and `what` it was to do. */
export async function askOrFail(asked: Asked, what: string): Promise<string> {
  const end = await ask(asked);
  if (end.code === 0 && !end.cut) return end.stdout.toString('utf8').trim();
  const words = end.cut === 'timed-out' ? 'it took too long' : lastWords(end) || `code ${end.code}`;
  throw new AppError('sandbox.failed', { message: `${what} failed: ${words}` });
}
