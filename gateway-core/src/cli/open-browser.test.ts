import { describe, expect, it } from 'vitest';
import { browserCommand, launch } from './open-browser.js';

const url = 'http://127.0.0.1:1/#token=a&b';

describe('browserCommand', () => {
  it('uses what each system has, never a shell', () => {
    expect(browserCommand('darwin', {}, url)).toEqual({ program: 'open', args: [url] });
    expect(browserCommand('win32', {}, url)).toEqual({
      program: 'rundll32',
      args: ['url.dll,FileProtocolHandler', url],
    });
    expect(browserCommand('linux', { WAYLAND_DISPLAY: 'w' }, url)).toEqual({ program: 'xdg-open', args: [url] });
  });

  it('has none without a screen', () => {
    expect(browserCommand('linux', {}, url)).toBeUndefined();
  });
});

describe('launch', () => {
  it('says whether the program started', async () => {
    expect(await launch(process.execPath, ['-e', '0'])).toBe(true);
    expect(await launch('no-such-program-of-openclaw', [])).toBe(false);
  });
});
