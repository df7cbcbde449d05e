// The memory room: what agents wrote down and find again.
export { createMemoryTools, type FoundMemory, type MemoryToolsOptions } from './memory-tools.js';
export { readWorkspaceFile } from './read-workspace-file.js';
