// Whether agents wake up by themselves, and how the last time went.
import type { HeartbeatEvent } from '../protocol/index.js';

export class Heartbeats {
  #isEnabled = true;
  #last: HeartbeatEvent | null = null;

  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  /** The switch of `set-heartbeats`; on again after a restart. */
  enable(isEnabled: boolean): void {
    this.#isEnabled = isEnabled;
  }

  /** Null until an agent woke up by itself. */
  get last(): HeartbeatEvent | null {
    return this.#last;
  }

  note(event: HeartbeatEvent): void {
    this.#last = event;
  }
}
