// The tools of this room as one source.
import type { Tool, ToolSource } from '../tools/index.js';
import { createApplyPatchTool, isPatchAllowed } from './apply-patch-tool.js';
import { createEditTool } from './edit-tool.js';
import { createImageTool } from './image-tool.js';
import { createPathLocks } from './path-locks.js';
import { createReadTool } from './read-tool.js';
import type { FileToolsOptions } from './tool-options.js';
import { createWriteTool } from './write-tool.js';

/**
 * `read`, `write`, `edit`, `apply_patch` and `image` over the files of a conversation's workplace (host or sandbox).
 * `apply_patch` is there unless tools.exec.applyPatch refuses it for the agent or the model (spec/gateway-config.md
 * §6, tools). The tools throw AppError tool.* and request.invalid, and whatever the workplace rejects with.
 */
export function createFileTools(options: FileToolsOptions): ToolSource {
  const base = { ...options, locks: createPathLocks() };
  const patch = createApplyPatchTool(base);
  const always: Tool[] = [createReadTool(), createWriteTool(base), createEditTool(base), createImageTool(options)];
  return {
    tools: (scope) => (isPatchAllowed(options.config(), scope) ? [...always, patch] : always),
  };
}
