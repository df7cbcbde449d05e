// Lines that an agent is to see with its next run, kept per conversation until a run takes them.

export interface QueuedEvent {
  text: string;
  ts: number;
  /** Lines of one source may share a key: a newer one takes the place of an older one. */
  contextKey?: string;
}

const MAX_PER_SESSION = 20;
const MAX_SESSIONS = 1000;

/** In memory: what was not seen before a restart is no news after it. */
export class SystemEventQueue {
  readonly #now: () => number;
  readonly #bySession = new Map<string, QueuedEvent[]>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Queues a line for a conversation (full key); false for a blank one. The same line twice in a row is one. */
  add(sessionKey: string, text: string, contextKey?: string): boolean {
    const line = text.trim();
    if (line === '') return false;
    const queued = this.#bySession.get(sessionKey) ?? [];
    if (queued.at(-1)?.text === line) return true;
    const others = contextKey === undefined ? queued : queued.filter((event) => event.contextKey !== contextKey);
    const event: QueuedEvent = { text: line, ts: this.#now(), ...(contextKey !== undefined && { contextKey }) };
    this.#bySession.set(sessionKey, [...others, event].slice(-MAX_PER_SESSION));
    const [oldest] = this.#bySession.keys();
    if (this.#bySession.size > MAX_SESSIONS && oldest !== undefined) this.#bySession.delete(oldest);
    return true;
  }

  /** What waits, oldest first. */
  peek(sessionKey: string): readonly QueuedEvent[] {
    return this.#bySession.get(sessionKey) ?? [];
  }

  /** Takes what waits, oldest first. */
  drain(sessionKey: string): QueuedEvent[] {
    const queued = this.#bySession.get(sessionKey) ?? [];
    this.#bySession.delete(sessionKey);
    return queued;
  }
}
