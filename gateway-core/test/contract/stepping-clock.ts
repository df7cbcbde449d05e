// A clock that jumps from alarm to alarm, so that a simulated year takes as long as what happens in it.
import type { Clock, Timer } from '../../src/shared/clock.js';

interface Alarm {
  at: number;
  run: () => void;
  owner: number;
}

export class SteppingClock {
  #now: number;
  #owners = 0;
  readonly #alarms = new Set<Alarm>();

  constructor(startMs: number) {
    this.#now = startMs;
  }

  get now(): number {
    return this.#now;
  }

  /** The clock of one process; `kill` takes all of its alarms away, as the end of a process does. */
  process(): Clock & { kill(): void } {
    this.#owners += 1;
    const owner = this.#owners;
    const add = (alarm: Alarm): Timer => {
      this.#alarms.add(alarm);
      return { cancel: () => void this.#alarms.delete(alarm) };
    };
    let isDead = false;
    return {
      now: () => this.#now,
      after: (delayMs, run) => (isDead ? { cancel: () => undefined } : add({ at: this.#now + delayMs, run, owner })),
      every: () => {
        throw new Error('not needed here');
      },
      kill: () => {
        isDead = true;
        for (const alarm of this.#alarms) if (alarm.owner === owner) this.#alarms.delete(alarm);
      },
    };
  }

  /** Moves to the next alarm up to `untilMs` and runs it; false when there is none, and the time is `untilMs`. */
  step(untilMs: number): boolean {
    let next: Alarm | undefined;
    for (const alarm of this.#alarms) if (alarm.at <= untilMs && (!next || alarm.at < next.at)) next = alarm;
    this.#now = Math.max(this.#now, next?.at ?? untilMs);
    if (!next) return false;
    this.#alarms.delete(next);
    next.run();
    return true;
  }

  /** `step` until `untilMs`, letting everything that an alarm set in motion happen before the next. */
  async run(untilMs: number): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.step(untilMs));
  }
}
