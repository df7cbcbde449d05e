// Boxes on Linux without an engine: each program gets a bubblewrap of its own around the same folder.
import { existsSync } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../shared/app-error.js';
import { ensureFolder } from '../../shared/json-file.js';
import type { CommandRequest, HostCommand } from '../../tools/index.js';
import { carryEnv, startArgs } from '../guest/guest-shell.js';
import { lastWords } from '../guest/process-run.js';
import { resolvePath } from '../places.js';
import { shortHash } from '../plan/names.js';
import type { BoxPlan } from '../plan/plan-types.js';
import type { Backend, BackendOptions, BoxState } from './backend.js';
import { bubblewrapArgs, HIDDEN_FILES, type HostLayout, SYSTEM_FOLDERS } from './bubblewrap-args.js';
import { ask, findProgram } from './programs.js';

interface Wrapper {
  file: string;
  layout: HostLayout;
}

const SAFE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

async function systemFolders(): Promise<HostLayout['system']> {
  const found: HostLayout['system'] = [];
  for (const folder of SYSTEM_FOLDERS) {
    if (!existsSync(folder)) continue;
    const isLink = (await lstat(folder)).isSymbolicLink();
    found.push(isLink ? { folder, link: await readlink(folder) } : { folder });
  }
  return found;
}

function unavailable(reason: string): AppError {
  return new AppError('sandbox.unavailable', {
    message: `This conversation must run in a bubblewrap sandbox, and none can be made: ${reason}`,
    hint: 'Install bubblewrap and allow user namespaces, or use the backend "docker". Nothing runs outside a sandbox instead.',
  });
}

export class BubblewrapBackend implements Backend {
  #wrapper: Promise<Wrapper> | undefined;

  constructor(private readonly options: BackendOptions) {}

  #find(): Promise<Wrapper> {
    if (!this.#wrapper) {
      this.#wrapper = this.#probe();
      // What is missing today may be installed tomorrow.
      this.#wrapper.catch(() => (this.#wrapper = undefined));
    }
    return this.#wrapper;
  }

  async #probe(): Promise<Wrapper> {
    const { env, platform, clock } = this.options;
    if (platform !== 'linux') throw unavailable('it exists on Linux only.');
    const file = await findProgram('bwrap', env, platform);
    if (file === undefined) throw unavailable('the program "bwrap" is not installed.');
    const tries = [['--unshare-user', '--disable-userns'], []];
    let words = '';
    for (const strict of tries) {
      const args = [
        '--unshare-all',
        ...strict,
        '--ro-bind',
        '/',
        '/',
        '--proc',
        '/proc',
        '--dev',
        '/dev',
        '--',
        '/bin/sh',
        '-c',
        ':',
      ];
      const end = await ask({ file, args, env: { PATH: SAFE_PATH }, clock });
      if (end.code === 0) {
        const layout = {
          system: await systemFolders(),
          hidden: HIDDEN_FILES.filter(existsSync),
          canForbidNamespaces: strict.length > 0,
        };
        return { file, layout };
      }
      words = lastWords(end, 200);
    }
    throw unavailable(words);
  }

  async look({ folder }: BoxPlan, recordedHash: string | undefined): Promise<BoxState> {
    await this.#find();
    if (recordedHash === undefined || !existsSync(folder)) return { kind: 'absent' };
    return { kind: 'present', isRunning: true, hash: recordedHash };
  }

  async make(box: BoxPlan): Promise<void> {
    await this.#find();
    if (box.ownsFolder) await ensureFolder(box.folder);
  }

  async start(): Promise<void> {
    // Nothing runs between two programs.
  }

  async remove(): Promise<void> {
    // The folder stays: it may hold work that exists nowhere else.
  }

  async isRunning(): Promise<boolean> {
    return false;
  }

  async isBusy(): Promise<boolean> {
    return false;
  }

  async command(box: BoxPlan, request: CommandRequest): Promise<HostCommand> {
    const { file, layout } = await this.#find();
    const moved = box.mounts.find(({ source }) => resolvePath(source) !== source);
    if (moved)
      throw new AppError('sandbox.refused', { message: `The folder "${moved.source}" is no longer what it was.` });
    const base = { LANG: 'C.UTF-8', HOME: box.settings.docker.tmpfs.length > 0 ? '/tmp' : box.workdir };
    const { host, unpack } = carryEnv({ ...base, ...box.env, ...request.env });
    const cwd = path.posix.resolve(box.workdir, request.cwd ?? '.');
    return {
      file,
      args: [
        ...bubblewrapArgs(box, layout, { tty: request.tty === true }),
        '/bin/sh',
        ...startArgs(unpack, cwd, request.argv),
      ],
      env: { PATH: SAFE_PATH, ...(request.tty && { TERM: 'xterm-256color' }), ...host },
    };
  }

  hash(box: BoxPlan): string {
    return shortHash(JSON.stringify([box.mounts, box.workdir, box.setupCommand ?? '']), 16);
  }

  async stop(): Promise<void> {
    // Each program ends with the host process that carries it.
  }
}
