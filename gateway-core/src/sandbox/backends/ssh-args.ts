// Pure: the arguments of the ssh command for a plan.
import path from 'node:path';
import type { SshConfig } from '../plan/settings.js';
import { splitTarget } from '../plan/ssh-rules.js';

export interface SshFiles {
  identity?: string;
  certificate?: string;
  knownHosts?: string;
  /** Socket over which one connection carries every command. */
  control: string;
}

const option = (name: string, value: string): string[] => ['-o', `${name}=${value}`];
/** Values of -o are split at spaces unless quoted. */
const fileOption = (name: string, file: string): string[] => option(name, `"${file.replaceAll('%', '%%')}"`);

/** Options and destination; never asks a person anything. */
export function sshArgs(ssh: SshConfig, files: SshFiles, control: 'master' | 'client'): string[] {
  const { destination, port } = splitTarget(ssh.target ?? '');
  return [
    ...option('BatchMode', 'yes'),
    ...option('StrictHostKeyChecking', ssh.strictHostKeyChecking === false ? 'accept-new' : 'yes'),
    ...option('UpdateHostKeys', ssh.updateHostKeys === true ? 'yes' : 'no'),
    ...option('ForwardAgent', 'no'),
    ...option('ForwardX11', 'no'),
    ...option('ClearAllForwardings', 'yes'),
    ...option('PermitLocalCommand', 'no'),
    ...option('ConnectTimeout', '15'),
    ...option('ServerAliveInterval', '15'),
    ...option('ControlMaster', control === 'master' ? 'yes' : 'no'),
    ...option('ControlPersist', 'no'),
    ...option('ControlPath', files.control),
    ...(files.identity ? [...fileOption('IdentityFile', files.identity), ...option('IdentitiesOnly', 'yes')] : []),
    ...(files.certificate ? fileOption('CertificateFile', files.certificate) : []),
    ...(files.knownHosts
      ? [...fileOption('UserKnownHostsFile', files.knownHosts), ...option('GlobalKnownHostsFile', 'none')]
      : []),
    ...(port === undefined ? [] : ['-p', port]),
    '--',
    destination,
  ];
}

/** Folder beside the sandboxes where variables wait for their program. */
export function spoolFolder(folder: string): string {
  return path.posix.join(path.posix.dirname(folder), '.openclaw-env');
}
