export interface Step {
  name: string;
  command: string[];
  /** The JSON report that the step writes. */
  report?: string;
}

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export const CHECK_STEPS: Step[];
export const TEST_STEPS: Step[];

/** Reads a vitest or a playwright JSON report. */
export function countTests(report: object): Counts;

/** The counts of one step; a step that fails without a failing test counts as one failure. */
export function countStep(exitCode: number, report?: object): Counts;

/** The last line of a run. */
export function summaryLine(counts: Counts): string;
