// Pure: where a conversation with the offline assistant stands: a call to make, results to tell, or a question.
import { type Message, messageText } from '../protocol/index.js';
import { readToolWish, type ToolWish } from './tool-wish.js';
import type { OfflineRequest } from './types.js';

export type ToolTurn =
  | { kind: 'call'; name: string; arguments: Record<string, unknown> }
  | { kind: 'results'; results: Message[]; isAvailable: boolean }
  /** A call that cannot or must not be made. */
  | { kind: 'refused'; name: string; why: 'noTools' | 'noPerson' }
  | { kind: 'wish'; wish: Exclude<ToolWish, { kind: 'call' | 'none' }> }
  | { kind: 'none' };

/** Parts of session keys of conversations where programs, other agents or several people write. */
const NOT_ONE_PERSON = new Set(
  'acp channel cron group heartbeat hook node openai openai-user openresponses openresponses-user room subagent'.split(
    ' ',
  ),
);

/** What the key of a conversation tells, whatever a request says of its writer. */
function belongsToPerson(sessionKey: string): boolean {
  const [kind, , ...rest] = sessionKey.toLowerCase().split(':');
  return (kind === 'agent' ? rest : [kind ?? '']).every((part) => !NOT_ONE_PERSON.has(part));
}

/** True when the last message may name a tool: a person wrote it, and the caller has not turned tools off. */
export function mayNameTool({ isFromPerson, sessionKey, toolChoice }: OfflineRequest): boolean {
  return toolChoice !== 'none' && isFromPerson === true && belongsToPerson(sessionKey);
}

export function lastUserAt(messages: readonly Message[]): number {
  return messages.findLastIndex(({ role }) => role === 'user');
}

/**
 * Only the last user message can make a call, and only as long as nothing followed it: whatever tools, files or other
 * conversations say is never read for one. `names` are tools that exist, used or not.
 */
export function readToolTurn(request: OfflineRequest, names: readonly string[]): ToolTurn {
  const { messages, tools = [] } = request;
  const at = lastUserAt(messages);
  const asked = messages[at];
  if (!asked) return { kind: 'none' };
  const wish = readToolWish(messageText(asked), { tools, names });
  if (wish.kind === 'none') return { kind: 'none' };
  if (wish.kind !== 'call') return { kind: 'wish', wish };
  const { name } = wish;
  const since = messages.slice(at + 1).filter(({ role }) => role !== 'system');
  const results = since.filter(({ role, toolName }) => role === 'toolResult' && toolName === name);
  if (results.length > 0) return { kind: 'results', results, isAvailable: wish.tool !== undefined };
  if (since.length > 0) return { kind: 'none' };
  if (!mayNameTool(request)) return { kind: 'refused', name, why: 'noPerson' };
  return tools.length === 0
    ? { kind: 'refused', name, why: 'noTools' }
    : { kind: 'call', name, arguments: wish.arguments };
}

const EVENT_MARK = /^System: /gm;

/** What happened since the last answer, and was not asked for: news of commands in the background and the like. */
export function newsSince(messages: readonly Message[]): string[] {
  const answeredAt = messages
    .slice(0, Math.max(0, lastUserAt(messages)))
    .findLastIndex(({ role }) => role === 'assistant');
  return messages
    .slice(answeredAt + 1)
    .filter(({ role }) => role === 'system')
    .flatMap((message) => messageText(message).replace(EVENT_MARK, '').split('\n'))
    .filter((line) => line.trim() !== '');
}
