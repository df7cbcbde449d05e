// Pure: what may follow what is typed after a slash – commands by name, then the values they take.
import type { CommandArg, CommandEntry } from '../../../../../gateway-core/src/protocol/index.js';

export interface SlashChoice {
  key: string;
  /** In front, as it is typed. */
  title: string;
  /** What may stand behind it: `[value]`. */
  usage: string;
  about: string;
  /** The whole field once it is chosen. */
  text: string;
}

export interface SlashMenu {
  choices: SlashChoice[];
  /** Which one is chosen unless the person moves; -1 when Enter should send what is typed. */
  preselected: number;
  /** What is expected here in the person's own words. */
  hint?: string;
}

const NAME_ONLY = /^\/\S*$/;
const WITH_ARGS = /^(\/\S+)[ \t]+([^\n]*)$/;

function usageOf({ args = [] }: CommandEntry): string {
  return args.map(({ name, required }) => (required ? `<${name}>` : `[${name}]`)).join(' ');
}

function commandChoices(typed: string, commands: readonly CommandEntry[]): SlashChoice[] {
  return commands.flatMap((command) => {
    const spelling = command.textAliases.find((alias) => alias.startsWith(typed));
    const [usual = spelling] = command.textAliases;
    if (spelling === undefined || usual === undefined) return [];
    const text = command.acceptsArgs ? `${usual} ` : usual;
    return [{ key: command.name, title: usual, usage: usageOf(command), about: command.description, text }];
  });
}

function valueChoices(arg: CommandArg, typed: string, before: string, isLast: boolean): SlashChoice[] {
  const wanted = typed.toLowerCase();
  return (arg.choices ?? [])
    .filter(({ value, label }) => value.toLowerCase().includes(wanted) || label.toLowerCase().includes(wanted))
    .map(({ value, label }) => ({
      key: value,
      title: value,
      usage: '',
      about: label === value ? '' : label,
      text: `${before}${value}${isLast ? '' : ' '}`,
    }));
}

function argsMenu(spelling: string, rest: string, { args = [] }: CommandEntry): SlashMenu | undefined {
  const words = rest.split(/[ \t]+/);
  const typed = words.at(-1) ?? '';
  const arg = args[words.length - 1];
  if (!arg) return undefined;
  if (!arg.choices) return { choices: [], preselected: -1, hint: arg.description };
  const before = `${[spelling, ...words.slice(0, -1)].join(' ')} `;
  const choices = valueChoices(arg, typed, before, words.length === args.length);
  const isWhole = choices.length === 1 && choices[0]?.title === typed;
  const isExact = choices.some(({ title }) => title === typed);
  const sendsAsTyped = isExact || (typed === '' && !arg.required);
  return { choices: isWhole ? [] : choices, preselected: sendsAsTyped ? -1 : 0, hint: arg.description };
}

/** What to offer for the text of the field; undefined when it is no command in the making. */
export function slashMenu(text: string, commands: readonly CommandEntry[]): SlashMenu | undefined {
  if (NAME_ONLY.test(text)) {
    const typed = text.toLowerCase();
    const choices = commandChoices(typed, commands);
    const isExact = commands.some(({ textAliases }) => textAliases.includes(typed));
    if (choices.length === 0) return undefined;
    const isWhole = isExact && choices.length === 1 && choices[0]?.text === typed;
    return { choices: isWhole ? [] : choices, preselected: isExact ? -1 : 0 };
  }
  const [, spelling, rest] = WITH_ARGS.exec(text) ?? [];
  if (spelling === undefined || rest === undefined) return undefined;
  const command = commands.find(({ textAliases }) => textAliases.includes(spelling.toLowerCase()));
  return command && argsMenu(spelling, rest, command);
}
