// A fingerprint of everything in a hook's folder: agents write in workspaces, so what was allowed must stay as it was.
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

const MAX_FILES = 100;
const MAX_BYTES = 5 * 1024 * 1024;

/** SHA-256 over names and contents; undefined for a folder with links or devices, or one that is too large. */
export async function sealOf(dir: string): Promise<string | undefined> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  if (files.length > MAX_FILES || files.some((entry) => !entry.isFile())) return undefined;
  const names = files.map((entry) => path.join(entry.parentPath ?? entry.path, entry.name)).sort();
  const sizes = await Promise.all(names.map(async (name) => (await stat(name)).size));
  if (sizes.reduce((sum, size) => sum + size, 0) > MAX_BYTES) return undefined;
  const hash = createHash('sha256');
  for (const name of names) {
    const content = await readFile(name);
    const shown = path.relative(dir, name).split(path.sep).join('/');
    hash.update(`${shown.length}:${shown}:${content.length}:`).update(content);
  }
  return hash.digest('hex');
}
