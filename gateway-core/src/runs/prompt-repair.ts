// Pure: makes a conversation whole after a crash: every tool call is followed by its result.
import type { Message, ToolCallPart } from '../protocol/index.js';

/** Told to a model whose tool call was cut off by the end of the process. */
export const UNKNOWN_OUTCOME =
  'There is no result: the gateway was interrupted while this ran. Whether it took effect is unknown. Check before you do it again.';

export function toolCallsOf(message: Pick<Message, 'role' | 'content'>): ToolCallPart[] {
  if (message.role !== 'assistant' || typeof message.content === 'string') return [];
  return message.content.filter((part) => part.type === 'toolCall');
}

/** A result for a call that has none. */
export function resultWithout(call: ToolCallPart, text: string, timestamp: number): Message {
  return {
    role: 'toolResult',
    toolCallId: call.id,
    toolName: call.name,
    content: [{ type: 'text', text }],
    isError: true,
    timestamp,
  };
}

/** Position of the result of a call made at `from`; ids may come back in later messages. */
function findResult(messages: readonly Message[], from: number, id: string): number {
  for (let at = from + 1; at < messages.length; at += 1) {
    const message = messages[at] as Message;
    if (message.role === 'toolResult' && message.toolCallId === id) return at;
    if (toolCallsOf(message).some((call) => call.id === id)) return -1;
  }
  return -1;
}

/** The calls of the last message that makes any which have no result yet. */
export function openCalls(messages: readonly Message[]): ToolCallPart[] {
  const at = messages.findLastIndex((message) => toolCallsOf(message).length > 0);
  const message = messages[at];
  return message ? toolCallsOf(message).filter((call) => findResult(messages, at, call.id) === -1) : [];
}

/**
 * The messages, oldest first, with every result right behind its call and in the order of the calls. A call without
 * a result gets one that says so; a result without its call is dropped.
 */
export function repairPrompt(messages: readonly Message[]): Message[] {
  const repaired: Message[] = [];
  for (const [at, message] of messages.entries()) {
    if (message.role === 'toolResult') continue;
    repaired.push(message);
    for (const call of toolCallsOf(message)) {
      const found = messages[findResult(messages, at, call.id)];
      repaired.push(found ?? resultWithout(call, UNKNOWN_OUTCOME, message.timestamp ?? 0));
    }
  }
  return repaired;
}
