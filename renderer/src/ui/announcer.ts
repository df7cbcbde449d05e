// What a screen reader is told; at most one sentence every few seconds, the newest one wins.
import { createStore, type StoreApi } from 'zustand/vanilla';

export interface Announcements {
  polite: string;
  assertive: string;
}

export interface Announcer {
  store: StoreApi<Announcements>;
  polite(text: string): void;
  assertive(text: string): void;
}

export interface AnnouncerClock {
  now(): number;
  after(ms: number, run: () => void): void;
}

const PAUSE_MS = 5_000;

/** Errors interrupt and are not held back; everything else waits for its turn. */
export function createAnnouncer(clock: AnnouncerClock): Announcer {
  const store = createStore<Announcements>(() => ({ polite: '', assertive: '' }));
  let lastMs = Number.NEGATIVE_INFINITY;
  let waiting: string | undefined;
  const speak = () => {
    if (waiting === undefined) return;
    lastMs = clock.now();
    store.setState({ polite: waiting });
    waiting = undefined;
  };
  return {
    store,
    polite(text) {
      const isPlanned = waiting !== undefined;
      waiting = text;
      const pause = lastMs + PAUSE_MS - clock.now();
      if (pause <= 0) speak();
      else if (!isPlanned) clock.after(pause, speak);
    },
    assertive: (text) => store.setState({ assertive: text }),
  };
}
