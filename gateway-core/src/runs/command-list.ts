// Pure: the slash commands that the gateway answers itself, as clients offer them.
import { APPROVAL_DECISIONS, type CommandArg, type CommandEntry } from '../protocol/index.js';
import { SESSION_CHOICES } from '../sessions/index.js';
import type { ChatCommand } from './commands.js';

export interface CommandListFacts {
  /** Texts that begin a conversation anew, lower case, with the slash. */
  triggers: readonly string[];
  /** False when the config switches /config off. */
  hasConfig: boolean;
  models: ReadonlyArray<{ provider: string; id: string; name: string }>;
}

interface CommandRow {
  aliases?: readonly string[];
  description: string;
  category: CommandEntry['category'];
  args?: (facts: CommandListFacts) => CommandArg[];
}

function word(name: string, description: string, choices?: CommandArg['choices']): CommandArg {
  return { name, description, type: 'string', required: false, ...(choices && { choices }) };
}

const BACK = { value: 'default', label: 'as usual' } as const;

function plain(values: readonly string[]): Array<{ value: string; label: string }> {
  return values.map((value) => ({ value, label: value }));
}

/** Each mode once, under its usual name. */
const QUEUE_CHOICES = [
  { value: 'followup', label: 'each waits for its turn' },
  { value: 'collect', label: 'those that wait are answered together' },
  { value: 'steer', label: 'goes into the answer under way' },
  { value: 'steer-backlog', label: 'into the answer, and a turn of its own' },
  { value: 'interrupt', label: 'stops the answer and starts anew' },
];

/** A setting of the conversation; without a value the command says what it is. */
function setting(name: string, description: string, values: readonly string[]): () => CommandArg[] {
  return () => [word(name, description, [...plain(values), BACK])];
}

const modelChoices = ({ models }: CommandListFacts) => [
  ...models.map(({ provider, id, name }) => ({ value: `${provider}/${id}`, label: name })),
  BACK,
];

const providerChoices = ({ models }: CommandListFacts) => plain([...new Set(models.map(({ provider }) => provider))]);

/** In the order in which they are offered; one row for every command that `parseCommand` knows. */
const ROWS: Record<ChatCommand['name'], CommandRow> = {
  new: {
    description: 'Start a new conversation here',
    category: 'session',
    args: () => [word('message', 'The first message of the new conversation')],
  },
  reset: {
    description: 'The same as /new',
    category: 'session',
    args: () => [word('message', 'The first message of the new conversation')],
  },
  stop: { aliases: ['abort'], description: 'Stop the answer that is being written', category: 'session' },
  compact: {
    description: 'Summarise the older part of this conversation',
    category: 'session',
    args: () => [word('instructions', 'What the summary must keep')],
  },
  model: {
    description: 'Show or choose the model of this conversation',
    category: 'options',
    args: (facts) => [word('model', 'Provider and model', modelChoices(facts))],
  },
  models: {
    description: 'List the models you can choose',
    category: 'options',
    args: (facts) => [word('provider', 'Only models of this provider', providerChoices(facts))],
  },
  think: {
    aliases: ['thinking', 't'],
    description: 'How much the model thinks',
    category: 'options',
    args: setting('level', 'How much', SESSION_CHOICES.thinkingLevel),
  },
  verbose: {
    aliases: ['v'],
    description: 'How much of the tools you see',
    category: 'options',
    args: setting('level', 'How much', SESSION_CHOICES.verboseLevel),
  },
  reasoning: {
    aliases: ['reason'],
    description: 'Whether you see what the model thinks',
    category: 'options',
    args: setting('when', 'Whether and when', SESSION_CHOICES.reasoningLevel),
  },
  usage: {
    description: 'What answers cost, and whether each says so',
    category: 'options',
    args: setting('what', 'What stands below each answer', ['off', 'tokens', 'full']),
  },
  queue: {
    description: 'What happens to messages you send meanwhile',
    category: 'options',
    args: () => [word('mode', 'While an answer is written', [...QUEUE_CHOICES, BACK])],
  },
  status: { description: 'What this conversation uses', category: 'status' },
  context: { description: 'What is sent to the model', category: 'status' },
  whoami: { aliases: ['id'], description: 'Who you are to this gateway', category: 'status' },
  help: { aliases: ['commands'], description: 'All commands in one list', category: 'status' },
  config: {
    description: 'Read or change the config',
    category: 'management',
    args: () => [
      word('action', 'What to do', plain(['get', 'set', 'unset'])),
      word('path', 'Which setting, with dots'),
      word('value', 'Its new value'),
    ],
  },
  approve: {
    description: 'Answer an approval',
    category: 'management',
    args: () => [
      { ...word('id', 'Which approval'), required: true },
      { ...word('decision', 'What you decide', plain(APPROVAL_DECISIONS)), required: true },
    ],
  },
};

/** What begins anew depends on the config: a trigger that is not there is no command. */
function spellings(name: string, row: CommandRow, { triggers }: CommandListFacts): string[] {
  if (name === 'new') return triggers.filter((trigger) => trigger !== '/reset');
  if (name === 'reset') return triggers.filter((trigger) => trigger === '/reset');
  return [name, ...(row.aliases ?? [])].map((spelling) => `/${spelling}`);
}

/** Every command that a message may be, in a fixed order; with what may stand behind it when `includeArgs` is true. */
export function listCommands(facts: CommandListFacts, includeArgs: boolean): CommandEntry[] {
  return Object.entries(ROWS).flatMap(([name, row]) => {
    const textAliases = spellings(name, row, facts);
    if (textAliases.length === 0 || (name === 'config' && !facts.hasConfig)) return [];
    const { description, category } = row;
    const args = row.args?.(facts) ?? [];
    const entry = { name, textAliases, description, category, source: 'native', scope: 'text' } as const;
    return [{ ...entry, acceptsArgs: args.length > 0, ...(includeArgs && args.length > 0 && { args }) }];
  });
}
