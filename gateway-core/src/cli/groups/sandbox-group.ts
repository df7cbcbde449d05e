// `openclaw sandbox …`
import type { Command } from 'commander';
import type { ProgramBuilder } from '../program-builder.js';

export function addSandbox(program: Command, builder: ProgramBuilder): void {
  const sandbox = program.command('sandbox').description('where tools work when they may not work on this computer');
  const load = () => import('../commands/sandbox.js');
  const verb = (name: string, sentence: string): Command =>
    sandbox.command(name).description(sentence).option('--json', 'print JSON');
  const explain = verb('explain', 'show what applies to a conversation, and why');
  explain.option('--session <key>', 'which conversation').option('--agent <id>', 'which agent');
  builder.runs(explain, async () => ({ run: (await load()).runExplain }));
  const list = verb('list', 'list sandboxes').option('--browser', 'those of browsers only');
  builder.runs(list, async () => ({ run: (await load()).runList }));
  const recreate = verb('recreate', 'remove sandboxes, so that their next use makes them anew');
  recreate.option('--all', 'all of them').option('--session <key>', 'of this conversation');
  recreate.option('--agent <id>', 'of this agent').option('--browser', 'those of browsers only');
  recreate.option('--force', 'remove them; without this, they are only shown');
  builder.runs(recreate, async () => ({ run: (await load()).runRecreate }));
}
