// The colour of a window before its page has painted: `--surface` of the page, so that nothing flashes.
import { nativeTheme } from 'electron';

export function backgroundColour(): string {
  return nativeTheme.shouldUseDarkColors ? '#141211' : '#fdfdfb';
}
