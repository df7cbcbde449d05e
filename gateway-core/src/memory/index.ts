// The memory room: what agents wrote down and find again.
/** The silent question before a conversation is shortened. */
export { createMemoryFlush, type FlushOccasion, type MemoryFlushOptions } from './memory-flush.js';
export { createMemoryTools, type FoundMemory, type MemoryToolsOptions } from './memory-tools.js';
export { readWorkspaceFile } from './read-workspace-file.js';
