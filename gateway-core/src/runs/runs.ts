// Runs of all conversations: accepted, queued, run one after another per conversation, stopped.
import { randomUUID } from 'node:crypto';
import { BootstrapReader } from '../agents/index.js';
import type { Message } from '../protocol/index.js';
import type { FoundSession, SessionAbort, SessionKey, SessionSend } from '../sessions/index.js';
import { AppError } from '../shared/app-error.js';
import type { Broadcast, Caller } from '../shared/wire.js';
import { INJECTED } from './answer.js';
import { asAppError, errorFields } from './error-kind.js';
import { type Accepted, RunIntake } from './run-intake.js';
import { RunOutput, textMessage } from './run-output.js';
import { RunQueue } from './run-queue.js';
import {
  deferred,
  type RunAcceptance,
  type RunKind,
  type RunOutcome,
  type RunOwner,
  type RunRecord,
  type StopReason,
} from './run-record.js';
import { RunTable } from './run-table.js';
import { abandonTurn, runTurn, type Turn, type TurnDeps } from './run-turn.js';
import type { Reply, Runs, StartedRun, StartRun } from './runs-types.js';

export interface RunsOptions extends Omit<TurnDeps, 'bootstrap' | 'track'> {
  broadcast: Broadcast;
  newId?: () => string;
}

const DEFAULT_TIMEOUT_SECONDS = 600;

interface Live {
  record: RunRecord;
  controller: AbortController;
  isWaiting: boolean;
  accept: (acceptance: RunAcceptance) => void;
  refuse: (error: unknown) => void;
  settle: (outcome: RunOutcome) => void;
}

/** Who may stop the runs of a caller. */
export function ownerOf(caller: Caller): RunOwner {
  return { connId: caller.connId, ...(caller.deviceId !== undefined && { deviceId: caller.deviceId }) };
}

function mayStop(record: RunRecord, caller: Caller | undefined): boolean {
  if (!caller || caller.scopes.includes('operator.admin') || !record.owner) return true;
  const { connId, deviceId } = record.owner;
  return connId === caller.connId || (deviceId !== undefined && deviceId === caller.deviceId);
}

/** The acknowledgement goes out first, then the news. */
function afterReply(tell: () => void): void {
  setImmediate(tell);
}

class RunsOfGateway implements Runs {
  readonly #options: RunsOptions;
  readonly #deps: TurnDeps;
  readonly #intake: RunIntake;
  readonly #table: RunTable;
  readonly #queue = new RunQueue();
  readonly #newId: () => string;
  readonly #fileWork = new Set<Promise<unknown>>();
  #isStopping = false;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.#deps = {
      ...options,
      bootstrap: new BootstrapReader(() => options.clock.now()),
      track: (work) => this.#track(work),
    };
    this.#intake = new RunIntake(options);
    this.#table = new RunTable(options.clock);
    this.#newId = options.newId ?? randomUUID;
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
      const accepted = await this.#intake.accept(live.record.runId, request);
      live.accept(accepted.acceptance);
      this.#tellAccepted(accepted, request.kind);
      this.#enqueue(live, request, accepted);
      return accepted.acceptance;
    });
  }

  reply(request: Reply): Promise<StartedRun> {
    return this.#once(request, async (live) => {
      const { acceptance, outcome } = await this.#storeReply(request);
      live.accept(acceptance);
      this.#end(live, outcome);
      return acceptance;
    });
  }

  async inject(found: FoundSession, rawKey: string, text: string): Promise<string> {
    const { store, events, broadcast } = this.#options;
    const message: Message = { ...textMessage(text, this.#now()), ...INJECTED };
    const stored = await store.append(found, message);
    const entry = await store.update(found, (before) => ({ ...before, updatedAt: this.#now() }));
    events.message({ ...found, entry: entry ?? found.entry }, stored);
    broadcast('chat', { runId: `inject-${stored.id}`, sessionKey: rawKey, seq: 0, state: 'final', message });
    return stored.id;
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
    const content = { message, attachments, thinking, timeoutMs };
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
    const wanted = this.#stoppable(request);
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
    for (const record of running.toReversed()) record.abort('shutdown');
    await Promise.all(running.map((record) => record.ended));
    await Promise.allSettled(this.#fileWork);
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

  #now(): number {
    return this.#options.clock.now();
  }

  /** The same id again gives what the first one gave, also while that is still being stored. */
  async #once(request: StartRun | Reply, begin: (live: Live) => Promise<RunAcceptance>): Promise<StartedRun> {
    const runId = request.runId ?? this.#newId();
    const known = this.#table.find(runId);
    if (known) return { ...(await known.accepted), ended: known.ended };
    if (this.#isStopping) throw new AppError('gateway.closed', { message: 'The gateway is stopping.' });
    const live = this.#open(runId, request);
    try {
      return { ...(await begin(live)), ended: live.record.ended };
    } catch (error) {
      this.#table.drop(live.record);
      live.refuse(error);
      live.settle({ status: 'failed', error: asAppError(error), endedAt: this.#now(), sessionId: '' });
      throw error;
    }
  }

  #open(runId: string, request: StartRun | Reply): Live {
    const controller = new AbortController();
    const accepted = deferred<RunAcceptance>();
    const ended = deferred<RunOutcome>();
    // Whoever asked hears of a refusal; a repeat that waits for it hears too.
    accepted.promise.catch(() => undefined);
    const record: RunRecord = {
      runId,
      sessionKey: request.key.key,
      kind: request.kind,
      ...('owner' in request && { owner: request.owner }),
      accepted: accepted.promise,
      ended: ended.promise,
      abort: (reason) => controller.abort(reason),
    };
    this.#table.add(record);
    const { resolve: accept, reject: refuse } = accepted;
    return { record, controller, isWaiting: true, accept, refuse, settle: ended.resolve };
  }

  #end(live: Live, outcome: RunOutcome): void {
    this.#table.end(live.record, outcome);
    live.settle(outcome);
  }

  async #storeReply(request: Reply): Promise<{ acceptance: RunAcceptance; outcome: RunOutcome }> {
    const { runId, key, rawKey, command } = request;
    const { store, events, broadcast } = this.#options;
    const { found, created } = await this.#intake.session(key);
    const options = { runId, command: true };
    const asked =
      command === undefined ? undefined : await store.append(found, this.#intake.userMessage(command, []), options);
    const message: Message = { ...textMessage(request.text, this.#now()), ...INJECTED };
    const answered = await store.append(found, message, options);
    afterReply(() => {
      if (created) events.changed(key.key, 'create', found);
      if (asked) events.message(found, asked);
      events.message(found, answered);
      broadcast('chat', { runId, sessionKey: rawKey, seq: 1, state: 'final', message });
    });
    const { sessionId } = found.entry;
    const at = this.#now();
    return {
      acceptance: { runId, sessionKey: key.key, sessionId, acceptedAt: at, messageSeq: asked?.seq },
      outcome: { status: 'done', startedAt: at, endedAt: at, sessionId, message },
    };
  }

  #tellAccepted({ found, created }: Accepted, kind: RunKind): void {
    const { events } = this.#options;
    afterReply(() => {
      if (created) events.changed(found.key, 'create', found);
      if (kind === 'agent' || kind === 'session') events.changed(found.key, 'send', found);
    });
  }

  #enqueue(live: Live, request: StartRun, accepted: Accepted): void {
    const { runId } = live.record;
    const { broadcast, clock, events } = this.#options;
    const lane = request.key.key;
    const isAnnounced = this.#queue.isBusy(lane);
    const turn: Turn = {
      runId,
      found: accepted.found,
      rawKey: request.rawKey ?? lane,
      userEntry: accepted.userEntry,
      isAnnounced,
      output: new RunOutput({ runId, sessionKey: lane, broadcast, clock, onText: request.onText }),
      signal: live.controller.signal,
      ref: request.ref,
      thinking: request.thinking,
      extraSystemPrompt: request.extraSystemPrompt,
    };
    if (isAnnounced) afterReply(() => events.message(accepted.found, accepted.userEntry));
    this.#abandonWhileWaiting(live, turn);
    this.#queue.add(lane, () => this.#work(live, turn, request.timeoutMs));
  }

  /** A run that is stopped before its turn ends at once, not when its turn would come. */
  #abandonWhileWaiting(live: Live, turn: Turn): void {
    const abandon = () => {
      if (!live.isWaiting) return;
      live.isWaiting = false;
      void this.#guard(turn, () => abandonTurn(turn, this.#deps)).then((outcome) => this.#end(live, outcome));
    };
    if (turn.signal.aborted) abandon();
    else turn.signal.addEventListener('abort', abandon, { once: true });
  }

  async #work(live: Live, turn: Turn, timeoutMs: number | undefined): Promise<void> {
    if (!live.isWaiting) {
      await live.record.ended;
      return;
    }
    live.isWaiting = false;
    const limitMs = timeoutMs ?? this.#defaultTimeoutMs();
    const timer = limitMs > 0 ? this.#options.clock.after(limitMs, () => live.controller.abort('timeout')) : undefined;
    const outcome = await this.#guard(turn, () => runTurn(turn, this.#deps));
    timer?.cancel();
    this.#end(live, outcome);
  }

  /** Even a bug ends a run with one event. */
  async #guard(turn: Turn, work: () => Promise<RunOutcome>): Promise<RunOutcome> {
    try {
      return await work();
    } catch (thrown) {
      this.#options.log.error('A run broke.', { runId: turn.runId, sessionKey: turn.found.key, err: thrown });
      const error = asAppError(thrown);
      turn.output.close();
      turn.output.chat({ state: 'error', ...errorFields(error) });
      return { status: 'failed', error, endedAt: this.#now(), sessionId: turn.found.entry.sessionId };
    }
  }

  #defaultTimeoutMs(): number {
    return (this.#options.config().agents?.defaults?.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
  }
}

/** Makes the runs of a gateway. Stop them with `stop()` before the session store. */
export function createRuns(options: RunsOptions): Runs {
  return new RunsOfGateway(options);
}
