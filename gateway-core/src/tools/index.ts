// The tools room: what agents can do besides talking.
export { createToolsMethods, type ToolsMethodName, type ToolsMethodsOptions } from './tools-methods.js';
