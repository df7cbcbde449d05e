// Installs what a skill needs, when a person with admin rights asks for it by name.
import { chmod, rm } from 'node:fs/promises';
import path from 'node:path';
import type { OpenClawConfig } from '../config/index.js';
import { AppError, errorMessage, isAppError } from '../shared/app-error.js';
import { ensureFolder } from '../shared/json-file.js';
import type { Skills } from './create-skills.js';
import { downloadName, installCommand } from './install-command.js';
import type { RunInstaller } from './install-runner.js';
import type { InstallOption } from './skill-file.js';

/** Fetches an address into a file that does not exist yet; must guard against private addresses and size. */
export type Download = (
  address: string,
  file: string,
  limits: { timeoutMs: number; maxBytes: number },
) => Promise<void>;

export interface InstallerOptions {
  config: () => OpenClawConfig;
  stateDir: string;
  skills: Pick<Skills, 'find' | 'refresh'>;
  platform: string;
  run: RunInstaller;
  /** Without it downloads are refused. */
  download?: Download;
}

export interface InstallRequest {
  agentId: string;
  name: string;
  installId: string;
  timeoutMs?: number;
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
const MAX_DOWNLOAD_BYTES = 200 * 1024 * 1024;
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

async function download(
  { stateDir, download: fetchTo }: InstallerOptions,
  { name }: InstallRequest,
  { option, timeoutMs }: { option: InstallOption; timeoutMs: number },
): Promise<Installed> {
  const fileName = downloadName(option.target);
  if (!fetchTo || fileName === undefined) {
    throw new AppError('skill.install_refused', {
      message: fetchTo
        ? 'Only single programs are downloaded, no archives and no installers.'
        : 'This gateway downloads nothing.',
    });
  }
  const folder = path.join(stateDir, 'skill-tools', name);
  const file = path.join(folder, fileName);
  await ensureFolder(folder);
  await rm(file, { force: true });
  try {
    await fetchTo(option.target, file, { timeoutMs, maxBytes: MAX_DOWNLOAD_BYTES });
    await chmod(file, 0o700);
  } catch (error) {
    await rm(file, { force: true });
    if (isAppError(error)) throw error;
    throw new AppError('skill.install_failed', {
      message: `The download failed: ${errorMessage(error)}`,
      cause: error,
    });
  }
  return { ok: true, message: `${option.label}: ${file}`, code: 0, stdout: '', stderr: '' };
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
