// Boxes that are a folder on another computer, reached with the ssh command.
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { AppError } from '../../shared/app-error.js';
import type { CommandRequest, HostCommand } from '../../tools/index.js';
import { BUSY_SCRIPT, KILL_SCRIPT, MARK, quote, startArgs } from '../guest/guest-shell.js';
import { lastWords, type ProcessEnd } from '../guest/process-run.js';
import { shortHash } from '../plan/names.js';
import type { BoxPlan } from '../plan/plan-types.js';
import type { Backend, BackendOptions, BoxState, RemovalCause } from './backend.js';
import { ask } from './programs.js';
import { spoolFolder } from './ssh-args.js';
import { type SshConnection, SshConnections } from './ssh-connection.js';

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MAKE_SCRIPT = `umask 077; [ -r /proc/self/environ ] || exit 90; mkdir -p -- "$1" "$2"`;
const NOT_LINUX = 90;

/** A command line for whatever shell the account has; sh takes over at once. */
export function remoteLine(argv: readonly string[]): string {
  return `exec ${argv.map(quote).join(' ')}`;
}

export class SshBackend implements Backend {
  readonly #connections: SshConnections;
  readonly #boxes = new Map<string, BoxPlan>();

  constructor(private readonly options: BackendOptions) {
    this.#connections = new SshConnections(options);
  }

  async #run(connection: SshConnection, argv: readonly string[], input = ''): Promise<ProcessEnd> {
    const { file, env, args } = connection;
    return ask({ file, env, args: [...args, remoteLine(argv)], clock: this.options.clock, input });
  }

  async #runOrFail(box: BoxPlan, argv: readonly string[], input?: string): Promise<void> {
    const end = await this.#run(await this.#connections.get(box.settings.ssh), argv, input);
    if (end.code === 0) return;
    throw new AppError('sandbox.failed', {
      message: `The computer of the sandbox ${box.name} refused: ${lastWords(end)}`,
    });
  }

  async look(box: BoxPlan, recordedHash: string | undefined): Promise<BoxState> {
    this.#boxes.set(box.name, box);
    const connection = await this.#connections.get(box.settings.ssh);
    const end = await this.#run(connection, [
      '/bin/sh',
      '-c',
      '[ -d "$1" ] && [ -d "$2" ]',
      'sh',
      box.folder,
      spoolFolder(box.folder),
    ]);
    if (end.code !== 0 || recordedHash === undefined) return { kind: 'absent' };
    return { kind: 'present', isRunning: true, hash: recordedHash };
  }

  async make(box: BoxPlan): Promise<void> {
    const connection = await this.#connections.get(box.settings.ssh);
    const end = await this.#run(connection, ['/bin/sh', '-c', MAKE_SCRIPT, 'sh', box.folder, spoolFolder(box.folder)]);
    if (end.code === 0) return;
    const reason = end.code === NOT_LINUX ? 'the other computer does not run Linux.' : lastWords(end);
    throw new AppError('sandbox.unavailable', {
      message: `The folder of the sandbox cannot be made on the other computer: ${reason}`,
      hint: 'Check agents.defaults.sandbox.ssh. Nothing runs on this computer instead.',
    });
  }

  async start(): Promise<void> {
    // The folder is all there is.
  }

  async isRunning(): Promise<boolean> {
    return false;
  }

  async isBusy(name: string): Promise<boolean> {
    const box = this.#boxes.get(name);
    if (!box) return false;
    const end = await this.#run(await this.#connections.get(box.settings.ssh), ['/bin/sh', '-c', BUSY_SCRIPT]);
    return end.code === 0;
  }

  /** Variables go ahead over the input of another command; in the command line everybody there could read them. */
  async #sendEnv(box: BoxPlan, id: string, env: Record<string, string>): Promise<string> {
    const lines = Object.entries(env)
      .filter(([name]) => VARIABLE.test(name))
      .map(([name, value]) => `export ${name}=${quote(value)}\n`);
    if (lines.length === 0) return '';
    const file = path.posix.join(spoolFolder(box.folder), id);
    await this.#runOrFail(box, ['/bin/sh', '-c', 'umask 077; cat > "$1"', 'sh', file], lines.join(''));
    return `. ${quote(file)}; rm -f -- ${quote(file)}; `;
  }

  async command(box: BoxPlan, request: CommandRequest): Promise<HostCommand> {
    const connection = await this.#connections.get(box.settings.ssh);
    const id = randomBytes(8).toString('hex');
    const unpack = await this.#sendEnv(box, id, { ...box.env, ...request.env });
    const cwd = path.posix.resolve(box.workdir, request.cwd ?? '.');
    const line = remoteLine(['env', `${MARK}=${id}`, '/bin/sh', ...startArgs(unpack, cwd, request.argv)]);
    return {
      file: connection.file,
      args: [...(request.tty ? ['-tt'] : ['-T']), ...connection.args, line],
      env: connection.env,
      killInside: (signal) => this.#kill(connection, id, signal),
    };
  }

  async #kill(connection: SshConnection, id: string, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const end = await this.#run(connection, ['/bin/sh', '-c', KILL_SCRIPT, 'sh', signal.slice(3), id]);
    if (end.code !== 0) this.options.log.warn('ending a program over ssh failed', { why: lastWords(end, 200) });
  }

  /** The folder goes only when a person asks for a new sandbox: there is no copy of it. */
  async remove({ box }: { box?: BoxPlan }, cause: RemovalCause): Promise<void> {
    if (box && cause === 'recreate') await this.#runOrFail(box, ['rm', '-rf', '--', box.folder]);
  }

  hash(box: BoxPlan): string {
    return shortHash(JSON.stringify([box.settings.ssh.target, box.folder, box.setupCommand ?? '']), 16);
  }

  stop(): Promise<void> {
    return this.#connections.stop();
  }
}
