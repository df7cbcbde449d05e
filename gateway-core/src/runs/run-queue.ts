// One run at a time per conversation, in the order they came; conversations do not wait for each other.
export type Job = () => Promise<void>;

export class RunQueue {
  readonly #lanes = new Map<string, Job[]>();

  /** True when a job of this lane is under way. */
  isBusy(lane: string): boolean {
    return this.#lanes.has(lane);
  }

  /** Runs `job` after all earlier ones of its lane; call what it returns to take back one that waits. A job must handle its own errors. */
  add(lane: string, job: Job): () => void {
    const waiting = this.#lanes.get(lane);
    if (waiting) {
      waiting.push(job);
      return () => this.#remove(lane, job);
    }
    this.#lanes.set(lane, []);
    // The acknowledgement that led here goes out before the first event of the run.
    setImmediate(() => void this.#work(lane, job));
    return () => undefined;
  }

  #remove(lane: string, job: Job): void {
    const waiting = this.#lanes.get(lane);
    const at = waiting?.indexOf(job) ?? -1;
    if (at >= 0) waiting?.splice(at, 1);
  }

  async #work(lane: string, first: Job): Promise<void> {
    let job: Job | undefined = first;
    while (job) {
      await job();
      job = this.#lanes.get(lane)?.shift();
    }
    this.#lanes.delete(lane);
  }
}
