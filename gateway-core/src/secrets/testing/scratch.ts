// A folder and a resolver context for the tests of this room.
import { chmod, mkdtemp, open, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '../../shared/clock.js';
import { currentAccount } from '../providers/guarded-path.js';
import type { ResolverContext } from '../providers/resolver-context.js';

export interface Scratch {
  folder: string;
  /** Writes a file with exactly this mode and returns its path. */
  write(name: string, text: string, mode?: number): Promise<string>;
  /** An executable script that runs `source` with this Node. */
  script(name: string, source: string, mode?: number): Promise<string>;
  context(changes?: Partial<ResolverContext>): ResolverContext;
  remove(): Promise<void>;
}

export async function createScratch(): Promise<Scratch> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'secrets-')));
  const write = async (name: string, text: string, mode = 0o600): Promise<string> => {
    const file = path.join(folder, name);
    const handle = await open(file, 'w');
    await handle.writeFile(text);
    await handle.close();
    await chmod(file, mode);
    return file;
  };
  return {
    folder,
    write,
    script: (name, source, mode = 0o700) => write(name, `#!${process.execPath}\n${source}\n`, mode),
    context: (changes) => ({ env: {}, home: folder, clock: systemClock, account: currentAccount(), ...changes }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
