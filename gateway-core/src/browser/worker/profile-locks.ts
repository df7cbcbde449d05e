// Removes the locks that a browser left in its folder when the computer or the container under it ended.
import { readlink, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';

const LOCKS = ['SingletonLock', 'SingletonCookie', 'SingletonSocket'];

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The lock names who holds it: `<host>-<pid>`. Absent on Windows, where the system frees it. */
async function holder(userDataDir: string): Promise<string | undefined> {
  try {
    return await readlink(path.join(userDataDir, 'SingletonLock'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EINVAL' || code === 'UNKNOWN') return undefined;
    throw error;
  }
}

/** Chromium refuses a folder whose lock names another host, although no other host uses ours. */
export async function clearStaleLocks(userDataDir: string): Promise<void> {
  const held = await holder(userDataDir);
  if (held === undefined) return;
  const [, host = '', pid = ''] = /^(.*)-(\d+)$/.exec(held) ?? [];
  if (host === hostname() && isAlive(Number(pid))) return;
  await Promise.all(LOCKS.map((name) => rm(path.join(userDataDir, name), { force: true })));
}
