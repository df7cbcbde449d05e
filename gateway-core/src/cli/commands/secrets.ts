// `openclaw secrets audit` looks through the files; `reload` asks the gateway.
import {
  auditExitCode,
  auditSecrets,
  createResolverContext,
  currentAccount,
  formatAuditReport,
  openFileKeychain,
} from '../../secrets/index.js';
import { readTextIfExists } from '../../shared/json-file.js';
import type { AskOptions } from '../ask-gateway.js';
import type { CommandContext } from '../context.js';
import { withGateway } from '../gateway-access.js';
import { resolveTarget } from '../target.js';

export interface AuditOptions {
  check?: boolean;
  json?: boolean;
  allowExec?: boolean;
}

export async function runAudit(context: CommandContext, options: AuditOptions): Promise<number> {
  const { configPath, stateDir, home } = context.paths;
  const keychain = openFileKeychain({ stateDir, account: currentAccount(), now: context.host.now });
  const report = await auditSecrets({
    configRaw: (await readTextIfExists(configPath)) ?? null,
    configPath,
    stateDir,
    allowExec: options.allowExec ?? false,
    context: createResolverContext({ env: context.env, home, keychain }),
  });
  if (options.json) context.json(report);
  else context.out(formatAuditReport(report));
  return auditExitCode(report, options.check ?? false);
}

export async function runReload(context: CommandContext, options: AskOptions): Promise<number> {
  const { config, path, env } = await context.config();
  const target = resolveTarget({ flags: options, env, config, configPath: path });
  const access = { target, profile: 'cli', timeoutMs: options.timeout } as const;
  const answer = (await withGateway(context, access, ({ client }) => client.call('secrets.reload'))) as {
    warningCount: number;
  };
  if (options.json) context.json(answer);
  else
    context.out(
      answer.warningCount > 0 ? `Secrets reloaded with ${answer.warningCount} warning(s).` : 'Secrets reloaded.',
    );
  return 0;
}
