// The agent-tools room: tools about conversations, helpers, schedules, devices and the gateway itself.
export { type AgentTools, createAgentTools } from './agent-tools.js';
export {
  createHttpToolInvoker,
  type HttpToolCall,
  type HttpToolInvoker,
  type HttpToolInvokerOptions,
} from './http-invoker.js';
export type { AgentRuns, AgentToolsOptions, Place } from './options.js';
