// `openclaw approvals`: what commands may run without asking.
import type { Command } from 'commander';
import { type ProgramBuilder, timeout, withTarget } from '../program-builder.js';

const TIMEOUT_MS = 10_000;

function withHost(command: Command): Command {
  command.option('--gateway', 'of the gateway (default)').option('--node <id>', 'of a node');
  return timeout(withTarget(command.option('--json', 'print JSON')), TIMEOUT_MS);
}

export function addApprovals(program: Command, builder: ProgramBuilder): void {
  const approvals = program.command('approvals').description('commands that need no asking');
  const load = () => import('../commands/approvals.js');
  const get = withHost(approvals.command('get').description('show the list'));
  builder.runs(get, load);
  const pending = approvals.command('pending').description('show the questions that wait for an answer');
  timeout(withTarget(pending.option('--json', 'print JSON')), TIMEOUT_MS);
  builder.runs(pending, () => import('../commands/approvals-pending.js'));
  const set = withHost(approvals.command('set').description('replace all rules with those of a JSON5 file'));
  set.option('--file <path>', 'where the rules are').option('--stdin', 'read them from standard input');
  builder.runs(set, async () => ({ run: (await load()).runSet }));
  const allowlist = approvals.command('allowlist').description('programs that may run');
  const entry = (usage: string, sentence: string): Command =>
    withHost(allowlist.command(usage).description(sentence)).option('--agent <id>', 'for one agent only', '*');
  builder.runs(entry('add <pattern>', 'let a program run; its whole path, * for any name'), async () => ({
    run: (await load()).runAdd,
  }));
  builder.runs(entry('remove <pattern>', 'take a program off the list'), async () => ({
    run: (await load()).runRemove,
  }));
}
