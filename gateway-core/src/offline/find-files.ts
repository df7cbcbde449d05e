// Finds the text files of a folder, with limits, never leaving it and never following links.
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

export interface FoundFile {
  /** Relative, with forward slashes. */
  file: string;
  fullPath: string;
  sizeBytes: number;
  mtimeMs: number;
}

export interface FindLimits {
  extensions: ReadonlySet<string>;
  maxFileBytes: number;
  maxFiles: number;
  maxTotalBytes: number;
  /** Folders that come before others of their level, so that limits do not cut them off. */
  firstFolders?: readonly string[];
}

const MAX_DEPTH = 12;
const SKIPPED = new Set(['node_modules', 'dist', 'build', 'vendor', 'target', '__pycache__']);

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    // A folder that is missing, unreadable or has just gone holds nothing we could quote.
    if (isAccessProblem(error)) return [];
    throw error;
  }
}

/** True when a file or folder is not there (any more) or not ours to read. */
export function isAccessProblem(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES' || code === 'EPERM' || code === 'EISDIR';
}

async function describe(root: string, fullPath: string): Promise<FoundFile | undefined> {
  try {
    const { size, mtimeMs } = await stat(fullPath);
    const file = path.relative(root, fullPath).split(path.sep).join('/');
    return { file, fullPath, sizeBytes: size, mtimeMs };
  } catch (error) {
    if (isAccessProblem(error)) return undefined;
    throw error;
  }
}

function inOrder(root: string, folders: string[], { firstFolders = [] }: FindLimits): string[] {
  const isFirst = (folder: string): boolean =>
    firstFolders.includes(path.relative(root, folder).split(path.sep)[0] ?? '');
  return [...folders.filter(isFirst), ...folders.filter((folder) => !isFirst(folder))];
}

/** Files nearest to the root first, so that limits cut off the depths. A missing folder has no files. */
export async function findFiles(root: string, limits: FindLimits): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  let total = 0;
  let level = [root];
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth += 1) {
    const below: string[] = [];
    for (const folder of level) {
      for (const entry of await entriesOf(folder)) {
        if (entry.name.startsWith('.')) continue;
        const fullPath = path.join(folder, entry.name);
        if (entry.isDirectory() && !SKIPPED.has(entry.name)) below.push(fullPath);
        if (!entry.isFile() || !limits.extensions.has(path.extname(entry.name).toLowerCase())) continue;
        const file = await describe(root, fullPath);
        if (!file || file.sizeBytes > limits.maxFileBytes) continue;
        if (found.length >= limits.maxFiles || total + file.sizeBytes > limits.maxTotalBytes) return found;
        total += file.sizeBytes;
        found.push(file);
      }
    }
    level = inOrder(root, below, limits);
  }
  return found;
}
