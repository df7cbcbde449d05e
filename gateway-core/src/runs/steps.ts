// The steps of a run: one model call each, the tools it asks for between them, until an answer needs none.
import type { ModelRequest } from '../models/index.js';
import { type Message, messageText, type ToolCallPart } from '../protocol/index.js';
import { sessionGone, type TranscriptEntry } from '../sessions/index.js';
import { AppError, isAppError } from '../shared/app-error.js';
import type { ToolScope } from '../tools/index.js';
import { Answer, type Ending } from './answer.js';
import { askAside } from './aside.js';
import { compactConversation } from './compaction.js';
import { compactionLimit, compactionSettings, contextSize } from './compaction-plan.js';
import { foldDropped } from './dropped-messages.js';
import { asAppError } from './error-kind.js';
import { modelFacts, systemPrompt, toolScope, wantedRef } from './prompt.js';
import { readForPrompt } from './prompt-entries.js';
import { entriesUntilRun, selectPromptMessages } from './prompt-messages.js';
import { openCalls, resultWithout, toolCallsOf, UNKNOWN_OUTCOME } from './prompt-repair.js';
import type { RunKind, StopReason } from './run-record.js';
import { RunTools } from './run-tools.js';
import { namesOfTaken, type RunProgress, type Turn, type TurnDeps } from './turn.js';

/** What the last step left behind. */
export interface StepsEnd {
  ending: Ending;
  /** The last answer; what there is of it when it was cut off. */
  answer: Answer;
  /** Set when that answer is in the transcript already. */
  stored?: TranscriptEntry;
  /** Calls of the caller's own functions, which it has to answer. */
  clientCalls?: ToolCallPart[];
}

const MAX_STEPS = 200;
/** Shortening more often than this within one run means that it does not help. */
const MAX_COMPACTIONS = 10;
/** Where a person looks on; programs use the others. */
const WATCHED: ReadonlySet<RunKind> = new Set(['chat', 'session']);
const EVENT_MARK = 'System: ';

interface Prepared {
  scope: ToolScope;
  tools: RunTools;
  system: string;
  contextTokens: number;
  isOffline: boolean;
}

export function abortedAs(signal: AbortSignal): Ending & { kind: 'aborted' } {
  return { kind: 'aborted', stopReason: signal.reason as StopReason };
}

class Steps {
  /** The conversation up to and with this run, kept up to date as the run goes on. */
  #entries: TranscriptEntry[] = [];
  /** Ids of messages in there whose own run comes later. */
  readonly #shown = new Set<string>();
  #answer: Answer;
  #compactions = 0;
  #hasOverflown = false;

  constructor(
    readonly turn: Turn,
    readonly progress: RunProgress,
    readonly deps: TurnDeps,
  ) {
    this.#answer = this.#newAnswer();
  }

  async run(): Promise<StepsEnd> {
    const { turn, deps } = this;
    try {
      const preparing = this.#prepare();
      // It works on files: a stop of the gateway waits for that.
      deps.track(preparing);
      return await this.#loop(await this.#abortable(preparing));
    } catch (error) {
      if (turn.signal.aborted) return this.#end(abortedAs(turn.signal));
      if (!(error instanceof AppError)) deps.log.error('A run failed.', { runId: turn.runId, err: error });
      return this.#end({ kind: 'failed', error: asAppError(error) });
    }
  }

  async #loop(prepared: Prepared): Promise<StepsEnd> {
    const { turn } = this;
    for (let step = 0; step < MAX_STEPS; step += 1) {
      if (step > 0) await this.#abortable(prepared.tools.open());
      this.#hear(step);
      await this.#keepSmall(prepared);
      const ending = await this.#call(prepared, step === 0);
      const { calls } = this.#answer;
      if (ending.kind !== 'done' || calls.length === 0 || !prepared.tools.isInUse) return this.#end(ending);
      const end = await this.#answerCalls(prepared, ending);
      if (end) return end;
      turn.signal.throwIfAborted();
    }
    throw new AppError('run.step_limit');
  }

  /** What people wrote meanwhile goes behind the results of the tools. */
  #hear(step: number): void {
    const { turn } = this;
    const { taken, shown } = turn.hear?.(step) ?? { taken: [], shown: [] };
    turn.unnamed = [...(turn.unnamed ?? []), ...taken.map(({ id }) => id)];
    for (const { id } of shown) this.#shown.add(id);
    this.#entries.push(...taken, ...shown);
  }

  #newAnswer(): Answer {
    return new Answer(this.turn.output, this.progress.usedIds);
  }

  #end(ending: Ending): StepsEnd {
    this.#answer.close();
    this.progress.add(this.#answer);
    return { ending, answer: this.#answer };
  }

  /** Rejects at once when the run is stopped, whatever the work does about it. */
  #abortable<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.turn;
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason as Error);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
      const forget = () => signal.removeEventListener('abort', onAbort);
      work.then(resolve, reject).finally(forget);
    });
  }

  async #prepare(): Promise<Prepared> {
    const { turn, deps } = this;
    const scope = toolScope(turn, deps);
    const { contextTokens, isOffline, takesTools } = modelFacts(deps, scope.agentId, wantedRef(turn));
    const index = await deps.store.index(scope.agentId);
    const tools = new RunTools(
      {
        scope,
        signal: turn.signal,
        send: (data) => turn.output.tool(data),
        // As it is now: people ask for the output of a command while it runs.
        isFull: () => index.get(turn.found.key)?.verboseLevel === 'full',
        clientTools: turn.clientTools,
        isOn: takesTools,
      },
      deps,
    );
    await tools.open();
    await this.#storeSystemEvents();
    const [system] = await Promise.all([systemPrompt(turn, scope, tools.hasOwn, deps), this.#load(contextTokens)]);
    if (turn.isResumed) await this.#settleInterrupted();
    return { scope, tools, system, contextTokens, isOffline };
  }

  async #load(contextTokens: number): Promise<void> {
    const { turn, deps } = this;
    // A long run may have left its own question far behind.
    const since = await deps.store.withTranscript(turn.found, async (transcript) => {
      await transcript.open();
      return transcript.count - (turn.asked[0]?.seq ?? 0);
    });
    const entries = await readForPrompt(deps.store, turn.found, { contextTokens, atLeast: since + 1 });
    this.#entries = entriesUntilRun(foldDropped(entries), turn.runId);
    // What was asked was removed meanwhile: there is nothing to answer.
    if (this.#entries.length === 0) throw sessionGone();
    if (turn.isResumed) this.#recall();
  }

  /** What the run did before the process ended. */
  #recall(): void {
    const { turn, progress } = this;
    const own = this.#entries.filter((entry) => entry.runId === turn.runId && entry.message.role === 'assistant');
    for (const { message } of own) {
      for (const call of toolCallsOf(message)) progress.usedIds.add(call.id);
      progress.recall(message);
    }
    turn.output.resume(own.map(({ message }) => messageText(message)).join(''));
  }

  /** What happened meanwhile is told with this turn, and stays visible in the conversation. */
  async #storeSystemEvents(): Promise<void> {
    const { turn, deps } = this;
    const lines = deps.systemEvents?.(turn.found.key) ?? [];
    if (lines.length === 0) return;
    const text = lines.map((line) => `${EVENT_MARK}${line}`).join('\n');
    await this.#append({ role: 'system', content: [{ type: 'text', text }], timestamp: deps.clock.now() });
  }

  /** Calls that the end of the process cut off get a result that says so. */
  async #settleInterrupted(): Promise<void> {
    const own = this.#entries.filter((entry) => entry.runId === this.turn.runId).map((entry) => entry.message);
    for (const call of openCalls(own)) await this.#append(resultWithout(call, UNKNOWN_OUTCOME, this.deps.clock.now()));
  }

  async #append(message: Message): Promise<TranscriptEntry> {
    const { turn, deps } = this;
    const options = { runId: turn.runId, durable: false, ...namesOfTaken(turn) };
    const stored = await deps.store.append(turn.found, message, options);
    this.#entries.push(stored);
    deps.events.message(turn.found, stored);
    return stored;
  }

  #request(prepared: Prepared, isFirst: boolean): ModelRequest {
    const { turn, deps } = this;
    const { agentId, sessionKey } = prepared.scope;
    const config = deps.config();
    const thinking = turn.thinking ?? turn.found.entry.thinkingLevel ?? config.agents?.defaults?.thinkingDefault;
    const tools = prepared.tools.forModel();
    const temperature = turn.temperature ?? config.agents?.defaults?.temperature;
    // A forced call is for the first step: forced again, it would never end.
    const toolChoice = isFirst || turn.toolChoice === 'none' ? turn.toolChoice : undefined;
    return {
      agentId,
      sessionKey,
      isFromPerson: turn.isFromPerson === true && turn.origin?.isOwner !== false,
      isWatched: WATCHED.has(turn.kind),
      system: prepared.system,
      messages: selectPromptMessages({
        entries: this.#entries,
        runId: turn.runId,
        contextTokens: prepared.contextTokens,
      }),
      ...(tools.length > 0 && { tools, ...(toolChoice !== undefined && { toolChoice }) }),
      ...(thinking !== undefined && thinking !== 'off' && { thinking }),
      ...(turn.maxTokens !== undefined && { maxTokens: turn.maxTokens }),
      ...(temperature !== undefined && { temperature }),
      ...(turn.topP !== undefined && { topP: turn.topP }),
    };
  }

  /** One model call. A prompt that turns out too long is shortened and sent once more. */
  async #call(prepared: Prepared, isFirst: boolean): Promise<Ending> {
    this.#answer = this.#newAnswer();
    try {
      return await this.#abortable(this.#stream(this.#request(prepared, isFirst)));
    } catch (error) {
      if (!isAppError(error, 'model.context_full') || this.#hasOverflown) throw error;
      this.#hasOverflown = true;
      if (!(await this.#compact(prepared, false))) throw error;
    }
    this.#answer = this.#newAnswer();
    return this.#abortable(this.#stream(this.#request(prepared, isFirst)));
  }

  async #stream(request: ModelRequest): Promise<Ending> {
    const { turn, deps, progress } = this;
    const answer = this.#answer;
    for await (const event of deps.models.stream(request, { ref: wantedRef(turn), signal: turn.signal })) {
      const ending = answer.take(event);
      if (ending) {
        progress.add(answer);
        return ending;
      }
      turn.signal.throwIfAborted();
    }
    return { kind: 'failed', error: new AppError('model.stream_cut') };
  }

  /** Stores the step, makes its calls and stores their results. The end, when the run ends with this step. */
  async #answerCalls(prepared: Prepared, ending: Ending & { kind: 'done' }): Promise<StepsEnd | undefined> {
    const { turn, deps } = this;
    const answer = this.#answer;
    const { calls } = answer;
    const ofClient = calls.filter((call) => prepared.tools.isOfClient(call));
    const own = calls.filter((call) => !prepared.tools.isOfClient(call));
    if (ofClient.length === 0) answer.closeParagraph();
    await this.#weighStep(answer);
    // Before any tool works: after a crash it must be known what was asked of it.
    const stored = await this.#append(answer.message(ending, turn.runId, deps.clock.now()));
    if (ofClient.length === 0) turn.output.endStep();
    this.#answer = this.#newAnswer();
    const { messages, stop } = await prepared.tools.run(own);
    await Promise.all(messages.map((message) => this.#append(message)));
    if (turn.signal.aborted) return this.#end(abortedAs(turn.signal));
    if (stop) return this.#end({ kind: 'failed', error: stop });
    if (ofClient.length === 0) return undefined;
    return {
      ending: { ...ending, stopReason: 'toolUse' },
      answer,
      stored,
      clientCalls: ofClient.map(({ part }) => part),
    };
  }

  /** What the conversation weighs is shown while the run goes on. */
  async #weighStep({ usage }: Answer): Promise<void> {
    if (!usage) return;
    const { turn, deps } = this;
    const totalTokens = usage.input + usage.cacheRead + usage.cacheWrite;
    const entry = await deps.store.update(turn.found, (before) => ({ ...before, totalTokens, totalTokensFresh: true }));
    if (entry) turn.found = { ...turn.found, entry };
  }

  async #keepSmall(prepared: Prepared): Promise<void> {
    if (prepared.isOffline) return;
    const limit = compactionLimit(prepared.contextTokens, compactionSettings(this.deps.config()));
    const overhead = prepared.system.length + prepared.tools.promptChars;
    const isFull = () => contextSize(this.#entries, overhead) > limit;
    if (!isFull() || this.#compactions >= MAX_COMPACTIONS) return;
    await this.#compact(prepared, true);
    // What stands in the prompt besides the conversation fills the window: again would not help.
    if (isFull()) this.#compactions = MAX_COMPACTIONS;
  }

  /** True when the conversation is shorter now. A run goes on without it as long as the model takes what fits. */
  async #compact(prepared: Prepared, isAutomatic: boolean): Promise<boolean> {
    const { turn, deps, progress } = this;
    this.#compactions += 1;
    turn.output.compaction({ phase: 'start' });
    let completed = false;
    try {
      const done = await this.#abortable(
        compactConversation(
          {
            found: turn.found,
            entries: this.#entries.filter(({ id }) => !this.#shown.has(id)),
            named: () => namesOfTaken(turn),
            contextTokens: prepared.contextTokens,
            ref: wantedRef(turn),
            runId: turn.runId,
            scope: prepared.scope,
            signal: turn.signal,
            isAutomatic,
            ask: (question, options) => this.#askAside(question, options, prepared),
          },
          deps,
        ),
      );
      progress.addAside(done?.usage);
      if (done) {
        turn.found = done.found;
        this.#entries.push(done.entry);
        completed = true;
      } else this.#compactions = MAX_COMPACTIONS;
    } catch (error) {
      turn.signal.throwIfAborted();
      // Asking again with every step would only cost.
      this.#compactions = MAX_COMPACTIONS;
      deps.log.warn('A conversation could not be shortened.', { sessionKey: turn.found.key, err: error });
    }
    turn.output.compaction({ phase: 'end', completed });
    return completed;
  }

  #askAside(
    question: string,
    options: { system?: string; maxSteps?: number } = {},
    prepared: Prepared,
  ): Promise<string> {
    const { turn, deps, progress } = this;
    const { tools: _tools, toolChoice: _choice, ...request } = this.#request(prepared, false);
    return askAside(question, options.maxSteps, {
      models: deps.models,
      request: options.system === undefined ? request : { ...request, system: options.system },
      ref: wantedRef(turn),
      tools: new RunTools(
        { scope: prepared.scope, signal: turn.signal, send: () => undefined, isFull: () => false, isOn: true },
        deps,
      ),
      signal: turn.signal,
      clock: deps.clock,
      onUsage: (usage) => progress.addAside(usage),
    });
  }
}

/** Runs the steps of a turn to their end. Never rejects. */
export function runSteps(turn: Turn, progress: RunProgress, deps: TurnDeps): Promise<StepsEnd> {
  return new Steps(turn, progress, deps).run();
}
