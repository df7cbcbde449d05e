// Secrets from a command: 1Password, Vault, sops and scripts that speak the protocol.
import path from 'node:path';
import { failed, found, type Outcome } from '../outcome.js';
import { readAnswer, splitBatches, writeRequest } from './exec-protocol.js';
import { checkCommandPath } from './guarded-path.js';
import type { ExecProvider } from './provider-settings.js';
import type { ResolverContext } from './resolver-context.js';
import { type CommandEnd, runCommand } from './run-command.js';

/** Only what the config names reaches the command. */
export function commandEnv(
  settings: Pick<ExecProvider, 'env' | 'passEnv'>,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): Record<string, string> {
  // Without it, Windows cannot load the libraries that a program needs to start.
  const names = platform === 'win32' ? ['SystemRoot', ...settings.passEnv] : settings.passEnv;
  const passed = names.flatMap((name): Array<[string, string]> => {
    const value = env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(passed), ...settings.env };
}

/** The output of a run that went well, or why it did not. `reason` is the end of a sentence. */
function outputOf(end: CommandEnd, settings: ExecProvider): Outcome<string> {
  switch (end.kind) {
    case 'exited':
      return end.code === 0 ? found(end.output) : failed(`the command ended with exit code ${end.code}`);
    case 'killed-by':
      return failed(`the command was ended by ${end.signal}`);
    case 'not-started':
      return failed(`the command could not be started (${end.code})`);
    case 'timed-out':
      return failed(`the command did not finish within ${settings.timeoutMs} ms`);
    case 'silent':
      return failed(`the command printed nothing for ${settings.noOutputTimeoutMs} ms`);
    case 'flooded':
      return failed(`the command printed more than ${settings.maxOutputBytes} bytes`);
    case 'stopped':
      return failed('the gateway is stopping');
  }
}

interface Ask {
  settings: ExecProvider;
  provider: string;
  /** Real path of the command. */
  file: string;
  context: ResolverContext;
}

async function askBatch(ask: Ask, ids: readonly string[]): Promise<Map<string, Outcome<unknown>>> {
  const { settings, context, file } = ask;
  const end = await runCommand({
    file,
    args: settings.args,
    env: commandEnv(settings, context.env, context.account.platform),
    cwd: path.dirname(file),
    input: writeRequest(ask.provider, ids),
    timeoutMs: settings.timeoutMs,
    noOutputTimeoutMs: settings.noOutputTimeoutMs,
    maxOutputBytes: settings.maxOutputBytes,
    clock: context.clock,
    platform: context.account.platform,
    signal: context.signal,
  });
  const output = outputOf(end, settings);
  return output.ok ? readAnswer(output.value, ids, settings) : new Map(ids.map((id) => [id, output]));
}

/** Asks the command for every id, in as few requests as `maxBatchBytes` allows, one after another. */
export async function readFromCommand(
  settings: ExecProvider,
  request: { provider: string; ids: readonly string[]; maxBatchBytes: number },
  context: ResolverContext,
): Promise<Map<string, Outcome<unknown>>> {
  const { provider, ids } = request;
  const name = `The secret provider "${provider}" failed`;
  const checked = await checkCommandPath(settings.command, context.account, settings);
  if (!checked.ok) {
    const reason = `${name}: the command ${settings.command} was not started, ${checked.reason}.`;
    return new Map(ids.map((id) => [id, failed(reason)]));
  }
  const answers = new Map<string, Outcome<unknown>>();
  for (const batch of splitBatches(provider, ids, request.maxBatchBytes)) {
    const tooLarge = Buffer.byteLength(writeRequest(provider, batch)) > request.maxBatchBytes;
    const answer = tooLarge
      ? new Map(batch.map((id) => [id, failed('one request is larger than secrets.resolution.maxBatchBytes')]))
      : await askBatch({ settings, provider, file: checked.value, context }, batch);
    for (const [id, outcome] of answer) answers.set(id, outcome.ok ? outcome : failed(`${name}: ${outcome.reason}.`));
  }
  return answers;
}
