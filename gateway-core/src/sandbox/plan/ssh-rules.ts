// Pure: settings of an SSH sandbox that are refused, and where its folder is.
import path from 'node:path';
import type { Refusal } from './plan-types.js';
import type { SandboxSettings, SshConfig } from './settings.js';

const TARGET = /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;
const REMOTE_ROOT = '/tmp/openclaw-sandboxes';

/** Folder on the other computer under which sandboxes have theirs. */
export function remoteRoot(ssh: SshConfig): string {
  return path.posix.normalize(ssh.workspaceRoot ?? REMOTE_ROOT).replace(/(.)\/+$/, '$1');
}

/** The parts of `user@host:port`; the host may be an alias of the SSH config. */
export function splitTarget(target: string): { destination: string; port?: string } {
  const [, destination = target, port] = /^(.*?)(?::(\d{1,5}))?$/.exec(target) ?? [];
  const bare = destination.replace(/\[([^\]]+)\]$/, '$1');
  return port === undefined ? { destination: bare } : { destination: bare, port };
}

/** The first setting that stands against working on the other computer. */
export function refuseSsh({ ssh, workspaceAccess, keyOf }: SandboxSettings): Refusal | undefined {
  const key = (field: string) => keyOf(`ssh.${field}`);
  if (ssh.target === undefined) return { key: key('target'), reason: 'An SSH sandbox needs the computer to work on.' };
  if (!TARGET.test(ssh.target)) {
    return { key: key('target'), reason: `"${ssh.target}" is not written as user@host or user@host:port.` };
  }
  const root = ssh.workspaceRoot ?? REMOTE_ROOT;
  if (!path.posix.isAbsolute(root) || path.posix.normalize(root) === '/' || /[\n\r\0]/.test(root)) {
    return { key: key('workspaceRoot'), reason: `"${root}" is not an absolute folder on the other computer.` };
  }
  if (ssh.command !== undefined && /^\s*$|^-/.test(ssh.command)) {
    return { key: key('command'), reason: 'The ssh command is empty or starts with a dash.' };
  }
  if (workspaceAccess !== 'none') {
    return {
      key: keyOf('workspaceAccess'),
      reason: 'An SSH sandbox has a folder of its own on the other computer and cannot see the workspace.',
      hint: 'Set workspaceAccess to "none".',
    };
  }
  return undefined;
}
