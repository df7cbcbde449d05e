import { describe, expect, it } from 'vitest';
import { decideNavigation, decidePopup, isOwnPage, isPermitted } from './own-page.js';

describe('decideNavigation', () => {
  it.each([
    ['app://hq/', 'stay'],
    ['app://hq/chat/main', 'stay'],
    ['https://example.org/docs', 'outside'],
    ['https://user:word@example.org/', 'deny'],
    ['http://example.org/', 'deny'],
    ['http://127.0.0.1:18789/openclaw/', 'deny'],
    ['app://other/', 'deny'],
    ['app://hq.evil/', 'deny'],
    ['app://user@hq/', 'deny'],
    ['file:///etc/passwd', 'deny'],
    ['javascript:alert(1)', 'deny'],
    ['data:text/html,hi', 'deny'],
    ['not an address', 'deny'],
  ])('%s → %s', (url, verdict) => {
    expect(decideNavigation(url)).toBe(verdict);
  });
});

it('opens no windows, not even for our own pages', () => {
  expect(decidePopup('app://hq/')).toBe('deny');
  expect(decidePopup('https://example.org/')).toBe('outside');
});

it('grants nothing but writing to the clipboard, and that to our own page only', () => {
  expect(isPermitted('clipboard-sanitized-write', 'app://hq/')).toBe(true);
  expect(isPermitted('clipboard-sanitized-write', 'https://example.org/')).toBe(false);
  for (const permission of ['clipboard-read', 'media', 'geolocation', 'notifications', 'openExternal']) {
    expect(isPermitted(permission, 'app://hq/')).toBe(false);
  }
});

it('takes an origin without a path for our page', () => {
  expect(isOwnPage('app://hq')).toBe(true);
});
