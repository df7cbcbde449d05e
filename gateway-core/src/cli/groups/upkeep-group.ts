// `openclaw doctor` and `openclaw setup`
import type { Command } from 'commander';
import type { ProgramBuilder } from '../program-builder.js';

export function addUpkeep(program: Command, builder: ProgramBuilder): void {
  const doctor = program.command('doctor').description('find what is wrong here, and repair it');
  doctor.option('--deep', 'connect to the gateway too').option('--fix', 'repair what can be repaired');
  doctor
    .option('--repair', 'same as --fix')
    .option('--yes', 'same as --fix')
    .option('--non-interactive', 'ask nothing');
  doctor.option('--generate-gateway-token', 'make a token when there is none');
  doctor.option('--check', 'exit with 1 when something is broken').option('--json', 'print JSON');
  doctor.option('--force', 'no effect here').option('--no-workspace-suggestions', 'no effect here');
  builder.runs(doctor, () => import('../commands/doctor.js'));

  const setup = program.command('setup').description('make a config, a token and a workspace');
  setup.option('--workspace <folder>', 'folder in which the agent works').option('--mode <mode>', 'local or remote');
  setup.option('--wizard', 'ask for everything').option('--non-interactive', 'ask nothing');
  builder.runs(setup.option('--json', 'print JSON'), () => import('../commands/setup.js'));
}
