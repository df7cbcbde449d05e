// The steps of `npm run check` and `npm test`, in order, and how their results are counted.

const vitest = (name, ...projects) => ({
  name,
  command: [
    'vitest',
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=test-results/${name}.json`,
  ],
  report: `test-results/${name}.json`,
});

const script = (name, ...args) => ({ name, command: ['node', ...args] });
const types = (where) => ({ name: `types (${where})`, command: ['tsc', '-p', `tsconfig.${where}.json`] });

export const CHECK_STEPS = [
  { name: 'format', command: ['prettier', '--check', '--cache', '--log-level', 'warn', '.'] },
  types('neutral'),
  types('node'),
  types('web'),
  { name: 'lint', command: ['oxlint', '--deny-warnings'] },
  script('house rules', 'scripts/check-house-rules.mjs'),
  script('zones', 'scripts/check-zones.mjs'),
  script('lockfile', 'scripts/check-lockfile.mjs'),
  script('generated docs', 'scripts/generate-docs.mjs', '--check'),
  script('docs', 'scripts/check-docs.mjs'),
  vitest('unit', 'unit', 'renderer'),
  vitest('contract', 'contract'),
];

export const TEST_STEPS = [
  ...CHECK_STEPS,
  { name: 'build', command: ['vite', 'build', '--app'] },
  vitest('process', 'process'),
  {
    name: 'e2e',
    command: ['node', 'scripts/with-display.mjs', 'node', 'scripts/electron-runtime.mjs', '--', 'playwright', 'test'],
    report: 'test-results/e2e.json',
  },
];

/** Reads a vitest or a playwright JSON report: how many tests passed, failed and were skipped. */
export function countTests(report) {
  if (report.stats) {
    const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = report.stats;
    return { passed: expected + flaky, failed: unexpected + (report.errors?.length ?? 0), skipped };
  }
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = report;
  return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
}

/** The counts of one step; a step that fails without a failing test counts as one failure. */
export function countStep(exitCode, report) {
  const counts = report ? countTests(report) : { passed: 0, failed: 0, skipped: 0 };
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** The last line of a run. */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
