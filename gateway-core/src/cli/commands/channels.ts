// `openclaw channels status`: every channel as the gateway sees it.
import { type AskOptions, askGateway, type Result } from '../ask-gateway.js';
import { requireValidConfig } from '../config-gate.js';
import type { CommandContext } from '../context.js';
import { GatewayRequestError } from '../../client/index.js';
import { requestErrorText } from '../failure.js';
import { GatewayAccessError } from '../gateway-access.js';
import { resolveTarget } from '../target.js';

export interface ChannelsOptions extends AskOptions {
  probe?: boolean;
}

interface Account {
  accountId?: string;
  enabled?: boolean;
  configured?: boolean;
  running?: boolean;
  probe?: { ok?: boolean };
  lastError?: string | null;
}

function accountLine(label: string, account: Account): string {
  const states = [
    account.enabled === false ? 'disabled' : 'enabled',
    account.configured === false ? 'not configured' : 'configured',
    account.running === undefined ? undefined : account.running ? 'running' : 'stopped',
    account.probe?.ok === undefined ? undefined : account.probe.ok ? 'works' : 'probe failed',
    account.lastError ? `error: ${account.lastError}` : undefined,
  ];
  return `- ${label} ${account.accountId ?? 'default'}: ${states.filter(Boolean).join(', ')}`;
}

/** One line per account of every channel. */
export function accountLines({ channelOrder, channelLabels, channelAccounts }: Result<'channels.status'>): string[] {
  const labels = channelLabels as Record<string, string>;
  const accounts = channelAccounts as Record<string, Account[] | undefined>;
  return channelOrder.flatMap((id) => (accounts[id] ?? []).map((account) => accountLine(labels[id] ?? id, account)));
}

async function showConfigOnly(context: CommandContext, reason: string): Promise<number> {
  const { config, path, env } = await context.config();
  context.err(`Gateway not reachable: ${reason}`);
  context.out('Gateway not reachable; showing config-only status.');
  context.out(`Config: ${path}`);
  const remote = config.gateway?.mode === 'remote';
  context.out(`Mode: ${remote ? 'remote' : 'local'}`);
  if (remote) context.out(`Gateway: ${resolveTarget({ flags: {}, env, config, configPath: path }).url}`);
  for (const [id, channel] of Object.entries(config.channels ?? {})) {
    const enabled = (channel as { enabled?: boolean } | undefined)?.enabled !== false;
    context.out(`- ${id}: ${enabled ? 'enabled' : 'disabled'}, configured`);
  }
  return 0;
}

export async function run(context: CommandContext, options: ChannelsOptions): Promise<number> {
  if (!(await requireValidConfig(context))) return 1;
  if (!options.json) context.out(`Checking channel status${options.probe ? ' (probe)' : ''}…`);
  const params = { probe: options.probe ?? false, timeoutMs: options.timeout };
  let status: Result<'channels.status'>;
  try {
    status = await askGateway(context, options, 'channels.status', params);
  } catch (error) {
    if (error instanceof GatewayAccessError) return showConfigOnly(context, error.message);
    if (error instanceof GatewayRequestError) return showConfigOnly(context, requestErrorText(error));
    throw error;
  }
  if (options.json) {
    context.json(status);
    return 0;
  }
  context.out('Gateway reachable.');
  for (const line of accountLines(status)) context.out(line);
  return 0;
}
