// The tools room: what agents can do besides talking, and who may do what.
export { createToolbox, explainTools, type ExplainedTool, type ToolboxOptions } from './open-toolbox.js';
export { decideTools, type ToolDecision } from './policy.js';
export {
  policyLayers,
  type PolicyScope,
  profileOf,
  sandboxLists,
  spawnDepth,
  type ToolLists,
} from './policy-layers.js';
export { errorResult, textResult } from './tool.js';
export { CATALOGUE, type CatalogueTool } from './tool-catalogue.js';
export { entryMatches, type NamedTool } from './tool-names.js';
export type { Tool, ToolContext, ToolGroupId, ToolResult, ToolScope, ToolSource } from './tool.js';
export type { OpenToolbox, Toolbox } from './toolbox.js';
export { createToolsMethods, type ToolsMethodsName, type ToolsMethodsOptions } from './tools-methods.js';
export type { CommandRequest, FileFacts, HostCommand, Workplace, WorkplaceFiles, Workplaces } from './workplace.js';
