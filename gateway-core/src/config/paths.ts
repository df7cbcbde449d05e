// Where the gateway keeps its things (spec/gateway-config.md §1).
import { mkdir, open, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { AppError, errorMessage } from '../shared/app-error.js';
import type { OpenClawConfig } from './types.js';

export const DEV_PORT = 19001;
const PROFILE_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/i;

export interface StatePaths {
  home: string;
  stateDir: string;
  configPath: string;
  /** Absent for the default profile. */
  profile?: string;
  /** Started with --dev: the default port is 19001. */
  dev: boolean;
  defaultWorkspaceDir: string;
  /** Today's log file when `logging.file` is not set. */
  logFile: string;
}

export interface ProfileChoice {
  profile?: string;
  dev?: boolean;
}

/** The machine's part, injectable for tests. */
export interface HostFolders {
  homedir: () => string;
  tmpdir: () => string;
  now: () => number;
}

const realHost: HostFolders = { homedir, tmpdir, now: Date.now };

function filled(value: string | undefined): string | undefined {
  const text = value?.trim();
  return text ? text : undefined;
}

/** `~` and `~/…` become the home folder; the rest is made absolute. */
export function expandHome(file: string, home: string): string {
  if (file === '~') return home;
  if (file.startsWith('~/') || file.startsWith('~\\')) return path.join(home, file.slice(2));
  return path.resolve(file);
}

function chooseProfile(env: NodeJS.ProcessEnv, choice: ProfileChoice): string | undefined {
  const named = filled(choice.profile);
  if (choice.dev && named && named !== 'dev') {
    throw new AppError('gateway.flag_invalid', {
      message: 'Use --dev or --profile, not both.',
      hint: '--dev is the profile "dev" with port 19001.',
    });
  }
  const profile = choice.dev ? 'dev' : (named ?? filled(env.OPENCLAW_PROFILE));
  if (profile === undefined || profile.toLowerCase() === 'default') return undefined;
  if (!PROFILE_NAME.test(profile)) {
    throw new AppError('gateway.flag_invalid', {
      message: `Invalid --profile (use letters, digits, "_" and "-", first a letter or digit, at most 64): ${profile}`,
      hint: 'Choose another name with --profile or OPENCLAW_PROFILE.',
    });
  }
  return profile;
}

/** The local date as log files carry it: `2026-11-21`. */
export function dayName(timeMs: number): string {
  const date = new Date(timeMs);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Decides every folder and file from the environment and the profile; touches nothing. Throws `gateway.flag_invalid`. */
export function resolveStatePaths(
  env: NodeJS.ProcessEnv,
  choice: ProfileChoice = {},
  host: HostFolders = realHost,
): StatePaths {
  const osHome = filled(env.HOME) ?? filled(env.USERPROFILE) ?? host.homedir();
  const home = expandHome(filled(env.OPENCLAW_HOME) ?? osHome, osHome);
  const profile = chooseProfile(env, choice);
  const suffix = profile ? `-${profile}` : '';
  const stateDir = expandHome(filled(env.OPENCLAW_STATE_DIR) ?? path.join(home, `.openclaw${suffix}`), home);
  const configPath = expandHome(filled(env.OPENCLAW_CONFIG_PATH) ?? path.join(stateDir, 'openclaw.json'), home);
  return {
    home,
    stateDir,
    configPath,
    profile,
    dev: choice.dev === true,
    defaultWorkspaceDir: path.join(home, '.openclaw', `workspace${suffix}`),
    logFile: path.join(host.tmpdir(), 'openclaw', `openclaw-${dayName(host.now())}.log`),
  };
}

/** `logging.file`, or today's shared file. */
export function resolveLogFile(config: OpenClawConfig, paths: StatePaths): string {
  const file = filled(config.logging?.file);
  return file ? expandHome(file, paths.home) : paths.logFile;
}

/** Makes the state folder (0700) and proves that it can be written. Throws `state.unwritable`. */
export async function ensureStateDir(stateDir: string): Promise<void> {
  const probe = path.join(stateDir, `.write-test-${process.pid}`);
  try {
    await mkdir(stateDir, { recursive: true, mode: 0o700 });
    const handle = await open(probe, 'w', 0o600);
    await handle.close();
    await rm(probe, { force: true });
  } catch (error) {
    throw new AppError('state.unwritable', {
      message: `The state folder ${stateDir} cannot be written: ${errorMessage(error)}`,
      details: { stateDir },
      cause: error,
    });
  }
}
