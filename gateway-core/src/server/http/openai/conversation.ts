// Pure: the messages of a request → the one message for a turn, with what came before as its context.

/** One message, whatever wire format it came in. */
export interface SpokenTurn {
  role: 'system' | 'user' | 'assistant' | 'tool';
  /** Of a tool. */
  name?: string;
  text: string;
  hasImages?: boolean;
  /** Of an assistant: the functions of the client that it called; `text` tells of them in words. */
  calls?: SpokenCall[];
  /** Of an assistant that called functions: what it said besides. */
  said?: string;
  /** Of a tool: which call this is the result of. */
  callId?: string;
}

export interface SpokenCall {
  id: string;
  name: string;
  /** JSON text. */
  arguments: string;
}

/** A call that was made before, for a model that has no other place for it. */
export function toldInWords({ name, arguments: args }: SpokenCall): string {
  return `[called ${name} with ${args}]`;
}

export interface Conversation {
  message: string;
  system?: string;
}

const IMAGE_ONLY = 'The user sent an image without text.';
const BEFORE = 'What was said before:';
const NOW = 'What is said now:';

function speaker(turn: SpokenTurn): string {
  if (turn.role === 'user') return 'User';
  if (turn.role === 'assistant') return 'Assistant';
  return turn.name ? `Tool:${turn.name}` : 'Tool';
}

function line(turn: SpokenTurn): string {
  return `${speaker(turn)}: ${turn.text}`;
}

/** Undefined when nobody says anything to the agent. The last word of a user or a tool is what it answers. */
export function buildConversation(turns: readonly SpokenTurn[]): Conversation | undefined {
  const system = turns.filter(({ role, text }) => role === 'system' && text !== '').map(({ text }) => text);
  const spoken = turns.filter(({ role, text, hasImages }) => role !== 'system' && (text.trim() !== '' || hasImages));
  const at = spoken.findLastIndex(({ role }) => role === 'user' || role === 'tool');
  const last = spoken[at];
  if (!last) return undefined;
  const current = last.text.trim() === '' ? { ...last, text: IMAGE_ONLY } : last;
  const before = spoken.slice(0, at).filter(({ text }) => text.trim() !== '');
  const parts = { ...(system.length > 0 && { system: system.join('\n\n') }) };
  if (before.length === 0) return { ...parts, message: current.text };
  return { ...parts, message: [BEFORE, ...before.map(line), NOW, line(current)].join('\n\n') };
}
