// Finds the folders below a root that hold a certain file (SKILL.md, HOOK.md), and reads it; what leads out is refused.
import { constants } from 'node:fs';
import { lstat, open, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';

export interface FolderRoot {
  /** Absolute; need not exist. */
  dir: string;
  /** The root must really lie in this folder, wherever links lead; default: the root may be anywhere. */
  within?: string;
  /** Folders that links below the root may lead into besides the root itself. */
  alsoAllowed?: readonly string[];
  /** How many folders are looked at, in the order of their names. */
  maxFolders: number;
  /** Bytes of the file. */
  maxBytes: number;
}

export interface MarkedFolder<T> {
  /** Name of the folder. */
  name: string;
  /** Absolute, as found: links are not resolved. */
  dir: string;
  file: string;
  value: T;
}

export interface FolderFault {
  dir: string;
  /** One sentence. */
  reason: string;
}

export interface FoundFolders<T> {
  folders: MarkedFolder<T>[];
  faults: FolderFault[];
}

interface Remembered<T> {
  stamp: string;
  value?: T;
  reason?: string;
}

const MAX_REMEMBERED = 5_000;
/** Names reach prompts and terminals, so nothing in them may look like anything else. */
const FOLDER_NAME = /^[\w.@+ -]{1,100}$/;
const MISSING = new Set(['ENOENT', 'ENOTDIR']);
const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown error';
const isInside = (file: string, folder: string): boolean => file === folder || file.startsWith(folder + path.sep);

/** A folder that cannot be used, with the reason for people. */
class Refused extends Error {}

async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (MISSING.has(codeOf(error))) return undefined;
    throw error;
  }
}

/** Reads at most `maxBytes`; never through a link, never from a device. */
async function readWhole(file: string, maxBytes: number): Promise<string> {
  // O_NONBLOCK: opening a named pipe would wait for its other end.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Refused('it is no plain file');
    if (stats.size > maxBytes) throw new Refused(`it is larger than ${maxBytes} bytes`);
    const buffer = Buffer.alloc(stats.size);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/**
 * Looks for marked folders; a file that did not change is not read again. `parse` gets the text and the folder's name;
 * what it throws becomes a fault of that folder.
 */
export class MarkedFolders<T> {
  readonly #known = new Map<string, Remembered<T>>();

  constructor(
    private readonly marker: string,
    private readonly parse: (text: string, folderName: string) => T,
  ) {}

  /** Folders in the order of their names. A root that is missing is empty; one that cannot be read is a fault. */
  async find(root: FolderRoot): Promise<FoundFolders<T>> {
    const found: FoundFolders<T> = { folders: [], faults: [] };
    try {
      const real = await this.#realRoot(root);
      if (real === undefined) return found;
      const entries = await readdir(root.dir, { withFileTypes: true });
      const names = entries
        .filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isSymbolicLink()))
        .map((entry) => ({ name: entry.name, isLink: entry.isSymbolicLink() }))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .slice(0, root.maxFolders);
      const looks = await Promise.all(names.map((entry) => this.#look(root, real, entry)));
      for (const look of looks) {
        if (look && 'reason' in look) found.faults.push(look);
        else if (look) found.folders.push(look);
      }
    } catch (error) {
      const reason = error instanceof Refused ? error.message : `the folder cannot be read (${codeOf(error)})`;
      found.faults.push({ dir: root.dir, reason });
    }
    return found;
  }

  async #realRoot({ dir, within }: FolderRoot): Promise<string | undefined> {
    const real = await ifThere(realpath(dir));
    if (real === undefined || within === undefined) return real;
    const outer = await ifThere(realpath(within));
    if (outer === undefined || !isInside(real, outer)) throw new Refused('the folder leads out of the workspace');
    return real;
  }

  async #look(
    root: FolderRoot,
    realRoot: string,
    { name, isLink }: { name: string; isLink: boolean },
  ): Promise<MarkedFolder<T> | FolderFault | undefined> {
    const dir = path.join(root.dir, name);
    if (!FOLDER_NAME.test(name))
      return { dir, reason: 'rename the folder: only letters, digits and . _ - + @ are read' };
    const file = path.join(dir, this.marker);
    try {
      if (isLink) await this.#checkLink(dir, [realRoot, ...(root.alsoAllowed ?? [])]);
      const stats = await ifThere(lstat(file));
      if (!stats) return undefined;
      const target = stats.isSymbolicLink() ? await this.#linkInside(file, dir) : file;
      const seen = target === file ? stats : await lstat(target);
      const stamp = `${seen.mtimeMs}:${seen.size}:${seen.ino}`;
      const known = this.#known.get(file);
      const fresh = known?.stamp === stamp ? known : await this.#read(target, { root, name, stamp });
      if (fresh !== known) this.#remember(file, fresh);
      if (fresh.value === undefined) return { dir, reason: `${this.marker}: ${fresh.reason ?? 'it cannot be read'}` };
      return { name, dir, file, value: fresh.value };
    } catch (error) {
      return { dir, reason: error instanceof Refused ? error.message : `it cannot be read (${codeOf(error)})` };
    }
  }

  #remember(file: string, fresh: Remembered<T>): void {
    // Folders come and go; what is gone must not stay for ever.
    if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
    this.#known.set(file, fresh);
  }

  async #checkLink(dir: string, allowed: readonly string[]): Promise<void> {
    const real = await ifThere(realpath(dir));
    const folders = await Promise.all(allowed.map((folder) => ifThere(realpath(folder))));
    const isAllowed = folders.some((folder) => real !== undefined && folder !== undefined && isInside(real, folder));
    if (!isAllowed) throw new Refused('it is a link that leads out of its folder');
  }

  async #linkInside(file: string, dir: string): Promise<string> {
    const [real, folder] = await Promise.all([ifThere(realpath(file)), realpath(dir)]);
    if (real === undefined || !isInside(real, folder)) throw new Refused(`${this.marker} is a link that leads out`);
    return real;
  }

  async #read(
    file: string,
    { root, name, stamp }: { root: FolderRoot; name: string; stamp: string },
  ): Promise<Remembered<T>> {
    try {
      return { stamp, value: this.parse(await readWhole(file, root.maxBytes), name) };
    } catch (error) {
      return { stamp, reason: error instanceof Error ? error.message : String(error) };
    }
  }
}
