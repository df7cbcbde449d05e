// Runs of all conversations: accepted, queued, run one after another per conversation, stopped.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { BootstrapReader } from '../agents/index.js';
import type { FoundSession, SessionAbort, SessionKey, SessionSend, TranscriptEntry } from '../sessions/index.js';
import { type Message, messageText } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import type { Broadcast } from '../shared/wire.js';
import { asAppError, errorFields } from './error-kind.js';
import { afterReply, injectMessage, storeReply } from './replies.js';
import { decideResume } from './resume.js';
import { createLive, type Live, mayStop, ownerOf } from './live-run.js';
import { type Accepted, RunIntake, toJournal } from './run-intake.js';
import { type JournalRun, RunJournal } from './run-journal.js';
import { isSilentReply, RunOutput, textMessage } from './run-output.js';
import { termsOf } from './run-request.js';
import { RunLanes } from './run-lanes.js';
import { deferred, type RunAcceptance, type RunOutcome, type RunRecord, type StopReason } from './run-record.js';
import { RunTable } from './run-table.js';
import { giveUpTurn } from './run-turn.js';
import { compactOutsideRun } from './compact-command.js';
import type { Turn, TurnDeps } from './turn.js';
import type { CompactOptions, Reply, Runs, StartedRun, StartRun } from './runs-types.js';

export interface RunsOptions extends Omit<TurnDeps, 'bootstrap' | 'track'> {
  broadcast: Broadcast;
  newId?: () => string;
}

const JOURNAL = ['runs', 'journal.jsonl'] as const;
/** An interrupted run is looked for among the last messages of its conversation. */
const RESUME_SCAN = 1_000;

class RunsOfGateway implements Runs {
  readonly #options: RunsOptions;
  readonly #deps: TurnDeps;
  readonly #intake: RunIntake;
  readonly #table: RunTable;
  readonly #lanes: RunLanes;
  readonly #newId: () => string;
  readonly #journal: RunJournal;
  readonly #fileWork = new Set<Promise<unknown>>();
  /** Ends work that is no run. */
  readonly #ending = new AbortController();
  #isStopping = false;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.#deps = {
      ...options,
      bootstrap: new BootstrapReader(() => options.clock.now()),
      track: (work) => this.#track(work),
    };
    this.#lanes = new RunLanes({ deps: this.#deps, end: (live, outcome) => this.#end(live, outcome) });
    this.#intake = new RunIntake(options);
    this.#table = new RunTable(options.clock);
    this.#newId = options.newId ?? randomUUID;
    this.#journal = new RunJournal(path.join(options.paths.stateDir, ...JOURNAL), options.log);
  }

  active(): number {
    return this.#table.active;
  }

  onActivity(listener: (active: number) => void): () => void {
    return this.#table.onActivity(listener);
  }

  find(runId: string): RunRecord | undefined {
    return this.#table.find(runId);
  }

  startRun(request: StartRun): Promise<StartedRun> {
    return this.#once(request, async (live) => {
      const arrived = await this.#lanes.admit(request);
      try {
        const accepted = await this.#intake.accept(live.record.runId, request);
        if (accepted.answers) return this.#answerAgain(live, request, accepted, accepted.answers);
        // Before it is acknowledged: from then on somebody counts on it.
        if (request.isResumable ?? request.kind !== 'http') await this.#journal.begin(toJournal(request, accepted));
        live.accept(accepted.acceptance);
        this.#tellAccepted(accepted, request);
        this.#enqueue(live, request, accepted);
        return accepted.acceptance;
      } finally {
        arrived();
      }
    });
  }

  reply(request: Reply): Promise<StartedRun> {
    return this.#once(request, async (live) => {
      const { acceptance, outcome } = await storeReply(
        { ...request, signal: live.controller.signal },
        this.#intake,
        this.#options,
      );
      live.accept(acceptance);
      if (typeof request.text === 'string') this.#end(live, await outcome);
      else this.#track(this.#endLater(live, outcome, request.rawKey));
      return acceptance;
    });
  }

  inject(found: FoundSession, rawKey: string, text: string): Promise<string> {
    return injectMessage(found, rawKey, text, this.#options);
  }

  async resumeInterrupted(): Promise<number> {
    const left = await this.#journal.leftBehind();
    const resumed: boolean[] = [];
    // One after another, so that the messages of one conversation keep their order.
    for (const run of left) resumed.push(await this.#resume(run));
    return resumed.filter(Boolean).length;
  }

  compact(found: FoundSession, options: CompactOptions = {}): Promise<boolean> {
    const { promise, resolve, reject } = deferred<boolean>();
    const { instructions, signal, runId } = options;
    const ending = AbortSignal.any([this.#ending.signal, ...(signal ? [signal] : [])]);
    this.#lanes.addJob(found.key, () =>
      compactOutsideRun(found, { instructions, signal: ending, runId, id: this.#newId() }, this.#deps).then(
        resolve,
        reject,
      ),
    );
    this.#track(promise);
    return promise;
  }

  async send(request: SessionSend): Promise<{ runId: string; status: string; messageSeq?: number }> {
    const { found, idempotencyKey, caller, rawKey, message, attachments, thinking, timeoutMs } = request;
    if (message.trim() === '' && !attachments?.length) {
      throw new AppError('request.invalid', { message: 'message or attachment required' });
    }
    const known = idempotencyKey === undefined ? undefined : this.#table.find(idempotencyKey);
    if (known) return { runId: known.runId, status: known.outcome ? 'ok' : 'in_flight' };
    const key: SessionKey = { key: found.key, agentId: found.agentId, rest: '' };
    const owner = ownerOf(caller);
    const content = { message, attachments, thinking, timeoutMs, isFromPerson: true };
    const started = await this.startRun({ kind: 'session', key, rawKey, runId: idempotencyKey, owner, ...content });
    return { runId: started.runId, status: 'started', messageSeq: started.messageSeq };
  }

  wait(runId: string, timeoutMs: number): Promise<{ record: RunRecord; outcome: RunOutcome } | undefined> {
    return new Promise((resolve) => {
      let forget: () => void = () => undefined;
      const timer = this.#options.clock.after(timeoutMs, () => {
        forget();
        resolve(undefined);
      });
      const follow = (record: RunRecord) =>
        void record.ended.then((outcome) => {
          timer.cancel();
          resolve({ record, outcome });
        });
      const known = this.#table.find(runId);
      if (known) follow(known);
      else forget = this.#table.whenAdded(runId, follow);
    });
  }

  async abort(request: SessionAbort): Promise<string[]> {
    const wanted = this.#withTakers(this.#stoppable(request));
    const allowed = wanted.filter((record) => mayStop(record, request.caller));
    if (wanted.length > 0 && allowed.length === 0) throw new AppError('request.invalid', { message: 'unauthorized' });
    // Those that wait go first, so that none of them starts when the running one ends.
    for (const record of allowed.toReversed()) record.abort(request.stopReason as StopReason);
    await Promise.all(allowed.map((record) => record.ended));
    return allowed.map((record) => record.runId);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const running = this.#table.running();
    this.#ending.abort('shutdown');
    for (const record of running.toReversed()) record.abort('shutdown');
    await Promise.all(running.map((record) => record.ended));
    await Promise.allSettled(this.#fileWork);
    await this.#journal.close();
  }

  #track(work: Promise<unknown>): void {
    this.#fileWork.add(work);
    const forget = () => void this.#fileWork.delete(work);
    work.then(forget, forget);
  }

  #stoppable(request: SessionAbort): RunRecord[] {
    if (request.runId === undefined) return this.#table.runningIn(request.key);
    const record = this.#table.find(request.runId);
    if (!record || record.outcome) return [];
    if (record.sessionKey === request.key) return [record];
    throw new AppError('request.invalid', { message: 'runId does not match sessionKey' });
  }

  /** Stopping a message that a run took along stops that run. */
  #withTakers(records: RunRecord[]): RunRecord[] {
    return [...new Set(records.flatMap((record) => [this.#lanes.takerOf(record) ?? record, record]))];
  }

  #now(): number {
    return this.#options.clock.now();
  }

  /** The same id again gives what the first one gave, also while that is still being stored. */
  async #once(request: StartRun | Reply, begin: (live: Live) => Promise<RunAcceptance>): Promise<StartedRun> {
    const runId = request.runId ?? this.#newId();
    const known = this.#table.find(runId);
    if (known) return { ...(await known.accepted), ended: known.ended };
    if (this.#isStopping) throw new AppError('gateway.closed', { message: 'The gateway is stopping.' });
    const live = this.#add(createLive(runId, request));
    try {
      return { ...(await begin(live)), ended: live.record.ended };
    } catch (error) {
      this.#table.drop(live.record);
      live.refuse(error);
      live.settle({ status: 'failed', error: asAppError(error), endedAt: this.#now(), sessionId: '' });
      throw error;
    }
  }

  #add(live: Live): Live {
    this.#table.add(live.record);
    return live;
  }

  #end(live: Live, outcome: RunOutcome): void {
    this.#track(this.#journal.end(live.record.runId));
    this.#table.end(live.record, outcome);
    live.settle(outcome);
  }

  /** The client gets the answer that it missed; nothing is done a second time. */
  #answerAgain(live: Live, request: StartRun, { acceptance, found }: Accepted, answers: readonly Message[]) {
    live.accept(acceptance);
    const { onText, owner } = request;
    const output = this.#output(live.record.runId, found.key, { onText, owner });
    const message = answers.at(-1);
    const texts = answers
      .map((answer) => messageText(answer).trim())
      .filter((text) => text !== '' && !isSilentReply(text));
    const endedAt = this.#now();
    afterReply(() => {
      const text = answers.map(messageText).join('').trimEnd();
      output.addText(text);
      output.close();
      const isSilent = output.text === '';
      output.chat({
        state: 'final',
        ...(!isSilent && { message: textMessage(output.text, endedAt) }),
        stopReason: message?.stopReason,
      });
      this.#end(live, { status: 'done', message, texts, endedAt, sessionId: found.entry.sessionId });
    });
    return acceptance;
  }

  #tellAccepted({ found, created, isRepeat, acceptance: { runId } }: Accepted, request: StartRun): void {
    const { events, onHappening } = this.#options;
    const { kind, origin, message: text, isQuiet } = request;
    if (!isRepeat && !isQuiet) onHappening?.({ kind: 'received', found, runId, runKind: kind, text, origin });
    afterReply(() => {
      if (created) events.changed(found.key, 'create', found);
      if (kind === 'agent' || kind === 'session') events.changed(found.key, 'send', found);
    });
  }

  #enqueue(live: Live, request: StartRun, { found, asked }: Accepted): void {
    const lane = request.key.key;
    const isAnnounced = this.#lanes.isBusy(lane);
    if (isAnnounced) {
      afterReply(() => {
        for (const entry of asked) this.#options.events.message(found, entry);
      });
    }
    const { kind, rawKey = lane, onText, owner, timeoutMs, isQuiet } = request;
    const { clientTools, toolChoice, maxTokens, temperature, topP } = request;
    const turn: Turn = {
      ...{ runId: live.record.runId, kind, found, rawKey, asked, isAnnounced, signal: live.controller.signal },
      ...{ ...termsOf(request), isQuiet, clientTools, toolChoice, maxTokens, temperature, topP },
      output: this.#output(live.record.runId, lane, { onText, owner }),
    };
    this.#lanes.add(live, turn, timeoutMs);
  }

  #output(runId: string, sessionKey: string, { onText, owner }: Pick<StartRun, 'onText' | 'owner'>): RunOutput {
    const { broadcast, clock, events } = this.#options;
    const toolsTo = owner?.hearsTools ? new Set([owner.connId]) : undefined;
    return new RunOutput({
      runId,
      sessionKey,
      broadcast,
      clock,
      onText,
      toolsTo,
      onTool: (event) => events.tool(event),
    });
  }

  /** Goes on with a run of the last process; false when it does not. */
  async #resume(run: JournalRun): Promise<boolean> {
    const { store, log } = this.#options;
    const found = await store.find(run.key);
    const entries = found ? await store.tail(found, RESUME_SCAN) : [];
    const isKnown = this.#table.find(run.runId) !== undefined;
    const isUnderWay = (runId: string) => this.#lanes.isUnderWay(run.key, runId);
    const decision = decideResume({ run, now: this.#now(), isKnown, found, entries, isUnderWay });
    if (this.#isStopping || 'reason' in decision || !found) {
      const reason = 'reason' in decision ? decision.reason : 'the gateway stops';
      log.info('An interrupted run does not go on.', { runId: run.runId, sessionKey: run.key, reason });
      if (this.#isStopping) return false;
      if (decision.kind === 'giveUp' && found)
        await giveUpTurn(this.#turnOf(run, found, decision.userEntry), this.#deps);
      if (!isKnown) await this.#journal.end(run.runId);
      return false;
    }
    const { userEntry } = decision;
    if (decision.kind === 'resume') {
      const { attempts, progress } = decision;
      await this.#journal.begin({ ...run, attempts, progress });
      log.info('An interrupted run goes on.', { runId: run.runId, sessionKey: run.key, attempt: attempts });
    }
    const { runId, kind, acceptedAt, deviceId } = run;
    const owner = deviceId === undefined ? undefined : { connId: '', deviceId };
    const live = this.#add(createLive(runId, { kind, owner, key: { key: found.key } }));
    const { sessionId } = found.entry;
    live.accept({ runId, sessionKey: found.key, sessionId, acceptedAt, messageSeq: userEntry.seq });
    const turn = this.#turnOf(run, found, userEntry, live.controller.signal);
    if (decision.kind === 'join') this.#lanes.join(live, turn, decision.into);
    else this.#lanes.add(live, turn, run.timeoutMs);
    return true;
  }

  #turnOf(run: JournalRun, found: FoundSession, userEntry: TranscriptEntry, signal = this.#ending.signal): Turn {
    const { runId, kind, rawKey } = run;
    const output = this.#output(runId, found.key, {});
    const base = { runId, kind, found, rawKey, asked: [userEntry], isAnnounced: true, isResumed: true, output, signal };
    return { ...base, ...termsOf(run) };
  }

  async #endLater(live: Live, outcome: Promise<RunOutcome>, rawKey: string): Promise<void> {
    try {
      this.#end(live, await outcome);
    } catch (thrown) {
      const { runId } = live.record;
      const error = asAppError(thrown);
      this.#options.log.error('A command broke.', { runId, err: thrown });
      this.#options.broadcast('chat', { runId, sessionKey: rawKey, seq: 1, state: 'error', ...errorFields(error) });
      this.#end(live, { status: 'failed', error, endedAt: this.#now(), sessionId: '' });
    }
  }
}

/** Makes the runs of a gateway. Stop them with `stop()` before the session store. */
export function createRuns(options: RunsOptions): Runs {
  return new RunsOfGateway(options);
}
