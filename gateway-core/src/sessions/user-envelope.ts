// The time stamp in front of stored user text, put on when stored and taken off when shown.
import type { Message, MessagePart } from '../protocol/index.js';

const STAMP = /^\[[A-Z][a-z]{2} \d{4}-\d{2}-\d{2} \d{2}:\d{2} [^\]\n]{1,24}\] /;
/** A block that the reference puts in front of chat messages; kept readable for installations that have it. */
const SENDER_BLOCK = /^Sender \(untrusted metadata\):\n```json\n[\s\S]*?\n```\n\n/;

export type Stamp = (timeMs: number) => string;

/** Makes the stamp writer for a time zone, `[Sat 2026-11-21 02:15 UTC] `. A zone that does not exist means UTC. */
export function createStamp(timeZone: string | undefined): Stamp {
  const options: Intl.DateTimeFormatOptions = {
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  };
  const format = formatFor(timeZone, options);
  return (timeMs) => {
    const parts = new Map(format.formatToParts(timeMs).map((part) => [part.type, part.value]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';
    const date = `${part('year')}-${part('month')}-${part('day')}`;
    return `[${part('weekday')} ${date} ${part('hour')}:${part('minute')} ${part('timeZoneName')}] `;
  };
}

function formatFor(timeZone: string | undefined, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone });
  } catch {
    // A RangeError: the zone is unknown here.
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone: 'UTC' });
  }
}

/** Stored user text without what was put in front of it. */
export function stripEnvelope(text: string): string {
  return text.replace(SENDER_BLOCK, '').replace(STAMP, '');
}

function stripFirstText(parts: MessagePart[]): MessagePart[] {
  const at = parts.findIndex((part) => part.type === 'text');
  return parts.map((part, index) =>
    index === at && part.type === 'text' ? { ...part, text: stripEnvelope(part.text) } : part,
  );
}

/** A message as people see it: user text without its stamp. */
export function asShown(message: Message): Message {
  if (message.role !== 'user') return message;
  const { content } = message;
  return { ...message, content: typeof content === 'string' ? stripEnvelope(content) : stripFirstText(content) };
}
