// What the API endpoints need of the rest of the gateway; given from outside, since this room knows no other.
import type { AppError } from '../../../shared/app-error.js';

export interface AgentDirectory {
  /** Lower-case ids in the order of the config. */
  ids(): readonly string[];
  defaultId(): string;
  /** False when the config lists the models that may be used and `ref` is none of them. */
  isModelAllowed(ref: string): boolean;
}

export interface ChatImage {
  mimeType: string;
  /** Base64. */
  data: string;
}

/** A function that the client would run itself. */
export interface ClientTool {
  name: string;
  description?: string;
  /** JSON Schema of the arguments. */
  parameters: Record<string, unknown>;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { name: string };

/** One step of what passed between an agent and the functions of its client. */
export type ExchangeTurn =
  | { role: 'assistant'; text: string; calls: Array<{ id: string; name: string; arguments: Record<string, unknown> }> }
  | { role: 'tool'; callId: string; name?: string; text: string };

/** Results that the client brings. */
export interface ChatExchange {
  /** Oldest first; the answers with the calls too, where the client repeats them. */
  turns: ExchangeTurn[];
  /** What the user says after the results. */
  followUp?: string;
}

export interface ChatStart {
  agentId: string;
  /** As the client named it, or a full key. */
  sessionKey: string;
  /** What is asked; of a request that brings results: what was asked before, with those results told in words. */
  message: string;
  exchange?: ChatExchange;
  images: ChatImage[];
  extraSystemPrompt?: string;
  /** `provider/model` or a bare id. */
  modelRef?: string;
  maxTokens?: number;
  temperature?: number;
  topP?: number;
  tools: ClientTool[];
  toolChoice?: ToolChoice;
  onText: (delta: string) => void;
}

/** Tokens of a run; `cached` is a part of `input`. */
export interface ChatUsage {
  input: number;
  cached: number;
  output: number;
}

export interface ChatToolCall {
  id: string;
  name: string;
  /** JSON text. */
  arguments: string;
}

export interface ChatOutcome {
  status: 'done' | 'aborted' | 'failed';
  text: string;
  usage?: ChatUsage;
  /** stop, length, toolUse, contentFilter. */
  stopReason?: string;
  toolCalls: ChatToolCall[];
  /** Given when it failed, and when it was stopped for a reason that its caller should know as an error. */
  error?: AppError;
}

export interface ChatRun {
  runId: string;
  /** Never rejects. */
  ended: Promise<ChatOutcome>;
  abort(): void;
}

export interface ChatBackend {
  /** True when `tools` of a request reach the model; else they are left out. */
  readonly offersClientTools: boolean;
  /** Resolves when the message is accepted. Throws AppError; then nothing was accepted. */
  start(request: ChatStart): Promise<ChatRun>;
}

export interface EmbeddingRequest {
  agentId: string;
  input: string[];
  /** `provider/model` or a bare model id in place of the configured one. */
  modelRef?: string;
  dimensions?: number;
  signal: AbortSignal;
}

export interface EmbeddingResult {
  vectors: number[][];
  promptTokens: number;
}

export interface EmbeddingBackend {
  /** Throws AppError `model.*`, or ApiError for a provider that may not be used. */
  embed(request: EmbeddingRequest): Promise<EmbeddingResult>;
}
