// Makes a stored conversation fit for a provider: whole tool exchanges, no empty turns, no foreign reasoning.
import type { ImagePart, Message, MessagePart, TextPart, ThinkingPart, ToolCallPart } from '../../protocol/index.js';
import type { ModelTarget } from '../types.js';

export type ContentPart = TextPart | ImagePart;

export interface UserTurn {
  role: 'user';
  content: ContentPart[];
}

export interface AssistantTurn {
  role: 'assistant';
  /** In the order the model produced them. */
  content: Array<TextPart | ThinkingPart | ToolCallPart>;
}

export interface ToolResultTurn {
  role: 'toolResult';
  toolCallId: string;
  toolName: string;
  isError: boolean;
  content: ContentPart[];
}

export type Turn = UserTurn | AssistantTurn | ToolResultTurn;

const IMAGE_LEFT_OUT = '[An image was left out: this model reads text only.]';
const NO_RESULT = 'There is no result: the call was interrupted.';

function partsOf(message: Message): MessagePart[] {
  if (typeof message.content !== 'string') return message.content;
  return message.content === '' ? [] : [{ type: 'text', text: message.content }];
}

function readableParts(message: Message, readsImages: boolean): ContentPart[] {
  return partsOf(message).flatMap((part): ContentPart[] => {
    if (part.type === 'image') return readsImages ? [part] : [{ type: 'text', text: IMAGE_LEFT_OUT }];
    // Some providers refuse blocks of white space.
    return part.type === 'text' && part.text.trim() !== '' ? [part] : [];
  });
}

/** Signed reasoning means something only to the model that signed it. */
function isOwn(message: Message, target: ModelTarget): boolean {
  return message.provider === target.provider && message.model === target.model && message.api === target.api;
}

function assistantParts(message: Message, target: ModelTarget): AssistantTurn['content'] {
  const keepsThinking = isOwn(message, target);
  return partsOf(message).flatMap((part): AssistantTurn['content'] => {
    if (part.type === 'text') return part.text.trim() === '' ? [] : [part];
    if (part.type === 'thinking') return keepsThinking && part.thinkingSignature ? [part] : [];
    return part.type === 'toolCall' ? [part] : [];
  });
}

function toTurn(message: Message, target: ModelTarget): Turn | undefined {
  const readsImages = target.input.includes('image');
  if (message.role === 'assistant') {
    const content = assistantParts(message, target);
    // Reasoning alone (an answer that was stopped early) is refused by providers.
    return content.some((part) => part.type !== 'thinking') ? { role: 'assistant', content } : undefined;
  }
  const content = readableParts(message, readsImages);
  if (message.role === 'toolResult') {
    const { toolCallId = '', toolName = '', isError = false } = message;
    return { role: 'toolResult', toolCallId, toolName, isError, content };
  }
  return content.length > 0 ? { role: 'user', content } : undefined;
}

function missingResult(call: ToolCallPart): ToolResultTurn {
  const content: ContentPart[] = [{ type: 'text', text: NO_RESULT }];
  return { role: 'toolResult', toolCallId: call.id, toolName: call.name, isError: true, content };
}

/**
 * The turns to send, oldest first. Every tool call is followed by its result (one that says so when it was lost),
 * and a result without its call is dropped. System messages become user text, since formats differ there.
 */
export function prepareMessages(messages: readonly Message[], target: ModelTarget): Turn[] {
  const turns: Turn[] = [];
  let open = new Map<string, ToolCallPart>();
  const settle = (): void => {
    for (const call of open.values()) turns.push(missingResult(call));
    open = new Map();
  };
  for (const message of messages) {
    const turn = toTurn(message, target);
    if (!turn) continue;
    if (turn.role === 'toolResult') {
      if (open.delete(turn.toolCallId)) turns.push(turn);
      continue;
    }
    settle();
    turns.push(turn);
    if (turn.role !== 'assistant') continue;
    for (const part of turn.content) if (part.type === 'toolCall') open.set(part.id, part);
  }
  settle();
  return turns;
}

/** The text of content parts, images left out. */
export function textOf(content: readonly ContentPart[]): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}
