// Durable writes: temp file → fsync → rename → fsync of the folder.
import { randomBytes } from 'node:crypto';
import { chmod, cp, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';

export interface WriteOptions {
  /** File mode; 0600 by default, since most of what we keep is private. */
  mode?: number;
}

/** Makes `folder` and its parents, readable by their owner alone. */
export async function ensureFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder for fsync; its rename is durable by journal.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Replaces `file` so that a reader, or a crash, sees the old text or the new one and nothing between. */
export async function writeTextDurably(file: string, text: string, options: WriteOptions = {}): Promise<void> {
  const folder = path.dirname(file);
  await ensureFolder(folder);
  const temporary = path.join(folder, `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  const mode = options.mode ?? 0o600;
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(temporary, mode);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** `writeTextDurably` for a value, as JSON with two spaces. */
export async function writeJsonDurably(file: string, value: unknown, options: WriteOptions = {}): Promise<void> {
  await writeTextDurably(file, `${JSON.stringify(value, null, 2)}\n`, options);
}

/** The text of `file`, or undefined when there is no such file. */
export async function readTextIfExists(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** The value in `file`, or undefined when there is no such file. Throws a SyntaxError on broken JSON. */
export async function readJsonIfExists<T>(file: string): Promise<T | undefined> {
  const text = await readTextIfExists(file);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

/** Moves a file or folder to a place that does not exist yet; false when there is nothing to move. */
export async function moveAside(from: string, to: string): Promise<boolean> {
  await ensureFolder(path.dirname(to));
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    if (code !== 'EXDEV') throw error;
    // Another disk: a copy first, so that nothing is lost half way.
    await cp(from, to, { recursive: true, errorOnExist: true, force: false });
    await rm(from, { recursive: true });
  }
  return true;
}
