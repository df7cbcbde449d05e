// Which programs the search path has; looked up once in a while.
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';

const FRESH_MS = 15_000;

export interface BinFinderOptions {
  env: () => Readonly<Record<string, string | undefined>>;
  platform: string;
  now: () => number;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    // Missing, a folder, or not for us: either way it cannot be run from here.
    return false;
  }
}

/** Finds programs by name; an answer counts for 15 s. */
export class BinFinder {
  readonly #known = new Map<string, { atMs: number; isThere: boolean }>();
  #searched = '';

  constructor(private readonly options: BinFinderOptions) {}

  /** Looks the names up that are not known yet; then `has` answers. True when an answer changed. */
  async look(names: Iterable<string>): Promise<boolean> {
    const { env, now } = this.options;
    const search = env().PATH ?? '';
    if (search !== this.#searched) this.#known.clear();
    this.#searched = search;
    const isStale = (name: string) => now() - (this.#known.get(name)?.atMs ?? -FRESH_MS) >= FRESH_MS;
    const stale = [...new Set(names)].filter(isStale);
    const changes = await Promise.all(
      stale.map(async (name) => {
        const isThere = await this.#search(name);
        const before = this.#known.get(name)?.isThere;
        this.#known.set(name, { atMs: now(), isThere });
        return before !== isThere;
      }),
    );
    return changes.includes(true);
  }

  has(name: string): boolean {
    return this.#known.get(name)?.isThere === true;
  }

  /** Forgets everything, for instance after something was installed. */
  forget(): void {
    this.#known.clear();
  }

  async #search(name: string): Promise<boolean> {
    const { env, platform } = this.options;
    const isWindows = platform === 'win32';
    const endings = isWindows ? ['', ...(env().PATHEXT ?? '.EXE;.CMD;.BAT').split(';')] : [''];
    const folders = this.#searched.split(isWindows ? ';' : ':').filter((folder) => path.isAbsolute(folder));
    for (const folder of folders) {
      for (const ending of endings) if (await isProgram(path.join(folder, name + ending))) return true;
    }
    return false;
  }
}
