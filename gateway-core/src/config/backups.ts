// Keeps the last five versions of a file that is about to be replaced: `.bak`, `.bak.1` … `.bak.4`.
import { chmod, copyFile } from 'node:fs/promises';

async function copyIfThere(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to);
    await chmod(to, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Moves older copies one place on and copies `file` to `<file>.bak`. */
export async function rotateBackups(file: string): Promise<void> {
  for (const [from, to] of [
    ['.bak.3', '.bak.4'],
    ['.bak.2', '.bak.3'],
    ['.bak.1', '.bak.2'],
    ['.bak', '.bak.1'],
    ['', '.bak'],
  ]) {
    await copyIfThere(`${file}${from}`, `${file}${to}`);
  }
}
