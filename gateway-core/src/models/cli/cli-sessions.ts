// Which session of a command-line program continues which conversation, and that each conversation waits its turn.

/** Where the session ids are kept: the entry of the conversation, or memory. */
export interface CliSessions {
  sessionIdOf(sessionKey: string, backend: string): string | undefined | Promise<string | undefined>;
  /** Undefined forgets it: the program does not know that session any more. */
  rememberSession(sessionKey: string, backend: string, sessionId: string | undefined): void | Promise<void>;
}

const MAX_REMEMBERED = 1_000;

/** Session ids until the process ends; the oldest go first. */
export function createMemoryCliSessions(): CliSessions {
  const ids = new Map<string, string>();
  const keyOf = (sessionKey: string, backend: string) => `${backend}\n${sessionKey}`;
  return {
    sessionIdOf: (sessionKey, backend) => ids.get(keyOf(sessionKey, backend)),
    rememberSession(sessionKey, backend, sessionId) {
      const key = keyOf(sessionKey, backend);
      ids.delete(key);
      if (sessionId === undefined) return;
      ids.set(key, sessionId);
      const [oldest] = ids.keys();
      if (ids.size > MAX_REMEMBERED && oldest !== undefined) ids.delete(oldest);
    },
  };
}

/** One at a time per key, in the order of arrival. */
export class TurnQueue {
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs `work` when everything before it under the same key has ended. Rejects when `signal` fires while it waits. */
  async run<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    let leave = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const tail = before.then(() => ended);
    this.#tails.set(key, tail);
    try {
      await untilAborted(before, signal);
      return await work();
    } finally {
      leave();
      if (this.#tails.get(key) === tail) void tail.then(() => this.#forget(key, tail));
    }
  }

  #forget(key: string, tail: Promise<void>): void {
    if (this.#tails.get(key) === tail) this.#tails.delete(key);
  }
}

function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    void promise.then(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}
