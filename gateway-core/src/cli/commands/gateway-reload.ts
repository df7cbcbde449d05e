// `openclaw gateway reload`: the running gateway reads its config now. Ours; the reference only watches the file.
import type { CommandContext } from '../context.js';
import { withGateway } from '../gateway-access.js';
import { resolveTarget, type TargetFlags } from '../target.js';

export interface GatewayReloadOptions extends TargetFlags {
  json?: boolean;
  timeout: number;
}

/** What happened, in one sentence. */
export function reloadSentence({ changed, restart }: { changed: string[]; restart: boolean }): string {
  if (changed.length === 0) return 'The config has not changed.';
  const what = changed.join(', ');
  return restart ? `The gateway restarts to take over: ${what}` : `Taken over without a restart: ${what}`;
}

export async function run(context: CommandContext, options: GatewayReloadOptions): Promise<number> {
  const { config, path, env } = await context.config();
  const target = resolveTarget({ flags: options, env, config, configPath: path });
  const access = { target, profile: 'cli', timeoutMs: options.timeout } as const;
  const result = await withGateway(context, access, ({ client }) => client.request('desktop.config.reload'));
  if (options.json) context.json(result);
  else context.out(reloadSentence(result));
  return 0;
}
