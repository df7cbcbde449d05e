// What was typed and not sent, per session, kept over a reload.
import type { LocalState } from '../../../data/storage.js';

export interface Drafts {
  read(sessionKey: string): string;
  write(sessionKey: string, text: string): void;
}

export function createDrafts(state: LocalState): Drafts {
  const keyOf = (sessionKey: string) => `draft.${sessionKey}`;
  return {
    read(sessionKey) {
      const value = state.read(keyOf(sessionKey));
      return typeof value === 'string' ? value : '';
    },
    write(sessionKey, text) {
      if (text === '') state.remove(keyOf(sessionKey));
      else state.write(keyOf(sessionKey), text);
    },
  };
}
