// Waits until browser processes are gone, and ends those that stay.
import { readFile } from 'node:fs/promises';
import type { Clock } from '../shared/clock.js';

const GRACE_MS = 5_000;
const LOOK_EVERY_MS = 50;

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A thread that ended cannot bury its children: Linux lists them as zombies until the gateway ends. */
async function isZombie(pid: number): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  return /\) [ZX] /.test(stat);
}

/** True while the process does anything. */
export async function isProcessAlive(pid: number): Promise<boolean> {
  return exists(pid) && !(await isZombie(pid));
}

/** The whole group where there are groups: a browser is many processes. */
function kill(pid: number): void {
  for (const target of process.platform === 'win32' ? [pid] : [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** Resolves when the process is gone; after five seconds it is killed. */
export async function untilGone(pid: number, clock: Clock): Promise<void> {
  const deadline = clock.now() + GRACE_MS;
  while (await isProcessAlive(pid)) {
    if (clock.now() >= deadline) return kill(pid);
    await new Promise<void>((resolve) => void clock.after(LOOK_EVERY_MS, resolve));
  }
}
