// When to start a crashed process again: after 1, 2, 5, 10, 30 s; after five crashes in ten minutes, not at all.

export const BACKOFF_MS = [1_000, 2_000, 5_000, 10_000, 30_000] as const;
export const CRASH_WINDOW_MS = 10 * 60_000;
export const MAX_CRASHES = 5;

export type RestartDecision = { kind: 'wait'; delayMs: number } | { kind: 'give-up'; crashes: number };

/** Crashes in a row, newest last: a pause of ten minutes between two ends the row. */
function streakLength(crashTimesMs: readonly number[]): number {
  let length = 1;
  for (let index = crashTimesMs.length - 1; index > 0; index -= 1) {
    if (crashTimesMs[index]! - crashTimesMs[index - 1]! > CRASH_WINDOW_MS) break;
    length += 1;
  }
  return length;
}

/** Decides after a crash. `crashTimesMs` is ascending and holds the present crash as its last entry. */
export function decideRestart(crashTimesMs: readonly number[], nowMs: number): RestartDecision {
  const recent = crashTimesMs.filter((time) => time > nowMs - CRASH_WINDOW_MS).length;
  if (recent >= MAX_CRASHES) return { kind: 'give-up', crashes: recent };
  const step = Math.min(streakLength(crashTimesMs), BACKOFF_MS.length) - 1;
  return { kind: 'wait', delayMs: BACKOFF_MS[step]! };
}
