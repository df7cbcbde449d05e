// The live events of one run: text as it comes, gathered so that a fast model does not flood the wire.
import { type AgentEvent, type ChatEvent, LIMITS, type Message } from '../protocol/index.js';
import type { Clock, Timer } from '../shared/clock.js';
import type { Broadcast } from '../shared/wire.js';

export interface RunOutputOptions {
  runId: string;
  /** Full key. */
  sessionKey: string;
  broadcast: Broadcast;
  clock: Clock;
  /** Every piece of visible text at once, for callers that stream on their own. */
  onText?: (delta: string) => void;
  /** The connections that hear of tools. */
  toolsTo?: ReadonlySet<string>;
  /** Hears of tools too, for those who watch all conversations. */
  onTool?: (event: AgentEvent) => void;
}

/** The text so far travels with every event, so events are at least this far apart. */
const AGENT_EVENT_MS = 40;
const SILENT_REPLY = 'NO_REPLY';
/** Parts the texts of two steps. */
const BETWEEN_STEPS = '\n\n';

/** True while `text` may still turn out to be the word that means "say nothing". */
function mayBeSilent(text: string): boolean {
  return text.length <= SILENT_REPLY.length + 8 && SILENT_REPLY.startsWith(text.trim());
}

/** True for an answer that is not meant to be shown. */
export function isSilentReply(text: string): boolean {
  return text.trim() === SILENT_REPLY;
}

export function textMessage(text: string, timestamp: number): Message {
  return { role: 'assistant', content: [{ type: 'text', text }], timestamp };
}

/** What must stand behind the text of a step so that the next one begins a paragraph of its own. */
export function stepGap(text: string): string {
  return text.trim() === '' || isSilentReply(text) || text.endsWith(BETWEEN_STEPS) ? '' : BETWEEN_STEPS;
}

export class RunOutput {
  readonly #options: RunOutputOptions;
  #seq = 0;
  /** Everything that may be shown, of all steps. */
  #text = '';
  /** What the model said in the step that is under way. */
  #step = '';
  #agentDelta = '';
  #chatDelta = '';
  #thinking = '';
  #thinkingDelta = '';
  #agentAt = Number.NEGATIVE_INFINITY;
  #chatAt = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  #isClosed = false;
  #isEnded = false;
  /** The step's text waits because it may be the silent reply. */
  #isHeld = true;

  constructor(options: RunOutputOptions) {
    this.#options = options;
  }

  /** The text of the run so far, as people see it. */
  get text(): string {
    return this.#text;
  }

  /** Number of the last event of the agent stream. */
  get seq(): number {
    return this.#seq;
  }

  addText(chunk: string): void {
    if (this.#isClosed || chunk === '') return;
    this.#step += chunk;
    if (this.#isHeld) {
      if (mayBeSilent(this.#step)) return;
      this.#release();
    } else this.#show(chunk);
    this.#pace();
  }

  addThinking(chunk: string): void {
    if (this.#isClosed || chunk === '') return;
    this.#thinking += chunk;
    this.#thinkingDelta += chunk;
    this.#pace();
  }

  /** A new attempt with another model starts from nothing. */
  restart(): void {
    this.#thinking = '';
    this.#thinkingDelta = '';
  }

  /** What was said before the process was interrupted, so that the text of the run goes on from there. */
  resume(text: string): void {
    this.#text = text;
  }

  /** A step is over and another one follows: what was said is sent, and the next text begins a new paragraph. */
  endStep(): void {
    if (this.#isClosed) return;
    if (this.#isHeld && this.#step !== '' && !isSilentReply(this.#step)) this.#release();
    if (!this.#isHeld) this.#show(stepGap(this.#step));
    this.#step = '';
    this.#isHeld = true;
    this.restart();
    this.#flushAgent();
    this.flushChat();
  }

  lifecycle(data: Record<string, unknown>): void {
    this.#agent('lifecycle', data);
  }

  /** The conversation is being shortened. */
  compaction(data: Record<string, unknown>): void {
    this.#agent('compaction', data);
  }

  /** A step of a tool; only those hear of it who asked to. */
  tool(data: Record<string, unknown>): void {
    const { broadcast, toolsTo, onTool } = this.#options;
    const event = this.#next('tool', data);
    if (toolsTo && toolsTo.size > 0) broadcast('agent', event, { connIds: toolsTo });
    onTool?.(event);
  }

  /** No more text: late chunks are dropped. Sends the rest of the agent stream. */
  close(): void {
    if (this.#isClosed) return;
    if (this.#isHeld && this.#step !== '' && !isSilentReply(this.#step)) this.#release();
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#flushAgent();
  }

  /** The rest of the text as a last delta. */
  flushChat(): void {
    if (this.#chatDelta !== '') this.#sendDelta();
  }

  chat(event: Omit<ChatEvent, 'runId' | 'sessionKey' | 'seq'> & { sessionKey?: string; seq?: number }): void {
    // Whatever goes wrong after the last event, there is no second one.
    if (this.#isEnded) return;
    this.#isEnded = event.state !== 'delta';
    const { runId, sessionKey, broadcast } = this.#options;
    broadcast('chat', { runId, sessionKey, seq: this.#seq, ...event });
  }

  #show(text: string): void {
    if (text === '') return;
    this.#text += text;
    this.#agentDelta += text;
    this.#chatDelta += text;
    this.#options.onText?.(text);
  }

  #release(): void {
    this.#isHeld = false;
    this.#show(this.#step);
  }

  /** Sends what is due now and sets one timer for the rest. */
  #pace(): void {
    if (this.#timer) return;
    const now = this.#options.clock.now();
    if (now - this.#agentAt >= AGENT_EVENT_MS) this.#flushAgent();
    if (this.#chatDelta !== '' && now - this.#chatAt >= LIMITS.chatDeltaThrottleMs) this.#sendDelta();
    const isAgentWaiting = this.#agentDelta !== '' || this.#thinkingDelta !== '';
    if (!isAgentWaiting && this.#chatDelta === '') return;
    const nextAt = isAgentWaiting ? this.#agentAt + AGENT_EVENT_MS : this.#chatAt + LIMITS.chatDeltaThrottleMs;
    this.#timer = this.#options.clock.after(Math.max(1, nextAt - now), () => {
      this.#timer = undefined;
      this.#pace();
    });
  }

  #flushAgent(): void {
    if (this.#thinkingDelta !== '') {
      this.#agent('thinking', { text: this.#thinking, delta: this.#thinkingDelta });
      this.#thinkingDelta = '';
      this.#agentAt = this.#options.clock.now();
    }
    if (this.#agentDelta === '') return;
    this.#agent('assistant', { text: this.#text, delta: this.#agentDelta });
    this.#agentDelta = '';
    this.#agentAt = this.#options.clock.now();
  }

  #sendDelta(): void {
    const now = this.#options.clock.now();
    const deltaText = this.#chatDelta;
    this.#chatDelta = '';
    this.#chatAt = now;
    this.chat({ state: 'delta', message: textMessage(this.#text, now), deltaText });
  }

  #agent(stream: string, data: Record<string, unknown>): void {
    this.#options.broadcast('agent', this.#next(stream, data));
  }

  #next(stream: string, data: Record<string, unknown>): AgentEvent {
    const { runId, sessionKey, clock } = this.#options;
    this.#seq += 1;
    return { runId, stream, data, sessionKey, seq: this.#seq, ts: clock.now() };
  }
}
