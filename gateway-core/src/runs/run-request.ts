// What a caller may ask of a run besides its message.
import type { ModelTool, ToolChoice } from '../models/index.js';
import type { Message } from '../protocol/index.js';

/** Where a message came from, when not from the window, the command line or HTTP. */
export interface RunOrigin {
  channel?: string;
  senderId?: string;
  /** False for a sender who is not the owner; true when absent. */
  isOwner?: boolean;
  isGroup?: boolean;
}

/** Results that a caller brings for calls of its own functions. */
export interface Exchange {
  /** Tool results, and the answers with their calls where the caller repeats them; oldest first. */
  messages: Message[];
  /** What the user says after the results. */
  followUp?: string;
}

/** Limits and choices of a caller for the model. */
export interface ModelWishes {
  /** Functions of the caller: when the model calls one, the run ends and hands the call over. */
  clientTools?: ModelTool[];
  toolChoice?: ToolChoice;
  maxTokens?: number;
  temperature?: number;
  topP?: number;
}

/** On what terms a run answers; kept in the journal, so that it goes on the same way after a crash. */
export interface RunTerms {
  /** `provider/model` for this run alone. */
  ref?: string;
  thinking?: string;
  extraSystemPrompt?: string;
  /** Which workspace files stand in the prompt, by name; all when absent. */
  bootstrapFiles?: readonly string[];
  /** True when the owner wrote the message with their own hands; only then may words in it be a command. */
  isFromPerson?: boolean;
  origin?: RunOrigin;
}

export function termsOf(given: RunTerms): RunTerms {
  const { ref, thinking, extraSystemPrompt, bootstrapFiles, isFromPerson, origin } = given;
  return { ref, thinking, extraSystemPrompt, bootstrapFiles, isFromPerson, origin };
}
