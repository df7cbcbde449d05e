// Slash commands that the gateway answers itself; every other text, with or without a slash, goes to the model.
export type ChatCommand =
  | { name: 'stop' }
  | { name: 'new' | 'reset'; rest: string }
  | { name: 'status' | 'help' }
  | { name: 'compact'; instructions: string }
  | { name: 'model'; ref: string };

const COMMAND = /^\/([a-z]+)(?:\s+([\s\S]*))?$/i;

/** Pure: the command in a message, or undefined. */
export function parseCommand(message: string): ChatCommand | undefined {
  const match = COMMAND.exec(message.trim());
  const name = match?.[1]?.toLowerCase();
  const rest = match?.[2]?.trim() ?? '';
  switch (name) {
    case 'stop':
    case 'abort':
      return rest === '' ? { name: 'stop' } : undefined;
    case 'new':
    case 'reset':
      return { name, rest };
    case 'status':
    case 'help':
      return rest === '' ? { name } : undefined;
    case 'model':
      return { name, ref: rest };
    case 'compact':
      return { name, instructions: rest };
    default:
      return undefined;
  }
}

export const HELP_TEXT = `Commands:
/new [message] – start a new conversation here
/reset [message] – the same, under its older name
/stop – stop the answer that is being written
/model [provider/model | default] – show or choose the model of this conversation
/compact [what matters] – summarise the older part of this conversation
/status – what this conversation uses
/help – this list

Everything else goes to the model.`;

export const RESET_TEXT = 'A new conversation starts here.';
export const COMPACTED_TEXT = 'The older part of this conversation is summarised now. Nothing was deleted.';
export const NOTHING_TO_COMPACT_TEXT = 'There is nothing to summarise yet.';
export const STOPPED_TEXT = 'Stopped before the conversation was summarised.';

export interface StatusFacts {
  version: string;
  key: string;
  provider: string;
  model: string;
  inputTokens?: number;
  outputTokens?: number;
  totalTokens?: number;
  contextTokens: number;
  costUsd?: number;
  thinking: string;
  activeRuns: number;
}

/** Pure: the answer to /status. */
export function statusText(facts: StatusFacts): string {
  const used = facts.totalTokens ?? 0;
  const percent = facts.contextTokens > 0 ? Math.round((used / facts.contextTokens) * 100) : 0;
  return [
    `OpenClaw HQ ${facts.version}`,
    `Conversation: ${facts.key}`,
    `Model: ${facts.provider}/${facts.model}`,
    `Thinking: ${facts.thinking}`,
    `Last turn: ${facts.inputTokens ?? 0} tokens in, ${facts.outputTokens ?? 0} out`,
    `Context: ${used} of ${facts.contextTokens} tokens (${percent} %)`,
    `Cost so far: $${(facts.costUsd ?? 0).toFixed(4)}`,
    `Answers under way: ${facts.activeRuns}`,
  ].join('\n');
}
