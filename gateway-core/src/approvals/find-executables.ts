// Looks up where the names of a command lead, as the shell that runs it would.
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Executable } from './decide-exec.js';

export interface SearchPlace {
  /** Folder that the command starts in. */
  cwd: string;
  /** PATH of the command. */
  searchPath: string;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    // Not there, or not ours to run: the shell would look on, too.
    return false;
  }
}

async function findProgram(name: string, { cwd, searchPath }: SearchPlace): Promise<string | undefined> {
  if (name.includes('/')) {
    const file = path.resolve(cwd, name);
    return (await isProgram(file)) ? file : undefined;
  }
  for (const folder of searchPath.split(path.delimiter)) {
    const file = path.resolve(cwd, folder, name);
    // A part of PATH that is not absolute leads elsewhere after a `cd`: what it holds has no path of its own.
    if (await isProgram(file)) return path.isAbsolute(folder) ? file : undefined;
  }
  return undefined;
}

async function describe(file: string): Promise<Executable> {
  const folder = path.dirname(file);
  return { path: file, realFolder: await realpath(folder).catch(() => folder) };
}

/** The programs of those names that lead somewhere. */
export async function findExecutables(
  names: readonly string[],
  place: SearchPlace,
): Promise<ReadonlyMap<string, Executable>> {
  const found = new Map<string, Executable>();
  for (const name of names) {
    const file = await findProgram(name, place);
    if (file !== undefined) found.set(name, await describe(file));
  }
  return found;
}
