// What is open in the window right now. Not kept over a reload.
import { createStore, type StoreApi } from 'zustand/vanilla';

export interface UiState {
  isPaletteOpen: boolean;
  isHelpOpen: boolean;
  /** Sections as a drawer in a narrow window. */
  isDrawerOpen: boolean;
  /** The list of chats in a narrow window. */
  isChatListOpen: boolean;
  /** The conversation on screen. */
  sessionKey?: string;
  /** The answer whose steps are shown; without a row the last one. */
  shownRun?: { sessionKey: string; rowKey?: string };
  /** Queued messages could not be stored. */
  isUnsaved: boolean;
}

export type UiStore = StoreApi<UiState>;

export function createUiState(): UiStore {
  return createStore<UiState>(() => ({
    isPaletteOpen: false,
    isHelpOpen: false,
    isDrawerOpen: false,
    isChatListOpen: false,
    isUnsaved: false,
  }));
}
