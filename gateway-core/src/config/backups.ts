// Keeps the last five versions of a file that is about to be replaced: `.bak`, `.bak.1` … `.bak.4`.
import { copyWhole } from '../shared/json-file.js';

/** Moves older copies one place on and copies `file` to `<file>.bak`. Every copy is whole, whenever a crash comes. */
export async function rotateBackups(file: string): Promise<void> {
  for (const [from, to] of [
    ['.bak.3', '.bak.4'],
    ['.bak.2', '.bak.3'],
    ['.bak.1', '.bak.2'],
    ['.bak', '.bak.1'],
    ['', '.bak'],
  ]) {
    await copyWhole(`${file}${from}`, `${file}${to}`);
  }
}
