// The commands and their options. A command's code is loaded when it runs.
import { Command, CommanderError } from 'commander';
import { addBrowser } from './groups/browser-group.js';
import { addConfig } from './groups/config-group.js';
import { addDevices, addNodes } from './groups/device-group.js';
import { addGatewayClients } from './groups/client-group.js';
import { addCron } from './groups/cron-group.js';
import { addSandbox } from './groups/sandbox-group.js';
import { addSkills } from './groups/skills-group.js';
import { addUpkeep } from './groups/upkeep-group.js';
import type { CliHost } from './host.js';
import { GLOBAL_LEVELS, ProgramBuilder, timeout, whole, withTarget } from './program-builder.js';

function addGateway(program: Command, builder: ProgramBuilder): void {
  const startFlags = (command: Command): Command =>
    command
      .option('--port <port>', 'port to listen on')
      .option('--bind <mode>', 'loopback, lan, tailnet, auto or custom')
      .option('--auth <mode>', 'none, token, password or trusted-proxy')
      .option('--token <token>', 'token that clients must send')
      .option('--password <password>', 'password that clients must send')
      .option('--password-file <file>', 'read the password from a file')
      .option('--tailscale <mode>', 'off, serve or funnel')
      .option('--tailscale-reset-on-exit', 'undo the tailscale setting when the gateway stops')
      .option('--allow-unconfigured', 'start without gateway.mode=local in the config')
      .option('--dev', 'use the dev profile')
      .option('--reset', 'with --dev: delete the dev profile first')
      .option('--force', 'stop whatever listens on the port first')
      .option('--verbose', 'log more')
      .option('--ws-log <style>', 'auto, full or compact', 'auto')
      .option('--compact', 'short for --ws-log compact')
      .option('--claude-cli-logs', 'log only what the claude-cli backend says')
      .option('--raw-stream', 'log the raw stream of the model')
      .option('--raw-stream-path <file>', 'where to write the raw stream');
  const load = () => import('./commands/gateway-run.js');
  const gateway = program.command('gateway').description('run the gateway, or ask a running one');
  builder.runs(startFlags(gateway), load);
  builder.runs(startFlags(gateway.command('run').description('run the gateway in this terminal')), load);

  const status = withTarget(gateway.command('status').description('show service, port and connection'));
  status.option('--no-probe', 'do not connect').option('--require-rpc', 'exit with 1 when connecting fails');
  status.option('--deep', 'look further').option('--json', 'print JSON');
  builder.runs(timeout(status, 10_000), () => import('./commands/gateway-status.js'));

  const call = withTarget(gateway.command('call').argument('<method>').description('call one method of the gateway'));
  call.option('--params <json>', 'parameters as JSON', '{}').option('--expect-final', 'wait for the final response');
  builder.runs(timeout(call.option('--json', 'print JSON only'), 10_000), () => import('./commands/gateway-call.js'));

  const health = withTarget(gateway.command('health').description('ask for the health of the gateway'));
  health.option('--expect-final', 'wait for the final response').option('--json', 'print JSON');
  builder.runs(timeout(health, 10_000), () => import('./commands/gateway-health.js'));

  const reload = withTarget(gateway.command('reload').description('let the gateway read its config again'));
  builder.runs(timeout(reload.option('--json', 'print JSON'), 10_000), () => import('./commands/gateway-reload.js'));
  const probe = withTarget(gateway.command('probe').description('try every known address of a gateway'));
  builder.runs(timeout(probe.option('--json', 'print JSON'), 3_000), () => import('./commands/gateway-probe.js'));
}

function addSessionsCleanup(sessions: Command, builder: ProgramBuilder): void {
  const cleanup = sessions.command('cleanup').description('remove conversations that are beyond the limits');
  cleanup.option('--dry-run', 'only say what would go').option('--enforce', 'remove it, whatever the mode');
  cleanup.option('--fix-missing', 'conversations without a transcript go too').option('--json', 'print JSON');
  cleanup.option('--agent <id>', 'only of this agent').option('--all-agents', 'of every agent');
  cleanup.option('--store <file>', 'work on this session index');
  builder.runs(cleanup, () => import('./commands/sessions-cleanup.js'));
}

function addStatusFamily(program: Command, builder: ProgramBuilder): void {
  const health = program.command('health').description('health of the running gateway');
  health
    .option('--json', 'print JSON')
    .option('--verbose', 'show the connection too')
    .option('--debug', 'same as --verbose');
  builder.runs(timeout(health, 10_000), () => import('./commands/health.js'));

  const status = program.command('status').description('gateway, agents and sessions at a glance');
  status.option('--json', 'print JSON').option('--all', 'same as --deep').option('--deep', 'include health');
  status
    .option('--usage', 'reserved')
    .option('--verbose', 'show the connection too')
    .option('--debug', 'same as --verbose');
  builder.runs(timeout(status, 10_000), () => import('./commands/status.js'));

  const sessions = program.command('sessions').description('list conversations');
  sessions.option('--json', 'print JSON').option('--active <minutes>', 'changed in the last minutes', whole(1));
  sessions.option('--agent <id>', 'only of this agent').option('--all-agents', 'of every agent');
  builder.runs(sessions.option('--store <file>', 'read this session index'), () => import('./commands/sessions.js'));
  addSessionsCleanup(sessions, builder);

  const logs = withTarget(program.command('logs').description('show the log of the gateway'));
  logs
    .option('--limit <n>', 'how many lines', whole(1), 200)
    .option('--max-bytes <n>', 'how much to read', whole(1), 250_000);
  logs
    .option('--follow', 'keep showing new lines')
    .option('--interval <ms>', 'how often to look, with --follow', whole(50), 1_000);
  logs
    .option('--level <level>', `only this level and above (${GLOBAL_LEVELS})`)
    .option('--json', 'one JSON object per line');
  logs.option('--plain', 'no colours').option('--local-time', 'local time').option('--expect-final', 'no effect here');
  builder.runs(timeout(logs, 30_000), () => import('./commands/logs.js'));
}

function addAgent(program: Command, builder: ProgramBuilder): void {
  const agent = program.command('agent').description('send one message to an agent and print the answer');
  agent.requiredOption('-m, --message <text>', 'what to say').option('--agent <id>', 'which agent');
  agent.option('--to <address>', 'session of this address').option('--session-id <id>', 'continue this session');
  agent.option('--thinking <level>', 'how much to think').option('--deliver', 'send the answer to the channel too');
  agent.option('--channel <name>', 'channel').option('--reply-to <address>', 'where the answer goes');
  agent
    .option('--reply-channel <name>', 'channel of the answer')
    .option('--reply-account <id>', 'account of the answer');
  agent.option('--timeout <seconds>', 'how long the agent may take', whole(0), 600).option('--json', 'print JSON');
  builder.runs(agent, () => import('./commands/agent.js'));

  const dashboard = program.command('dashboard').description('open the window in your browser, signed in');
  builder.runs(dashboard.option('--no-open', 'only print the address'), () => import('./commands/dashboard.js'));
}

type AddGroup = (program: Command, builder: ProgramBuilder) => void;

/** Every group of commands, with the words that lead into it. */
const GROUPS: ReadonlyArray<readonly [AddGroup, ...string[]]> = [
  [addGateway, 'gateway'],
  [addStatusFamily, 'health', 'status', 'sessions', 'logs'],
  [addAgent, 'agent', 'dashboard'],
  [addConfig, 'config'],
  [addCron, 'cron'],
  [addDevices, 'devices', 'qr'],
  [addNodes, 'nodes'],
  [addGatewayClients, 'models', 'secrets', 'system', 'approvals', 'agents', 'channels'],
  [addBrowser, 'browser'],
  [addSandbox, 'sandbox'],
  [addSkills, 'skills', 'hooks'],
  [addUpkeep, 'doctor', 'setup'],
];

/** The one group that the first word leads into; all of them for help, options in front and words nobody knows. */
function groupsFor([first = '']: readonly string[]): AddGroup[] {
  const wanted = GROUPS.filter(([, ...words]) => words.includes(first));
  return (wanted.length > 0 ? wanted : GROUPS).map(([add]) => add);
}

function buildProgram(builder: ProgramBuilder, versionText: string): Command {
  const { host } = builder;
  const program = new Command('openclaw').enablePositionalOptions().exitOverride();
  program.configureOutput({
    writeOut: (text) => host.stdout.write(text),
    writeErr: (text) => host.stderr.write(text),
    getOutHelpWidth: () => host.stdout.columns ?? 80,
    getErrHelpWidth: () => host.stderr.columns ?? 80,
  });
  program
    .description('Personal AI agents on your own computer.')
    .version(versionText, '-V, --version', 'print the version')
    .option('--dev', 'dev profile: state in ~/.openclaw-dev, gateway port 19001')
    .option('--profile <name>', 'use another profile: state in ~/.openclaw-<name>')
    .option('--log-level <level>', GLOBAL_LEVELS)
    .option('--no-color', 'no colours');
  for (const add of groupsFor(host.argv)) add(program, builder);
  return program;
}

/** Parses the arguments and runs the command; resolves with its exit code. */
export async function runProgram(host: CliHost, versionText: string): Promise<number> {
  const builder = new ProgramBuilder(host);
  const program = buildProgram(builder, versionText);
  if (host.argv.length === 0) {
    program.outputHelp();
    return 0;
  }
  try {
    await program.parseAsync(host.argv, { from: 'user' });
  } catch (error) {
    // Commander has already printed what is wrong, or the help.
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
  return builder.exitCode;
}
