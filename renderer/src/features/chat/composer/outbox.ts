// Messages on their way: kept over a reload, sent in order, each under a key that makes sending twice harmless.
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ImagePart } from '../../../../../gateway-core/src/protocol/index.js';
import type { LocalState } from '../../../data/storage.js';
import { isStopWord } from './busy-mode.js';

export interface OutboxItem {
  /** Also the idempotency key. */
  id: string;
  text: string;
  images: ImagePart[];
  /** `held` while a person edits it: nothing behind it is sent either. */
  state: 'waiting' | 'sending' | 'held';
}

export type OutboxState = Readonly<Record<string, readonly OutboxItem[]>>;

/**
 * The item to send next, or undefined while the session is busy, offline, or its first item is held. What stops an
 * answer waits for none.
 */
export function nextToSend(
  items: readonly OutboxItem[],
  now: { isConnected: boolean; isBusy: boolean },
): OutboxItem | undefined {
  if (!now.isConnected) return undefined;
  if (now.isBusy) return items.find((item) => item.state === 'waiting' && isStopWord(item.text));
  const [first] = items;
  return first?.state === 'waiting' ? first : undefined;
}

function isItem(value: unknown): value is OutboxItem {
  return (
    typeof value === 'object' && value !== null && 'id' in value && 'text' in value && typeof value.text === 'string'
  );
}

/** What was stored, with everything that was on its way waiting again. */
export function readOutbox(stored: unknown): OutboxState {
  if (typeof stored !== 'object' || stored === null) return {};
  const entries = Object.entries(stored).map(([key, list]): [string, OutboxItem[]] => {
    const items = Array.isArray(list) ? list.filter(isItem) : [];
    return [key, items.map((item) => ({ ...item, images: item.images ?? [], state: 'waiting' }))];
  });
  return Object.fromEntries(entries.filter(([, items]) => items.length > 0));
}

export interface Outbox {
  store: StoreApi<OutboxState>;
  items(sessionKey: string): readonly OutboxItem[];
  add(sessionKey: string, item: { id: string; text: string; images: ImagePart[] }): void;
  change(sessionKey: string, id: string, change: Partial<Pick<OutboxItem, 'text' | 'state'>>): void;
  /** Takes an item out and answers it. */
  take(sessionKey: string, id: string): OutboxItem | undefined;
}

const KEY = 'outbox';

/** `onUnsaved` hears that the queue could not be stored and would not survive a reload. */
export function createOutbox(state: LocalState, onUnsaved: (isUnsaved: boolean) => void): Outbox {
  const store = createStore<OutboxState>(() => readOutbox(state.read(KEY)));
  const items = (sessionKey: string) => store.getState()[sessionKey] ?? [];
  const replace = (sessionKey: string, list: readonly OutboxItem[]) => {
    const { [sessionKey]: _, ...others } = store.getState();
    const next = list.length > 0 ? { ...others, [sessionKey]: list } : others;
    store.setState(next, true);
    onUnsaved(!state.write(KEY, next));
  };
  return {
    store,
    items,
    add: (sessionKey, item) => replace(sessionKey, [...items(sessionKey), { ...item, state: 'waiting' }]),
    change(sessionKey, id, change) {
      const list = items(sessionKey).map((item) => (item.id === id ? { ...item, ...change } : item));
      replace(sessionKey, list);
    },
    take(sessionKey, id) {
      const found = items(sessionKey).find((item) => item.id === id);
      if (found)
        replace(
          sessionKey,
          items(sessionKey).filter((item) => item !== found),
        );
      return found;
    },
  };
}
