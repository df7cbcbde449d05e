// `openclaw skills …` and `openclaw hooks …`
import type { Command } from 'commander';
import type { ProgramBuilder } from '../program-builder.js';

const withAgent = (command: Command): Command =>
  command.option('--json', 'print JSON').option('--agent <id>', 'for this agent; the default one when left out');

const withFilter = (command: Command): Command =>
  withAgent(command)
    .option('--eligible', 'only those that can be used')
    .option('-v, --verbose', 'what is in the way too');

function addSkillCommands(program: Command, builder: ProgramBuilder): void {
  const skills = program.command('skills').description('what agents know how to do');
  const load = () => import('../commands/skills.js');
  const list = withFilter(skills.command('list').description('list skills, and whether they can be used'));
  builder.runs(list, async () => ({ run: (await load()).runList }));
  const info = withAgent(skills.command('info').argument('<name>').description('show one skill'));
  builder.runs(info, async () => ({ run: (await load()).runInfo }));
  const check = withAgent(skills.command('check').description('which skills are ready, and what the others need'));
  builder.runs(check, async () => ({ run: (await load()).runCheck }));
}

function addHookCommands(program: Command, builder: ProgramBuilder): void {
  const hooks = program.command('hooks').description('what runs when something happens in the gateway');
  const load = () => import('../commands/hooks.js');
  const list = withFilter(hooks.command('list').description('list hooks, and whether they can run'));
  builder.runs(list, async () => ({ run: (await load()).runList }));
  const named = (verb: string, sentence: string): Command =>
    withAgent(hooks.command(verb).argument('<name>').description(sentence));
  builder.runs(named('info', 'show one hook'), async () => ({ run: (await load()).runInfo }));
  const check = withAgent(hooks.command('check').description('which hooks are ready, and what stops the others'));
  builder.runs(check, async () => ({ run: (await load()).runCheck }));
  builder.runs(named('enable', 'switch a hook on'), async () => ({ run: (await load()).runEnable }));
  builder.runs(named('disable', 'switch a hook off'), async () => ({ run: (await load()).runDisable }));
}

export function addSkills(program: Command, builder: ProgramBuilder): void {
  addSkillCommands(program, builder);
  addHookCommands(program, builder);
}
