// Pure: stored messages → what chat.history shows (spec/gateway-protocol.md §7.3, limits §8).
import { LIMITS, type Message, type MessagePart } from '../protocol/index.js';
import { asShown, type TranscriptEntry } from '../sessions/index.js';

/** One message may not push all others out of the answer. */
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;
const TOO_LARGE = '[This message is too large to show here.]';

function byteLength(message: Message): number {
  return Buffer.byteLength(JSON.stringify(message));
}

function withoutSignature(part: MessagePart): MessagePart {
  return part.type === 'thinking' ? { type: 'thinking', thinking: part.thinking } : part;
}

function withoutImage(part: MessagePart): MessagePart {
  if (part.type !== 'image') return part;
  return { type: 'text', text: `[${part.mimeType}, ${Math.round((part.data.length * 3) / 4 / 1024)} KiB]` };
}

function mapParts(message: Message, change: (part: MessagePart) => MessagePart): Message {
  return typeof message.content === 'string' ? message : { ...message, content: message.content.map(change) };
}

/** A message small enough to send: first without its images, then without its text. */
function shrink(message: Message): Message {
  if (byteLength(message) <= MAX_MESSAGE_BYTES) return message;
  const slim = mapParts(message, withoutImage);
  if (byteLength(slim) <= MAX_MESSAGE_BYTES) return slim;
  return { ...message, content: [{ type: 'text', text: TOO_LARGE }] };
}

function toShown(entry: TranscriptEntry): Message {
  const message = mapParts(asShown(entry.message), withoutSignature);
  return { ...shrink(message), __openclaw: { id: entry.id, seq: entry.seq } };
}

/** The latest messages that fit into `maxBytes`, in the order of the conversation. */
export function buildHistory(
  entries: readonly TranscriptEntry[],
  maxBytes: number = LIMITS.historyMaxBytes,
): Message[] {
  const messages: Message[] = [];
  let left = maxBytes;
  for (const entry of entries.toReversed()) {
    const message = toShown(entry);
    left -= byteLength(message) + 1;
    if (left < 0) break;
    messages.push(message);
  }
  return messages.reverse();
}
