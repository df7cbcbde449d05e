// Carries out the runs of all conversations in their order: begins them, ends them, and ends what they took along.
import type { SessionKey } from '../sessions/index.js';
import { AppError } from '../shared/app-error.js';
import { asAppError, errorFields } from './error-kind.js';
import type { Live } from './live-run.js';
import { type Place, RunLine } from './run-line.js';
import { type Job, RunQueue } from './run-queue.js';
import type { RunOutcome, RunOwner, RunKind, RunRecord, StopReason } from './run-record.js';
import { abandonTurn, dropTurn, runTurn } from './run-turn.js';
import type { Turn, TurnDeps } from './turn.js';

export interface RunLanesOptions {
  deps: TurnDeps;
  /** Makes the outcome known; called once for each run. */
  end: (live: Live, outcome: RunOutcome) => void;
}

const DEFAULT_TIMEOUT_SECONDS = 600;

/** Pure: how a run ends that another one took along. What that one used and said is counted there. */
export function outcomeOfTaken({ usage: _usage, lastUsage: _last, texts: _texts, ...outcome }: RunOutcome): RunOutcome {
  return outcome as RunOutcome;
}

export class RunLanes {
  readonly #options: RunLanesOptions;
  readonly #line: RunLine;
  readonly #queue = new RunQueue();

  constructor(options: RunLanesOptions) {
    this.#options = options;
    this.#line = new RunLine(options.deps);
  }

  /** True when something of this conversation is under way. */
  isBusy(key: string): boolean {
    return this.#queue.isBusy(key);
  }

  /** Work that is no run, in turn with the runs. It must handle its own errors. */
  addJob(key: string, job: Job): void {
    this.#queue.add(key, job);
  }

  /**
   * Asked before a message is stored. Throws AppError run.queue_full; otherwise call what it resolves with once the
   * message is in the queue, or was refused.
   */
  admit(request: { kind: RunKind; owner?: RunOwner; key: SessionKey; origin?: { channel?: string } }) {
    const { kind, owner, key, origin } = request;
    return this.#line.admit({ kind, owner, key, channel: origin?.channel });
  }

  /** The run follows in its turn, or is taken along by one before. */
  add(live: Live, turn: Turn, timeoutMs: number | undefined): void {
    const { key } = turn.found;
    const place = this.#line.add(live, turn, { timeoutMs, hasWaited: this.isBusy(key) });
    this.#whenAborted(place);
    place.leave = this.#queue.add(key, () => this.#work(place));
    for (const { live: before } of this.#line.interruptedBy(place)) before.record.abort('stop');
    for (const surplus of this.#line.surplus(place)) this.#drop(surplus);
  }

  isUnderWay(key: string, runId: string): boolean {
    return this.#line.find(key, runId) !== undefined;
  }

  /** After a crash: a message that a run under way had taken along ends with it again. */
  join(live: Live, turn: Turn, runId: string): void {
    const run = this.#line.find(turn.found.key, runId);
    if (!run) {
      this.add(live, turn, undefined);
      return;
    }
    const place = this.#line.add(live, turn, { hasWaited: true });
    live.isWaiting = false;
    place.takenBy = run;
    this.#whenAborted(place);
  }

  /** The run that took this one along. */
  takerOf({ sessionKey, runId }: RunRecord): RunRecord | undefined {
    return this.#line.find(sessionKey, runId)?.takenBy?.live.record;
  }

  /** A run that is stopped before its turn ends at once, not when its turn would come. */
  #whenAborted(place: Place): void {
    const { live, turn } = place;
    const abort = () => {
      if (live.isWaiting) this.#abandon(place);
      else if (place.takenBy) this.#endTaken(place, this.#aborted(turn));
    };
    place.forget = () => turn.signal.removeEventListener('abort', abort);
    if (turn.signal.aborted) abort();
    else turn.signal.addEventListener('abort', abort, { once: true });
  }

  #abandon(place: Place): void {
    place.live.isWaiting = false;
    this.#finish(place, () => abandonTurn(place.turn, this.#options.deps));
  }

  #drop(place: Place): void {
    const { live, turn, settings } = place;
    live.isWaiting = false;
    place.leave?.();
    const error = new AppError(settings?.drop === 'old' ? 'run.dropped' : 'run.dropped_briefly');
    this.#finish(place, () => dropTurn(turn, error, this.#options.deps));
  }

  #finish(place: Place, work: () => Promise<RunOutcome>): void {
    void this.#guard(place.turn, work).then((outcome) => this.#end(place, outcome));
  }

  async #work(place: Place): Promise<void> {
    const { live, turn, timeoutMs } = place;
    const { deps } = this.#options;
    await this.#quiet(place);
    if (!live.isWaiting) {
      await live.record.ended;
      return;
    }
    live.isWaiting = false;
    const limitMs = timeoutMs ?? (deps.config().agents?.defaults?.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
    const timer = limitMs > 0 ? deps.clock.after(limitMs, () => live.controller.abort('timeout')) : undefined;
    const outcome = await this.#guard(turn, () => runTurn(turn, deps));
    timer?.cancel();
    this.#end(place, outcome);
  }

  /** People who write several messages are answered when they have finished. */
  async #quiet(place: Place): Promise<void> {
    const { clock } = this.#options.deps;
    const { live, turn } = place;
    while (live.isWaiting) {
      const waitMs = this.#line.quietAt(place) - clock.now();
      if (waitMs <= 0) return;
      await new Promise<void>((resolve) => {
        const onAbort = () => {
          timer.cancel();
          resolve();
        };
        const timer = clock.after(waitMs, () => {
          turn.signal.removeEventListener('abort', onAbort);
          resolve();
        });
        turn.signal.addEventListener('abort', onAbort, { once: true });
      });
    }
  }

  #end(place: Place, outcome: RunOutcome): void {
    const taken = this.#line.takenBy(place);
    this.#line.remove(place);
    place.forget?.();
    this.#options.end(place.live, outcome);
    for (const other of taken) this.#endTaken(other, outcomeOfTaken(outcome));
  }

  /** People saw the answer in the run that took the message along; this one says only that it is over. */
  #endTaken(place: Place, outcome: RunOutcome): void {
    const { turn, live } = place;
    const { output, rawKey } = turn;
    this.#line.remove(place);
    place.forget?.();
    output.close();
    if (outcome.status === 'done') output.chat({ state: 'final', stopReason: outcome.message?.stopReason });
    else if (outcome.status === 'failed') output.chat({ state: 'error', ...errorFields(outcome.error) });
    else output.chat({ sessionKey: rawKey, seq: 1, state: 'aborted', stopReason: outcome.stopReason });
    this.#options.end(live, outcome);
  }

  #aborted({ signal, found }: Turn): RunOutcome {
    const stopReason = signal.reason as StopReason;
    const endedAt = this.#options.deps.clock.now();
    return { status: 'aborted', stopReason, endedAt, sessionId: found.entry.sessionId };
  }

  /** Even a bug ends a run with one event. */
  async #guard(turn: Turn, work: () => Promise<RunOutcome>): Promise<RunOutcome> {
    const { deps } = this.#options;
    try {
      return await work();
    } catch (thrown) {
      deps.log.error('A run broke.', { runId: turn.runId, sessionKey: turn.found.key, err: thrown });
      const error = asAppError(thrown);
      turn.output.close();
      turn.output.chat({ state: 'error', ...errorFields(error) });
      return { status: 'failed', error, endedAt: deps.clock.now(), sessionId: turn.found.entry.sessionId };
    }
  }
}
