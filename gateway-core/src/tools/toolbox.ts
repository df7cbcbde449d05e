// What a run gets: the tools it may use, and why it may not use the others.
import type { Tool, ToolScope } from './tool.js';

export interface Toolbox {
  /** In a fixed order, so that providers can reuse the prompt. */
  tools: readonly Tool[];
  /** Why a tool that exists is not in `tools`; undefined for one that is, or that does not exist at all. */
  refusal(name: string): string | undefined;
}

/** Opens the toolbox of a run; asked once per model step, so that a policy that changes counts at once. */
export type OpenToolbox = (scope: ToolScope) => Promise<Toolbox>;
