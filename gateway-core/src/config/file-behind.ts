// The file that a link to the config points to.
import { realpath } from 'node:fs/promises';

/** The file behind a link, so that replacing it keeps the link; `file` itself when there is none yet. */
export async function fileBehind(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return file;
    throw error;
  }
}
