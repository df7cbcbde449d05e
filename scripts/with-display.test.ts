import { expect, test } from 'vitest';
import { displayCommand } from './with-display.mjs';

test.each([
  ['linux with DISPLAY', 'linux', { DISPLAY: ':0' }],
  ['linux with Wayland', 'linux', { WAYLAND_DISPLAY: 'wayland-0' }],
  ['macOS', 'darwin', {}],
  ['Windows', 'win32', {}],
])('%s runs the command as it is', (_where, platform, env) => {
  expect(displayCommand(['a', 'b'], platform, env)).toEqual(['a', 'b']);
});

test('linux without a screen runs the command under a virtual one', () => {
  const line = displayCommand(['a', 'b'], 'linux', {});
  expect(line[0]).toBe('xvfb-run');
  expect(line.slice(-2)).toEqual(['a', 'b']);
});
