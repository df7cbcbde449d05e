// Pure: slash commands that the gateway answers itself; every other text, with or without a slash, goes to the model.

/** Settings of a conversation that have a command; the names of the commands. */
export type SettingName = 'think' | 'verbose' | 'reasoning' | 'usage' | 'queue';

export type ConfigAsk =
  | { action: 'get'; path: string }
  | { action: 'set'; path: string; value: string }
  | { action: 'unset'; path: string }
  | { action: 'usage' };

export type ChatCommand =
  | { name: 'stop' }
  | { name: 'new'; rest: string }
  | { name: 'reset'; rest: string }
  | { name: 'status' | 'help' | 'whoami' | 'context' }
  | { name: 'compact'; instructions: string }
  | { name: 'model'; ref: string }
  | { name: 'models'; provider: string }
  /** An empty value asks what it is. */
  | { name: SettingName; value: string }
  | { name: 'config'; ask: ConfigAsk }
  /** Both empty when the command is not complete. */
  | { name: 'approve'; id: string; decision: string };

export const RESET_TRIGGERS: readonly string[] = ['/new', '/reset'];

const COMMAND = /^\/([a-z]+)(?:\s+([\s\S]*))?$/i;
const CONFIG_SET = /^set\s+([^\s=]+)(?:\s*=\s*|\s+)([\s\S]+)$/i;
const CONFIG_ONE = /^(get|show|unset)(?:\s+(\S+))?$/i;
const APPROVAL = /^(\S+)\s+(\S+)$/;

const ALIASES: Readonly<Record<string, string>> = {
  abort: 'stop',
  thinking: 'think',
  t: 'think',
  v: 'verbose',
  reason: 'reasoning',
  id: 'whoami',
  commands: 'help',
};

/** The rest of a message behind a trigger, or undefined. */
function behindTrigger(message: string, trigger: string): string | undefined {
  if (!message.toLowerCase().startsWith(trigger)) return undefined;
  const rest = message.slice(trigger.length);
  return rest === '' || /^\s/.test(rest) ? rest.trim() : undefined;
}

function parseReset(message: string, triggers: readonly string[]): ChatCommand | undefined {
  for (const trigger of triggers) {
    const rest = behindTrigger(message, trigger);
    if (rest !== undefined) return trigger === '/reset' ? { name: 'reset', rest } : { name: 'new', rest };
  }
  return undefined;
}

function parseConfig(rest: string): ConfigAsk {
  const [, setPath, value] = CONFIG_SET.exec(rest) ?? [];
  if (setPath !== undefined && value !== undefined) return { action: 'set', path: setPath, value: value.trim() };
  const [, verb, path = ''] = CONFIG_ONE.exec(rest) ?? [];
  if (verb === undefined) return { action: 'usage' };
  if (verb.toLowerCase() !== 'unset') return { action: 'get', path };
  return path === '' ? { action: 'usage' } : { action: 'unset', path };
}

function parseApproval(rest: string): ChatCommand {
  const [, id = '', decision = ''] = APPROVAL.exec(rest) ?? [];
  return { name: 'approve', id, decision: decision.toLowerCase() };
}

/** Commands that stand alone; with words behind them they are talk. */
function parseBare(name: string): ChatCommand | undefined {
  switch (name) {
    case 'stop':
    case 'status':
    case 'help':
    case 'whoami':
    case 'context':
      return { name };
    default:
      return undefined;
  }
}

/** Commands with one word or none; with more they are talk. */
function parseShort(name: string, word: string): ChatCommand | undefined {
  switch (name) {
    case 'model':
      return { name, ref: word };
    case 'models':
      return { name, provider: word.toLowerCase() };
    case 'think':
    case 'verbose':
    case 'reasoning':
    case 'usage':
    case 'queue':
      return { name, value: word.toLowerCase() };
    default:
      return undefined;
  }
}

/**
 * The command in a message of a person, or undefined. `triggers` start the conversation anew, lower case. Never call it
 * with what a model or a tool said.
 */
export function parseCommand(message: string, triggers: readonly string[] = RESET_TRIGGERS): ChatCommand | undefined {
  const text = message.trim();
  const reset = parseReset(text, triggers);
  if (reset) return reset;
  const [, word = '', more = ''] = COMMAND.exec(text) ?? [];
  const name = ALIASES[word.toLowerCase()] ?? word.toLowerCase();
  const rest = more.trim();
  if (name === 'compact') return { name, instructions: rest };
  if (name === 'config') return { name, ask: parseConfig(rest) };
  // Complete or not: an answer to a question about safety is not for the model.
  if (name === 'approve') return parseApproval(rest);
  if (/\s/.test(rest)) return undefined;
  return parseShort(name, rest) ?? (rest === '' ? parseBare(name) : undefined);
}

/** True for a message that a person wrote; others may not give commands, whatever they say. */
export function isFromPerson(provenance: unknown): boolean {
  if (provenance === undefined || provenance === null) return true;
  return typeof provenance === 'object' && (provenance as { kind?: unknown }).kind === 'external_user';
}
