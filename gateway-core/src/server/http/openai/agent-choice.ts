// Pure: which agent, model and conversation a request means (spec/gateway-http.md §3).
import type { AgentDirectory } from './backends.js';
import { invalidRequest } from './api-error.js';

const ID = '[a-z0-9][a-z0-9_-]{0,63}';
const MODEL = new RegExp(`^(?:openclaw[:/]|agent:)(${ID})$`, 'i');
const AGENT_ID = new RegExp(`^${ID}$`, 'i');
const MODEL_REF = /^[^\s/]+(\/[^\s/]+)*$/;

export const DEFAULT_MODEL = 'openclaw';
export const INVALID_MODEL = 'Invalid `model`. Use `openclaw` or `openclaw/<agentId>`.';

/** The agent a model name stands for: '' the default one; undefined when it is no such name. */
export function agentOfModel(model: string): string | undefined {
  const name = model.trim();
  if (name.toLowerCase() === 'openclaw' || name.toLowerCase() === 'openclaw/default') return '';
  return MODEL.exec(name)?.[1]?.toLowerCase();
}

/**
 * The agent of a request. An id that no agent has means the default agent, as in the reference.
 * Throws ApiError 400 for a model name of another kind.
 */
export function chooseAgent(header: string | undefined, model: string, agents: AgentDirectory): string {
  const named = agentOfModel(model);
  if (named === undefined && header === undefined) throw invalidRequest(INVALID_MODEL);
  const wanted = header !== undefined && AGENT_ID.test(header) ? header.toLowerCase() : (named ?? '');
  return agents.ids().includes(wanted) ? wanted : agents.defaultId();
}

/** The model of `x-openclaw-model`. Throws ApiError 400 when it cannot be one or may not be used. */
export function chooseModelRef(
  header: string | undefined,
  agentId: string,
  isAllowed: (ref: string) => boolean,
): string | undefined {
  if (header === undefined) return undefined;
  if (!MODEL_REF.test(header)) throw invalidRequest('Invalid `x-openclaw-model`.');
  if (!isAllowed(header)) throw invalidRequest(`Model '${header}' is not allowed for agent '${agentId}'.`);
  return header;
}

export interface SessionChoice {
  key: string;
  /** True for a conversation of this one request, which nobody can continue. */
  isFresh: boolean;
}

export interface SessionWish {
  agentId: string;
  /** `x-openclaw-session-key`. */
  header: string | undefined;
  user: string | undefined;
  /** `openai` or `openresponses`. */
  family: string;
  newId: () => string;
}

export function chooseSession({ agentId, header, user, family, newId }: SessionWish): SessionChoice {
  if (header !== undefined) return { key: header, isFresh: false };
  if (user !== undefined) return { key: `agent:${agentId}:${family}-user:${user}`, isFresh: false };
  return { key: `agent:${agentId}:${family}:${newId()}`, isFresh: true };
}
