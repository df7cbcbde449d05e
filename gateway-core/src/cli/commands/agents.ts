// `openclaw agents list`: agents of the config; asks no gateway.
import { requireValidConfig } from '../config-gate.js';
import { type AgentFacts, agentFacts } from '../config-models.js';
import type { CommandContext } from '../context.js';

const DEFAULT_ROUTE = 'default (no explicit rules)';

function routes({ isDefault, bindings }: AgentFacts): string[] {
  return isDefault && bindings === 0 ? [DEFAULT_ROUTE] : [];
}

/** The text form, line by line. */
export function agentLines(agents: readonly AgentFacts[]): string[] {
  return [
    'Agents:',
    ...agents.flatMap((agent) => [
      `- ${agent.id}${agent.name ? ` (${agent.name})` : ''}${agent.isDefault ? ' (default)' : ''}`,
      `  Workspace: ${agent.workspace}`,
      `  Agent dir: ${agent.agentDir}`,
      ...(agent.model ? [`  Model: ${agent.model}`] : []),
      `  Routing rules: ${agent.bindings}`,
      ...routes(agent).map((route) => `  Routing: ${route}`),
    ]),
    'Routing rules map channel/account/peer to an agent. Use --bindings for full rules.',
    'Channel status reflects local config/creds. For live health: openclaw channels status --probe.',
  ];
}

export async function run(context: CommandContext, options: { json?: boolean }): Promise<number> {
  const loaded = await requireValidConfig(context);
  if (!loaded) return 1;
  const agents = agentFacts(loaded.config, context.paths);
  if (options.json) context.json(agents.map((agent) => ({ ...agent, routes: routes(agent) })));
  else for (const line of agentLines(agents)) context.out(line);
  return 0;
}
