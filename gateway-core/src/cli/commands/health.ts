// `openclaw health`: what the running gateway says about itself.
import type { HealthSnapshot } from '../../protocol/index.js';
import type { CommandContext } from '../context.js';
import { withGateway } from '../gateway-access.js';
import { resolveTarget, targetLines } from '../target.js';
import { formatAge } from '../text-format.js';

export interface HealthOptions {
  json?: boolean;
  verbose?: boolean;
  debug?: boolean;
  timeout: number;
}

function channelState(channel: unknown): string {
  if (channel === null || typeof channel !== 'object') return 'unknown';
  const { configured, linked, running } = channel as Record<string, unknown>;
  if (configured === false) return 'not configured';
  return linked === false ? 'not linked' : running === false ? 'stopped' : 'ok';
}

/** The text form of a snapshot, line by line. */
export function healthLines(health: HealthSnapshot): string[] {
  const heartbeats = health.agents.map(
    ({ agentId, heartbeat }) => `${heartbeat.enabled ? heartbeat.every : 'disabled'} (${agentId})`,
  );
  const sessions = health.agents.flatMap(({ agentId, sessions: { path, count, recent } }) => [
    `Session store (${agentId}): ${path} (${count} entries)`,
    ...recent.map(({ key, age }) => `- ${key} (${age === null ? 'never' : formatAge(age, '0m ago')})`),
  ]);
  return [
    `Agents: ${health.agents.map(({ agentId, isDefault }) => (isDefault ? `${agentId} (default)` : agentId)).join(', ')}`,
    `Heartbeat interval: ${heartbeats.join(', ')}`,
    ...health.channelOrder.map((id) => `${health.channelLabels[id] ?? id}: ${channelState(health.channels[id])}`),
    ...sessions,
  ];
}

export async function run(context: CommandContext, options: HealthOptions): Promise<number> {
  const { config, path, env } = await context.config();
  const target = resolveTarget({ flags: {}, env, config, configPath: path });
  const access = { target, profile: 'backend', timeoutMs: options.timeout } as const;
  const health = await withGateway(context, access, ({ client }) => client.request('health'));
  if (options.json) {
    context.json(health);
    return 0;
  }
  if (options.verbose || options.debug) {
    for (const line of ['Gateway connection:', ...targetLines(target).map((text) => `  ${text}`)]) context.out(line);
  }
  for (const line of healthLines(health)) context.out(line);
  return 0;
}
