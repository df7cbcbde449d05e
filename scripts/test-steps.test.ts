import { expect, test } from 'vitest';
import { CHECK_STEPS, countStep, countTests, summaryLine, TEST_STEPS } from './test-steps.mjs';

test('reads the counts of a vitest report', () => {
  const report = { numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 };
  expect(countTests(report)).toEqual({ passed: 5, failed: 1, skipped: 3 });
});

test('reads the counts of a playwright report', () => {
  const report = { stats: { expected: 7, unexpected: 2, flaky: 1, skipped: 3 }, errors: [] };
  expect(countTests(report)).toEqual({ passed: 8, failed: 2, skipped: 3 });
});

test('a playwright run that could not start has failed', () => {
  const report = { stats: { expected: 0, unexpected: 0, flaky: 0, skipped: 0 }, errors: [{ message: 'no browser' }] };
  expect(countTests(report)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('a step that fails without a report counts as one failure', () => {
  expect(countStep(1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('a suite that breaks outside its tests counts as one failure', () => {
  expect(countStep(1, { numPassedTests: 3, numFailedTests: 0 })).toEqual({ passed: 3, failed: 1, skipped: 0 });
});

test('the last line is a plain total', () => {
  expect(summaryLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
  expect(summaryLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
});

test('the full run starts with every step of the check', () => {
  expect(TEST_STEPS.slice(0, CHECK_STEPS.length)).toEqual(CHECK_STEPS);
});
