// Pure: what an agent is told about itself and what a model gets to read of a conversation.
import type { BootstrapFile } from '../agents/index.js';
import { type Message, messageText } from '../protocol/index.js';
import type { TranscriptEntry } from '../sessions/index.js';

export interface SystemPromptInput {
  agentId: string;
  name?: string;
  workspaceDir: string;
  files: readonly BootstrapFile[];
  extra?: string;
}

function fileSection(file: BootstrapFile): string {
  const note = file.isCut ? '\n[the rest of this file was left out]' : '';
  return `## ${file.name}\n${file.text}${note}`;
}

/** The standing part comes first and changes rarely, so that providers can reuse it. */
export function buildSystemPrompt(input: SystemPromptInput): string {
  const parts = [
    `You are ${input.name ?? `the agent "${input.agentId}"`}, a personal assistant that runs on the user's own computer.`,
    `Your workspace folder is ${input.workspaceDir}.`,
    'User messages start with the time they were written, in brackets. Leave such a stamp out of your answers.',
    'If nothing needs to be said, answer with the single word NO_REPLY.',
  ];
  if (input.files.length > 0) {
    parts.push('# Workspace files', 'They hold what the user and you agreed on.', ...input.files.map(fileSection));
  }
  if (input.extra) parts.push('# For this conversation', input.extra);
  return parts.join('\n\n');
}

const IMAGE_WEIGHT = 4000;
/** Cautious: text of most languages has more characters per token. */
const CHARS_PER_TOKEN = 3;
/** Room for the system prompt and the answer. */
const SHARE_FOR_MESSAGES = 0.7;

function weigh(message: Message): number {
  const images =
    typeof message.content === 'string' ? 0 : message.content.filter((part) => part.type === 'image').length;
  return messageText(message).length + images * IMAGE_WEIGHT;
}

/**
 * The messages for the run `runId`: all that came before its own question and that question, but nothing that waits
 * behind it; no slash commands and no empty answers. `entries` are in conversation order. The oldest are left out
 * when all together would not fit into `contextTokens`.
 */
export function selectPromptMessages(
  entries: readonly TranscriptEntry[],
  runId: string,
  contextTokens: number,
): Message[] {
  const own = entries.findLastIndex((entry) => entry.runId === runId && entry.message.role === 'user');
  const before = entries
    .slice(0, own + 1)
    .filter((entry) => !entry.command && entry.message.content.length > 0)
    .map((entry) => entry.message);
  let left = contextTokens * CHARS_PER_TOKEN * SHARE_FOR_MESSAGES;
  let from = before.length;
  for (const message of before.toReversed()) {
    left -= weigh(message);
    // The question itself is sent whatever it weighs.
    if (left < 0 && from < before.length) break;
    from -= 1;
  }
  const fitting = before.slice(from);
  const firstUser = fitting.findIndex((message) => message.role === 'user');
  return firstUser === -1 ? [] : fitting.slice(firstUser);
}
