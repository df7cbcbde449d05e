// Applies theme, density and platform to the page.
import type { DesktopApi } from '../../../electron/contract/desktop.js';
import type { Preferences, PreferencesStore } from '../data/preferences.js';

function apply(root: HTMLElement, { theme, density }: Preferences): void {
  if (theme === 'system') root.removeAttribute('data-theme');
  else root.dataset.theme = theme;
  root.dataset.density = density;
}

/** Follows the preferences; the result stops it. */
export function followAppearance(
  page: Document,
  preferences: PreferencesStore,
  desktop: DesktopApi | undefined,
): () => void {
  const root = page.documentElement;
  if (desktop) root.dataset.platform = desktop.platform;
  const tell = (theme: Preferences['theme']) => void desktop?.app.setTheme(theme);
  apply(root, preferences.store.getState());
  tell(preferences.store.getState().theme);
  return preferences.store.subscribe((now, before) => {
    apply(root, now);
    if (now.theme !== before.theme) tell(now.theme);
  });
}
