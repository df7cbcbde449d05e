// The words that wake the microphone, for all devices: `<stateDir>/settings/voicewake.json`.
import path from 'node:path';
import { readJsonIfExists, writeJsonDurably } from '../shared/json-file.js';
import type { Logger } from '../shared/logger.js';

export const DEFAULT_TRIGGERS: readonly string[] = ['openclaw', 'claude', 'computer'];
const MAX_TRIGGERS = 32;
const MAX_CHARS = 64;

/** Pure: at most 32 words of at most 64 characters; the usual ones when nothing is left. */
export function cleanTriggers(triggers: readonly unknown[]): string[] {
  const texts = triggers.filter((word): word is string => typeof word === 'string');
  const words = texts.map((word) => word.trim().slice(0, MAX_CHARS).trim()).filter((word) => word !== '');
  return words.length > 0 ? words.slice(0, MAX_TRIGGERS) : [...DEFAULT_TRIGGERS];
}

export class WakeWords {
  #triggers: string[];
  readonly #file: string;

  private constructor(file: string, triggers: string[]) {
    this.#file = file;
    this.#triggers = triggers;
  }

  static async load(stateDir: string, log: Logger): Promise<WakeWords> {
    const file = path.join(stateDir, 'settings', 'voicewake.json');
    try {
      const saved = await readJsonIfExists<{ triggers?: unknown }>(file);
      return new WakeWords(file, cleanTriggers(Array.isArray(saved?.triggers) ? saved.triggers : []));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      log.warn('voicewake.json is not valid JSON; the usual wake words are used', { err: error });
      return new WakeWords(file, cleanTriggers([]));
    }
  }

  list(): readonly string[] {
    return this.#triggers;
  }

  /** On disk when it resolves. */
  async set(triggers: readonly string[], nowMs: number): Promise<string[]> {
    const words = cleanTriggers(triggers);
    await writeJsonDurably(this.#file, { triggers: words, updatedAtMs: nowMs });
    this.#triggers = words;
    return words;
  }
}
