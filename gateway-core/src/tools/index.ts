// The tools room: what agents can do besides talking, and who may do what.
export { errorResult, textResult } from './tool.js';
export type { Tool, ToolContext, ToolGroupId, ToolResult, ToolScope, ToolSource } from './tool.js';
export type { OpenToolbox, Toolbox } from './toolbox.js';
export { createToolsMethods, type ToolsMethodName, type ToolsMethodsOptions } from './tools-methods.js';
export type { CommandRequest, FileFacts, HostCommand, Workplace, WorkplaceFiles, Workplaces } from './workplace.js';
