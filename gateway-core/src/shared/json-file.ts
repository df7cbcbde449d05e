// Durable writes: temp file → fsync → rename → fsync of the folder.
import { randomBytes } from 'node:crypto';
import { chmod, copyFile, cp, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
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

function temporaryFor(file: string): string {
  return path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
}

/** Replaces `file` so that a reader, or a crash, sees the old text or the new one and nothing between. */
export async function writeTextDurably(file: string, text: string, options: WriteOptions = {}): Promise<void> {
  await writeChunksDurably(file, [text], options);
}

/** The same for contents that come in parts; when they end in an error, nothing has changed, and it is thrown. */
export async function writeChunksDurably(
  file: string,
  chunks: Iterable<string | Uint8Array> | AsyncIterable<Uint8Array>,
  options: WriteOptions = {},
): Promise<void> {
  const folder = path.dirname(file);
  await ensureFolder(folder);
  const temporary = temporaryFor(file);
  const mode = options.mode ?? 0o600;
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      for await (const chunk of chunks) await handle.writeFile(chunk);
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

/**
 * Adds a line to the end of `file` and resolves with its size in bytes when it is on disk. A line that a crash cut off
 * before stays a line of its own.
 */
export async function appendLine(file: string, line: string, options: WriteOptions = {}): Promise<number> {
  await ensureFolder(path.dirname(file));
  const handle = await open(file, 'a+', options.mode ?? 0o600);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    const text = `${size > 0 && last.toString() !== '\n' ? '\n' : ''}${line}\n`;
    await handle.appendFile(text);
    await handle.sync();
    return size + Buffer.byteLength(text);
  } finally {
    await handle.close();
  }
}

/**
 * Replaces `to` by a copy of `from`, whole or not at all; false when there is no `from`. A crash of the machine may
 * undo it: for copies of what is safe elsewhere.
 */
export async function copyWhole(from: string, to: string, options: WriteOptions = {}): Promise<boolean> {
  const temporary = temporaryFor(to);
  try {
    await copyFile(from, temporary);
    await chmod(temporary, options.mode ?? 0o600);
    await rename(temporary, to);
    return true;
  } catch (error) {
    await rm(temporary, { force: true });
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
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
