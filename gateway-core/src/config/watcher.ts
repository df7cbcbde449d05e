// Notices that the config file may have changed. The folder is watched: a watch on the file goes deaf
// when an editor replaces it.
import { type FSWatcher, watch } from 'node:fs';
import path from 'node:path';
import { errorMessage } from '../shared/app-error.js';
import type { Clock, Timer } from '../shared/clock.js';
import { ensureFolder } from '../shared/json-file.js';
import { inBackground, type Logger } from '../shared/logger.js';
import { fileBehind } from './file-behind.js';

export interface ConfigWatcherOptions {
  configPath: string;
  /** How long the file must rest before it counts as written. */
  settleMs: number;
  clock: Clock;
  log: Logger;
  /** The file has rested; `changedAtMs` is the time of the last change. */
  onSettled: (changedAtMs: number) => void;
}

/** Where folders cannot be watched, the file is looked at this often. */
const POLL_MS = 2_000;

/** True when the config itself, not only a folder above it, is a link. */
async function isLinkTo(configPath: string, real: string): Promise<boolean> {
  const unlinked = path.join(await fileBehind(path.dirname(configPath)), path.basename(configPath));
  return real !== unlinked && real !== configPath;
}

export class ConfigWatcher {
  readonly #options: ConfigWatcherOptions;
  readonly #folders = new Map<string, FSWatcher>();
  #settling: Timer | undefined;
  #polling: Timer | undefined;
  #running = false;
  #isLink = false;

  constructor(options: ConfigWatcherOptions) {
    this.#options = options;
  }

  /** Makes the folder when it is missing. Where it cannot be watched the file is polled. */
  async start(): Promise<void> {
    this.#running = true;
    await this.#arm();
  }

  stop(): void {
    this.#running = false;
    this.#settling?.cancel();
    this.#polling?.cancel();
    for (const watcher of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  async #arm(): Promise<void> {
    const { configPath } = this.#options;
    try {
      await ensureFolder(path.dirname(configPath));
      const real = await fileBehind(configPath);
      this.#isLink = await isLinkTo(configPath, real);
      this.#watchFolder(configPath);
      // A link may point into another folder after every change.
      if (this.#isLink) this.#watchFolder(real);
    } catch (error) {
      this.#poll(errorMessage(error));
    }
  }

  #watchFolder(file: string): void {
    const folder = path.dirname(file);
    if (!this.#running || this.#folders.has(folder)) return;
    const watcher = watch(folder, { persistent: false }, (_event, name) => {
      // Behind a link any file of the folder may be the one that was exchanged.
      if (name === null || this.#isLink || name === path.basename(file)) this.#changed();
    });
    watcher.on('error', (error) => {
      watcher.close();
      this.#folders.delete(folder);
      this.#poll(errorMessage(error));
    });
    this.#folders.set(folder, watcher);
  }

  #changed(): void {
    const { clock, settleMs, onSettled, log } = this.#options;
    const changedAtMs = clock.now();
    this.#settling?.cancel();
    this.#settling = clock.after(settleMs, () => {
      onSettled(changedAtMs);
      if (this.#isLink) inBackground(this.#arm(), log, 'the link of the config cannot be followed');
    });
  }

  #poll(why: string): void {
    if (this.#polling || !this.#running) return;
    const { clock, log } = this.#options;
    log.warn(`the folder of the config cannot be watched (${why}); the file is checked every ${POLL_MS / 1000} s`);
    this.#polling = clock.every(POLL_MS, () => this.#changed());
  }
}
