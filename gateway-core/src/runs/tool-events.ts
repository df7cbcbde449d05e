// What clients hear of the tools of a run while they work (spec/gateway-protocol.md §5, agent stream `tool`).
import type { Message, ToolCallPart } from '../protocol/index.js';
import type { Clock, Timer } from '../shared/clock.js';
import type { ToolResult } from '../tools/index.js';

export interface ToolEventsOptions {
  send: (data: Record<string, unknown>) => void;
  /** True when the conversation asks for results too (verbose level `full`). */
  isFull: () => boolean;
  clock: Clock;
}

const UPDATE_MS = 250;
const META_CHARS = 120;
/** Arguments that say what a call is about, the most telling first. */
const TELLING = ['command', 'path', 'file', 'url', 'query', 'action', 'name', 'to', 'sessionKey', 'message', 'input'];

/** One line for people about what a call does. */
export function describeCall(call: ToolCallPart): string {
  const args = call.arguments;
  const telling = TELLING.map((name) => args[name]).filter((value) => typeof value === 'string' && value.trim() !== '');
  const line = telling.slice(0, 2).join(' ').replace(/\s+/g, ' ').trim();
  return line.length > META_CHARS ? `${line.slice(0, META_CHARS - 1)}…` : line;
}

/** Image data is in the stored message; an event carries its size. */
function slim({ content, details }: Pick<ToolResult, 'content' | 'details'>): unknown {
  const parts = content.map((part) =>
    part.type === 'image'
      ? { type: 'image', mimeType: part.mimeType, bytes: Math.floor(part.data.length * 0.75) }
      : part,
  );
  return { content: parts, ...(details !== undefined && { details }) };
}

interface Pending {
  latest: ToolResult;
  timer: Timer;
}

export class ToolEvents {
  readonly #options: ToolEventsOptions;
  readonly #pending = new Map<string, Pending>();

  constructor(options: ToolEventsOptions) {
    this.#options = options;
  }

  start(call: ToolCallPart): void {
    this.#send('start', call, { args: call.arguments });
  }

  /** The first news goes out at once; then the latest, a few times a second. */
  update(call: ToolCallPart, partial: ToolResult): void {
    const pending = this.#pending.get(call.id);
    if (pending) {
      pending.latest = partial;
      return;
    }
    this.#sendUpdate(call, partial);
    const timer = this.#options.clock.after(UPDATE_MS, () => {
      const last = this.#pending.get(call.id)?.latest;
      this.#pending.delete(call.id);
      if (last && last !== partial) this.update(call, last);
    });
    this.#pending.set(call.id, { latest: partial, timer });
  }

  result(call: ToolCallPart, message: Message): void {
    this.#pending.get(call.id)?.timer.cancel();
    this.#pending.delete(call.id);
    const content = typeof message.content === 'string' ? [] : (message.content as ToolResult['content']);
    const { details } = message;
    this.#send('result', call, {
      meta: describeCall(call),
      isError: message.isError === true,
      ...(this.#options.isFull() && { result: slim({ content, details }) }),
    });
  }

  #sendUpdate(call: ToolCallPart, partial: ToolResult): void {
    this.#send('update', call, this.#options.isFull() ? { partialResult: slim(partial) } : {});
  }

  #send(phase: string, { id, name }: ToolCallPart, more: Record<string, unknown>): void {
    this.#options.send({ phase, name, toolCallId: id, ...more });
  }
}
