// The workplace that is the gateway's own computer: commands with a clean environment, and its files.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../shared/app-error.js';
import type { CommandRequest, HostCommand, Workplace } from '../tools/index.js';
import { cleanEnvironment } from './clean-environment.js';
import { createHostFiles } from './host-files.js';

export interface HostWorkplaceOptions {
  workspaceDir: string;
  /** The gateway's own environment; only a fixed list of names reaches commands. */
  env: Readonly<Record<string, string | undefined>>;
  /** The config's `env`; names that look like secrets do not reach commands. */
  configEnv?: () => Readonly<Record<string, string>>;
  /** tools.exec.pathPrepend; `~` is expanded by whoever gives it. */
  pathPrepend?: () => readonly string[];
  /** tools.fs.workspaceOnly */
  workspaceOnly?: () => boolean;
  platform?: NodeJS.Platform;
}

/** Windows has no /bin/sh; its own shell takes the line instead. */
function hostArgv(argv: readonly string[], platform: NodeJS.Platform): readonly string[] {
  const [file, flag, line = ''] = argv;
  if (platform !== 'win32' || file !== '/bin/sh' || flag !== '-c') return argv;
  return ['powershell.exe', '-NoProfile', '-NonInteractive', '-Command', line];
}

async function requireFolder(folder: string): Promise<string> {
  const facts = await stat(folder).catch(() => undefined);
  if (facts?.isDirectory()) return folder;
  throw new AppError('exec.folder_missing', { message: `The folder ${folder} does not exist.` });
}

/**
 * The host as a workplace. `command` throws AppError exec.folder_missing; `files` throw AppError tool.path_outside,
 * tool.file_missing, tool.file_too_large (over 64 MiB) and tool.file_refused.
 */
export function createHostWorkplace(options: HostWorkplaceOptions): Workplace {
  const { workspaceDir, env, configEnv, pathPrepend, workspaceOnly, platform = process.platform } = options;
  const workdir = path.resolve(workspaceDir);
  const command = async ({ argv, cwd = '.', env: added }: CommandRequest): Promise<HostCommand> => {
    const [file, ...args] = hostArgv(argv, platform);
    if (file === undefined) throw new AppError('request.invalid', { message: 'The command is empty.' });
    return {
      file,
      args,
      cwd: await requireFolder(path.resolve(workdir, cwd)),
      env: cleanEnvironment({
        base: env,
        config: configEnv?.(),
        pathPrepend: pathPrepend?.(),
        added,
        delimiter: platform === 'win32' ? ';' : ':',
      }),
    };
  };
  const files = createHostFiles({ workdir, workspaceOnly: workspaceOnly ?? (() => false) });
  return { kind: 'host', workdir, isWritable: true, command, files };
}
