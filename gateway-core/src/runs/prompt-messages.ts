// Pure: which part of a conversation a model gets to read.
import { type Message, messageText } from '../protocol/index.js';
import type { TranscriptEntry } from '../sessions/index.js';
import { repairPrompt, toolCallsOf } from './prompt-repair.js';

const IMAGE_WEIGHT = 4000;
/** Cautious: text of most languages has more characters per token. */
const CHARS_PER_TOKEN = 3;
/** Room for the system prompt and the answer. */
const SHARE_FOR_MESSAGES = 0.7;

const SUMMARY_LEAD =
  'The conversation before this point was summarised to make room. What follows is that summary; the messages after it are the latest ones, word for word.';

/** Characters of a message, images counted as what they cost. */
export function weigh(message: Message): number {
  if (typeof message.content === 'string') return message.content.length;
  return message.content.reduce((sum, part) => {
    if (part.type === 'text') return sum + part.text.length;
    if (part.type === 'thinking') return sum + part.thinking.length;
    return sum + (part.type === 'image' ? IMAGE_WEIGHT : JSON.stringify(part.arguments).length + part.name.length);
  }, 0);
}

/** All that came before the run, and what it did so far; nothing that waits behind it. In conversation order. */
export function entriesUntilRun(entries: readonly TranscriptEntry[], runId: string): TranscriptEntry[] {
  return entries.slice(0, entries.findLastIndex((entry) => entry.runId === runId) + 1);
}

export interface SinceCompaction {
  divider?: TranscriptEntry;
  kept: TranscriptEntry[];
  /** The part of `kept` that was said after the divider. */
  after: TranscriptEntry[];
}

/** The divider that counts, and the entries that are still sent word for word. */
export function sinceCompaction(entries: readonly TranscriptEntry[]): SinceCompaction {
  const at = entries.findLastIndex((entry) => entry.compaction !== undefined);
  const divider = entries[at];
  if (!divider?.compaction) return { kept: [...entries], after: [...entries] };
  const { firstKeptEntryId } = divider.compaction;
  const before = entries.slice(0, at).filter((entry) => !entry.compaction);
  // One that lies further back than what was read: then all that was read came after it.
  const first = before.findIndex((entry) => entry.id === firstKeptEntryId);
  const kept = firstKeptEntryId === null ? [] : before.slice(Math.max(0, first));
  const after = entries.slice(at + 1);
  return { divider, kept: [...kept, ...after], after };
}

/** True for what a model may read: no slash commands, no empty answers, no dividers. */
export function isForModel(entry: TranscriptEntry): boolean {
  return !entry.command && !entry.compaction && entry.message.content.length > 0;
}

export function summaryMessage(summary: string, timestamp?: number): Message {
  return { role: 'user', content: [{ type: 'text', text: `${SUMMARY_LEAD}\n\n${summary}` }], timestamp };
}

/** Messages that may not be parted: calls and their results. */
export function inUnits(messages: readonly Message[]): Message[][] {
  const units: Message[][] = [];
  for (const message of messages) {
    const last = units.at(-1);
    if (message.role === 'toolResult' && last) last.push(message);
    else units.push([message]);
  }
  return units;
}

/** The latest units that fit into `budget` characters, at least one. */
function fitting(units: readonly Message[][], budget: number): number {
  let left = budget;
  let from = units.length;
  for (const unit of units.toReversed()) {
    left -= unit.reduce((sum, message) => sum + weigh(message), 0);
    if (left < 0 && from < units.length) break;
    from -= 1;
  }
  return from;
}

function begins(unit: readonly Message[]): boolean {
  const [first] = unit;
  return first?.role === 'user' || first?.role === 'system';
}

export interface PromptSelection {
  /** In conversation order, with `entriesUntilRun` applied. */
  entries: readonly TranscriptEntry[];
  /** The run's own question is sent whatever it weighs. */
  runId: string;
  contextTokens: number;
}

/**
 * The messages to send, oldest first and whole: the summary of what was compacted, then what fits. The oldest are
 * left out when all together would not fit; the run's own question never is.
 */
export function selectPromptMessages({ entries, runId, contextTokens }: PromptSelection): Message[] {
  const { divider, kept } = sinceCompaction(entries);
  const readable = kept.filter(isForModel);
  const question = entries.find((entry) => entry.runId === runId && isForModel(entry) && entry.message.role === 'user');
  const head = divider?.compaction ? [summaryMessage(divider.compaction.summary, divider.message.timestamp)] : [];
  const asked = question && !readable.includes(question) ? [question.message] : [];
  const units = inUnits(repairPrompt(readable.map((entry) => entry.message)));
  const spent = [...head, ...asked].reduce((sum, message) => sum + weigh(message), 0);
  const from = fitting(units, contextTokens * CHARS_PER_TOKEN * SHARE_FOR_MESSAGES - spent);
  const latest = units.slice(from);
  const isCutOff = question !== undefined && units.slice(0, from).some((unit) => unit[0] === question.message);
  if (isCutOff) return [...head, question.message, ...latest.flat()];
  if (head.length > 0 || asked.length > 0) return [...head, ...asked, ...latest.flat()];
  const firstUser = latest.findIndex(begins);
  return firstUser === -1 ? [] : latest.slice(firstUser).flat();
}

/** The words of a message with its calls, for logs of a conversation in plain text. */
export function plainText(message: Message): string {
  const calls = toolCallsOf(message).map((call) => `[called ${call.name} with ${JSON.stringify(call.arguments)}]`);
  return [messageText(message).trim(), ...calls].filter((text) => text !== '').join('\n');
}
