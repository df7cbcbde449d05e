// Makes the tool calls of one step: together where they may, one by one where they must, and each with its result.
import type { Message, ToolCallPart } from '../protocol/index.js';
import { AppError, isAppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import {
  errorResult,
  type Tool,
  type Toolbox,
  type ToolResult,
  type ToolScope,
  type Workplace,
} from '../tools/index.js';
import type { StepCall } from './answer.js';
import {
  type CallHistory,
  callSignature,
  judgeCall,
  judgeUnknown,
  type LoopVerdict,
  outcomeSignature,
  UNKNOWN_TOOL,
} from './loop-detection.js';
import { checkArguments } from './tool-arguments.js';
import type { ToolEvents } from './tool-events.js';
import { ImageAllowance, limitContent, limitDetails } from './tool-output.js';

export interface ToolCallsOptions {
  toolbox: Toolbox;
  scope: ToolScope;
  signal: AbortSignal;
  workplace: () => Promise<Workplace>;
  history: CallHistory;
  events: ToolEvents;
  /** Of text in one result. */
  maxChars: number;
  clock: Clock;
  log: Logger;
}

export interface ToolCallsOutcome {
  /** One result for each call, in the order of the calls. */
  messages: Message[];
  /** Set when the run must end because it turns in circles. */
  stop?: AppError;
}

const PARALLEL = 8;
/** A stopped tool ends its children and says so; one that does not is left behind after this. */
const SETTLE_MS = 5_000;

const STOPPED = 'Stopped: the run was ended while this call was under way or before it began.';
const NOT_SETTLED = 'Stopped: the run was ended, and this call had not let go after five seconds.';
const BROKEN = 'The tool failed because of an error inside it. The log of the gateway says more.';

/** Calls that may be under way at the same time; one that is exclusive is alone. */
export function inBatches(calls: readonly StepCall[], isExclusive: (call: StepCall) => boolean): StepCall[][] {
  const batches: StepCall[][] = [];
  let isOpen = false;
  for (const call of calls) {
    const alone = isExclusive(call);
    if (isOpen && !alone) batches.at(-1)?.push(call);
    else batches.push([call]);
    isOpen = !alone;
  }
  return batches;
}

function words(error: AppError): string {
  return [error.message, error.hint].filter(Boolean).join(' ');
}

class ToolStep {
  readonly #options: ToolCallsOptions;
  readonly #images = new ImageAllowance();
  readonly #results = new Map<string, Message>();
  readonly #started = new Set<string>();
  #stop: AppError | undefined;
  #isOver = false;

  constructor(options: ToolCallsOptions) {
    this.#options = options;
  }

  async run(calls: readonly StepCall[]): Promise<ToolCallsOutcome> {
    await this.#settled(this.#work(calls));
    this.#isOver = true;
    const { log, scope } = this.#options;
    const messages = calls.map(({ part }) => {
      const known = this.#results.get(part.id);
      if (known) return known;
      if (!this.#started.has(part.id)) return this.#finish(part, errorResult(STOPPED));
      log.warn('A tool did not stop when its run was ended.', { runId: scope.runId, tool: part.name });
      return this.#finish(part, errorResult(NOT_SETTLED));
    });
    return { messages, ...(this.#stop && { stop: this.#stop }) };
  }

  async #work(calls: readonly StepCall[]): Promise<void> {
    const isExclusive = ({ part }: StepCall) => this.#tool(part.name)?.isExclusive === true;
    for (const batch of inBatches(calls, isExclusive)) {
      const waiting = [...batch];
      const lane = async () => {
        for (let call = waiting.shift(); call; call = waiting.shift()) await this.#one(call);
      };
      await Promise.all(Array.from({ length: Math.min(PARALLEL, batch.length) }, lane));
    }
  }

  /** Waits for the work; once the run is stopped, not much longer. */
  #settled(work: Promise<void>): Promise<void> {
    const { signal, clock } = this.#options;
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        const timer = clock.after(SETTLE_MS, resolve);
        const cancel = () => timer.cancel();
        work.then(cancel, cancel);
      };
      if (signal.aborted) giveUp();
      else signal.addEventListener('abort', giveUp, { once: true });
      const forget = () => signal.removeEventListener('abort', giveUp);
      work.then(resolve, reject);
      work.then(forget, forget);
    });
  }

  #tool(name: string): Tool | undefined {
    return this.#options.toolbox.tools.find((tool) => tool.name === name);
  }

  async #one(call: StepCall): Promise<void> {
    const { part } = call;
    if (this.#options.signal.aborted) {
      this.#finish(part, errorResult(STOPPED));
      return;
    }
    const tool = this.#tool(part.name);
    this.#options.events.start(part);
    if (!tool) {
      this.#finishUnknown(part);
      return;
    }
    const checked = call.fault === undefined ? checkArguments(tool.parameters, part.arguments) : { fault: call.fault };
    const verdict = judgeCall(this.#options.history.calls, part, this.#options.history.settings);
    if (verdict.kind === 'block' || verdict.kind === 'stop') return this.#refuse(part, verdict);
    if (checked.fault !== undefined) {
      this.#remember(
        part,
        this.#finish(part, errorResult(`The arguments of ${part.name} are wrong: ${checked.fault}.`)),
      );
      return;
    }
    const result = await this.#execute(tool, part, checked.arguments);
    this.#remember(part, this.#finish(part, result, verdict.kind === 'warn' ? verdict.text : undefined));
  }

  async #execute(tool: Tool, part: ToolCallPart, args: Record<string, unknown>): Promise<ToolResult> {
    const { scope, signal, workplace, events, log } = this.#options;
    this.#started.add(part.id);
    const onUpdate = (partial: ToolResult) => {
      if (!this.#isOver && !this.#results.has(part.id)) events.update(part, partial);
    };
    try {
      const result = await tool.execute(args, { ...scope, toolCallId: part.id, signal, onUpdate, workplace });
      if (!Array.isArray(result?.content)) throw new TypeError('the tool gave no content back');
      return result;
    } catch (error) {
      if (signal.aborted) return errorResult(STOPPED);
      if (isAppError(error)) return errorResult(words(error), { code: error.code });
      log.error('A tool broke.', { tool: tool.name, runId: scope.runId, sessionKey: scope.sessionKey, err: error });
      return errorResult(BROKEN);
    }
  }

  #refuse(part: ToolCallPart, verdict: LoopVerdict & { kind: 'block' | 'stop' }): void {
    const { history } = this.#options;
    const signature = callSignature(part.name, part.arguments);
    const before = history.calls.findLast((call) => call.signature === signature);
    // It counts as one more call without news, so that an agent that goes on all the same is stopped in the end.
    history.add({ name: part.name, signature, outcome: before?.outcome ?? '' });
    if (verdict.kind === 'stop') this.#stop ??= new AppError('run.loop', { details: { reason: verdict.text } });
    this.#finish(part, errorResult(verdict.text));
  }

  #finishUnknown(part: ToolCallPart): void {
    const { toolbox, history } = this.#options;
    const refusal = toolbox.refusal(part.name);
    const names = toolbox.tools.map((tool) => tool.name).join(', ');
    const reason =
      refusal ?? `There is no tool "${part.name}". ${names === '' ? 'There are no tools.' : `There are: ${names}.`}`;
    const verdict = judgeUnknown(history.calls, part.name, history.settings);
    if (verdict.kind === 'stop') this.#stop ??= new AppError('run.loop', { details: { reason: verdict.text } });
    const signature = callSignature(part.name, part.arguments);
    history.add({ name: part.name, signature, outcome: UNKNOWN_TOOL });
    this.#finish(part, errorResult(reason, refusal === undefined ? undefined : { refused: true, reason: refusal }));
  }

  /** What was said of the call counts, not the warning that we add to it. */
  #remember(part: ToolCallPart, message: Message): void {
    const shown = JSON.stringify(message.content);
    this.#options.history.add({
      name: part.name,
      signature: callSignature(part.name, part.arguments),
      outcome: outcomeSignature(shown, message.isError === true),
    });
  }

  #finish(part: ToolCallPart, result: ToolResult, warning?: string): Message {
    const { maxChars, clock, events } = this.#options;
    const details = limitDetails(result.details);
    const plain: Message = {
      role: 'toolResult',
      toolCallId: part.id,
      toolName: part.name,
      content: limitContent(result.content, maxChars, this.#images),
      ...(details !== undefined && { details }),
      isError: result.isError === true,
      timestamp: clock.now(),
    };
    if (this.#isOver && this.#results.has(part.id)) return plain;
    const content = plain.content as ToolResult['content'];
    const stored =
      warning === undefined ? plain : { ...plain, content: [...content, { type: 'text' as const, text: warning }] };
    this.#results.set(part.id, stored);
    events.result(part, stored);
    return plain;
  }
}

/**
 * Makes the calls of one step and resolves with one result each, in their order; also when the run is stopped
 * meanwhile, then after the tools have let go, or five seconds later. Never rejects because of a tool.
 */
export function runToolCalls(calls: readonly StepCall[], options: ToolCallsOptions): Promise<ToolCallsOutcome> {
  return new ToolStep(options).run(calls);
}
