// The machine, as planning asks about it.
import { realpathSync } from 'node:fs';
import type { PlanPlaces } from './plan/plan-types.js';

/** The path with every link resolved; undefined when it does not exist or may not be looked at. */
export function resolvePath(file: string): string | undefined {
  try {
    return realpathSync.native(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES' || code === 'ELOOP') return undefined;
    throw error;
  }
}

export function realPlaces({ stateDir, home }: { stateDir: string; home: string }): PlanPlaces {
  return { stateDir, home, realpath: resolvePath };
}
