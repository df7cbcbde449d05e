// The helpers of all conversations: who asked for whom, which of them work, which results wait to be told.
import type { RunOutcome } from '../runs/index.js';
import { requireSessionKey } from '../sessions/index.js';
import { isAppError } from '../shared/app-error.js';
import type { Timer } from '../shared/clock.js';
import { inBackground } from '../shared/logger.js';
import type { ToolScope } from '../tools/index.js';
import { type Child, holdsResult, nameOf, RESULT_INTRO, resultText } from './child-record.js';
import { ChildTable } from './child-table.js';
import { hopsOf, runIdWith } from './hops.js';
import type { AgentToolsOptions } from './options.js';
import { endError, endStatus, wordsOf } from './run-facts.js';

const MINUTE_MS = 60_000;
const DEFAULT_ARCHIVE_MINUTES = 60;
/** A result lies near the end of its requester's conversation when a kill came in between. */
const DELIVERY_SCAN = 200;

const HELPER_RULES =
  'You are a helper: another conversation gave you one task. Do it and nothing else, ask nobody back, and end with one message that holds the whole result, for it is all that the other conversation gets to read.';

export class Children {
  readonly table: ChildTable;
  readonly #options: AgentToolsOptions;
  /** Runs of requesters that are under way, by conversation. */
  readonly #live = new Map<string, Set<string>>();
  readonly #listeners = new Set<() => void>();
  /** Requesters that wait in sessions_yield: they take the results themselves. */
  readonly #yielding = new Map<string, number>();
  readonly #telling = new Set<string>();
  readonly #work = new Set<Promise<unknown>>();
  #sweeper: Timer | undefined;
  #isStopped = false;

  constructor(options: AgentToolsOptions) {
    this.#options = options;
    this.table = new ChildTable(options);
  }

  /** Reads what an earlier process left; done once. */
  async load(): Promise<void> {
    await this.table.load();
    if (this.table.all().length > 0) this.#startSweeping();
  }

  /** Hears of every change of a helper; returns how to stop hearing. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The requester takes results itself until the returned function is called. */
  beginYield(requester: string): () => void {
    this.#yielding.set(requester, (this.#yielding.get(requester) ?? 0) + 1);
    return () => {
      const left = (this.#yielding.get(requester) ?? 1) - 1;
      if (left > 0) this.#yielding.set(requester, left);
      else this.#yielding.delete(requester);
      this.#tell(requester);
    };
  }

  /** Remembers the run that calls: its end decides about its helpers. */
  noteRun({ runId, sessionKey }: Pick<ToolScope, 'runId' | 'sessionKey'>): void {
    const record = this.#options.runs().find(runId);
    const live = this.#live.get(sessionKey) ?? new Set<string>();
    if (!record || record.outcome || live.has(runId)) return;
    this.#live.set(sessionKey, live.add(runId));
    void record.ended.then((outcome) => this.#track(this.#requesterEnded(sessionKey, runId, outcome)));
  }

  /** Starts a helper whose entry is on disk. Throws AppError; then there is no helper. */
  async start(child: Child): Promise<void> {
    this.table.add(child);
    this.#startSweeping();
    try {
      await this.table.keep(child, true);
      await this.#run(child, child.state.task);
    } catch (error) {
      await this.table.archive(child);
      throw error;
    }
    this.#changed();
  }

  /** Gives a helper more to do, after what it is doing was stopped. Throws AppError. */
  async goOn(child: Child, message: string): Promise<void> {
    const { newId, clock, runs } = this.#options;
    const { runId: before, endedAt: _ended, ...state } = child.state;
    const runId = runIdWith(hopsOf(before), newId());
    // The old run is no longer this helper's; its end says nothing about it.
    child.state = { ...state, runId, status: 'running', isTold: false, startedAt: clock.now() };
    child.words = child.error = child.isNoticed = undefined;
    try {
      await runs().abort({ key: child.key, stopReason: 'rpc' });
      await this.table.keep(child, true);
      await this.#run(child, message);
    } catch (error) {
      await this.table.change(child, { status: 'failed', endedAt: clock.now(), isTold: true });
      throw error;
    } finally {
      this.#changed();
    }
  }

  /** Stops a helper and everything below it; nobody is told of what they had. How many were at work. */
  async kill(child: Child): Promise<number> {
    const all = [child, ...this.table.below(child.key)];
    const busy = all.filter(({ state }) => state.status === 'running');
    for (const one of all) await this.table.change(one, { isTold: true });
    for (const { key } of busy) await this.#options.runs().abort({ key, stopReason: 'rpc' });
    this.#settled(child);
    return busy.length;
  }

  /** The results that wait for a conversation; from now on it has them. */
  async take(requester: string): Promise<Child[]> {
    const results = this.table.waiting(requester);
    for (const child of results) if (child.words === undefined) await this.table.recall(child);
    await this.#markTold(results);
    return results;
  }

  /** Takes up what an earlier process left. Call it after `runs.resumeInterrupted()`. How many helpers work on. */
  async resume(): Promise<number> {
    await this.load();
    const { runs } = this.#options;
    let count = 0;
    for (const child of this.table.all()) {
      const { state } = child;
      this.noteRun({ runId: state.requesterRunId, sessionKey: state.requester });
      if (state.status !== 'running') continue;
      if (runs().find(state.runId)) {
        this.#watch(child);
        count += 1;
      } else await this.#recover(child);
    }
    await this.#forgetDelivered();
    const requesters = new Set(this.table.all().map(({ state }) => state.requester));
    for (const requester of requesters) this.#tell(requester);
    return count;
  }

  /** Ends what it does by itself. Runs are the runs' to stop. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#sweeper?.cancel();
    await Promise.allSettled(this.#work);
  }

  /** Removes conversations of helpers that ended long ago; their transcripts are kept aside. */
  async sweep(): Promise<void> {
    const minutes = this.#options.config().agents?.defaults?.subagents?.archiveAfterMinutes ?? DEFAULT_ARCHIVE_MINUTES;
    if (minutes === 0) return;
    const before = this.#options.clock.now() - minutes * MINUTE_MS;
    const old = this.table
      .all()
      .filter(
        (child) =>
          child.state.isTold &&
          !this.table.isAtWork(child) &&
          (child.state.endedAt ?? Number.POSITIVE_INFINITY) < before,
      );
    for (const child of old) await this.table.archive(child);
  }

  async #run(child: Child, message: string): Promise<void> {
    const { runId, timeoutMs, origin } = child.state;
    const key = requireSessionKey(child.key, child.agentId);
    // A helper goes on with its own task, whatever the time of day.
    const task = { message, runId, timeoutMs, origin, extraSystemPrompt: HELPER_RULES, renews: false };
    await this.#options.runs().startRun({ kind: 'agent', key, ...task });
    this.#watch(child);
  }

  #watch(child: Child): void {
    const { runId } = child.state;
    const record = this.#options.runs().find(runId);
    void record?.ended.then((outcome) => this.#track(this.#ended(child, runId, outcome)));
    // Its own helpers report to it while it works.
    this.noteRun({ runId, sessionKey: child.key });
  }

  async #ended(child: Child, runId: string, outcome: RunOutcome): Promise<void> {
    if (child.state.runId !== runId) return;
    const status = endStatus(outcome);
    child.words = wordsOf(outcome);
    child.error = endError(outcome);
    // A stopping gateway leaves it as it is: the next process finds it at work, and sees what became of it.
    if (status === 'interrupted') return;
    await this.table.change(child, { status, endedAt: outcome.endedAt });
    // Nobody reads what they would bring.
    if (status !== 'done') for (const below of this.table.of(child.key)) await this.kill(below);
    if (child.state.isTold && child.state.cleanup === 'delete') await this.table.archive(child);
    this.#changed();
    this.#tell(child.key);
    this.#tell(child.state.requester);
  }

  /** Its run belongs to a process that is gone; what it said is in the transcript. */
  async #recover(child: Child): Promise<void> {
    await this.table.recall(child);
    const isDone = (await this.#options.store.find(child.key))?.entry.status === 'done' && child.words !== '';
    if (!isDone) child.error = 'A restart of the gateway cut it off.';
    await this.table.change(child, { status: isDone ? 'done' : 'interrupted', endedAt: this.#options.clock.now() });
    this.#changed();
  }

  /** A kill may have come between a result that was handed over and the note that it was. */
  async #forgetDelivered(): Promise<void> {
    for (const child of this.table.all()) {
      if (child.state.isTold || child.state.status === 'running') continue;
      const found = await this.#options.store.find(child.state.requester);
      const entries = found ? await this.#options.store.tail(found, DELIVERY_SCAN) : [];
      if (entries.some(({ message }) => holdsResult(message, child))) await this.#tellDone(child);
    }
  }

  async #requesterEnded(sessionKey: string, runId: string, outcome: RunOutcome): Promise<void> {
    const live = this.#live.get(sessionKey);
    live?.delete(runId);
    if (live?.size === 0) this.#live.delete(sessionKey);
    const isStopped = outcome.status === 'aborted' && ['rpc', 'stop'].includes(outcome.stopReason);
    // Who stops a conversation stops what works for it, and wants to hear no more of it.
    if (isStopped) for (const child of this.table.of(sessionKey)) await this.kill(child);
    this.#tell(sessionKey);
  }

  /** Brings a conversation the results that wait for it, one run for all of them. */
  #tell(requester: string): void {
    if (this.#isStopped || this.#yielding.has(requester) || this.#telling.has(requester)) return;
    const results = this.table.waiting(requester);
    if (results.length === 0) return;
    if (this.#live.has(requester)) this.#notice(requester, results);
    else {
      this.#telling.add(requester);
      const telling = this.#startTelling(requester, results).finally(() => this.#telling.delete(requester));
      // What came meanwhile is told next.
      this.#track(telling.then(() => this.#tell(requester)));
    }
  }

  #notice(requester: string, results: readonly Child[]): void {
    for (const child of results) {
      if (child.isNoticed) continue;
      child.isNoticed = true;
      this.#options.queueEvent(
        requester,
        `The helper ${nameOf(child)} has ended. sessions_yield gives you its result.`,
      );
    }
  }

  async #startTelling(requester: string, results: readonly Child[]): Promise<void> {
    const { store, clock, log } = this.#options;
    try {
      for (const child of results) if (child.words === undefined) await this.table.recall(child);
      // A conversation that was deleted is not brought back by what was done for it.
      if (await store.find(requester)) {
        const text = [RESULT_INTRO, ...results.map((child) => resultText(child, clock.now()))].join('\n\n');
        await this.#tellRun(requester, results, text);
      }
    } catch (error) {
      if (!isAppError(error)) throw error;
      // The next process tells it.
      if (error.code === 'gateway.closed') {
        this.#isStopped = true;
        return;
      }
      log.warn('The result of a helper could not be told.', { sessionKey: requester, reason: error.message });
    }
    await this.#markTold(results);
  }

  async #tellRun(requester: string, results: readonly Child[], message: string): Promise<void> {
    const { runs, newId } = this.#options;
    const parent = this.table.get(requester);
    if (parent && parent.state.status !== 'running') return this.goOn(parent, message);
    const hops = Math.max(...results.map(({ state }) => hopsOf(state.runId)));
    const key = requireSessionKey(requester, '');
    const runId = runIdWith(hops, newId());
    const origins = results.map(({ state }) => state.origin);
    // Of several askers the one who may least.
    const origin = origins.find((from) => from?.isOwner === false) ?? origins[0];
    // The result belongs to the conversation that asked for it.
    await runs().startRun({ kind: 'agent', key, message, runId, origin, renews: false });
    this.noteRun({ runId, sessionKey: requester });
  }

  async #markTold(children: readonly Child[]): Promise<void> {
    for (const child of children) await this.#tellDone(child);
  }

  async #tellDone(child: Child): Promise<void> {
    await this.table.change(child, { isTold: true });
    child.isNoticed = undefined;
    if (child.state.cleanup === 'delete') await this.table.archive(child);
    this.#settled(child);
  }

  /** Its asker may have waited for nothing but this before its own result could go on. */
  #settled({ state }: Child): void {
    this.#changed();
    const asker = this.table.get(state.requester);
    if (asker) this.#tell(asker.state.requester);
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #startSweeping(): void {
    const { clock, log } = this.#options;
    if (this.#isStopped) return;
    this.#sweeper ??= clock.every(MINUTE_MS, () =>
      inBackground(this.sweep(), log, 'Old helpers could not be archived.'),
    );
  }

  #track(work: Promise<unknown>): void {
    const { log } = this.#options;
    const tracked: Promise<unknown> = work
      .catch((error: unknown) => log.error('The end of a helper could not be taken in.', { err: error }))
      .finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }
}
