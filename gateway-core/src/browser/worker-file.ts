// Where the code of the thread and the browser library are, in a build, an installed package and the packaged app.
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { AppError } from '../shared/app-error.js';

/** Seen from the file that this code was bundled into. */
const PLACES = ['../workers/browser-worker.cjs', '../../workers/browser-worker.cjs'];

/** The code as text, because a thread cannot start from a file inside an Electron archive everywhere. */
export async function workerCode(file: URL | undefined): Promise<string> {
  const places = file ? [file] : PLACES.map((place) => new URL(place, import.meta.url));
  for (const place of places) {
    try {
      return await readFile(place, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    }
  }
  throw new AppError('browser.crashed', {
    message: 'The part of this program that drives browsers is missing.',
    hint: 'Install the program again.',
  });
}

/** The library's main file; unpacked beside the archive in the packaged app, when it is there. */
export async function playwrightFile(): Promise<string> {
  const file = createRequire(import.meta.url).resolve('playwright-core');
  const unpacked = file.replace(`app.asar${path.sep}`, `app.asar.unpacked${path.sep}`);
  if (unpacked === file) return file;
  return access(unpacked, constants.R_OK).then(
    () => unpacked,
    () => file,
  );
}
