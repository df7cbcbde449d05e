// Tools that steer the house are for its owner; the policy says so too.
import type { ToolScope } from '../tools/index.js';
import { refused } from './arguments.js';

/** Throws AppError request.invalid for a run that somebody else than the owner asked for. */
export function checkOwner(tool: string, { isOwner }: Pick<ToolScope, 'isOwner'>): void {
  if (isOwner === false) throw refused(`${tool} is for the owner of this gateway only.`);
}

/** True for a run that acts for the owner, not for another run. */
export function actsForOwner({ isOwner, subagentDepth }: Pick<ToolScope, 'isOwner' | 'subagentDepth'>): boolean {
  return isOwner !== false && subagentDepth === 0;
}
