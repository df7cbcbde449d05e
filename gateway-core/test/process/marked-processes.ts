// Finds processes by a mark in their arguments or their environment, which children inherit.
import { readdir, readFile } from 'node:fs/promises';

/** A process that ended, or that belongs to another user, has nothing to read. */
async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'latin1');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(code)) return '';
    throw error;
  }
}

/** Ids of the processes with that mark; always none where there is no /proc. */
export async function processesWith(mark: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const texts = await Promise.all(['cmdline', 'environ'].map((name) => readIfThere(`/proc/${pid}/${name}`)));
      return texts.some((text) => text.includes(mark)) ? [pid] : [];
    }),
  );
  return found.flat();
}
