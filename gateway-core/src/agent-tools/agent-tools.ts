// Joins the tools about the house itself into one source.
import { defaultAgentId } from '../agents/index.js';
import type { Tool, ToolSource } from '../tools/index.js';
import { Children } from './children.js';
import { createCronTool } from './cron-tool.js';
import { createGatewayTool } from './gateway-tool.js';
import { createMessageTool } from './message-tool.js';
import { createNodesTool } from './nodes-tool.js';
import type { AgentToolsOptions } from './options.js';
import { createSendTool } from './send-tool.js';
import { SessionReads } from './session-reads.js';
import { createSessionTools } from './session-tools.js';
import { createSpawnTool } from './spawn-tool.js';
import { createSubagentsTool } from './subagents-tool.js';
import { Sight } from './visibility.js';
import { Waits } from './waits.js';
import { createYieldTool } from './yield-tool.js';

export interface AgentTools extends ToolSource {
  /**
   * Takes up the helpers of an earlier process: goes on watching those whose runs go on, and tells the results of the
   * others. Call it once, after `runs.resumeInterrupted()`. Resolves with the number of helpers at work.
   */
  resume(): Promise<number>;
  /** Ends the timers and tells nobody anything more. Call it before the runs stop. */
  stop(): Promise<void>;
}

/**
 * `sessions_list`, `sessions_history`, `sessions_send`, `sessions_spawn`, `sessions_yield`, `subagents`,
 * `session_status`, `agents_list`, `message`, `cron`, `gateway` and `nodes` (spec/gateway-config.md §6, tools).
 * Refusals are AppError request.invalid with a sentence for the model. Nothing works before the first call.
 */
export function createAgentTools(options: AgentToolsOptions): AgentTools {
  const { config, store, clock, models } = options;
  const defaults = (agentId: string) => models.defaults(agentId);
  const sight = new Sight(options);
  const waits = new Waits();
  const children = new Children(options);
  const reads = new SessionReads({ config, store, defaults, clock });
  const tools: readonly Tool[] = [
    ...createSessionTools({ reads, sight, defaults, now: () => clock.now() }),
    createSendTool({ options, sight, waits }),
    createSpawnTool({ options, children }),
    createYieldTool({ options, children, waits }),
    createSubagentsTool({ options, children }),
    createMessageTool(options),
    createCronTool({ options, sight, defaultAgentId: () => defaultAgentId(config()) }),
    createGatewayTool(options),
    createNodesTool(options),
  ];
  return {
    tools: () => tools,
    resume: () => children.resume(),
    stop: () => children.stop(),
  };
}
