// How commands are declared: options, what they inherit, and loading their code when they run.
import { type Command, InvalidArgumentError } from 'commander';
import { type CommandContext, createContext, type GlobalOptions } from './context.js';
import type { CliHost } from './host.js';

export interface CommandModule<O> {
  run(context: CommandContext, options: O, args: string[]): Promise<number>;
}

export const GLOBAL_LEVELS = 'silent|fatal|error|warn|info|debug|trace';

/** A whole number of at least `minimum`, for option values. */
export function whole(minimum: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text.trim()) || value < minimum) {
      throw new InvalidArgumentError(`Give a whole number of ${minimum} or more.`);
    }
    return value;
  };
}

/** Options of the command and its parents; the nearer one wins. */
function optionsOf(command: Command): GlobalOptions {
  const own = command.opts<GlobalOptions>();
  return command.parent ? { ...optionsOf(command.parent), ...own } : own;
}

export class ProgramBuilder {
  exitCode = 0;

  constructor(readonly host: CliHost) {}

  /** Lets `command` run the module that `load` brings. */
  runs<O>(command: Command, load: () => Promise<CommandModule<O>>): Command {
    withGlobals(command);
    return command.action(async (...received: unknown[]) => {
      const options = optionsOf(command);
      const context = createContext(this.host, options);
      const module = await load();
      const args = received.slice(0, -2).flat() as string[];
      this.exitCode = await module.run(context, options as O, args);
    });
  }
}

// Accepted after the command too; shown in the help of the program only.
function withGlobals(command: Command): void {
  const has = (flag: string) => command.options.some(({ long }) => long === flag);
  for (const flags of ['--profile <name>', '--log-level <level>', '--no-color']) {
    if (!has(flags.split(' ')[0] ?? '')) command.addOption(command.createOption(flags).hideHelp());
  }
}

export function withTarget(command: Command): Command {
  return command
    .option('--url <url>', 'address of the gateway (ws:// or wss://)')
    .option('--token <token>', 'token of the gateway')
    .option('--password <password>', 'password of the gateway');
}

export function timeout(command: Command, defaultMs: number): Command {
  return command.option('--timeout <ms>', 'how long to wait, in milliseconds', whole(1), defaultMs);
}
