// Pure: a stored message as clients get it, in histories and events alike.
import type { Message, MessagePart } from '../protocol/index.js';
import type { TranscriptEntry } from './transcript/lines.js';
import { asShown } from './user-envelope.js';

/** One message may not push all others out of an answer, nor block a connection. */
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;
const TOO_LARGE = '[This message is too large to show here.]';

function withoutSignature(part: MessagePart): MessagePart {
  if (part.type === 'thinking') return { type: 'thinking', thinking: part.thinking };
  if (part.type !== 'toolCall' || part.thoughtSignature === undefined) return part;
  const { thoughtSignature: _signature, ...call } = part;
  return call;
}

function withoutImage(part: MessagePart): MessagePart {
  if (part.type !== 'image') return part;
  return { type: 'text', text: `[${part.mimeType}, ${Math.round((part.data.length * 3) / 4 / 1024)} KiB]` };
}

function mapParts(message: Message, change: (part: MessagePart) => MessagePart): Message {
  return typeof message.content === 'string' ? message : { ...message, content: message.content.map(change) };
}

function fits(message: Message): boolean {
  return Buffer.byteLength(JSON.stringify(message)) <= MAX_MESSAGE_BYTES;
}

/** A message small enough to send: first without its images and details, then without its text. */
function shrink(message: Message): Message {
  if (fits(message)) return message;
  const { details: _details, ...plain } = message;
  const slim = mapParts(plain, withoutImage);
  return fits(slim) ? slim : { ...plain, content: [{ type: 'text', text: TOO_LARGE }] };
}

/**
 * A stored entry as people see it: no stamp, no signatures of reasoning, nothing huge, and with its place in the
 * conversation; `__openclaw.kind` says that it is a divider.
 */
export function shownEntry({ message, id, seq }: Pick<TranscriptEntry, 'message' | 'id' | 'seq'>): Message {
  const kind = message.__openclaw?.kind;
  const place = { id, seq, ...(kind !== undefined && { kind }) };
  return { ...shrink(mapParts(asShown(message), withoutSignature)), __openclaw: place };
}
