export interface LockfileEntry {
  version?: string;
  integrity?: string;
  optionalDependencies?: Record<string, string>;
}

/** One sentence for each optional package that the lockfile lacks or has in another version. */
export function findLockfileGaps(lockfile: { packages: Record<string, LockfileEntry> }): string[];
