// `openclaw devices …`, `openclaw nodes …` and `openclaw qr`
import type { Command } from 'commander';
import { type ProgramBuilder, timeout, whole, withTarget } from '../program-builder.js';

const TIMEOUT_MS = 10_000;

function verbs(group: Command) {
  return (usage: string, sentence: string): Command =>
    timeout(withTarget(group.command(usage).description(sentence).option('--json', 'print JSON')), TIMEOUT_MS);
}

export function addDevices(program: Command, builder: ProgramBuilder): void {
  const verb = verbs(program.command('devices').description('devices that may connect to the gateway'));
  const load = () => import('../commands/devices.js');
  builder.runs(verb('list', 'list requests and paired devices'), async () => ({ run: (await load()).runList }));
  const approve = verb('approve [requestId]', 'let a device in; the latest request unless you name one');
  builder.runs(approve.option('--latest', 'the latest request'), async () => ({ run: (await load()).runApprove }));
  builder.runs(verb('reject <requestId>', 'refuse a request'), async () => ({ run: (await load()).runReject }));
  builder.runs(verb('remove <deviceId>', 'forget a device'), async () => ({ run: (await load()).runRemove }));
  const clear = verb('clear', 'forget every device').option('--yes', 'without this, nothing happens');
  builder.runs(clear.option('--pending', 'refuse open requests too'), async () => ({ run: (await load()).runClear }));
  const ofToken = (usage: string, sentence: string) =>
    verb(usage, sentence)
      .requiredOption('--device <id>', 'which device')
      .requiredOption('--role <role>', 'operator or node');
  const rotate = ofToken('rotate', 'give a device a new token').option('--scope <scope...>', 'scopes of the new token');
  builder.runs(rotate, async () => ({ run: (await load()).runRotate }));
  builder.runs(ofToken('revoke', 'make the token of a device useless'), async () => ({
    run: (await load()).runRevoke,
  }));

  const qr = program.command('qr').description('a code that brings a phone in; works without a running gateway');
  qr.option('--json', 'print JSON')
    .option('--setup-code-only', 'print the code only')
    .option('--no-ascii', 'no picture');
  qr.option('--url <url>', 'address that the phone uses').option('--public-url <url>', 'same as --url');
  qr.option('--remote', 'the gateway of gateway.remote.url').option('--token <token>', 'token of the gateway');
  builder.runs(qr.option('--password <password>', 'password of the gateway'), () => import('../commands/qr.js'));
}

export function addNodes(program: Command, builder: ProgramBuilder): void {
  const verb = verbs(program.command('nodes').description('devices that lend the gateway their abilities'));
  const load = () => import('../commands/nodes.js');
  builder.runs(verb('status', 'list known nodes'), async () => ({ run: (await load()).runStatus }));
  builder.runs(verb('list', 'list requests and paired nodes'), async () => ({ run: (await load()).runList }));
  const describe = verb('describe', 'what a node can do').requiredOption('--node <id>', 'id or name of the node');
  builder.runs(describe, async () => ({ run: (await load()).runDescribe }));
  const invoke = verb('invoke', 'let a node carry out a command').requiredOption(
    '--node <id>',
    'id or name of the node',
  );
  invoke.requiredOption('--command <name>', 'e.g. system.which').option('--params <json>', 'parameters as JSON', '{}');
  invoke.option('--invoke-timeout <ms>', 'how long the node may take', whole(1), 15_000);
  invoke.option('--idempotency-key <key>', 'the same key is carried out once');
  builder.runs(invoke, async () => ({ run: (await load()).runInvoke }));
}
