// Pure: what to do when the page could not load or its process died.

export type PageRecovery = 'reload' | 'give-up';

/** Two failures this close together will not heal by loading once more. */
export const FAILURE_WINDOW_MS = 60_000;

/** `failureTimesMs` is ascending and holds the present failure as its last entry. */
export function decidePageRecovery(failureTimesMs: readonly number[], nowMs: number): PageRecovery {
  const recent = failureTimesMs.filter((time) => time > nowMs - FAILURE_WINDOW_MS).length;
  return recent <= 1 ? 'reload' : 'give-up';
}
