// Reads a file of a workspace without leaving it: links that lead out are not followed.
import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../shared/app-error.js';

const MAX_BYTES = 1024 * 1024;
const GONE = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

/** Undefined when there is no such file, or it is none that can be read to its end. Throws AppError tool.path_outside or tool.file_too_large. */
export async function readWorkspaceFile(workspaceDir: string, file: string): Promise<string | undefined> {
  try {
    const root = await realpath(workspaceDir);
    const real = await realpath(path.join(root, file));
    if (!real.startsWith(root + path.sep)) {
      throw new AppError('tool.path_outside', { message: `${file} leads out of the workspace.` });
    }
    const info = await stat(real);
    // Agents make these files: a pipe would hold the gateway up, a device never ends.
    if (!info.isFile()) return undefined;
    if (info.size > MAX_BYTES) throw new AppError('tool.file_too_large', { message: `${file} is larger than 1 MB.` });
    return await readFile(real, 'utf8');
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
