// `openclaw config …`
import type { Command } from 'commander';
import { type ProgramBuilder, timeout, withTarget } from '../program-builder.js';

export function addConfig(program: Command, builder: ProgramBuilder): void {
  const config = program.command('config').description('read and change the config');
  const load = () => import('../commands/config.js');
  const loadChange = () => import('../commands/config-change.js');
  builder.runs(config.command('file').description('print the path of the config'), async () => ({
    run: (await load()).runFile,
  }));
  const get = config.command('get').argument('<path>').description('print one value, e.g. gateway.port');
  builder.runs(get.option('--json', 'print JSON'), async () => ({ run: (await load()).runGet }));
  const validate = config.command('validate').description('check the config').option('--json', 'print JSON');
  builder.runs(validate, async () => ({ run: (await load()).runValidate }));
  const schema = config
    .command('schema')
    .argument('[path]')
    .description('print the JSON schema of the running gateway, or one setting');
  builder.runs(timeout(withTarget(schema), 10_000), async () => ({ run: (await load()).runSchema }));

  const set = config
    .command('set')
    .argument('[path]')
    .argument('[value]')
    .description('write one value (JSON5 or text)');
  set.option('--strict-json', 'the value must be JSON').option('--json', 'same as --strict-json');
  set.option('--dry-run', 'check only, write nothing').option('--batch-json <json>', 'list of {path, value}');
  set.option('--batch-file <file>', 'the same, from a file').option('--ref-provider <name>', 'provider of a secret');
  set.option('--ref-source <source>', 'env, file, exec or keychain').option('--ref-id <id>', 'id of the secret');
  builder.runs(set, async () => ({ run: (await loadChange()).runSet }));
  const unset = config.command('unset').argument('<path>').description('remove one value');
  builder.runs(unset, async () => ({ run: (await loadChange()).runUnset }));
}
