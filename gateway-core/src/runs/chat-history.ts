// Pure: stored messages → what chat.history shows (spec/gateway-protocol.md §7.3, limits §8).
import { LIMITS, type Message } from '../protocol/index.js';
import { shownEntry, type TranscriptEntry } from '../sessions/index.js';

/** The latest messages that fit into `maxBytes`, in the order of the conversation. */
export function buildHistory(
  entries: readonly TranscriptEntry[],
  maxBytes: number = LIMITS.historyMaxBytes,
): Message[] {
  const messages: Message[] = [];
  let left = maxBytes;
  for (const entry of entries.toReversed()) {
    const message = shownEntry(entry);
    left -= Buffer.byteLength(JSON.stringify(message)) + 1;
    if (left < 0) break;
    messages.push(message);
  }
  return messages.reverse();
}
