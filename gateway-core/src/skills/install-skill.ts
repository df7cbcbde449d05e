// Installs what a skill needs, when a person with admin rights asks for it by name.
import type { OpenClawConfig } from '../config/index.js';
import { AppError, errorMessage, isAppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import { plainEnvironment } from '../shared/spawn.js';
import type { Skills } from './create-skills.js';
import { installCommand } from './install-command.js';
import { type DownloadProgress, type FetchChunks, installDownload } from './install-download.js';
import type { RunInstaller } from './install-runner.js';
import type { InstallOption } from './skill-file.js';

export interface InstallerOptions {
  config: () => OpenClawConfig;
  stateDir: string;
  skills: Pick<Skills, 'find' | 'refresh'>;
  platform: string;
  run: RunInstaller;
  fetchChunks: FetchChunks;
  /** The gateway's own environment; programs that unpack get the harmless part. */
  env: () => Readonly<Record<string, string | undefined>>;
  clock: Pick<Clock, 'after'>;
  /** Ends what is under way. */
  signal?: AbortSignal;
  log: Logger;
}

export interface InstallRequest {
  agentId: string;
  name: string;
  installId: string;
  timeoutMs?: number;
  /** Ends a download, for instance because who asked for it is gone. */
  signal?: AbortSignal;
}

export interface Installed {
  ok: true;
  message: string;
  code: number | null;
  stdout: string;
  stderr: string;
}

const DEFAULT_TIMEOUT_MS = 300_000;
const MAX_TIMEOUT_MS = 1_800_000;
/** Progress is noted this often. */
const PROGRESS_BYTES = 10 * 1_048_576;
const TAIL = 2_000;

async function optionOf({ skills, platform }: InstallerOptions, request: InstallRequest): Promise<InstallOption> {
  const skill = await skills.find(request.agentId, request.name);
  if (!skill) throw new AppError('skill.not_found', { message: `There is no skill "${request.name}".` });
  const option = skill.install.find(({ id }) => id === request.installId);
  if (!option) {
    const ids = skill.install.map(({ id }) => id).join(', ');
    throw new AppError('skill.install_refused', {
      message: `The skill "${skill.name}" has no install option "${request.installId}".`,
      hint: ids === '' ? 'It brings none; read its SKILL.md.' : `It has: ${ids}.`,
    });
  }
  if (option.os.length > 0 && !option.os.includes(platform)) {
    throw new AppError('skill.install_refused', { message: `This install option is for ${option.os.join(', ')}.` });
  }
  return option;
}

async function runCommand(
  options: InstallerOptions,
  request: InstallRequest,
  { option, timeoutMs }: { option: InstallOption; timeoutMs: number },
): Promise<Installed> {
  const command = installCommand(option, options.config().skills?.install?.nodeManager);
  if (!command) return download(options, request, { option, timeoutMs });
  const output = await options.run(command, { timeoutMs }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new AppError('skill.install_failed', {
      message: `${command.program} is not on this computer, so "${request.name}" was not installed.`,
      hint: `Install ${command.program} first, or install what the skill needs yourself.`,
      cause: error,
    });
  });
  const { code, stdout, stderr, endedBy } = output;
  if (code === 0) return { ok: true, message: `${option.label}: done`, code, stdout, stderr };
  const why =
    endedBy === 'timeout' ? `took longer than ${Math.round(timeoutMs / 1000)} s` : `ended with ${code ?? 'a signal'}`;
  throw new AppError('skill.install_failed', {
    message: `${command.program} ${why}.`,
    details: { exitCode: code, stdout: stdout.slice(-TAIL), stderr: stderr.slice(-TAIL) },
  });
}

/** A line in the log each few megabytes. */
function noteProgress(log: Logger, skill: string): (progress: DownloadProgress) => void {
  let notedBytes = 0;
  return ({ receivedBytes, totalBytes }) => {
    if (receivedBytes - notedBytes < PROGRESS_BYTES) return;
    notedBytes = receivedBytes;
    log.info('A download for a skill is under way.', { skill, receivedBytes, totalBytes });
  };
}

async function download(
  { stateDir, fetchChunks, env, clock, signal: stopping, log }: InstallerOptions,
  { name, signal: asking }: InstallRequest,
  { option, timeoutMs }: { option: InstallOption; timeoutMs: number },
): Promise<Installed> {
  const deadline = new AbortController();
  const timer = clock.after(timeoutMs, () => {
    const message = `The download took longer than ${Math.round(timeoutMs / 1000)} s.`;
    deadline.abort(new AppError('skill.install_failed', { message }));
  });
  const signal = AbortSignal.any([deadline.signal, stopping, asking].filter((one) => one !== undefined));
  const onProgress = noteProgress(log, name);
  const job = { address: option.target, option: option.download ?? { stripComponents: 0 }, skill: name, onProgress };
  try {
    const environment = plainEnvironment(env());
    const folder = await installDownload({ ...job, stateDir, fetchChunks, timeoutMs, signal, env: environment });
    return { ok: true, message: `${option.label}: ${folder}`, code: 0, stdout: '', stderr: '' };
  } catch (error) {
    if (isAppError(error)) throw error;
    const message = `The download failed: ${errorMessage(error)}`;
    throw new AppError('skill.install_failed', { message, cause: error });
  } finally {
    timer.cancel();
  }
}

/**
 * Makes the installer behind `skills.install`; one installation at a time. Throws AppError skill.not_found,
 * skill.install_refused and skill.install_failed.
 */
export function createSkillInstaller(options: InstallerOptions): (request: InstallRequest) => Promise<Installed> {
  let turn: Promise<unknown> = Promise.resolve();
  const install = async (request: InstallRequest): Promise<Installed> => {
    const option = await optionOf(options, request);
    const timeoutMs = Math.min(request.timeoutMs ?? DEFAULT_TIMEOUT_MS, MAX_TIMEOUT_MS);
    try {
      return await runCommand(options, request, { option, timeoutMs });
    } finally {
      options.skills.refresh();
    }
  };
  return (request) => {
    const mine = turn.then(() => install(request));
    // The next one waits for the end of this one, whatever it was.
    turn = mine.catch(() => undefined);
    return mine;
  };
}
