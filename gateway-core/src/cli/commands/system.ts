// `openclaw system …`: events, heartbeat, presence.
import { type AskOptions, askGateway } from '../ask-gateway.js';
import type { CommandContext } from '../context.js';

export interface SystemEventOptions extends AskOptions {
  text: string;
  mode: string;
}

export async function runEvent(context: CommandContext, options: SystemEventOptions): Promise<number> {
  const { mode } = options;
  if (mode !== 'now' && mode !== 'next-heartbeat') {
    context.err('Error: --mode must be now or next-heartbeat');
    return 1;
  }
  const answer = await askGateway(context, options, 'wake', { mode, text: options.text });
  if (options.json) context.json(answer);
  else context.out('ok');
  return 0;
}

export async function runLastHeartbeat(context: CommandContext, options: AskOptions): Promise<number> {
  context.json(await askGateway(context, options, 'last-heartbeat', {}));
  return 0;
}

async function setHeartbeats(context: CommandContext, options: AskOptions, enabled: boolean): Promise<number> {
  context.json(await askGateway(context, options, 'set-heartbeats', { enabled }));
  return 0;
}

export function runEnable(context: CommandContext, options: AskOptions): Promise<number> {
  return setHeartbeats(context, options, true);
}

export function runDisable(context: CommandContext, options: AskOptions): Promise<number> {
  return setHeartbeats(context, options, false);
}

export async function runPresence(context: CommandContext, options: AskOptions): Promise<number> {
  context.json(await askGateway(context, options, 'system-presence', {}));
  return 0;
}
