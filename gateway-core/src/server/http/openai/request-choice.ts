// What the headers and common fields of a chat request choose: agent, conversation, model.
import type { HttpExchange } from '../route.js';
import { chooseAgent, chooseModelRef, chooseSession, DEFAULT_MODEL, type SessionChoice } from './agent-choice.js';
import { headerOf } from './api-route.js';
import type { AgentDirectory } from './backends.js';

export interface RequestChoice {
  agentId: string;
  /** Echoed in every answer. */
  model: string;
  modelRef?: string;
  /** `x-openclaw-session-key`. */
  sessionHeader?: string;
  user?: string;
  session: SessionChoice;
}

export interface ChoiceDeps {
  agents: AgentDirectory;
  newId: () => string;
  /** `openai` or `openresponses`. */
  family: string;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** Throws ApiError 400 for a model that is none of ours. */
export function readChoice(
  exchange: HttpExchange,
  body: { model?: unknown; user?: unknown },
  { agents, newId, family }: ChoiceDeps,
): RequestChoice {
  const model = textOf(body.model) ?? DEFAULT_MODEL;
  const agentHeader = headerOf(exchange, 'x-openclaw-agent-id') ?? headerOf(exchange, 'x-openclaw-agent');
  const agentId = chooseAgent(agentHeader, model, agents);
  const isAllowed = (ref: string) => agents.isModelAllowed(ref);
  const modelRef = chooseModelRef(headerOf(exchange, 'x-openclaw-model'), agentId, isAllowed);
  const sessionHeader = headerOf(exchange, 'x-openclaw-session-key');
  const user = textOf(body.user);
  const session = chooseSession({ agentId, header: sessionHeader, user, family, newId });
  return { agentId, model, modelRef, sessionHeader, user, session };
}
