// The rows of the error register about the browser that agents drive.
import { type ErrorRow, retryable, row } from './error-row.js';

export const BROWSER_ERRORS = {
  'browser.disabled': row('UNAVAILABLE', 503, 'The browser is switched off.', 'Set browser.enabled to true.'),
  'browser.not_found': row(
    'UNAVAILABLE',
    424,
    'No browser was found on this computer.',
    'Install Chromium or Chrome, or set browser.executablePath.',
  ),
  'browser.profile_unknown': row('INVALID_REQUEST', 404, 'There is no such browser profile.', 'See browser.profiles.'),
  'browser.profile_refused': row(
    'INVALID_REQUEST',
    403,
    'This browser profile belongs to another agent.',
    'Leave the profile out to use your own.',
  ),
  'browser.start_failed': row(
    'UNAVAILABLE',
    502,
    'The browser did not start.',
    'Look into the log of the gateway; on a server, try browser.headless and browser.noSandbox.',
  ),
  'browser.attach_failed': retryable(
    'UNAVAILABLE',
    502,
    'The browser does not answer at its CDP address.',
    'Start that browser with remote debugging, and check cdpUrl in browser.profiles.',
  ),
  'browser.crashed': retryable(
    'UNAVAILABLE',
    503,
    'The part that drives browsers ended unexpectedly, and its tabs with it.',
    'Try again; it starts anew.',
  ),
  'browser.timeout': retryable(
    'UNAVAILABLE',
    504,
    'The page did not get there in time.',
    'Take a snapshot to see how far it got, or try again with a longer timeoutMs.',
  ),
  'browser.tab_missing': row('INVALID_REQUEST', 404, 'There is no such tab.', 'List the tabs, or open a page.'),
  'browser.ref_missing': row('INVALID_REQUEST', 404, 'The page has no such element.', 'Take a new snapshot.'),
  'browser.address_refused': row(
    'INVALID_REQUEST',
    403,
    'This address may not be opened.',
    'Only public addresses are opened. The owner of the gateway can allow others in browser.ssrfPolicy.',
  ),
  'browser.page_failed': row('UNAVAILABLE', 502, 'The browser could not do this with the page.'),
  'browser.script_failed': row('INVALID_REQUEST', 422, 'The script failed in the page.'),
  'browser.evaluate_off': row(
    'INVALID_REQUEST',
    403,
    'Scripts may not be run in pages.',
    'The owner of the gateway can allow them with browser.evaluateEnabled.',
  ),
} as const satisfies Record<string, ErrorRow>;
