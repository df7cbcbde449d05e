// The seam between a run and what agents can do: a tool, its call, its result.
import type { ImagePart, TextPart } from '../protocol/index.js';
import type { Workplace } from './workplace.js';

/** What a call gives back. `content` goes to the model; `details` go to people (tool cards) and programs. */
export interface ToolResult {
  content: Array<TextPart | ImagePart>;
  /** JSON; never holds a secret. */
  details?: unknown;
  /** True when the call failed and the model is told so. */
  isError?: boolean;
}

/** For which conversation tools are asked for; policy and rooms decide by it. */
export interface ToolScope {
  agentId: string;
  /** Full key. */
  sessionKey: string;
  sessionId: string;
  runId: string;
  /** The agent's workspace on the host. */
  workspaceDir: string;
  /** Provider and model id that serve the run, when known. */
  provider?: string;
  model?: string;
  /** Channel that the message came from; absent for the window, the command line and the HTTP endpoints. */
  channel?: string;
  /** Sender on that channel. */
  senderId?: string;
  /** False for a sender on a channel who is not the owner; true when absent. */
  isOwner?: boolean;
  /** True for a group or channel conversation. */
  isGroup?: boolean;
  /** True for the main conversation of the agent: `agent:<id>:main`. */
  isMain: boolean;
  /** How deep below a person's run this one is: 0 for a run a person started, 1 for a subagent … */
  subagentDepth: number;
}

export interface ToolContext extends ToolScope {
  toolCallId: string;
  /** Fires when the run is stopped; a tool ends its children and rejects with the signal's reason. */
  signal: AbortSignal;
  /** Shows what there is so far; the last one wins. */
  onUpdate: (partial: ToolResult) => void;
  /** Where this conversation's tools work: the host or its sandbox, made on first use. Rejects when it fails closed. */
  workplace: () => Promise<Workplace>;
}

/** Groups as the policy knows them, without the prefix `group:` (spec/gateway-config.md §6, tools). */
export type ToolGroupId =
  | 'runtime'
  | 'fs'
  | 'sessions'
  | 'memory'
  | 'web'
  | 'ui'
  | 'automation'
  | 'messaging'
  | 'nodes'
  | 'media'
  | 'agents'
  | 'mcp';

export interface Tool {
  /** As the model calls it: [a-zA-Z0-9_-]{1,64}. */
  name: string;
  /** For people. */
  label: string;
  group: ToolGroupId;
  /** For the model: short; every byte of it is sent with each turn (budget: architecture §6, 12 kB a prompt). */
  description: string;
  /** JSON Schema of the arguments; an object. Arguments are checked against it before `execute`. */
  parameters: Record<string, unknown>;
  /** True when two calls of one step must not overlap with any other call of it (writes to shared things). */
  isExclusive?: boolean;
  /**
   * Does the work. Expected failures are a result with `isError`, or a thrown AppError (its sentence and hint are
   * told to the model). Anything else that is thrown is a bug: logged, and told to the model in one plain line.
   */
  execute(args: Record<string, unknown>, context: ToolContext): Promise<ToolResult>;
}

/** A room's tools for a conversation. Must be cheap: heavy libraries load inside `execute`. */
export interface ToolSource {
  tools(scope: ToolScope): readonly Tool[] | Promise<readonly Tool[]>;
}

/** Shorthand of a tool for its plain-text result. */
export function textResult(text: string, details?: unknown): ToolResult {
  return { content: [{ type: 'text', text }], ...(details !== undefined && { details }) };
}

/** Shorthand of a tool for a call that failed in an expected way. */
export function errorResult(text: string, details?: unknown): ToolResult {
  return { ...textResult(text, details), isError: true };
}
