// `openclaw cron …`
import type { Command } from 'commander';
import { type ProgramBuilder, timeout, whole, withTarget } from '../program-builder.js';

const TIMEOUT_MS = 30_000;

function withJobOptions(command: Command): Command {
  command
    .option('--description <text>', 'what it is for')
    .option('--at <when>', 'once: a time (ISO; UTC unless it names a zone) or 20m from now');
  command
    .option('--every <duration>', 'again and again: 10m, 1h, 1d')
    .option('--cron <expression>', 'five or six fields');
  command
    .option('--tz <zone>', 'time zone of --cron, and of an --at that names none')
    .option('--stagger <duration>', 'spread --cron over this time');
  command.option('--exact', 'no spreading').option('--system-event <text>', 'put this text into the main session');
  command
    .option('--message <text>', 'let an agent work on this')
    .option('--session <target>', 'main, isolated or session:<key>');
  command.option('--wake <mode>', 'now or next-heartbeat').option('--agent <id>', 'which agent');
  command.option('--session-key <key>', 'which session').option('--model <model>', 'which model');
  command.option('--thinking <level>', 'how much to think').option('--light-context', 'a short system prompt');
  command.option('--timeout-seconds <n>', 'how long the agent may take', whole(0));
  command.option('--announce', 'send the result to the channel').option('--no-deliver', 'keep the result');
  command.option('--channel <name>', 'channel of the result').option('--to <address>', 'where the result goes');
  command
    .option('--account <id>', 'account of the channel')
    .option('--best-effort-deliver', 'a failed delivery is no error');
  return command.option('--delete-after-run', 'remove it when it has run').option('--keep-after-run', 'keep it');
}

export function addCron(program: Command, builder: ProgramBuilder): void {
  const cron = program.command('cron').description('jobs that the gateway runs on a schedule');
  const load = () => import('../commands/cron.js');
  const verb = (usage: string, sentence: string): Command => {
    const command = cron.command(usage).description(sentence).option('--json', 'print JSON');
    return timeout(withTarget(command.option('--expect-final', 'no effect here')), TIMEOUT_MS);
  };
  const list = verb('list', 'list jobs').option('--all', 'disabled ones too');
  builder.runs(list, async () => ({ run: (await load()).runList }));
  builder.runs(verb('status', 'whether jobs run, and when the next one does'), async () => ({
    run: (await load()).runStatus,
  }));
  const add = withJobOptions(verb('add', 'add a job').alias('create')).requiredOption('--name <text>', 'its name');
  builder.runs(add.option('--disabled', 'add it switched off'), async () => ({ run: (await load()).runAdd }));
  const edit = withJobOptions(verb('edit <id>', 'change a job')).option('--name <text>', 'its name');
  edit.option('--enable', 'switch it on').option('--disable', 'switch it off');
  builder.runs(edit, async () => ({ run: (await load()).runEdit }));
  builder.runs(verb('enable <id>', 'switch a job on'), async () => ({ run: (await load()).runEnable }));
  builder.runs(verb('disable <id>', 'switch a job off'), async () => ({ run: (await load()).runDisable }));
  builder.runs(verb('rm <id>', 'remove a job').alias('remove'), async () => ({ run: (await load()).runRemove }));
  const run = verb('run <id>', 'run a job now').option('--due', 'only when it is due');
  builder.runs(run, async () => ({ run: (await load()).runNow }));
  const runs = verb('runs', 'what a job has done').requiredOption('--id <id>', 'the job');
  builder.runs(runs.option('--limit <n>', 'how many', whole(1), 50), async () => ({ run: (await load()).runRuns }));
}
