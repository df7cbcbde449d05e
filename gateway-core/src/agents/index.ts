// The agents room: who exists and where they live.
export { type Agent, defaultAgentId, describeAgent, listAgents, MAIN_AGENT_ID } from './agent-list.js';
export { createAgentsMethods } from './agents-methods.js';
export {
  agentWorkspaceDir,
  BOOTSTRAP_FILES,
  type BootstrapFile,
  BootstrapReader,
  ensureWorkspace,
} from './workspace.js';
