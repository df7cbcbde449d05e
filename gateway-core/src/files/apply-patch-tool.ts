// The tool `apply_patch`: changes of several files in one go, all or none.
import type { OpenClawConfig } from '../config/index.js';
import {
  errorResult,
  textResult,
  type Tool,
  type ToolContext,
  type ToolResult,
  type ToolScope,
} from '../tools/index.js';
import { textOf } from './arguments.js';
import { lineDiff } from './line-diff.js';
import { commitPatch } from './patch-commit.js';
import { parsePatch, type PatchStep } from './patch-grammar.js';
import { mergeSteps, type PatchedFile, patchTargets, type PatchPlace, planPatch } from './patch-plan.js';
import { type FileToolsBase, lockNames, readOnlyRefusal } from './tool-options.js';

const DESCRIPTION = `Change several files at once, all or none. Format:
*** Begin Patch
*** Update File: a.txt
@@ line to find first
 kept
-removed
+added
*** Add File: b.txt
+line
*** Delete File: c.txt
*** End Patch
After "Update File" may stand "*** Move to: path".`;

const PARAMETERS = {
  type: 'object',
  properties: { input: { type: 'string', description: 'The patch' } },
  required: ['input'],
};

/** What `tools.exec.applyPatch` says for an agent; the agent's own words win one by one. */
export function patchSettings(config: OpenClawConfig, agentId: string) {
  const agent = config.agents?.list?.find(({ id }) => id.trim().toLowerCase() === agentId);
  return { ...config.tools?.exec?.applyPatch, ...agent?.tools?.exec?.applyPatch };
}

/** Whether a model may use the tool: by `provider/model`, or by the model's id alone. An empty list means every model. */
export function isPatchAllowed(
  config: OpenClawConfig,
  scope: Pick<ToolScope, 'agentId' | 'provider' | 'model'>,
): boolean {
  const { enabled, allowModels = [] } = patchSettings(config, scope.agentId);
  if (enabled === false) return false;
  if (allowModels.length === 0) return true;
  const model = scope.model?.toLowerCase();
  const names = model === undefined ? [] : [model, `${scope.provider?.toLowerCase() ?? ''}/${model}`];
  return allowModels.some((entry) => names.includes(entry.trim().toLowerCase()));
}

const LETTERS = { added: 'A', updated: 'M', deleted: 'D', moved: 'R' } as const;

function summary({ action, path, movedTo }: PatchedFile): string {
  return `${LETTERS[action]} ${path}${movedTo === undefined ? '' : ` -> ${movedTo}`}`;
}

async function fileDetails({ action, path, movedTo, before, after }: PatchedFile) {
  const diff = await lineDiff(movedTo ?? path, before, after);
  return { action, path, ...(movedTo !== undefined && { movedTo }), ...(diff && { diff }) };
}

async function applySteps(place: PatchPlace, steps: readonly PatchStep[]): Promise<ToolResult> {
  const plan = await planPatch(place, steps);
  await commitPatch(place.workplace.files, plan.actions, place.signal);
  const files = [];
  for (const file of plan.files) files.push(await fileDetails(file));
  return textResult(`Changed:\n${plan.files.map(summary).join('\n')}`, { files });
}

async function execute(base: FileToolsBase, args: Record<string, unknown>, context: ToolContext): Promise<ToolResult> {
  const parsed = parsePatch(textOf(args, 'input') ?? '');
  if (!parsed.ok) return errorResult(`${parsed.reason} Nothing was changed.`);
  const workplace = await context.workplace();
  const readOnly = readOnlyRefusal(workplace);
  if (readOnly) return errorResult(readOnly);
  const workspaceOnly = patchSettings(base.config(), context.agentId).workspaceOnly !== false;
  const place = { workplace, workspaceOnly, signal: context.signal };
  const steps = mergeSteps(parsed.steps);
  const targets = await patchTargets(place, steps);
  return base.locks.hold(lockNames(workplace, targets), () => applySteps(place, steps));
}

/** Makes the tool. It throws AppError request.invalid, tool.file_missing, tool.file_too_large and tool.path_outside. */
export function createApplyPatchTool(base: FileToolsBase): Tool {
  return {
    name: 'apply_patch',
    label: 'Apply patch',
    group: 'fs',
    description: DESCRIPTION,
    parameters: PARAMETERS,
    execute: (args, context) => execute(base, args, context),
  };
}
