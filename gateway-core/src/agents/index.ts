// The agents room: who exists and where they live.
export { type Agent, defaultAgentId, describeAgent, listAgents, MAIN_AGENT_ID } from './agent-list.js';
export type { AgentConfigEdit } from './agent-edits.js';
export { createAgentsEditMethods, type AgentsEditMethodName, type AgentsEditOptions } from './agents-edit-methods.js';
export { createAgentsMethods } from './agents-methods.js';
export {
  agentWorkspaceDir,
  BOOTSTRAP_FILES,
  type BootstrapFile,
  BootstrapReader,
  ensureWorkspace,
} from './workspace.js';
