// Pure: an answer in pieces, and what it would have cost.
import type { Usage } from '../protocol/index.js';

const WORDS_PER_EVENT = 4;
const CHARS_PER_TOKEN = 4;

/** An estimate, so that the offline assistant shows up where usage is counted; it costs nothing. */
export function estimatedUsage(asked: string, said: string): Usage {
  const input = Math.ceil(asked.length / CHARS_PER_TOKEN);
  const output = Math.ceil(said.length / CHARS_PER_TOKEN);
  const cost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, total: 0 };
  return { input, output, cacheRead: 0, cacheWrite: 0, totalTokens: input + output, cost };
}

/** Text in groups of a few words, blanks kept, so that the pieces join to the whole. */
export function wordGroups(text: string): string[] {
  const words = text.match(/\s*\S+\s*/g) ?? [];
  const groups: string[] = [];
  for (let from = 0; from < words.length; from += WORDS_PER_EVENT) {
    groups.push(words.slice(from, from + WORDS_PER_EVENT).join(''));
  }
  return groups;
}
