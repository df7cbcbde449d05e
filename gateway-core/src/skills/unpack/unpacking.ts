// Writes the entries of an archive into a folder that nobody else writes to, within limits. No link is ever made.
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { entryParts, refusedArchive } from './entry-name.js';

export interface UnpackLimits {
  /** Files and folders. */
  maxEntries: number;
  /** Of one file, unpacked. */
  maxFileBytes: number;
  /** Of all files together, unpacked. */
  maxBytes: number;
}

export interface ArchiveEntry {
  name: string;
  kind: 'file' | 'folder' | 'other';
  /** As the archive says; what comes is counted all the same. */
  size: number;
  isProgram: boolean;
}

const isExisting = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EEXIST';

export class Unpacking {
  readonly #folder: string;
  readonly #strip: number;
  readonly #limits: UnpackLimits;
  readonly #signal: AbortSignal;
  #entries = 0;
  #bytes = 0;
  #files = 0;

  /** `folder` must be new. */
  constructor(folder: string, options: { strip: number; limits: UnpackLimits; signal: AbortSignal }) {
    this.#folder = folder;
    this.#strip = options.strip;
    this.#limits = options.limits;
    this.#signal = options.signal;
  }

  /** Files written so far. */
  get files(): number {
    return this.#files;
  }

  /** Takes one entry. Throws AppError skill.install_refused for one that may not be, or the reason of the signal. */
  async place(entry: ArchiveEntry, contents: AsyncIterable<Uint8Array>): Promise<void> {
    this.#signal.throwIfAborted();
    const { name, kind, size } = entry;
    const { maxEntries, maxFileBytes, maxBytes } = this.#limits;
    this.#entries += 1;
    if (this.#entries > maxEntries) throw refusedArchive(`it has more than ${maxEntries} files and folders`);
    if (kind === 'other') throw refusedArchive('it has a link or a device in it', name);
    if (size > maxFileBytes || this.#bytes + size > maxBytes) throw refusedArchive('it is too large', name);
    const parts = entryParts(name, this.#strip);
    if (kind === 'folder') await mkdir(path.join(this.#folder, ...parts), { recursive: true, mode: 0o700 });
    else if (parts.length > 0) await this.#write(path.join(this.#folder, ...parts), entry, contents);
    else for await (const chunk of contents) this.#count(chunk.length, name);
  }

  async #write(file: string, { name, isProgram }: ArchiveEntry, contents: AsyncIterable<Uint8Array>): Promise<void> {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(file, 'wx', isProgram ? 0o700 : 0o600).catch((error: unknown) => {
      throw isExisting(error) ? refusedArchive('a name is in it twice', name) : error;
    });
    try {
      let written = 0;
      for await (const chunk of contents) {
        this.#signal.throwIfAborted();
        this.#count(chunk.length, name);
        written += chunk.length;
        if (written > this.#limits.maxFileBytes) throw refusedArchive('it is too large', name);
        await handle.writeFile(chunk);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    this.#files += 1;
  }

  #count(bytes: number, name: string): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#limits.maxBytes) throw refusedArchive('it is too large', name);
  }
}
