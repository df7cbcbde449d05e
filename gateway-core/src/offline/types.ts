// The seam of the offline assistant. Its request and events are the parts of the models room's that it needs,
// so that this room stands alone.
import type { ModelTool, ToolChoice } from '../models/index.js';
import type { Citation, Message, ModelEntry, Usage } from '../protocol/index.js';

export interface OfflineRequest {
  agentId: string;
  sessionKey: string;
  /** Oldest first; the last user message is the question. */
  messages: Message[];
  /** What the person may name in a message. */
  tools?: ModelTool[];
  /** With `none` nothing is called. */
  toolChoice?: ToolChoice;
  /** True when the owner wrote the last message; otherwise nothing is called. */
  isFromPerson?: boolean;
}

export type OfflineEvent =
  | { type: 'text'; text: string }
  | { type: 'toolCall'; id: string; name: string; arguments: Record<string, unknown> }
  | { type: 'citations'; citations: Citation[] }
  | { type: 'usage'; usage: Usage }
  | { type: 'stop'; reason: string };

/** One line of `/status`. */
export interface StatusFact {
  label: string;
  value: string;
}

/** What commands may tell about the product around the assistant. */
export interface OfflineFacts {
  status?: (request: OfflineRequest) => StatusFact[] | Promise<StatusFact[]>;
  models?: () => ModelEntry[];
  /** Names of tools that the product has, so that one which an agent may not use is known when it is named. */
  toolNames?: () => readonly string[];
}

/** A piece of a file that can be quoted. */
export interface Passage {
  /** `docs` or `workspace`. */
  source: 'docs' | 'workspace';
  /** Relative path with forward slashes. */
  file: string;
  /** Title of the page, else its file name. */
  title: string;
  /** Headings above the passage, outermost first, joined; empty before the first one. */
  heading: string;
  /** GitHub-style anchor of the nearest heading; empty when there is none. */
  slug: string;
  /** First line of the passage, counted from 1. */
  line: number;
  text: string;
}
