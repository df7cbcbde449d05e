// Pure: a stored conversation as the one text that a command-line program reads.
import type { Message } from '../../protocol/index.js';
import { prepareMessages, textOf, type Turn } from '../providers/prepare-messages.js';
import type { ModelTarget } from '../types.js';

const MAX_RESULT_CHARS = 4_000;

function isGoodAnswer(message: Message, target: ModelTarget): boolean {
  const { role, api, provider, stopReason } = message;
  return (
    role === 'assistant' &&
    api === target.api &&
    provider === target.provider &&
    stopReason !== 'error' &&
    stopReason !== 'aborted'
  );
}

/**
 * What was said since this program last answered. Undefined when it did not answer in what is left of the
 * conversation (a new one, or one that was shortened): then its own memory is not to be trusted.
 */
export function messagesSince(messages: readonly Message[], target: ModelTarget): Message[] | undefined {
  const at = messages.findLastIndex((message) => isGoodAnswer(message, target));
  const since = at < 0 ? [] : messages.slice(at + 1);
  return since.length > 0 ? since : undefined;
}

function shown(turn: Turn): string {
  switch (turn.role) {
    case 'user':
      return `[User]\n${textOf(turn.content)}`;
    case 'assistant': {
      const text = turn.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
      return text.trim() === '' ? '' : `[Assistant]\n${text}`;
    }
    case 'toolResult': {
      const text = textOf(turn.content);
      const cut = text.length > MAX_RESULT_CHARS ? `${text.slice(0, MAX_RESULT_CHARS)}\n[cut]` : text;
      return `[Result of ${turn.toolName}]\n${cut}`;
    }
  }
}

/** The words of the last speaker alone, with what came before in front of them when there is anything. */
export function promptOf(messages: readonly Message[], target: ModelTarget): string {
  const turns = prepareMessages(messages, target);
  const lastOther = turns.findLastIndex((turn) => turn.role !== 'user');
  const asked = turns.slice(lastOther + 1).flatMap((turn) => (turn.role === 'user' ? [textOf(turn.content)] : []));
  const before = turns
    .slice(0, lastOther + 1)
    .map(shown)
    .filter(Boolean);
  const question = asked.join('\n\n') || 'Go on from there.';
  if (before.length === 0) return question;
  return `The conversation so far:\n\n${before.join('\n\n')}\n\nThe message to answer:\n\n${question}`;
}
