// Pure: which sandboxes are removed because nobody uses them, or because they are old.
import type { PruneSettings } from './plan/settings.js';
import type { SandboxEntry } from './registry.js';

export interface PruneDecision {
  entry: SandboxEntry;
  cause: 'idle' | 'old';
  reason: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What is to go, with the reason. `rules` gives the settings of the agent a sandbox belongs to; 0 switches one off. */
export function decidePrune(
  entries: readonly SandboxEntry[],
  nowMs: number,
  rules: (entry: SandboxEntry) => PruneSettings,
): PruneDecision[] {
  return entries.flatMap((entry): PruneDecision[] => {
    const { idleHours, maxAgeDays } = rules(entry);
    if (maxAgeDays > 0 && nowMs - entry.createdAtMs > maxAgeDays * DAY_MS) {
      return [{ entry, cause: 'old', reason: `It is older than ${maxAgeDays} days.` }];
    }
    if (idleHours > 0 && nowMs - entry.lastUsedAtMs > idleHours * HOUR_MS) {
      return [{ entry, cause: 'idle', reason: `Nobody used it for ${idleHours} hours.` }];
    }
    return [];
  });
}
