// The wire of agents (spec/gateway-protocol.md §7.5).
import type { OpenClawConfig } from '../config/index.js';
import { MAIN_KEY } from '../sessions/index.js';
import type { MethodHandlers } from '../shared/wire.js';
import { defaultAgentId, describeAgent, listAgents } from './agent-list.js';

/** The handler of `agents.list`; reads the config anew at every call. */
export function createAgentsMethods(options: { config: () => OpenClawConfig }): MethodHandlers<'agents.list'> {
  return {
    'agents.list': () => {
      const config = options.config();
      return {
        defaultId: defaultAgentId(config),
        mainKey: MAIN_KEY,
        scope: config.session?.scope ?? 'per-sender',
        agents: listAgents(config).map(describeAgent),
      };
    },
  };
}
