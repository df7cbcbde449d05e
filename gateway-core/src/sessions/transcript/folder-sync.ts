// Puts the names of new files on disk: callers of the same moment share one fsync of their folder.
import { type FileHandle, open, stat } from 'node:fs/promises';

function identityOf({ dev, ino }: { dev: number; ino: number }): string {
  return `${dev}:${ino}`;
}

/** One folder. Who asks while a sync is under way shares the next one: theirs may have come too late for it. */
class OneFolder {
  readonly #folder: string;
  #handle: FileHandle | undefined;
  /** Which folder is open; another one of the same name has another. */
  #identity = '';
  /** The sync that has not begun yet. */
  #next: Promise<void> | undefined;
  /** Settles, never rejects, when all syncs so far are over. */
  #idle: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
  }

  sync(): Promise<void> {
    if (!this.#next) {
      this.#next = this.#idle.then(() => {
        this.#next = undefined;
        return this.#sync();
      });
      this.#idle = Promise.allSettled([this.#next]);
    }
    return this.#next;
  }

  async close(): Promise<void> {
    await this.#idle;
    await this.#drop();
  }

  async #sync(): Promise<void> {
    try {
      await this.#open();
      await this.#handle?.sync();
    } catch (error) {
      await this.#drop();
      throw error;
    }
  }

  /** Somebody may have removed the folder, or put another one in its place: then that one counts. */
  async #open(): Promise<void> {
    if (this.#handle && identityOf(await stat(this.#folder)) !== this.#identity) await this.#drop();
    if (this.#handle) return;
    this.#handle = await open(this.#folder, 'r');
    this.#identity = identityOf(await this.#handle.stat());
  }

  async #drop(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }
}

/** Keeps the folders open, so that a new file costs one call more and not three. */
export class FolderSync {
  readonly #folders = new Map<string, OneFolder>();

  /** Resolves when every name made in `folder` before this call is on disk. Rejects with the error of the system. */
  sync(folder: string): Promise<void> {
    // Windows cannot open a folder for fsync; its journal keeps the name.
    if (process.platform === 'win32') return Promise.resolve();
    let one = this.#folders.get(folder);
    if (!one) {
      one = new OneFolder(folder);
      this.#folders.set(folder, one);
    }
    return one.sync();
  }

  /** For a folder that was removed: another one may come in its place. */
  async forget(folder: string): Promise<void> {
    const one = this.#folders.get(folder);
    this.#folders.delete(folder);
    await one?.close();
  }

  /** Waits for what is under way and lets go of all folders. */
  async stop(): Promise<void> {
    await Promise.all([...this.#folders.keys()].map((folder) => this.forget(folder)));
  }
}
