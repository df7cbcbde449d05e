// Paths of the host: from what a tool names to the file it means, with links followed and walls kept.
import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../shared/app-error.js';

export interface PathRules {
  /** Relative paths start here. */
  workdir: string;
  /** Nothing outside the workspace may be touched. */
  isContained: boolean;
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
}

async function isLink(file: string): Promise<boolean> {
  const facts = await lstat(file).catch(() => undefined);
  return facts?.isSymbolicLink() ?? false;
}

function leadsNowhere(link: string): AppError {
  return new AppError('tool.file_missing', { message: `${link} is a link that leads nowhere.` });
}

/** The real path of `file`, whose last parts may not exist yet. */
async function realPathOf(file: string): Promise<string> {
  const missing: string[] = [];
  for (let at = file; ; at = path.dirname(at)) {
    try {
      return path.join(await realpath(at), ...missing);
    } catch (error) {
      if (!hasCode(error, 'ENOENT') || path.dirname(at) === at) throw error;
      if (await isLink(at)) throw leadsNowhere(at);
      missing.unshift(path.basename(at));
    }
  }
}

export function isInside(folder: string, file: string): boolean {
  const way = path.relative(folder, file);
  return way === '' || (way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way));
}

function outside(named: string): AppError {
  return new AppError('tool.path_outside', { message: `${named} lies outside the workspace.` });
}

/**
 * The file that a path means, with every link followed. Throws AppError tool.path_outside for one beyond the walls, and
 * tool.file_missing for a link that leads nowhere: where it leads once something is there cannot be told.
 */
export async function resolveHostPath(named: string, { workdir, isContained }: PathRules): Promise<string> {
  if (named.includes('\0')) throw outside('A path with a zero byte');
  const file = path.resolve(workdir, named);
  let real: string;
  try {
    real = await realPathOf(file);
  } catch (error) {
    if (hasCode(error, 'ELOOP', 'ENOTDIR', 'EACCES', 'ENAMETOOLONG')) {
      throw new AppError('tool.file_missing', { message: `${named} cannot be reached.`, cause: error });
    }
    throw error;
  }
  if (isContained && !isInside(await realPathOf(workdir), real)) throw outside(named);
  return real;
}
