import { expect, it } from 'vitest';
import { readCrashAction, crashPageUrl } from './crash-page.js';
import { decidePageRecovery, FAILURE_WINDOW_MS } from './page-recovery.js';

it('loads a failed page once more, then gives up', () => {
  expect(decidePageRecovery([1_000], 1_000)).toBe('reload');
  expect(decidePageRecovery([1_000, 2_000], 2_000)).toBe('give-up');
});

it('forgets a failure after a minute', () => {
  const later = 1_000 + FAILURE_WINDOW_MS;
  expect(decidePageRecovery([1_000, later], later)).toBe('reload');
});

it('shows the reason as text, not as markup', () => {
  const html = Buffer.from(crashPageUrl('<script>alert("x")</script>').split(',')[1]!, 'base64').toString();
  expect(html).not.toContain('<script>');
  expect(html).toContain('&#60;script&#62;');
});

it('reads its own buttons only', () => {
  expect(readCrashAction('app://crash/retry')).toBe('retry');
  expect(readCrashAction('app://crash/other')).toBeUndefined();
  expect(readCrashAction('https://example.org/app://crash/quit')).toBeUndefined();
});
