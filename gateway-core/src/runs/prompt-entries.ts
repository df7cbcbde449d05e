// Reads what a model may get to see of a conversation: back to its last summary, or to as much as a window holds.
import type { FoundSession, SessionStore, TranscriptEntry } from '../sessions/index.js';
import { weigh } from './prompt-messages.js';

/** Most conversations are read whole with this. */
const FIRST_MESSAGES = 400;
const MAX_MESSAGES = 25_600;
const MAX_BYTES = 16 * 1024 * 1024;
/** Generous: what is read but does not fit is summarised or left out. */
const CHARS_PER_TOKEN = 4;

export interface PromptReading {
  contextTokens: number;
  /** That many messages at least. */
  atLeast?: number;
}

function isEnough(entries: readonly TranscriptEntry[], contextTokens: number): boolean {
  if (entries.some((entry) => entry.compaction)) return true;
  return entries.reduce((sum, { message }) => sum + weigh(message), 0) >= contextTokens * CHARS_PER_TOKEN;
}

/** In conversation order. Without the summary everything before it would be forgotten, however many came after. */
export async function readForPrompt(
  store: SessionStore,
  found: FoundSession,
  { contextTokens, atLeast = 0 }: PromptReading,
): Promise<TranscriptEntry[]> {
  for (let limit = Math.max(FIRST_MESSAGES, atLeast); ; limit *= 2) {
    const entries = await store.tail(found, limit, MAX_BYTES);
    if (entries.length < limit || limit >= MAX_MESSAGES || isEnough(entries, contextTokens)) return entries;
  }
}
