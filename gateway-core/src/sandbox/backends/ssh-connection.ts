// One connection to another computer that carries every command to it, and ends with us.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError } from '../../shared/app-error.js';
import { writeTextDurably } from '../../shared/json-file.js';
import { type HeldProcess, holdProcess } from '../guest/process-run.js';
import { shortHash } from '../plan/names.js';
import type { SshConfig } from '../plan/settings.js';
import type { BackendOptions } from './backend.js';
import { engineEnv, findProgram } from './programs.js';
import { type SshFiles, sshArgs } from './ssh-args.js';

const READY = 'openclaw-ready';

export interface SshConnection {
  file: string;
  env: Record<string, string>;
  /** Options and destination; the command line follows. */
  args: readonly string[];
}

interface Open extends SshConnection {
  held: HeldProcess;
  folder: string;
}

function unavailable(reason: string, hint?: string): AppError {
  return new AppError('sandbox.unavailable', {
    message: `This conversation must run on another computer over SSH: ${reason}`,
    hint: hint ?? 'Check agents.defaults.sandbox.ssh. Nothing runs on this computer instead.',
  });
}

/** Keys and hosts that the config holds as text become files that only we may read. */
async function writeFiles(ssh: SshConfig, folder: string): Promise<SshFiles> {
  const write = async (name: string, text: string | undefined): Promise<string | undefined> => {
    if (text === undefined) return undefined;
    const file = path.join(folder, name);
    await writeTextDurably(file, text.endsWith('\n') ? text : `${text}\n`);
    return file;
  };
  return {
    identity: (await write('identity', ssh.identityData)) ?? ssh.identityFile,
    certificate: (await write('certificate', ssh.certificateData)) ?? ssh.certificateFile,
    knownHosts: (await write('known_hosts', ssh.knownHostsData)) ?? ssh.knownHostsFile,
    control: path.join(folder, 'c'),
  };
}

export class SshConnections {
  readonly #open = new Map<string, Promise<Open>>();

  constructor(private readonly options: BackendOptions) {}

  /** The connection for these settings, made on first use and anew when it has ended. Rejects with sandbox.unavailable. */
  get(ssh: SshConfig): Promise<SshConnection> {
    const key = shortHash(JSON.stringify(ssh), 32);
    let open = this.#open.get(key);
    if (!open) {
      open = this.#connect(ssh);
      this.#open.set(key, open);
      const forget = (): void => void this.#open.delete(key);
      open.then(({ held }) => void held.ended.then(forget), forget);
    }
    return open;
  }

  async #connect(ssh: SshConfig): Promise<Open> {
    const env = engineEnv(this.options.env);
    const file = await findProgram(ssh.command ?? 'ssh', env, this.options.platform);
    if (file === undefined)
      throw unavailable(`the program "${ssh.command ?? 'ssh'}" is not installed.`, 'Install OpenSSH.');
    // Short, because the path of a socket may not be long.
    const folder = await mkdtemp(path.join(tmpdir(), 'ocs-'));
    try {
      const files = await writeFiles(ssh, folder);
      const args = [...sshArgs(ssh, files, 'master'), `echo ${READY}; exec cat > /dev/null`];
      const held = await holdProcess({ file, args, env }, READY);
      if (typeof held === 'string') throw unavailable(held === '' ? 'the connection ended at once.' : held);
      void held.ended.then(() => rm(folder, { recursive: true, force: true }));
      return { file, env, args: sshArgs(ssh, files, 'client'), held, folder };
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async stop(): Promise<void> {
    const settled = await Promise.allSettled(this.#open.values());
    for (const outcome of settled) {
      if (outcome.status !== 'fulfilled') continue;
      await outcome.value.held.stop();
      await rm(outcome.value.folder, { recursive: true, force: true });
    }
    this.#open.clear();
  }
}
