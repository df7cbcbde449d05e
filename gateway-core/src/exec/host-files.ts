// Files of the host, for tools: contained where the config says so, written whole or not at all.
import { randomBytes } from 'node:crypto';
import { constants, type Dirent, type Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../shared/app-error.js';
import { moveAside } from '../shared/json-file.js';
import type { FileFacts, WorkplaceFiles } from '../tools/index.js';
import { isInside, resolveHostPath } from './host-paths.js';

export interface HostFilesOptions {
  workdir: string;
  /** True when the workspace is the only place that may be touched (tools.fs.workspaceOnly). */
  workspaceOnly: () => boolean;
}

/** What is read at most unless a tool says otherwise; also the most that is written. */
const MAX_BYTES = 64 * 1_048_576;
const NEW_FILE_MODE = 0o666;
// Not waiting for the other end of a pipe, not following a link that came up since the path was checked.
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** Turns what the system says into what an agent can act upon. */
function explain(error: unknown, named: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof AppError || code === undefined) return error;
  if (isMissing(error)) return new AppError('tool.file_missing', { message: `${named} does not exist.`, cause: error });
  return new AppError('tool.file_refused', { message: `The system refuses ${named} (${code}).`, cause: error });
}

function kindOf(entry: Stats | Dirent): FileFacts['kind'] {
  if (entry.isFile()) return 'file';
  return entry.isDirectory() ? 'folder' : 'other';
}

function checkSize(size: number, maxBytes: number, named: string): void {
  if (size <= maxBytes) return;
  const message = `${named} has ${size} bytes; ${maxBytes} are the limit.`;
  throw new AppError('tool.file_too_large', { message, details: { size, maxBytes } });
}

async function readAll(handle: FileHandle, named: string, maxBytes: number, signal?: AbortSignal): Promise<Buffer> {
  const facts = await handle.stat();
  if (!facts.isFile()) throw new AppError('tool.file_refused', { message: `${named} is not a file.` });
  checkSize(facts.size, maxBytes, named);
  const chunks: Buffer[] = [];
  let size = 0;
  // Files that grow while they are read, and those of /proc, are larger than they say.
  for await (const chunk of handle.createReadStream({ autoClose: false, signal }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    checkSize(size, maxBytes, named);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder; its rename is durable by journal.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function fill(file: string, data: Buffer, mode: number | undefined, signal?: AbortSignal): Promise<void> {
  const handle = await open(file, 'wx', mode ?? NEW_FILE_MODE);
  try {
    await handle.writeFile(data, { signal });
    // The umask took bits of the mode away that the file had before.
    if (mode !== undefined) await handle.chmod(mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function replace(file: string, data: Buffer, signal?: AbortSignal): Promise<void> {
  const facts = await stat(file).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (facts && !facts.isFile()) throw new AppError('tool.file_refused', { message: `${file} is not a file.` });
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true });
  const temporary = path.join(folder, `.${path.basename(file).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await fill(temporary, data, facts && facts.mode & 0o7777, signal);
    signal?.throwIfAborted();
    await moveAside(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

class HostFiles implements WorkplaceFiles {
  readonly #options: HostFilesOptions;

  constructor(options: HostFilesOptions) {
    this.#options = options;
  }

  resolve(named: string): Promise<string> {
    const { workdir, workspaceOnly } = this.#options;
    return resolveHostPath(named, { workdir, isContained: workspaceOnly() });
  }

  read(named: string, options: { maxBytes?: number; signal?: AbortSignal } = {}): Promise<Buffer> {
    return this.#at(named, async (file) => {
      const { maxBytes = MAX_BYTES, signal } = options;
      signal?.throwIfAborted();
      const handle = await open(file, READ_FLAGS);
      try {
        return await readAll(handle, named, maxBytes, signal);
      } finally {
        await handle.close();
      }
    });
  }

  write(named: string, data: Buffer, options: { signal?: AbortSignal } = {}): Promise<void> {
    return this.#at(named, async (file) => {
      checkSize(data.length, MAX_BYTES, named);
      options.signal?.throwIfAborted();
      await replace(file, data, options.signal);
    });
  }

  async stat(named: string): Promise<FileFacts | undefined> {
    const file = await this.resolve(named);
    try {
      const facts = await stat(file);
      return { kind: kindOf(facts), size: facts.size, mtimeMs: facts.mtimeMs };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw explain(error, named);
    }
  }

  list(named: string): Promise<Array<{ name: string; kind: FileFacts['kind'] }>> {
    return this.#at(named, async (folder) => {
      const entries = await readdir(folder, { withFileTypes: true });
      return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
    });
  }

  async remove(named: string): Promise<void> {
    await this.#entry(named, async (file) => {
      await lstat(file);
      await rm(file, { recursive: true });
    });
  }

  async move(from: string, to: string): Promise<void> {
    const target = await this.resolve(to);
    await this.#entry(from, async (file) => {
      await lstat(file);
      await mkdir(path.dirname(target), { recursive: true });
      await moveAside(file, target);
    });
  }

  async #at<T>(named: string, work: (file: string) => Promise<T>): Promise<T> {
    const file = await this.resolve(named);
    try {
      return await work(file);
    } catch (error) {
      throw explain(error, named);
    }
  }

  /** For what acts on an entry of a folder: a link itself, not what it leads to. */
  async #entry(named: string, work: (file: string) => Promise<void>): Promise<void> {
    const { workdir } = this.#options;
    const written = path.resolve(workdir, named);
    const folder = await this.resolve(path.dirname(written));
    const file = path.join(folder, path.basename(written));
    // The workspace itself, and what it lies in, must stay.
    if (isInside(file, await this.#root())) {
      throw new AppError('tool.path_outside', { message: `${named} holds the workspace and must stay.` });
    }
    try {
      await work(file);
    } catch (error) {
      throw explain(error, named);
    }
  }

  #root(): Promise<string> {
    return resolveHostPath('.', { workdir: this.#options.workdir, isContained: false });
  }
}

export function createHostFiles(options: HostFilesOptions): WorkplaceFiles {
  return new HostFiles(options);
}
