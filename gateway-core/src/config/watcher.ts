// Notices that the config, or a file that is read with it, may have changed. Folders are watched: a watch on a file
// goes deaf when an editor replaces it.
import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { errorMessage } from '../shared/app-error.js';
import type { Clock, Timer } from '../shared/clock.js';
import { ensureFolder } from '../shared/json-file.js';
import { inBackground, type Logger } from '../shared/logger.js';
import { fileBehind } from './file-behind.js';

export interface ConfigWatcherOptions {
  configPath: string;
  /** Included files and `.env` files; `follow` replaces them. */
  parts: readonly string[];
  /** How long the files must rest before they count as written. */
  settleMs: number;
  clock: Clock;
  log: Logger;
  /** The files have rested; `changedAtMs` is the time of the last change. */
  onSettled: (changedAtMs: number) => void;
}

/** Where folders cannot be watched, the files are looked at this often. */
const POLL_MS = 2_000;

/** Names that count in a folder. Behind a link any file may be the one that was exchanged. */
type Names = Set<string> | 'any';

/** True when the file itself, not only a folder above it, is a link. */
async function isLinkTo(file: string, real: string): Promise<boolean> {
  const unlinked = path.join(await fileBehind(path.dirname(file)), path.basename(file));
  return real !== unlinked && real !== file;
}

async function isFolder(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}

/** The nearest folder above `file` that exists, and the name in it that leads to the file. */
async function nearest(file: string): Promise<{ folder: string; name: string }> {
  let at = file;
  while (path.dirname(at) !== at && !(await isFolder(path.dirname(at)))) at = path.dirname(at);
  return { folder: path.dirname(at), name: path.basename(at) };
}

function note(places: Map<string, Names>, folder: string, name: string | undefined): void {
  const known = places.get(folder);
  if (name === undefined || known === 'any') places.set(folder, 'any');
  else places.set(folder, new Set([...(known ?? []), name]));
}

/** Which folders to watch for these files, and for which names in them. */
async function placesOf(files: readonly string[]): Promise<Map<string, Names>> {
  const places = new Map<string, Names>();
  for (const file of files) {
    const real = await fileBehind(file);
    if (await isLinkTo(file, real)) {
      note(places, path.dirname(file), undefined);
      // The link may point into another folder after every change.
      note(places, path.dirname(real), undefined);
    } else {
      const { folder, name } = await nearest(file);
      note(places, folder, name);
    }
  }
  return places;
}

export class ConfigWatcher {
  readonly #options: ConfigWatcherOptions;
  readonly #handles = new Map<string, FSWatcher>();
  #places = new Map<string, Names>();
  #parts: readonly string[];
  #arming: Promise<void> = Promise.resolve();
  #settling: Timer | undefined;
  #polling: Timer | undefined;
  #running = false;

  constructor(options: ConfigWatcherOptions) {
    this.#options = options;
    this.#parts = options.parts;
  }

  /** Makes the folder of the config when it is missing. Where folders cannot be watched the files are polled. */
  async start(): Promise<void> {
    this.#running = true;
    this.#arm();
    await this.#arming;
  }

  /** From now on these files count besides the config; they need not exist. */
  follow(parts: readonly string[]): void {
    if (isDeepStrictEqual(parts, this.#parts)) return;
    this.#parts = parts;
    if (this.#running) this.#arm();
  }

  stop(): void {
    this.#running = false;
    this.#settling?.cancel();
    this.#polling?.cancel();
    for (const handle of this.#handles.values()) handle.close();
    this.#handles.clear();
  }

  /** One after the other, so that the last wish counts. */
  #arm(): void {
    this.#arming = this.#arming.then(() => this.#armNow());
    inBackground(this.#arming, this.#options.log, 'the config cannot be watched');
  }

  async #armNow(): Promise<void> {
    const { configPath } = this.#options;
    try {
      await ensureFolder(path.dirname(configPath));
      this.#places = await placesOf([configPath, ...this.#parts]);
      for (const [folder, handle] of this.#handles) {
        if (this.#places.has(folder)) continue;
        handle.close();
        this.#handles.delete(folder);
      }
      const fresh = [...this.#places.keys()].filter((folder) => this.#watchFolder(folder));
      // What was saved before the watch began was not heard.
      if (fresh.length > 0) this.#changed();
    } catch (error) {
      this.#poll(errorMessage(error));
    }
  }

  /** False when it is watched already. */
  #watchFolder(folder: string): boolean {
    if (!this.#running || this.#handles.has(folder)) return false;
    const handle = watch(folder, { persistent: false }, (_event, name) => {
      const names = this.#places.get(folder);
      if (name === null || names === 'any' || names?.has(name)) this.#changed();
    });
    handle.on('error', (error) => {
      handle.close();
      this.#handles.delete(folder);
      this.#poll(errorMessage(error));
    });
    this.#handles.set(folder, handle);
    return true;
  }

  #changed(): void {
    const { clock, settleMs, onSettled } = this.#options;
    const changedAtMs = clock.now();
    this.#settling?.cancel();
    this.#settling = clock.after(settleMs, () => {
      onSettled(changedAtMs);
      // Links may point elsewhere now, and folders may have come.
      if (this.#running) this.#arm();
    });
  }

  #poll(why: string): void {
    if (this.#polling || !this.#running) return;
    const { clock, log } = this.#options;
    log.warn(`the config cannot be watched (${why}); its files are checked every ${POLL_MS / 1000} s`);
    this.#polling = clock.every(POLL_MS, () => this.#changed());
  }
}
