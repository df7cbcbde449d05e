// `openclaw gateway health`: one line, or the whole snapshot.
import type { CommandContext } from '../context.js';
import { withGateway } from '../gateway-access.js';
import { resolveTarget, type TargetFlags } from '../target.js';

export interface GatewayHealthOptions extends TargetFlags {
  json?: boolean;
  timeout: number;
}

export async function run(context: CommandContext, options: GatewayHealthOptions): Promise<number> {
  const { config, path, env } = await context.config();
  const target = resolveTarget({ flags: options, env, config, configPath: path });
  const access = { target, profile: 'cli', timeoutMs: options.timeout } as const;
  const health = await withGateway(context, access, ({ client }) => client.request('health'));
  if (options.json) {
    context.json(health);
    return 0;
  }
  context.out('Gateway Health');
  context.out(`OK (${Math.round(health.durationMs)}ms)`);
  return 0;
}
