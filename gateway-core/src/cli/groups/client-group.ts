// Commands that ask the gateway one thing: system, channels, secrets, approvals; and what the config alone tells.
import type { Command } from 'commander';
import { type ProgramBuilder, timeout, withTarget } from '../program-builder.js';
import { addApprovals } from './approvals-group.js';

function addSystem(program: Command, builder: ProgramBuilder): void {
  const system = program.command('system').description('events, heartbeat and presence');
  const load = () => import('../commands/system.js');
  const verb = (group: Command, usage: string, sentence: string): Command => {
    const command = group.command(usage).description(sentence).option('--json', 'print JSON');
    return timeout(withTarget(command.option('--expect-final', 'no effect here')), 30_000);
  };
  const event = verb(system, 'event', 'tell the main session something').requiredOption(
    '--text <text>',
    'what to tell',
  );
  event.option('--mode <mode>', 'now or next-heartbeat', 'next-heartbeat');
  builder.runs(event, async () => ({ run: (await load()).runEvent }));
  const heartbeat = system.command('heartbeat').description('the regular look after open tasks');
  builder.runs(verb(heartbeat, 'last', 'the last one'), async () => ({ run: (await load()).runLastHeartbeat }));
  builder.runs(verb(heartbeat, 'enable', 'switch it on'), async () => ({ run: (await load()).runEnable }));
  builder.runs(verb(heartbeat, 'disable', 'switch it off'), async () => ({ run: (await load()).runDisable }));
  builder.runs(verb(system, 'presence', 'who is connected'), async () => ({ run: (await load()).runPresence }));
}

function addSecrets(program: Command, builder: ProgramBuilder): void {
  const secrets = program.command('secrets').description('secrets of the config');
  const load = () => import('../commands/secrets.js');
  const audit = secrets.command('audit').description('find secrets that lie open, and references that lead nowhere');
  audit.option('--check', 'exit with 1 when there is something').option('--json', 'print JSON');
  builder.runs(audit.option('--allow-exec', 'run secret commands too'), async () => ({ run: (await load()).runAudit }));
  const reload = secrets
    .command('reload')
    .description('let the gateway read its secrets again')
    .option('--json', 'print JSON');
  builder.runs(timeout(withTarget(reload), 30_000), async () => ({ run: (await load()).runReload }));
  addSecretChanges(secrets, builder);
}

function addSecretChanges(secrets: Command, builder: ProgramBuilder): void {
  const configure = secrets.command('configure').description('move secrets out of the config, question by question');
  configure
    .option('--apply', 'change the config at the end')
    .option('--yes', 'no last question; no questions at all without a terminal');
  configure
    .option('--providers-only', 'set up providers only')
    .option('--skip-provider-setup', 'leave providers alone');
  configure
    .option('--agent <id>', 'only secrets of this agent')
    .option('--plan-out <file>', 'write the plan to a file');
  configure.option('--allow-exec', 'run secret commands too').option('--json', 'print JSON');
  builder.runs(configure, () => import('../commands/secrets-configure.js'));
  const apply = secrets
    .command('apply')
    .description('carry out a plan')
    .requiredOption('--from <plan>', 'file of the plan');
  apply.option('--dry-run', 'check only, write nothing').option('--allow-exec', 'run secret commands too');
  builder.runs(apply.option('--json', 'print JSON'), () => import('../commands/secrets-apply.js'));
}

function addLists(program: Command, builder: ProgramBuilder): void {
  const agents = program.command('agents').description('agents of the config').command('list');
  agents.description('list agents').option('--json', 'print JSON').option('--bindings', 'no effect here');
  builder.runs(agents, () => import('../commands/agents.js'));
  const models = program.command('models').description('models and providers');
  const load = () => import('../commands/models.js');
  const list = models.command('list').description('list models').option('--json', 'print JSON');
  list.option('--all', 'every model the gateway knows').option('--plain', 'keys only');
  builder.runs(timeout(list, 10_000), async () => ({ run: (await load()).runList }));
  const status = models
    .command('status')
    .description('default model, fallbacks and keys')
    .option('--json', 'print JSON');
  status
    .option('--plain', 'the default model only')
    .option('--check', 'exit with 1 when a key is missing or has run out, 2 when one soon will');
  builder.runs(status, async () => ({ run: (await load()).runStatus }));
}

export function addGatewayClients(program: Command, builder: ProgramBuilder): void {
  addSystem(program, builder);
  addSecrets(program, builder);
  addLists(program, builder);
  const channels = program.command('channels').description('chat channels').command('status');
  channels.description('state of every channel').option('--probe', 'try them').option('--json', 'print JSON');
  builder.runs(timeout(channels, 10_000), () => import('../commands/channels.js'));
  addApprovals(program, builder);
}
