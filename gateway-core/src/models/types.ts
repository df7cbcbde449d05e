// The seam between a turn and the models: neutral request in, neutral events out.
import type { Citation, Message, ModelEntry, Usage } from '../protocol/index.js';

/** Wire formats we speak ourselves, those of provider packages, programs on this computer, the built-in assistant. */
export type ModelApi =
  | 'openai-completions'
  | 'openai-responses'
  | 'anthropic-messages'
  | 'google-generative-ai'
  | 'bedrock'
  | 'cli'
  | 'offline';

/** US dollars per million tokens. */
export interface ModelCost {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
}

/** A model that can be called: where, how, with what limits. Never log `apiKey` or `headers`. */
export interface ModelTarget {
  provider: string;
  model: string;
  name: string;
  api: ModelApi;
  baseUrl: string;
  apiKey?: string;
  headers: Record<string, string>;
  /** True when the key goes into `authorization`, whatever the wire format has for it. */
  usesBearer?: boolean;
  /** How long this provider may take to begin; the usual time when absent. */
  firstByteTimeoutMs?: number;
  reasoning: boolean;
  input: string[];
  cost: ModelCost;
  contextWindow: number;
  maxTokens: number;
}

export interface ModelTool {
  name: string;
  description: string;
  /** JSON Schema of the arguments. */
  parameters: Record<string, unknown>;
}

/** Which tool the model must call; `auto` when absent. */
export type ToolChoice = 'auto' | 'none' | 'required' | { name: string };

export interface ModelRequest {
  agentId: string;
  sessionKey: string;
  system?: string;
  /** Oldest first; the last one is the user's (or a tool's). */
  messages: Message[];
  tools?: readonly ModelTool[];
  toolChoice?: ToolChoice;
  thinking?: string;
  maxTokens?: number;
  /** Left out for reasoning models, which refuse it. */
  temperature?: number;
  topP?: number;
  /**
   * Asked beside the conversation: a program that keeps sessions of its own answers in a new one, and the session of
   * the conversation stays as it is.
   */
  isAside?: boolean;
  /**
   * True when the owner wrote the last user message; not for another agent, a program, a webhook or a schedule.
   * The offline assistant calls no tool without it, whatever a message says.
   */
  isFromPerson?: boolean;
  /** True when a person looks at the conversation, as in the window; then the offline assistant may stand in. */
  isWatched?: boolean;
}

export type ModelEvent =
  /** Which model serves the events that follow; the first event of every attempt. */
  | { type: 'start'; provider: string; model: string; api: ModelApi }
  | { type: 'text'; text: string }
  /**
   * A piece of reasoning. A piece with a `signature` ends its block (its text may be empty); store the signature
   * with the block, since some providers want both back with the next request.
   */
  | { type: 'thinking'; text: string; signature?: string }
  /** `fault` says why the arguments could not be read; they are empty then. `signature` belongs to the call itself. */
  | {
      type: 'toolCall';
      id: string;
      name: string;
      arguments: Record<string, unknown>;
      signature?: string;
      fault?: string;
    }
  | { type: 'citations'; citations: Citation[] }
  | { type: 'usage'; usage: Usage }
  /** The last event of a complete answer: stop, length, toolUse or contentFilter. Its absence is model.stream_cut. */
  | { type: 'stop'; reason: string; responseId?: string };

export interface ModelDefaults {
  provider: string;
  model: string;
  contextTokens: number;
}

/** The assistant that needs no provider. Its events carry no `start`; the models room adds it. */
export interface OfflineModel {
  answer(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
}

/** What the models room offers to runs, sessions and status. */
export interface Models {
  /** The catalogue for `models.list`. */
  list(): ModelEntry[];
  /**
   * The primary model of an agent: its own, else agents.defaults.model, else the first model of a configured
   * provider, else the offline assistant. Never throws: a broken reference shows when it is called.
   */
  defaults(agentId: string): ModelDefaults;
  /** `provider/model` or a bare id → target. Throws AppError model.not_configured, or model.auth without a key. */
  resolve(ref: string): ModelTarget;
  /**
   * Streams one model call. Tries `ref` (or the agent's primary) with each API key of its provider, then the
   * agent's fallbacks, as long as nothing of an answer has been yielded and the error is worth another try (see
   * fallback.ts, keys/).
   * Throws AppError `model.*`, or the abort reason when `signal` fires.
   */
  stream(request: ModelRequest, options: { ref?: string; signal: AbortSignal }): AsyncIterable<ModelEvent>;
}

/** What the gateway itself wants to know of the models besides. */
export interface ModelsRoom extends Models {
  /** True when the usual model of an agent is Anthropic's, and the first credential for it is a sign-in. */
  usesSubscription(agentId: string): boolean;
}
