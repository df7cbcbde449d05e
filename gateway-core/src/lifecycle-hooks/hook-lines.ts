// Who runs when: the events of a hook one after the other, few programs at once, no more waiting than memory allows.

/** Events that wait for one hook; more are dropped, so that a stuck hook costs no memory and holds up no other. */
export const MAX_WAITING = 200;

interface Line {
  last: Promise<void>;
  waiting: number;
  missed: number;
}

export interface HookLinesOptions {
  maxWaiting?: number;
  /** The first event that found a line full. */
  onFull: (name: string) => void;
  /** A line that was full is empty again; how many events it missed. */
  onCaughtUp: (name: string, missed: number) => void;
}

/** A line for each name. */
export class HookLines {
  readonly #lines = new Map<string, Line>();

  constructor(private readonly options: HookLinesOptions) {}

  /** Does the work when all that was added before under that name is done, or drops it. `work` must not reject. */
  add(name: string, work: () => Promise<void>): void {
    const { maxWaiting = MAX_WAITING, onFull } = this.options;
    const line = this.#lines.get(name) ?? { last: Promise.resolve(), waiting: 0, missed: 0 };
    if (line.waiting >= maxWaiting) {
      line.missed += 1;
      if (line.missed === 1) onFull(name);
      return;
    }
    this.#lines.set(name, line);
    line.waiting += 1;
    line.last = line.last.then(work).finally(() => this.#leave(name, line));
  }

  /** Resolves when all that was added so far is done. */
  async settled(): Promise<void> {
    await Promise.all([...this.#lines.values()].map(({ last }) => last));
  }

  #leave(name: string, line: Line): void {
    line.waiting -= 1;
    if (line.waiting > 0) return;
    this.#lines.delete(name);
    if (line.missed > 0) this.options.onCaughtUp(name, line.missed);
  }
}

/** Lets `count` works run at a time; the others wait in the order in which they came. */
export function fewAtOnce(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: Array<() => void> = [];
  let free = count;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
