// What a person chose about looks: theme, density, sidebar.
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ThemePreference } from '../../../electron/contract/desktop.js';
import type { LocalState } from './storage.js';

export type Density = 'comfortable' | 'compact';

export interface Preferences {
  theme: ThemePreference;
  density: Density;
  sidebarCollapsed: boolean;
}

export interface PreferencesStore {
  store: StoreApi<Preferences>;
  change(change: Partial<Preferences>): void;
}

const KEY = 'preferences';
const DEFAULTS: Preferences = { theme: 'system', density: 'comfortable', sidebarCollapsed: false };

/** Stored values with anything unknown replaced by the default. */
export function readPreferences(stored: unknown): Preferences {
  const value =
    typeof stored === 'object' && stored !== null ? (stored as Partial<Record<keyof Preferences, unknown>>) : {};
  return {
    theme: value.theme === 'light' || value.theme === 'dark' ? value.theme : DEFAULTS.theme,
    density: value.density === 'compact' ? 'compact' : DEFAULTS.density,
    sidebarCollapsed: value.sidebarCollapsed === true,
  };
}

export function createPreferences(state: LocalState): PreferencesStore {
  const store = createStore<Preferences>(() => readPreferences(state.read(KEY)));
  return {
    store,
    change(change) {
      store.setState(change);
      state.write(KEY, store.getState());
    },
  };
}
